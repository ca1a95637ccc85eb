#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A hostile root directory: links and special files where the runtime mounts, makes and reads.

load security
setup() { security_new; }
teardown() { clean_up; }

dev_link() {
	rm -rf "${ROOTFS:?}/dev"
	ln -s "$1" "$ROOTFS/dev"
	start true
	fails
	says "ordinary directory"
	no_dev_mount
	start true
}
s1() {
	dev_link "$HOST/dev"
	unharmed
	dev_link ../../host/dev
}
@test "S1: /dev is a link" { each_cell s1; }

s2() {
	local target
	writable_root
	no_dev_mount pts
	config '.process.terminal = true'
	for target in "$HOST/new" "$HOST/file" ../../../host/new; do
		ln -sfn "$target" "$ROOTFS/dev/console"
		start true
		fails
		unharmed
		config '.root.readonly = true'
		start true
		unharmed
		config '.root.readonly = false'
	done
}
@test "S2: /dev/console is a link" { each_cell s2; }

# What is masked reads empty and is not written to, or the start is refused.
s3() {
	local kind
	writable_root
	no_dev_mount
	config '.linux.maskedPaths = ["/etc/passwd"]'
	for kind in link file device block fifo; do
		rm -f "$ROOTFS/dev/null"
		case $kind in
		link) ln -s "$HOST/file" "$ROOTFS/dev/null" ;;
		file) echo x >"$ROOTFS/dev/null" ;;
		device) mknod "$ROOTFS/dev/null" c 1 5 ;;
		block) mknod "$ROOTFS/dev/null" b 1 3 ;;
		fifo) mkfifo "$ROOTFS/dev/null" ;;
		esac
		chmod 666 "$ROOTFS/dev/null" 2>/dev/null || true
		chmod 666 "$HOST/file"
		start cat /etc/passwd
		says_not root:
		unharmed
	done
}
@test "S3: /dev/null is a link, a file, another device, a block device, a fifo" { each_cell s3; }

s4() {
	local dir=$1 target
	mkdir "$ROOTFS/real"
	for target in /real "$HOST/dir" ../../../../../.. ./real /; do
		rm -rf --one-file-system "${ROOTFS:?}/$dir"
		ln -s "$target" "$ROOTFS/$dir"
		refused "ordinary directory" "/$dir"
	done
}
@test "S4: /proc is a link" { each_cell s4 proc; }
@test "S5: /sys is a link" { each_cell s4 sys; }

s6() {
	local dir kind
	for dir in proc sys; do
		for kind in file fifo socket; do
			rm -rf --one-file-system "${ROOTFS:?}/$dir"
			case $kind in
			file) : >"$ROOTFS/$dir" ;;
			fifo) mkfifo "$ROOTFS/$dir" ;;
			socket) socket_at "$ROOTFS/$dir" ;;
			esac
			refused "ordinary directory" "/$dir"
		done
		rm -f "$ROOTFS/$dir"
		mkdir "$ROOTFS/$dir"
	done
}
@test "S6: /proc and /sys are a file, a fifo, a socket" { each_cell s6; }

# The mount is where the link leads inside of the root.
s7() {
	local target
	echo resolver >"$BUNDLE/resolv.conf"
	add_mount '{"destination": "/etc/resolv.conf", "type": "bind", "source": "resolv.conf",
		"options": ["bind", "ro"]}'
	for target in "$HOST/new" "$HOST/file" ../../../../../../../../new; do
		ln -sfn "$target" "$ROOTFS/etc/resolv.conf"
		starts cat /etc/resolv.conf \; mounts
		says resolver
		unharmed
	done
}
@test "S7: the last component of a mount point is a link" { each_cell s7; }

