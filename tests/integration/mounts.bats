#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts: options, sources, targets in an honest rootfs and in a hostile one.

load helpers
setup() {
	bundle_new
	mkdir "$TESTDIR/host" "$TESTDIR/host/dir"
	echo secret >"$TESTDIR/host/file"
	config '.root.readonly = false'
}
teardown() { clean_up; }

# canary: everything about $TESTDIR/host, to be equal afterwards.
canary() { find "$TESTDIR/host" -printf '%p %y %i %U:%G %m %s %T@ %l\n' | sort; }

@test "bind of a directory and of a file; the targets are made" {
	add_mount '{destination: "/a/b/dir", type: "bind",
		source: "'"$TESTDIR/host"'", options: ["rbind"]}'
	add_mount '{destination: "/a/c/file",
		source: "'"$TESTDIR/host/file"'", options: ["bind", "ro"]}'
	run hako_run cat /a/b/dir/file /a/c/file \; write /a/c/file x \; write /a/b/dir/new x
	says secret$'\n'secret "write /a/c/file x: Read-only file system" "write /a/b/dir/new x: ok"
	[ -f "$TESTDIR/host/new" ]
	nothing_left
}

@test "a bind needs no type, and stray data options do no harm" {
	add_mount '{destination: "/m",
		source: "'"$TESTDIR/host"'", options: ["bind", "mode=755", "size=1m"]}'
	run hako_run cat /m/file
	is_output secret
}

@test "a source relative to the bundle, a destination relative to the root" {
	mkdir "$BUNDLE/data"
	echo here >"$BUNDLE/data/f"
	add_mount '{destination: "rel/dest", source: "data", options: ["bind"]}'
	run hako_run cat /rel/dest/f
	says here
}

@test "a source that does not exist is named, and nothing is made" {
	add_mount '{destination: "/m", source: "/no/such/source", options: ["bind"]}'
	run hako_run true
	fails
	says /no/such/source
	nothing_left
}

@test "options of a bind: ro, nosuid, nodev, noexec, noatime" {
	add_mount '{destination: "/m",
		source: "'"$TESTDIR/host"'",
		options: ["bind", "ro", "nosuid", "nodev", "noexec", "noatime"]}'
	run hako_run mounts /m
	matches '^/m [^ ]+ ro,nosuid,nodev,noexec,noatime '
}

@test "later options win" {
	requires hako
	add_mount '{destination: "/m", source: "tmpfs", type: "tmpfs",
		options: ["ro", "rw", "nosuid", "suid", "nodev", "dev"]}'
	run hako_run mounts /m
	matches '^/m tmpfs rw,relatime '
}

@test "tmpfs: size and mode; without mode that of the directory below" {
	mkdir -m 1751 "$ROOTFS/keep"
	add_mount '{destination: "/t", source: "tmpfs", type: "tmpfs",
		options: ["size=1m", "mode=0710", "nosuid"]}'
	add_mount '{destination: "/keep", source: "tmpfs", type: "tmpfs"}'
	run hako_run stat /t /keep \; mounts /t
	has_line "/t: directory 0710 0:0" "/keep: directory 1751 0:0"
	matches '^/t tmpfs rw,nosuid.*size=1024k'
}

@test "tmpcopyup: what was below is in the tmpfs" {
	requires hako
	mkdir -p "$ROOTFS/var/sub"
	echo data >"$ROOTFS/var/sub/f"
	ln -s /etc/passwd "$ROOTFS/var/link"
	ln -s "$TESTDIR/host/file" "$ROOTFS/var/out"
	chmod 604 "$ROOTFS/var/sub/f"
	chown 5:6 "$ROOTFS/var/sub/f"
	add_mount '{destination: "/var", source: "tmpfs", type: "tmpfs", options: ["tmpcopyup"]}'
	run hako_run stat /var/sub/f /var/link /var/out \; cat /var/sub/f \; rm /var/sub/f
	has_line "/var/sub/f: file 0604 5:6" "/var/link: symlink 0777 0:0 -> /etc/passwd" data \
		"/var/out: symlink 0777 0:0 -> $TESTDIR/host/file"
	[ -f "$ROOTFS/var/sub/f" ]
}

@test "rbind brings what is mounted below, bind does not" {
	mount -t tmpfs tmpfs "$TESTDIR/host/dir"
	echo inner >"$TESTDIR/host/dir/f"
	add_mount '{destination: "/r", source: "'"$TESTDIR/host"'", options: ["rbind"]}'
	add_mount '{destination: "/b", source: "'"$TESTDIR/host"'", options: ["bind"]}'
	run hako_run ls /r/dir \; ls /b/dir
	umount "$TESTDIR/host/dir"
	is_output f
}

