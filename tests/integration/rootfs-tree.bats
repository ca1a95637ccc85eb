#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A root file system that hako mounts itself: an overlay, or the image of a disk.

load helpers
setup() {
	requires hako
	bundle_new
}
teardown() { clean_up; }

# Devices in use, whoever uses them: tests of others come and go, so only ours are looked at.
loops() { grep -lF "$TESTDIR" /sys/block/loop*/loop/backing_file 2>/dev/null; }
no_loops() { [ -z "$(loops)" ]; }

# overlay LOWER… UPPER: paths below TESTDIR; the work directory is beside the upper one.
overlay() {
	local n=$#
	config '.annotations["org.hako.rootfs.overlay"] = ({
			lower: [$ARGS.named.l | split(" ")[] | $d + "/" + .],
			upper: ($d + "/" + $u), work: ($d + "/work")} | tojson)' \
		--arg d "$TESTDIR" --arg u "${*:n}" --arg l "${*:1:n-1}"
}

layers() {
	cp -a "$ROOTFS" "$TESTDIR/base"
	mkdir "$TESTDIR/mid"
	echo base >"$TESTDIR/base/etc/which"
	echo base >"$TESTDIR/base/etc/deep"
	mkdir "$TESTDIR/mid/etc"
	echo mid >"$TESTDIR/mid/etc/which"
	rm -rf "$ROOTFS"
	mkdir "$ROOTFS"
}

image() { # FILE [MKFS-OPTION…]
	requires mkfs.ext4
	truncate -s 16M "$1"
	mkfs.ext4 -q -d "$ROOTFS" "${@:2}" "$1"
	rm -rf "$ROOTFS"
	mkdir "$ROOTFS"
	config '.annotations["org.hako.rootfs.source"] = $i
		| .annotations["org.hako.rootfs.type"] = "loop"
		| .root.readonly = false' --arg i "$1"
}

@test "overlay: several lower layers, the first on top, and what is written is in the upper one" {
	requires busybox
	layers
	chmod 711 "$TESTDIR/mid"
	overlay mid base upper
	config '.root.readonly = false'
	shell 'cat /etc/which /etc/deep; echo new >/etc/new; rm /etc/deep; echo changed >/etc/which'
	run -0 hako_run
	is_output "mid
base"
	[ "$(cat "$TESTDIR/upper/etc/new")" = new ]
	[ "$(cat "$TESTDIR/upper/etc/which")" = changed ]
	[ "$(cat "$TESTDIR/mid/etc/which")" = mid ]
	[ -f "$TESTDIR/base/etc/deep" ]
	# the container's "/" is the upper one: it looks as the layer below did
	[ "$(stat -c %a "$TESTDIR/upper")" = 711 ]
	[ -z "$(ls -A "$ROOTFS")" ]
	shell 'cat /etc/which; ls /etc/deep'
	run hako_run
	says changed
	says_not mid
	nothing_left
}

@test "overlay: read-only, and with ids of the container's own" {
	requires busybox
	layers
	chown -R 100000:200000 "$TESTDIR/base" "$TESTDIR/mid"
	overlay mid base upper
	with_userns
	config '.root.readonly = true'
	shell 'cat /etc/which; echo x >/etc/new || echo refused; ls -ldn /'
	run -0 hako_run
	says mid refused
	matches '^drwx.* 0 +0 '
	nothing_left
}

@test "overlay: a layer that is missing is an error that names it, and nothing is left" {
	layers
	overlay gone base upper
	run hako_run true
	fails
	says "the layer '$TESTDIR/gone'"
	[ ! -e "$TESTDIR/upper" ]
	nothing_left
}

@test "overlay: seen by a process that comes later" {
	requires busybox
	layers
	overlay mid base upper
	hako_detached pause
	run -0 hako exec "$ID" /bin/sh -c 'cat /etc/which'
	is_output mid
	kill_init
	hako delete --force "$ID"
	nothing_left
}

@test "image: mounted over a loop device that goes with the container" {
	requires busybox
	image "$TESTDIR/disk.img"
	shell 'echo kept >/etc/kept; grep " / " /proc/self/mounts'
	run -0 hako_run
	matches '^/dev/loop[0-9]+ / ext4 rw'
	eventually no_loops
	shell 'cat /etc/kept'
	run -0 hako_run
	is_output kept
	eventually no_loops
	nothing_left
}

@test "image: goes after a kill -9, too" {
	image "$TESTDIR/disk.img"
	hako_detached pause
	[ -n "$(loops)" ]
	kill_init
	hako delete --force "$ID"
	eventually no_loops
	nothing_left
}

@test "image: options of the mount and of the file system" {
	requires busybox
	image "$TESTDIR/disk.img"
	config '.annotations["org.hako.rootfs.options"] = "ro,noatime,commit=7"'
	shell 'grep " / " /proc/self/mounts; echo x >/x || echo refused'
	run -0 hako_run
	matches '^/dev/loop[0-9]+ / ext4 ro,noatime.*commit=7'
	says refused
	config '.annotations["org.hako.rootfs.options"] = "nonsense=1"'
	run hako_run
	fails
	says "disk.img" nonsense
	eventually no_loops
	nothing_left
}