s8_mount() {
	config '.mounts |= map(select(.source != "s8"))
		+ [{destination: $d, type: "tmpfs", source: "s8"}]' --arg d "$1"
}
s8() {
	local i
	writable_root
	ln -s "$HOST" "$ROOTFS/out"
	ln -s ../../../../../../.. "$ROOTFS/up"
	ln -s / "$ROOTFS/top"
	ln -s loop2 "$ROOTFS/loop"
	ln -s loop "$ROOTFS/loop2"
	ln -s /tmp/end "$ROOTFS/chain0"
	for i in {1..45}; do ln -s "chain$((i - 1))" "$ROOTFS/chain$i"; done
	for i in "/out/dir/x" "/up$HOST/dir" "/top$HOST/dir/new" /../../tmp/../../x /chain30/y; do
		s8_mount "$i"
		starts true
		unharmed
	done
	for i in /loop/x /chain45/x; do
		s8_mount "$i"
		refused "$i" "symbolic link"
	done
}
@test "S8: middle components: links out, .. chains, loops, 41 links" { each_cell s8; }

s9() {
	writable_root
	echo x >"$BUNDLE/x"
	ln -s "$HOST" "$ROOTFS/a"
	ln -s "$HOST/missing" "$ROOTFS/b"
	add_mount '{"destination": "/a/b/c", "type": "tmpfs", "source": "t"}'
	config '.mounts += (["/a/f/file", "/b/f/file"]
		| map({destination: ., type: "bind", source: "x", options: ["bind"]}))'
	start mounts
}
@test "S9: parents to be made, and one is a link out" { each_cell s9; }

s10() {
	local kind
	echo x >"$BUNDLE/x"
	add_mount '{"destination": "/etc/target", "type": "bind", "source": "x",
		"options": ["bind"]}'
	for kind in fifo socket device immutable; do
		rm -f "$ROOTFS/etc/target"
		case $kind in
		fifo) mkfifo "$ROOTFS/etc/target" ;;
		socket) socket_at "$ROOTFS/etc/target" ;;
		device) mknod "$ROOTFS/etc/target" c 4 0 ;;
		immutable)
			: >"$ROOTFS/etc/target"
			chattr +i "$ROOTFS/etc/target" 2>/dev/null || continue
			;;
		esac
		start cat /etc/target
		chattr -i "$ROOTFS/etc/target" 2>/dev/null || true
		[ "$status" -ne 0 ] || is_output x
	done
}
@test "S10: a mount point that is a fifo, a socket, a device, immutable" { each_cell s10; }

s11() {
	echo good >"$BUNDLE/good"
	ln -s good "$BUNDLE/link"
	ln -s "$HOST/new" "$ROOTFS/etc/dest"
	config '.mounts += [{destination: "/etc/a", type: "bind", source: "link",
		options: ["bind", "src-nofollow"]}]'
	start cat /etc/a
	says_not good
	unharmed
	config '.mounts[-1] = {destination: "/etc/dest", type: "bind", source: "good",
		options: ["bind", "dest-nofollow"]}'
	start true
	unharmed
	config '.mounts[-1] = {destination: "/etc/group", type: "bind", source: "link",
		options: ["bind"]}'
	starts cat /etc/group
	is_output good
}
@test "S11: bind sources and destinations that are links, with and without nofollow" {
	each_cell s11
}

s12() {
	mkdir "$ROOTFS/copied" "$ROOTFS/copied/sub"
	echo secret >"$HOST/dir/file"
	markers_again
	ln -s "$HOST/dir/file" "$ROOTFS/copied/out"
	ln -s "$HOST/dir" "$ROOTFS/copied/outdir"
	ln -s ../../../host "$ROOTFS/copied/sub/up"
	echo own >"$ROOTFS/copied/file"
	ln "$ROOTFS/copied/file" "$ROOTFS/copied/sub/hard"
	chmod 4755 "$ROOTFS/copied/file"
	mkfifo "$ROOTFS/copied/fifo"
	[ "$WHO" != root ] || mknod "$ROOTFS/copied/dev" c 1 3
	add_mount '{"destination": "/copied", "type": "tmpfs", "source": "t",
		"options": ["tmpcopyup"]}'
	start ls /copied \; cat /copied/file \; readlink /copied/out
	says_not secret
	[ "$WHO" != root ] || says own "$HOST/dir/file"
}
markers_again() { MARKERS=$(markers); }
@test "S12: tmpcopyup of links out, setuid files, devices, hard links" { each_cell s12; }

