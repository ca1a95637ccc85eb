#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.maskedPaths and linux.readonlyPaths.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

@test "masked files read empty and cannot be written" {
	config '.root.readonly = false | .linux.maskedPaths += ["/etc/passwd"]'
	run hako_run cat /etc/passwd \; stat /etc/passwd \; cat /proc/keys
	succeeds
	says_not root:
	matches '^/etc/passwd: char 0666 [0-9:]+ 1:3$'
}

@test "masked directories are empty, read-only, and share one file system" {
	mkdir -p "$ROOTFS/m1/x" "$ROOTFS/m2/x"
	config '.root.readonly = false | .linux.maskedPaths = ["/m1", "/m2"]'
	run hako_run ls /m1 \; ls /m2 \; mkdir /m1/new \; mounts /m1
	says "mkdir /m1/new: Read-only file system"
	matches '^/m1 tmpfs ro,'
	says_not x$'\n'
}

@test "one superblock for all masked directories" {
	requires hako
	mkdir -p "$ROOTFS/m1" "$ROOTFS/m2" "$ROOTFS/m3"
	config '.linux.maskedPaths = ["/m1", "/m2", "/m3", "/m1"]'
	run hako_run statfs /m1 /m2 /m3
	succeeds
	[ "$(grep -o 'dev [0-9:]*' <<<"$output" | sort -u | wc -l)" -eq 1 ]
	run hako_run mounts
	[ "$(grep -c '^/m1 ' <<<"$output")" -eq 1 ]
}

@test "masked paths that are not there do no harm" {
	config '.linux.maskedPaths += ["/no/such/path", "/proc/none"]'
	run hako_run true
	succeeds
}

@test "read-only paths: everything below, flags of the mount kept" {
	config '.process.capabilities[] += ["CAP_SYS_ADMIN", "CAP_DAC_OVERRIDE"]'
	run hako_run write /proc/sys/kernel/core_pattern x \; mounts /proc/sys
	says "write /proc/sys/kernel/core_pattern x: Read-only file system"
	matches '^/proc/sys proc ro,'
}

@test "read-only paths keep nosuid, nodev and noexec of their parent" {
	requires hako
	config '(.mounts[] | select(.destination == "/proc")).options = ["nosuid", "noexec",
		"nodev"]'
	run hako_run mounts /proc/sys
	matches '^/proc/sys proc ro,nosuid,nodev,noexec'
}

@test "read-only: a directory with a mount below it" {
	config '.root.readonly = false | .linux.readonlyPaths = ["/ro", "/none"]
		| .mounts += [{destination: "/ro/in", type: "tmpfs", source: "tmpfs"}]'
	mkdir "$ROOTFS/ro"
	run hako_run write /ro/x x \; write /ro/in/x x
	says "write /ro/x x: Read-only file system"
}

@test "hostile: entries that are links out, dots, duplicates" {
	requires hako
	echo secret >"$TESTDIR/file"
	ln -s "$TESTDIR/file" "$ROOTFS/etc/out"
	ln -s /etc/passwd "$ROOTFS/etc/in"
	config '.root.readonly = false
		| .linux.maskedPaths = ["/etc/out", "/etc/in", "/etc/../etc/group", "/etc/group"]'
	run hako_run cat /etc/group
	[ "$status" -eq 0 ] || fails
	says_not root:
	[ "$(cat "$TESTDIR/file")" = secret ]
	nothing_left
}

@test "relative entries are refused with their place" {
	requires hako
	config '.linux.maskedPaths = ["proc/kcore"]'
	run hako_run true
	fails
	says "linux.maskedPaths[0]"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["proc/sys"]'
	run hako_run true
	fails
	says "linux.readonlyPaths[0]"
}

@test "in a user namespace" {
	requires userns
	with_userns
	run hako_run cat /proc/keys \; write /proc/sys/kernel/core_pattern x
	says "write /proc/sys/kernel/core_pattern x: "
	says_not ": ok"
	nothing_left
}
