#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whole distributions: an init boots, is asked to end as it understands, reboots. busybox stands for
# the small ones; what systemd needs is seen in tests/vm/system.sh.

load helpers
setup() {
	requires hako busybox
	bundle_new
	ln -s ../bin/busybox "$ROOTFS/bin/poweroff"
	ln -s ../bin/busybox "$ROOTFS/bin/reboot"
	mkdir -p "$ROOTFS"/{sbin,run}
	ln -s ../bin/busybox "$ROOTFS/sbin/init"
	inittab '::sysinit:/bin/sh -c "echo booted"' '::shutdown:/bin/echo goodbye'
}
teardown() { clean_up; }

inittab() { printf '%s\n' "$@" >"$ROOTFS/etc/inittab"; }

# boot [OPTION…]: in the background; its output is in $TESTDIR/console.
boot() {
	HAKO_TEST=$MARK timeout -k 5 60 "$HAKO" --root "$ROOT" run --system "$@" "$ID" \
		</dev/null >"$TESTDIR/console" 2>"$TESTDIR/stderr" 3>&- &
	RUNNER=$!
	eventually booted 1 || { cat "$TESTDIR/console" "$TESTDIR/stderr"; return 1; }
}

# booted N: so many times.
booted() { [ "$(grep -c booted "$TESTDIR/console")" -eq "$1" ]; }

ended() {
	local status=0
	wait "$RUNNER" || status=$?
	[ "$status" -eq "$1" ] || fail "hako run ended with $status: $(cat "$TESTDIR/stderr")"
}

runner_pid() { pgrep -P "$RUNNER" -x hako; }

@test "system: a bare root file system boots, SIGTERM powers it off" {
	boot --bundle "$ROOTFS"
	kill -TERM "$(runner_pid)"
	ended 0
	grep goodbye "$TESTDIR/console"
	nothing_left
}

@test "system: a bundle with the template's configuration is adapted" {
	rm "$CONFIG"
	(cd "$BUNDLE" && hako spec)
	boot --bundle "$BUNDLE"
	run -0 hako exec "$ID" cat /proc/1/environ
	[[ $output == *container=lxc* ]]
	run -0 hako exec "$ID" sh -c 'mount | grep " /run "; echo x >/written; echo y >/run/y'
	says "tmpfs on /run"
	kill -TERM "$(runner_pid)"
	ended 0
	nothing_left
}

@test "system: reboot starts it again with another boot id, poweroff ends it" {
	boot --bundle "$ROOTFS"
	first=$(hako exec "$ID" cat /proc/sys/kernel/random/boot_id)
	[ "$first" != "$(cat /proc/sys/kernel/random/boot_id)" ]
	hako exec "$ID" reboot
	eventually booted 2
	eventually hako exec "$ID" true
	[ "$first" != "$(hako exec "$ID" cat /proc/sys/kernel/random/boot_id)" ]
	hako exec "$ID" poweroff
	ended 0
	nothing_left
}

@test "system: /proc/sys and /sys are read-only but for the network" {
	boot --bundle "$ROOTFS"
	run -0 hako exec "$ID" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward &&
		cat /proc/sys/net/ipv4/ip_forward'
	has_line 1
	run ! hako exec "$ID" sh -c 'echo 1 >/proc/sys/kernel/panic'
	says "Read-only"
	run ! hako exec "$ID" mkdir /sys/x
	kill -TERM "$(runner_pid)"
	ended 0
}

@test "system: delete --force ends a container that somebody waits for" {
	boot --bundle "$ROOTFS"
	run -0 hako delete --force "$ID"
	ended 137
	nothing_left
}

@test "system: without an init it says so" {
	rm "$ROOTFS/sbin/init" "$ROOTFS/init"
	run ! hako run --system --bundle "$ROOTFS" "$ID"
	says "has no init"
	nothing_left
}

@test "system: the cgroup belongs to the root of a user namespace, and inits make their own in it" {
	requires userns cgroup2
	with_userns
	config 'del(.process.args)'
	boot --bundle "$BUNDLE"
	run -0 hako exec "$ID" sh -c 'd=/sys/fs/cgroup; [ ! -d $d/unified ] || d=$d/unified
		mkdir $d/init.scope && echo 1 >$d/init.scope/cgroup.procs && cat /proc/1/cgroup'
	says "0::/init.scope"
	kill -TERM "$(runner_pid)"
	ended 0
	nothing_left
}

@test "system: create and start, as an engine does" {
	hako_apart create --system --bundle "$ROOTFS" "$ID"
	hako start "$ID"
	eventually grep booted "$TESTDIR/out"
	run -0 hako kill "$ID" SIGUSR2
	eventually is_state "$ID" stopped
	run -0 hako delete "$ID"
	nothing_left
}

@test "system: rootless" {
	requires userns setpriv
	mkdir "$TESTDIR/user"
	cp -a "$ROOTFS" "$TESTDIR/user/rootfs"
	cp "$HAKO" "$TESTDIR/user/hako"
	chown -R 1500:1500 "$TESTDIR/user"
	HAKO_TEST=$MARK HOME=$TESTDIR/user XDG_RUNTIME_DIR=$TESTDIR/user/run timeout -k 5 60 \
		setpriv --reuid 1500 --regid 1500 --clear-groups "$TESTDIR/user/hako" run --system \
		--bundle "$TESTDIR/user" "$ID" \
		</dev/null >"$TESTDIR/console" 2>"$TESTDIR/stderr" 3>&- &
	RUNNER=$!
	eventually booted 1 || { cat "$TESTDIR/console" "$TESTDIR/stderr"; return 1; }
	kill -TERM "$(runner_pid)"
	ended 0
	grep goodbye "$TESTDIR/console"
	[ -z "$(ls "$TESTDIR/user/run/hako")" ]
}
