#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# /dev: the default nodes and links, configured devices, and a hostile rootfs.

load helpers
setup() {
	bundle_new
	mkdir "$TESTDIR/host"
	echo content >"$TESTDIR/host/ptmx"
	echo content >"$TESTDIR/host/file"
}
teardown() { clean_up; }

canary() { find "$TESTDIR/host" -printf '%p %y %i %U:%G %m %s %T@ %l\n' | sort; }
without_dev_mounts() {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))
		| .root.readonly = false'
}

@test "the default nodes, their modes and owners" {
	run hako_run stat /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
	succeeds
	has_line "/dev/null: char 0666 0:0 1:3" "/dev/zero: char 0666 0:0 1:5" \
		"/dev/full: char 0666 0:0 1:7" \
		"/dev/random: char 0666 0:0 1:8" "/dev/urandom: char 0666 0:0 1:9" \
		"/dev/tty: char 0666 0:0 5:0"
}

@test "the links" {
	run hako_run readlink /dev/fd \; readlink /dev/stdin \; readlink /dev/stdout \
		\; readlink /dev/stderr \; readlink /dev/ptmx
	is_output $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx'
}

@test "the nodes work" {
	run hako_run open /dev/null rw \; open /dev/zero \; open /dev/full \; open /dev/urandom \
		\; write /dev/null x \; write /dev/full x
	says "open /dev/null rw: ok" "open /dev/zero: ok" "open /dev/full: ok" \
		"open /dev/urandom: ok" \
		"write /dev/null x: ok" "write /dev/full x: No space left on device"
}

@test "configured devices: type, mode, owner; parents are made" {
	config '.linux.devices = [
		{path: "/dev/sub/dir/node", type: "c", major: 10, minor: 200, fileMode: 432, uid: 7,
		gid: 8},
		{path: "/dev/blk", type: "b", major: 7, minor: 99},
		{path: "/dev/pipe", type: "p", fileMode: 420, major: 3, minor: 4}]'
	run hako_run stat /dev/sub/dir/node /dev/blk /dev/pipe
	succeeds
	has_line "/dev/sub/dir/node: char 0660 7:8 10:200" "/dev/blk: block 0666 0:0 7:99" \
		"/dev/pipe: fifo 0644 0:0"
	nothing_left
}

@test "a configured device that is one of the defaults gets the configured mode" {
	requires hako
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 384,
		uid: 5, gid: 6}]'
	run hako_run stat /dev/null
	is_output "/dev/null: char 0600 5:6 1:3"
}

@test "an unknown type is refused with its path" {
	requires hako
	config '.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 3}]'
	run hako_run true
	fails
	says "linux.devices[0]"
	nothing_left
}

@test "in a user namespace the nodes are the host's, bound; nobody chowns them" {
	requires userns
	with_userns
	before=$(stat -c '%u:%g %a' /dev/null)
	config '.process.user = {uid: 5, gid: 5}'
	run hako_run open /dev/null rw \; open /dev/zero
	succeeds
	says "open /dev/null rw: ok" "open /dev/zero: ok"
	[ "$(stat -c '%u:%g %a' /dev/null)" = "$before" ]
	nothing_left
}

@test "without a mount on /dev the nodes are made in the rootfs" {
	without_dev_mounts
	run hako_run stat /dev/null /dev/zero \; open /dev/null rw
	succeeds
	has_line "/dev/null: char 0666 0:0 1:3"
	nothing_left
}

@test "a /dev bound from the host is left alone" {
	mkdir "$TESTDIR/mydev"
	mknod -m 600 "$TESTDIR/mydev/null" c 1 3
	without_dev_mounts
	add_mount '{destination: "/dev", source: "'"$TESTDIR/mydev"'", options: ["bind"]}'
	run hako_run stat /dev/null
	succeeds
	matches '^/dev/null: char 0600 0:0 1:3$'
}

@test "hostile: /dev is a link to the host, with and without a mount there" {
	before=$(canary)
	for with in mount none; do
		rm -rf "${ROOTFS:?}/dev"
		ln -s "$TESTDIR/host" "$ROOTFS/dev"
		[ $with = mount ] || without_dev_mounts
		run hako_run true
		[ "$(canary)" = "$before" ]
		[ "$status" -eq 0 ] || fails
		nothing_left
	done
}