@test "rbind together with bind stays recursive" {
	requires hako
	mount -t tmpfs tmpfs "$TESTDIR/host/dir"
	echo inner >"$TESTDIR/host/dir/f"
	add_mount '{destination: "/r", source: "'"$TESTDIR/host"'", options: ["rbind", "bind"]}'
	run hako_run cat /r/dir/f
	umount "$TESTDIR/host/dir"
	is_output inner
}

@test "ro is for one mount, rro for all below" {
	requires hako
	mount -t tmpfs tmpfs "$TESTDIR/host/dir"
	add_mount '{destination: "/one", source: "'"$TESTDIR/host"'", options: ["rbind", "ro"]}'
	add_mount '{destination: "/all",
		source: "'"$TESTDIR/host"'", options: ["rbind", "rro", "rnoexec"]}'
	run hako_run write /one/x x \; write /one/dir/x x \; write /all/dir/y y \; mounts /all/dir
	umount "$TESTDIR/host/dir"
	says "write /one/x x: Read-only file system" "write /one/dir/x x: ok" \
		"write /all/dir/y y: Read-only file system"
	matches '^/all/dir tmpfs ro,noexec'
}

@test "a bind without options keeps the flags of its source" {
	mount -t tmpfs -o nosuid,nodev,noexec tmpfs "$TESTDIR/host/dir"
	add_mount '{destination: "/m", source: "'"$TESTDIR/host/dir"'", options: ["bind"]}'
	run hako_run mounts /m
	umount "$TESTDIR/host/dir"
	matches '^/m tmpfs rw,nosuid,nodev,noexec'
}

@test "root.readonly" {
	config '.root.readonly = true'
	run hako_run write /x y \; mkdir /d \; mounts /
	says "write /x y: Read-only file system" "mkdir /d: Read-only file system"
	matches '^/ [^ ]+ ro,'
	config '.root.readonly = false'
	run hako_run write /x y
	says "write /x y: ok"
	nothing_left
}

@test "read-only mounts inside a writable tmpfs are made first" {
	add_mount '{destination: "/t", type: "tmpfs", source: "tmpfs", options: ["ro"]}'
	add_mount '{destination: "/t/in", source: "'"$TESTDIR/host"'", options: ["bind"]}'
	run hako_run cat /t/in/file \; write /t/x y
	says secret "write /t/x y: Read-only file system"
}

@test "proc stays 0555, and without /proc and /sys it works too" {
	run hako_run stat /proc
	is_output "/proc: directory 0555 0:0"
	config '.mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)'
	run hako_run echo fine
	is_output fine
	nothing_left
}

@test "cgroup: read-only, the container's own" {
	config '.linux.namespaces |= map(select(.type != "cgroup")) + [{type: "cgroup"}]'
	run hako_run mkdir /sys/fs/cgroup/x \; mounts
	says_not "mkdir /sys/fs/cgroup/x: ok"
	# Each mount of a cgroup file system is read-only and begins at the container's own group.
	output=$(grep '^/sys/fs/cgroup[^ ]* cgroup' <<<"$output")
	says_not " rw,nosuid" "$MARK"
}

@test "an unknown file system type, unknown data: named" {
	requires hako
	add_mount '{destination: "/m", type: "nosuchfs", source: "x"}'
	run hako_run true
	fails
	says nosuchfs /m
	config '.mounts[-1] = {destination: "/m", type: "tmpfs", source: "tmpfs",
		options: ["nosuchoption=1"]}'
	run hako_run true
	fails
	says nosuchoption
	nothing_left
}

@test "dangling links inside the root are resolved and made there" {
	ln -s /real/target "$ROOTFS/dlink"
	ln -s ../up "$ROOTFS/etc/up"
	add_mount '{destination: "/dlink", source: "'"$TESTDIR/host"'", options: ["bind"]}'
	add_mount '{destination: "/etc/up", source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
	run hako_run cat /real/target/file \; cat /up
	is_output $'secret\nsecret'
}

@test "hostile: last component links to the host" {
	for target in "$TESTDIR/host/new" "../../../../../../../..$TESTDIR/host/new"; do
		rm -f "$ROOTFS/etc/resolv.conf"
		ln -s "$target" "$ROOTFS/etc/resolv.conf"
		before=$(canary)
		cp "$CONFIG" "$TESTDIR/keep"
		add_mount '{destination: "/etc/resolv.conf",
			source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
		run hako_run cat /etc/resolv.conf
		[ "$(canary)" = "$before" ]
		if [ "$status" -eq 0 ]; then is_output secret; else fails; fi
		cp "$TESTDIR/keep" "$CONFIG"
		nothing_left
	done
}

