#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# lxc.apparmor.profile = generated on a machine whose kernel enforces it: the profile is written by
# the conversion, loaded by a hook and gone with its last container.

load ../../integration/helpers

POLICY=/sys/kernel/security/apparmor

setup() {
	bundle_new
	requires hako apparmor_parser busybox
	[ -d $POLICY/policy ] || skip "needs AppArmor"
	LXC=$TESTDIR/lxc
}
teardown() { clean_up; }

# lxc_bundle SCRIPT [LINE…]: converts a container that runs the script's lines to $LXC.
lxc_bundle() {
	local script=${1//$'\n'/;}
	shift
	rm -rf "$LXC"
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" "lxc.init.cmd = /bin/sh -c '$script'" \
		'lxc.mount.auto = proc:rw sys:rw' 'lxc.console.path = none' \
		'lxc.apparmor.profile = generated' "$@" >"$TESTDIR/config"
	hako lxc convert --report none --add-path -n web -o "$LXC" "$TESTDIR/config"
}

lxc_run() {
	lxc_bundle "$@"
	run hako run --bundle "$LXC" "$ID" </dev/null
}

profile() { jq -r '.process.apparmorProfile | split("//")[0]' "$LXC/config.json"; }

nothing_loaded() {
	! grep hako-web- $POLICY/profiles && [ -z "$(ls $POLICY/policy/namespaces)" ] &&
		[ -z "$(ls -A /run/hako-apparmor 2>/dev/null)" ]
}

@test "generated: the container is confined, and nothing is left" {
	lxc_run 'cat /proc/self/attr/current
		echo web >/proc/sys/kernel/hostname && echo HOSTNAME
		busybox head -c 1 /proc/kcore >/dev/null || echo KCORE
		echo core >/proc/sys/kernel/core_pattern || echo PATTERN
		echo 0 >/sys/kernel/mm/ksm/run || echo KSM
		mount -t tmpfs t /tmp && echo TMPFS
		mount -t proc p /home || echo PROC
		mount -o bind /proc /home || echo BIND'
	succeeds
	# that is how it looks from its own policy namespace
	has_line unconfined
	says HOSTNAME KCORE PATTERN KSM TMPFS PROC BIND
	says "core_pattern: Permission denied" "ksm/run: Permission denied" "on /home failed"
	nothing_loaded
	# what it is that denies this
	sed -i 's/= generated/= unconfined/' "$TESTDIR/config"
	rm -r "$LXC"
	hako lxc convert --report none --add-path -n web -o "$LXC" "$TESTDIR/config"
	pattern=$(cat /proc/sys/kernel/core_pattern)
	run hako run --bundle "$LXC" "$ID" </dev/null
	echo "$pattern" >/proc/sys/kernel/core_pattern
	says_not PATTERN KSM BIND
}

@test "generated with nesting, raw lines, and in a user namespace" {
	lxc_run 'mount -t proc p /home && echo PROC
		cat /dev/.lxc/proc/uptime || echo HIDDEN
		echo core >/proc/sys/kernel/core_pattern || echo PATTERN
		cat /etc/group || echo RAW' \
		'lxc.apparmor.allow_nesting = 1' 'lxc.apparmor.raw =   deny /etc/group r,'
	succeeds
	says PROC HIDDEN PATTERN RAW "/etc/group': Permission denied"
	nothing_loaded
	chown -R 100000:100000 "$ROOTFS"
	lxc_run 'mount -o bind /etc /home && echo BIND
		mount -t proc p /home || echo PROC
		echo 0 >/sys/kernel/mm/ksm/run || echo KSM' \
		'lxc.idmap = u 0 100000 65536' 'lxc.idmap = g 0 100000 65536'
	succeeds
	says BIND PROC KSM "ksm/run: Permission denied"
	nothing_loaded
}

@test "generated: exec is confined; the profile stays for another container that has it" {
	lxc_bundle 'while sleep 1; do :; done'
	hako_apart run --detach --bundle "$LXC" "$ID"
	cp -r "$LXC" "$LXC-2"
	jq '.linux.cgroupsPath += "-2"' "$LXC/config.json" >"$LXC-2/config.json"
	hako_apart run --detach --bundle "$LXC-2" "$ID-2"
	run cat "/proc/$(init_pid)/attr/current"
	is_output "$(profile)//&:$(profile):unconfined (enforce)"
	hako delete --force "$ID-2"
	grep -q "^$(profile) (enforce)" $POLICY/profiles
	run hako exec "$ID" /bin/sh -c 'echo core >/proc/sys/kernel/core_pattern'
	fails
	says "Permission denied"
	hako delete --force "$ID"
	nothing_loaded
}

@test "generated: what the parser refuses does not start, and says why" {
	lxc_bundle 'echo RAN' 'lxc.apparmor.raw = nonsense /x,'
	run hako run --bundle "$LXC" "$ID" </dev/null
	fails
	says "apparmor_parser" "syntax error"
	says_not RAN
	nothing_loaded
	nothing_left
}

@test "generated: a machine without the parser says so at conversion and at start" {
	parser=$(command -v apparmor_parser)
	mv "$parser" "$parser.away"
	lxc_bundle 'echo RAN' && run hako lxc convert -n web -o "$TESTDIR/again" "$TESTDIR/config"
	said=$output
	run hako run --bundle "$LXC" "$ID" </dev/null
	mv "$parser.away" "$parser"
	fails
	says "apparmor_parser' is installed"
	says_not RAN
	output=$said
	says LXC-W281 "is not installed here"
	nothing_loaded
}

@test "generated: under crun and runc" {
	for runtime in crun runc; do
		have $runtime || continue
		lxc_bundle 'echo core >/proc/sys/kernel/core_pattern || echo PATTERN'
		run timeout "$HAKO_TIMEOUT" $runtime --root "$TESTDIR/$runtime" run \
			--bundle "$LXC" "$ID" </dev/null
		succeeds
		says PATTERN
		nothing_loaded
	done
}