@test "hostile: /dev/console links to the host, with a terminal and no /dev mount" {
	requires tty
	without_dev_mounts
	config '.process.terminal = true'
	for target in new file; do
		for ro in false true; do
			config ".root.readonly = $ro"
			rm -f "$ROOTFS/dev/console"
			ln -s "$TESTDIR/host/$target" "$ROOTFS/dev/console"
			before=$(canary)
			probe true
			run in_terminal "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
			[ "$(canary)" = "$before" ]
			[ "$status" -lt 124 ]
		done
	done
	nothing_left
}

@test "hostile: /dev/null is a link, a file, another device, a block device, a fifo" {
	without_dev_mounts
	config '.linux.maskedPaths = ["/etc/passwd"]'
	for kind in link file chardev blockdev fifo dir; do
		rm -rf "${ROOTFS:?}/dev/null"
		case $kind in
		link) ln -s "$TESTDIR/host/file" "$ROOTFS/dev/null" ;;
		file) echo trap >"$ROOTFS/dev/null" ;;
		chardev) mknod "$ROOTFS/dev/null" c 1 5 ;;
		blockdev) mknod "$ROOTFS/dev/null" b 1 3 ;;
		fifo) mkfifo "$ROOTFS/dev/null" ;;
		dir) mkdir "$ROOTFS/dev/null" ;;
		esac
		before=$(canary)
		config '.process.user = {uid: 33, gid: 33}'
		run hako_run cat /etc/passwd \; write /etc/passwd x
		[ "$(canary)" = "$before" ]
		if [ "$status" -lt 2 ]; then
			# Masked: empty, from the host's null.
			says_not root:x trap
		else
			fails
		fi
		nothing_left
	done
}

@test "hostile: a device's parent links to the host" {
	requires hako
	config '.root.readonly = false'
	ln -s "$TESTDIR/host" "$ROOTFS/lnk"
	before=$(canary)
	config '.linux.devices = [{path: "/lnk/node", type: "c", major: 1, minor: 3},
		{path: "/dev/../lnk/other", type: "c", major: 1, minor: 5}]'
	run hako_run true
	[ "$(canary)" = "$before" ]
	[ "$status" -eq 0 ] || fails
	nothing_left
}

@test "a user namespace: nodes with the owner and the mode that are asked for" {
	requires userns
	with_userns
	config '.linux.devices = [
		{path: "/dev/dri/render", type: "c", major: 1, minor: 5, uid: 7, gid: 44,
			fileMode: 432},
		{path: "/dev/null", type: "c", major: 1, minor: 3, uid: 0, gid: 5, fileMode: 384},
		{path: "/dev/far", type: "c", major: 1, minor: 3, uid: 0, fileMode: 438},
		{path: "/dev/zero", type: "c", major: 1, minor: 5, uid: 70000}]
		| .linux.resources.devices = [{allow: true, access: "rwm"}]'
	run hako_run stat /dev/dri/render /dev/null /dev/far /dev/zero \; \
		open /dev/null rw \; open /dev/far w \; stat /dev/.hako-devices \; mounts
	has_line "/dev/dri/render: char 0660 7:44 1:5"
	has_line "/dev/null: char 0600 0:5 1:3"
	has_line "/dev/far: char 0666 0:0 1:3"
	# an id that is not mapped can be nobody's: the host's node
	has_line "/dev/zero: char 0666 65534:65534 1:5"
	says "open /dev/null rw: ok" "open /dev/far w: ok"
	says "stat /dev/.hako-devices: No such file"
	says_not " /dev/.hako-devices "
	nothing_left
}

@test "a user namespace: such a node is not for those whom its mode excludes" {
	requires userns
	with_userns
	config '.linux.devices = [
		{path: "/dev/x", type: "c", major: 1, minor: 5, uid: 0, gid: 44, fileMode: 432}]
		| .process.user = {uid: 5, gid: 5}'
	run hako_run open /dev/x rw
	says "open /dev/x rw: Permission denied"
	config '.process.user.additionalGids = [44]'
	run hako_run open /dev/x rw
	says "open /dev/x rw: ok"
}
