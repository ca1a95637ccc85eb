#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hosts that lack a system call, or where a filter around us refuses it: the container is the
# same one.

load helpers
setup() {
	bundle_new
	NOSYS=${NOSYS:-$BUILDDIR/tests/fault/nosys}
}
teardown() { clean_up; }

# without CALL ENOSYS|EPERM VERB…: runs the container where the call is not to be had.
without() {
	local call=$1 how=$2
	shift 2
	probe "$@"
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" "$NOSYS" "$call" "$how" -- \
		"$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
}

# What covers a masked file differs: the host's /dev/null, or the container's. Warnings are welcome.
# The nodes of two containers need not be made in the same minute.
world() {
	sed -E '/^[cl]/s/ [A-Z][a-z]{2} +[0-9]+ [0-9:]{5} / /' | grep -vE '^(d|time=)|devtmpfs' |
		grep -vE ' on /proc/(keys|kcore|timer_list|latency_stats|sched_debug) ' | sort
}

# same_world CALL: mounts and nodes do not depend on the call.
same_world() {
	local how
	shell 'mount; ls -l /dev | cut -c1-10,32-'
	run -0 hako run --bundle "$BUNDLE" "$ID"
	expected=$(world <<<"$output")
	for how in ENOSYS EPERM; do
		run env HAKO_TEST="$MARK" timeout -k 5 "$HAKO_TIMEOUT" "$NOSYS" "$1" "$how" -- \
			"$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
		[ "$status" -eq 0 ] || { show; fail "$1 $how"; }
		diff <(echo "$expected") <(world <<<"$output") || fail "$1 $how"
	done
	nothing_left
}

@test "openat2" { requires hako busybox && same_world openat2; }
@test "clone3" { requires hako busybox && same_world clone3; }
@test "close_range" { requires hako busybox && same_world close_range; }
@test "mount_setattr" { requires hako busybox && same_world mount_setattr; }
@test "fsopen" { requires hako busybox && same_world fsopen; }
@test "open_tree" { requires hako busybox && same_world open_tree; }
@test "move_mount" { requires hako busybox && same_world move_mount; }
@test "statx" { requires hako busybox && same_world statx; }
@test "pidfd_open" { requires hako busybox && same_world pidfd_open; }
@test "pidfd_send_signal" { requires hako busybox && same_world pidfd_send_signal; }
@test "keyctl" { requires hako busybox && same_world keyctl; }
@test "memfd_create" { requires hako busybox && same_world memfd_create; }

@test "bpf: a device policy that cannot be enforced stops the start" {
	requires hako cgroup2
	run without bpf EPERM true
	fails
	says device
	nothing_left
}

@test "seccomp: a filter that cannot be installed stops the start" {
	requires hako seccomp
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
	run without seccomp ENOSYS echo RAN
	[ "$status" -eq 0 ] || { fails && says seccomp; }
	nothing_left
}

@test "hostile links with the walk instead of openat2" {
	requires hako
	mkdir "$TESTDIR/host"
	ln -s "$TESTDIR/host" "$ROOTFS/out"
	add_mount '{"destination": "/out/made/here", "type": "tmpfs", "source": "t"}'
	config '.root.readonly = false'
	run without openat2 ENOSYS true
	[ -z "$(ls -A "$TESTDIR/host")" ] || fail "something was made outside of the root"
	nothing_left
}
