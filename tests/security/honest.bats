#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Odd but legal: what a hardened runtime must not break.

load security
setup() { security_new; }
teardown() { clean_up; }

h_links() {
	writable_root
	mkdir -p "$ROOTFS/usr/etc" "$ROOTFS/var/run"
	own "$ROOTFS/usr" "$ROOTFS/var"
	ln -s /usr/etc/missing "$ROOTFS/etc/dangling"
	ln -s ../usr/etc/relative "$ROOTFS/etc/up"
	ln -s ../../../../usr/etc "$ROOTFS/far"
	ln -s /run "$ROOTFS/var/run/x"
	echo text >"$BUNDLE/file"
	config '.mounts += (["/etc/dangling", "/etc/up", "/far/new", "/var/run/x/sock"]
		| map({destination: ., type: "bind", source: "file", options: ["bind", "ro"]}))'
	starts cat /usr/etc/missing /usr/etc/relative /usr/etc/new /run/sock
	is_output $'text\ntext\ntext\ntext'
}
own() {
	case $WHO in
	userns) chown -hR 100000:200000 "$@" ;;
	rootless) chown -hR $ROOTLESS_ID:$ROOTLESS_ID "$@" ;;
	esac
}
@test "links inside of the root, dangling, absolute and upwards, are followed and made there" {
	each_cell h_links
}

h_merged() {
	mv "$ROOTFS/bin" "$ROOTFS/real-bin"
	ln -s real-bin "$ROOTFS/bin"
	ln -s real-bin "$ROOTFS/sbin"
	mkdir -p "$ROOTFS/run"
	rm -rf "$ROOTFS/tmp"
	ln -s run "$ROOTFS/tmp"
	add_mount '{"destination": "/tmp/t", "type": "tmpfs", "source": "t"}'
	writable_root
	own "$ROOTFS"
	starts ls /bin \; mounts /run/t
	matches '^/run/t tmpfs'
}
@test "a merged root: /bin and /tmp are links" { each_cell h_merged; }

h_lxcfs() {
	local name
	mkdir "$BUNDLE/lxcfs"
	for name in cpuinfo diskstats loadavg meminfo stat swaps uptime; do
		echo "fake $name" >"$BUNDLE/lxcfs/$name"
		add_mount "$(jq -n --arg n "$name" '{destination: ("/proc/" + $n), type: "bind",
			source: ("lxcfs/" + $n), options: ["bind", "ro"]}')"
	done
	starts cat /proc/meminfo /proc/uptime /proc/cpuinfo
	is_output $'fake meminfo\nfake uptime\nfake cpuinfo'
}
@test "files over /proc, as lxcfs has them" { each_cell h_lxcfs; }

h_nested() {
	writable_root
	mkdir -p "$BUNDLE/vol/a/b"
	echo deep >"$BUNDLE/vol/a/b/c"
	own "$BUNDLE/vol"
	config '.mounts += [
		{destination: "/deep/v", type: "bind", source: "vol", options: ["rbind"]},
		{destination: "/deep/v/a", type: "tmpfs", source: "t"},
		{destination: "/deep/v/a/b/new", type: "bind", source: "vol/a/b",
			options: ["bind"]}]'
	starts cat /deep/v/a/b/new/c
	is_output deep
}
@test "mounts in mounts in mounts" { each_cell h_nested; }

h_none() {
	config '.mounts = [] | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	[ "$WHO" != root ] || writable_root
	start echo alive
	[ "$status" -ne 0 ] || is_output alive
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc"}]'
	writable_root
	starts echo alive
	is_output alive
}
@test "no mounts at all, and /proc alone" { each_cell h_none; }

h_dev() {
	no_dev_mount
	writable_root
	starts stat /dev/null
	matches '/dev/null: char 0666 [0-9:]+ 1:3'
}
@test "no mount on /dev: the nodes are made in the root, or bound" { each_cell h_dev; }

@test "a FUSE volume of an ordinary user" {
	[ -e /dev/fuse ] || skip "needs /dev/fuse"
	have squashfuse && have mksquashfs || skip_or_fail "needs squashfuse"
	mkdir "$TESTDIR/tree"
	echo in-fuse >"$TESTDIR/tree/file"
	mksquashfs "$TESTDIR/tree" "$TESTDIR/image" >/dev/null 2>&1
	mkdir "$BUNDLE/vol"
	squashfuse -o allow_other "$TESTDIR/image" "$BUNDLE/vol" 3>&- ||
		skip "FUSE cannot be mounted here"
	add_mount '{"destination": "/etc/vol", "type": "bind", "source": "vol",
		"options": ["rbind", "ro"]}'
	BEFORE=$(snapshot)
	starts cat /etc/vol/file
	is_output in-fuse
	unharmed
	umount "$BUNDLE/vol"
}

h_names() {
	local dir='odd  name:with,comma="x"\'
	mv "$BUNDLE" "$TESTDIR/$dir"
	run hako run --bundle "$TESTDIR/$dir" "$ID" </dev/null
	mv "$TESTDIR/$dir" "$BUNDLE"
	succeeds
}
@test "a bundle whose path has blanks, commas, colons, quotes" { each_cell h_names; }

h_cwd() {
	writable_root
	ln -s /tmp "$ROOTFS/w"
	config '.process.cwd = "/w/made"'
	starts cwd
	matches '^/tmp/made'
}
@test "a working directory behind a link inside of the root" { each_cell h_cwd; }
