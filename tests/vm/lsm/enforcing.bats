#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A policy that counts: each test switches the machine to enforcing, and back. container_t may not
# write to the caller's pipes under Debian's policy, so what a container sees it writes to its /tmp.

load ../../integration/helpers

LABEL=system_u:system_r:container_t:s0:c1,c2
FILES=system_u:object_r:container_file_t:s0:c1,c2

setup() {
	bundle_new
	requires hako busybox
	[ -e /sys/fs/selinux/enforce ] || skip "needs SELinux"
	BEFORE_MODE=$(cat /sys/fs/selinux/enforce)
	chcon -R "$FILES" "$ROOTFS"
	config '.process.selinuxLabel = $l | .linux.mountLabel = $f | .root.readonly = false' \
		--arg l "$LABEL" --arg f "$FILES"
	echo 1 >/sys/fs/selinux/enforce || skip "the policy keeps the machine from enforcing it"
}
teardown() {
	[ -z "${BEFORE_MODE:-}" ] || echo "$BEFORE_MODE" >/sys/fs/selinux/enforce
	clean_up
}

seen() { tr -d '\0' <"$ROOTFS/tmp/$1"; }

@test "enforcing: the label is init's, and what it forbids is denied" {
	mkdir "$TESTDIR/theirs" "$ROOTFS/mnt" "$ROOTFS/own"
	echo secret >"$TESTDIR/theirs/file"
	chcon -R system_u:object_r:container_file_t:s0:c3,c4 "$TESTDIR/theirs"
	chcon -t shadow_t "$ROOTFS/etc/passwd"
	add_mount '{"destination": "/mnt", "source": "'"$TESTDIR"'/theirs", "options": ["bind"]}'
	add_mount '{"type": "tmpfs", "source": "tmpfs", "destination": "/own"}'
	shell 'cat /proc/self/attr/current >/tmp/label
		cat /etc/group >/tmp/group
		cat /etc/passwd >/tmp/type 2>&1
		cat /mnt/file >/tmp/category 2>&1
		echo mine >/own/file && cat /own/file >/tmp/mine'
	run -0 hako run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$(seen label)" = "$LABEL" ]
	[ "$(seen group)" = "$(cat "$ROOTFS/etc/group")" ]
	[ "$(seen mine)" = mine ]
	seen type | grep "can't open '/etc/passwd': Permission denied"
	seen category | grep "can't open '/mnt/file': Permission denied"
	nothing_left
}

@test "enforcing: a wrong label is fatal, and so is a tree that the label may not execute" {
	shell 'echo ran >/tmp/ran'
	# no type; a type that nobody may become from here
	for type in no_such_type_t sshd_t; do
		config '.process.selinuxLabel = $l' --arg l "system_u:system_r:$type:s0"
		run hako run --bundle "$BUNDLE" "$ID" </dev/null
		fails
	done
	config '.process.selinuxLabel = $l' --arg l "$LABEL"
	chcon -R -t shadow_t "$ROOTFS/bin"
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	fails
	says "ermission denied"
	[ ! -e "$ROOTFS/tmp/ran" ]
	nothing_left
}