s13() {
	ln -s "$HOST/file" "$ROOTFS/etc/out"
	ln -s "$HOST/dir" "$ROOTFS/etc/outdir"
	config '.linux.maskedPaths = ["/etc/out", "/etc/outdir", "/none", "/etc/group",
			"/etc/group", "/etc/../../../../etc/group"]
		| .linux.readonlyPaths = ["/etc/out", "/etc/outdir", "/none", "/tmp", "/tmp",
			"/../../tmp"]'
	starts cat /etc/group
	is_output ""
	unharmed
	config '.linux.maskedPaths = ["/"]'
	refused "not the root itself"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["/x/.."]'
	refused "not the root itself"
}
@test "S13: masked and read-only paths: links out, missing, twice, the root" { each_cell s13; }

s14() {
	mv "$ROOTFS" "$BUNDLE/real"
	ln -s real "$ROOTFS"
	start true
	unharmed
	config '.root.path = "real/../../bundle/real"'
	start true
	config '.root.path = ""'
	refused root.path
	config '.root.path = "/"'
	start true
	fails
	config '.root.path = "none"'
	refused none
}
@test "S14: the root itself: a link, dots, empty, /, missing" { each_cell s14; }

s15() {
	local kind
	echo "root:x:0:0::/host-home:/bin/sh" >"$HOST/file"
	markers_again
	for kind in link dirlink fifo sparse lines nul number; do
		rm -f "$ROOTFS/etc/passwd" "$ROOTFS/etc/group"
		case $kind in
		link) ln -s "$HOST/file" "$ROOTFS/etc/passwd" ;;
		dirlink) ln -s ../../../host/file "$ROOTFS/etc/passwd" ;;
		fifo) mkfifo "$ROOTFS/etc/passwd" "$ROOTFS/etc/group" ;;
		sparse) truncate -s 1G "$ROOTFS/etc/passwd" ;;
		lines) head -c 1000000 /dev/zero | tr '\0' a >"$ROOTFS/etc/passwd" ;;
		nul) printf 'root:x:0:0\0::/nul:/bin/sh\n' >"$ROOTFS/etc/passwd" ;;
		number) printf '1000:x:0:0::/number:/\n0:x:5:5::/zero:/\n' >"$ROOTFS/etc/passwd" ;;
		esac
		starts env HOME \; ids
		says_not host-home
		unharmed
	done
}
@test "S15: /etc/passwd and group: links out, fifo, 1 GB, long lines, NUL, numbers as names" {
	each_cell s15
}

s16() {
	local path
	writable_root
	ln -s "$HOST" "$ROOTFS/lnk"
	for path in /lnk/x /lnk/dir/null /tmp/../lnk/y /dev/new/; do
		config '.linux.devices = [{path: $p, type: "c", major: 1, minor: 3, fileMode: 438,
			uid: 7, gid: 7}]' --arg p "$path"
		start true
		unharmed
	done
	[ "$(stat -c %U /dev/null)" = root ]
}
@test "S16: devices through links; those of the host are not chowned" { each_cell s16; }

s17() {
	printf '#!/bin/sh\necho host-hook >&2\n' >"$TESTDIR/hook"
	printf '#!/bin/sh\necho rootfs-hook >&2; echo x >%s\n' "$HOST/new" >"$ROOTFS/hook"
	chmod 755 "$TESTDIR/hook" "$ROOTFS/hook"
	mkdir -p "$ROOTFS$TESTDIR"
	cp "$ROOTFS/hook" "$ROOTFS$TESTDIR/hook"
	config '.hooks = {createRuntime: [{path: $p}], createContainer: [{path: $p}]}' \
		--arg p "$TESTDIR/hook"
	starts true
	[ "$(grep -c host-hook <<<"$output")" -eq 2 ] || { show; fail "hooks"; }
	says_not rootfs-hook
}
@test "S17: hooks are files of the host" { each_cell s17; }