@test "image: a file without a file system, a missing one, and one that is none" {
	image "$TESTDIR/disk.img"
	truncate -s 0 "$TESTDIR/disk.img"
	truncate -s 1M "$TESTDIR/disk.img"
	run hako_run true
	fails
	says "disk.img" "file systems"
	rm "$TESTDIR/disk.img"
	run hako_run true
	fails
	says "disk.img" "no such file"
	mkfifo "$TESTDIR/disk.img"
	run hako_run true
	fails
	says "no regular file"
	nothing_left
}

@test "a directory takes its options, and none of a file system" {
	requires busybox
	config '.annotations["org.hako.rootfs.options"] = "noatime,nosuid" | .root.readonly = false'
	shell 'grep " / " /proc/self/mounts'
	run -0 hako_run
	matches ' / .*nosuid.*noatime'
	config '.annotations["org.hako.rootfs.options"] = "commit=7"'
	run hako_run
	fails
	says "commit=7"
}

@test "values that cannot be are refused" {
	local value
	for value in '{}' '{"lower":[]}' '{"lower":["a"]}' '{"lower":["/a"],"upper":"/b"}' \
		'{"lower":["/a"],"more":1}' '[]'; do
		config '.annotations = {"org.hako.rootfs.overlay": $v}' --arg v "$value"
		run hako_run true
		fails
		says "org.hako.rootfs.overlay"
	done
	config '.annotations = {"org.hako.rootfs.source": "/x", "org.hako.rootfs.type": "lvm"}'
	run hako_run true
	fails
	says "org.hako.rootfs.type" loop
	config '.annotations = {"org.hako.rootfs.source": "/x",
		"org.hako.rootfs.overlay": "{\"lower\":[\"/a\"]}"}'
	run hako_run true
	fails
	says "org.hako.rootfs.source"
}

# --- from a configuration of LXC ------------------------------------------------------------------

@test "lxc run: an overlay, and an image, with no directory made for them" {
	requires busybox mkfs.ext4
	mkdir "$TESTDIR/lxc" "$TESTDIR/mid" "$TESTDIR/mid/etc"
	echo mid >"$TESTDIR/mid/etc/which"
	truncate -s 16M "$TESTDIR/disk.img"
	mkfs.ext4 -q -d "$ROOTFS" "$TESTDIR/disk.img"
	cat >"$TESTDIR/lxc/config" <<-EOT
		lxc.rootfs.path = overlay:$TESTDIR/mid:$ROOTFS:$TESTDIR/delta
		lxc.init.cmd = /bin/busybox cat /etc/which
		lxc.console.path = none
		lxc.environment = HAKO_TEST=$MARK
	EOT
	run -0 hako lxc run -n "$ID" "$TESTDIR/lxc/config"
	says mid
	[ "$(ls "$TESTDIR/lxc")" = config ]
	sed -i "s|^lxc.rootfs.path.*|lxc.rootfs.path = $TESTDIR/disk.img|; s|which|passwd|" \
		"$TESTDIR/lxc/config"
	run -0 hako lxc run -n "$ID" "$TESTDIR/lxc/config"
	says root:x:0:0
	eventually no_loops
	nothing_left
}

@test "lxc convert: the bundle has the directory that the root is mounted on" {
	requires busybox
	layers
	printf '%s\n' "lxc.rootfs.path = overlay:$TESTDIR/mid:$TESTDIR/base:$TESTDIR/delta" \
		"lxc.init.cmd = /bin/busybox cat /etc/which" "lxc.console.path = none" \
		"lxc.environment = HAKO_TEST=$MARK" >"$TESTDIR/config"
	"$HAKO" lxc convert --report none -n "$ID" -o "$TESTDIR/out" "$TESTDIR/config"
	[ -d "$TESTDIR/out/rootfs" ]
	run -0 hako run --bundle "$TESTDIR/out" "$ID" </dev/null
	says mid
	nothing_left
}

@test "overlay: of an ordinary user, whose layers hold attributes that are his to set" {
	requires busybox userns setpriv
	layers
	rm -rf "$ROOTFS"
	overlay mid base upper
	config '.root.readonly = false | .linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 1500, size: 1}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources)
		| .mounts |= map(.options = (.options // []) - ["gid=5"])'
	mkdir "$TESTDIR/user" "$ROOTFS"
	cp "$HAKO" "$TESTDIR/user/hako"
	chown -R 1500:1500 "$TESTDIR"
	as_user() {
		HAKO_TEST=$MARK timeout -k 5 60 setpriv --reuid 1500 --regid 1500 --clear-groups \
			"$TESTDIR/user/hako" --root "$TESTDIR/user/state" run --bundle "$BUNDLE" \
			"$ID" </dev/null
	}
	# a directory that is made anew is opaque: "trusted." attributes would be root's
	shell 'cat /etc/which && rm -r /etc && mkdir /etc && echo new >/etc/new'
	run as_user
	succeeds
	has_line mid
	[ "$(cat "$TESTDIR/upper/etc/new")" = new ]
	shell 'ls /etc'
	run as_user
	succeeds
	has_line new
	says_not which
	says_not deep
	run -0 ls -A "$TESTDIR/user/state"
	says_not "$ID"
}