@test "hostile: a parent links to the host" {
	ln -s "$TESTDIR/host" "$ROOTFS/a"
	before=$(canary)
	add_mount '{destination: "/a/b/dir", source: "'"$TESTDIR/host/dir"'", options: ["bind"]}'
	add_mount '{destination: "/a/b/file", source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
	add_mount '{destination: "/a/tmp", type: "tmpfs", source: "tmpfs"}'
	run hako_run cat /a/b/file
	[ "$(canary)" = "$before" ]
	if [ "$status" -eq 0 ]; then is_output secret; else fails; fi
	nothing_left
}

@test "hostile: link loops and chains of .. end in bounded time" {
	ln -s loop2 "$ROOTFS/loop1"
	ln -s loop1 "$ROOTFS/loop2"
	add_mount '{destination: "/loop1/x", source: "'"$TESTDIR/host"'", options: ["bind"]}'
	run hako_run true
	fails
	says loop1
	nothing_left
}

@test "hostile: /proc or /sys is a link, a file, a fifo" {
	for name in proc sys; do
		for kind in in-root host up file fifo; do
			rm -rf "${ROOTFS:?}/$name"
			case $kind in
			in-root) ln -s /tmp "$ROOTFS/$name" ;;
			host) ln -s "$TESTDIR/host/dir" "$ROOTFS/$name" ;;
			up) ln -s ../../.. "$ROOTFS/$name" ;;
			file) touch "$ROOTFS/$name" ;;
			fifo) mkfifo "$ROOTFS/$name" ;;
			esac
			before=$(canary)
			run hako_run true
			fails
			case $kind in in-root|host|up) \
				says "must be mounted on ordinary directory" ;; esac
			[ "$(canary)" = "$before" ]
		done
		rm -f "$ROOTFS/$name"
		mkdir "$ROOTFS/$name"
	done
	nothing_left
}

@test "hostile: targets that are fifo, socket or device are not opened" {
	mkfifo "$ROOTFS/fifo"
	mknod "$ROOTFS/dev0" c 1 3
	add_mount '{destination: "/fifo", source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
	add_mount '{destination: "/dev0", source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
	run hako_run cat /fifo /dev0
	is_output $'secret\nsecret'
	nothing_left
}

@test "a directory on a file, a file on a directory: refused, named" {
	touch "$ROOTFS/f"
	mkdir "$ROOTFS/d"
	add_mount '{destination: "/f", source: "'"$TESTDIR/host"'", options: ["bind"]}'
	run hako_run true
	fails
	says /f
	config '.mounts[-1] = {destination: "/d",
		source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
	run hako_run true
	fails
	says /d
	nothing_left
}

@test "hostile: mounts at or below /proc are refused, but for the honest ones" {
	requires hako
	for dest in /proc/self/attr /proc/self/exe /proc/sys /proc/sysrq-trigger; do
		cp "$CONFIG" "$TESTDIR/keep"
		add_mount '{destination: "'"$dest"'",
			source: "'"$TESTDIR/host/file"'", options: ["bind"]}'
		run hako_run true
		fails
		says "$dest"
		cp "$TESTDIR/keep" "$CONFIG"
	done
	echo "cpu  fake" >"$TESTDIR/host/stat"
	add_mount '{destination: "/proc/stat",
		source: "'"$TESTDIR/host/stat"'", options: ["bind", "ro"]}'
	run hako_run cat /proc/stat
	is_output "cpu  fake"
}

@test "hostile: the root itself" {
	requires hako
	config '.root.path = ""'
	run hako_run true
	fails
	says root.path
	config '.root.path = "no-such-dir"'
	run hako_run true
	fails
	says no-such-dir
	touch "$BUNDLE/file"
	config '.root.path = "file"'
	run hako_run true
	fails
	nothing_left
}

@test "sixty mounts under a low limit of descriptors" {
	requires hako
	for i in {1..60}; do
		mounts+="${mounts:+,}{\"destination\": \"/m$i\", \"source\": \"$TESTDIR/host\""
		mounts+=", \"options\": [\"bind\"]}"
	done
	add_mount "$mounts"
	probe cat /m60/file
	run bash -c 'ulimit -Sn 64; exec timeout 20 "$0" --root "$1" run --bundle "$2" "$3" \
		</dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	is_output secret
	nothing_left
}

@test "the host's mount table does not change" {
	mine=$(grep -F "$TESTDIR" /proc/self/mountinfo || true)
	hako_detached pause
	[ "$(grep -F "$TESTDIR" /proc/self/mountinfo || true)" = "$mine" ]
	hako delete --force "$ID"
	[ "$(grep -F "$TESTDIR" /proc/self/mountinfo || true)" = "$mine" ]
}