s18() {
	local target
	writable_root
	for target in "$HOST" ../../host "$HOST/missing" ..; do
		ln -sfn "$target" "$ROOTFS/w"
		config '.process.cwd = "/w/made/here"'
		start cwd
		unharmed
	done
}
@test "S18: a working directory that is made, behind a link out" { each_cell s18; }

# A program whose dynamic loader is /proc/self/exe, for the machine of the probe.
elf_with_our_loader() {
	perl -e 'local $/; open(F, "<", $ARGV[0]) or die; my $machine = substr(<F>, 18, 2);
		my ($loader, $at) = ("/proc/self/exe\0", 64 + 2 * 56);
		my $len = $at + length $loader;
		print "\x7fELF\2\1\1", "\0" x 9, "\2\0", $machine,
			pack("L< Q< Q< Q< L< S<6", 1, 0x400000 + $at, 64, 0, 0, 64, 56, 2, 0, 0, 0),
			pack("L< L< Q<6", 3, 4, $at, 0x400000 + $at, 0x400000 + $at,
				length $loader, length $loader, 1),
			pack("L< L< Q<6", 1, 5, 0, 0x400000, 0x400000, $len, $len, 4096),
			$loader' "$ROOTFS/init" >"$1"
	chmod 755 "$1"
}
# Made in memory it has all seals (shrink, grow, write, and no others to be set); else it is in a
# mount of its own that is read-only.
exe_is_safe() {
	local seals
	seals=$(perl -e 'open(F, "<", $ARGV[0]) or die; print fcntl(F, 1034, 0) // ""' "$1")
	case "$(readlink "$1")" in
	/memfd:*) [ "$((seals & 15))" -eq 15 ] || fail "seals are $seals" ;;
	*) [ -z "$seals" ] || [ "$KERNEL" = new ] || fail "neither sealed nor in a mount" ;;
	esac
}
own_hash() { sha256sum "$HAKO"; stat -c '%i %a %U %Y' "$HAKO"; }
s19() {
	local before
	before=$(own_hash)
	command_line /proc/self/exe --version
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$status" -lt 124 ]
	printf '#!/proc/self/exe\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	command_line /script
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$status" -lt 124 ]
	elf_with_our_loader "$ROOTFS/loaded"
	command_line /loaded
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	[ "$status" -ne 124 ]
	# A descriptor taken while our program runs, used when it is gone.
	hako_create pause
	exe_is_safe "/proc/$(init_pid)/exe"
	exec 9<"/proc/$(init_pid)/exe"
	hako start "$ID"
	eventually is_state "$ID" running
	! (echo x >>/dev/fd/9) 2>/dev/null || fail "our executable can be written to"
	! (: >/dev/fd/9) 2>/dev/null || fail "our executable can be cut"
	exec 9<&-
	hako delete --force "$ID"
	[ "$(own_hash)" = "$before" ] || fail "our executable has changed"
}
@test "S19: the program, its interpreter or its loader is /proc/self/exe" { each_cell s19; }

s20() {
	local before
	[ "$WHO" != userns ] || chmod 777 "$ROOTFS" "$ROOTFS/bin"
	before=$(own_hash)
	writable_root
	hako_detached pause
	rm "$ROOTFS/bin/sh"
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/sh"
	chmod 755 "$ROOTFS/bin/sh"
	run hako exec "$ID" /bin/sh -c true
	[ "$status" -ne 124 ]
	run hako exec "$ID" /proc/self/exe --version
	[ "$status" -ne 124 ]
	hako delete --force "$ID"
	[ "$(own_hash)" = "$before" ] || fail "our executable has changed"
}
@test "S20: exec where /bin/sh has become /proc/self/exe" {
	requires busybox
	each_cell s20
}
