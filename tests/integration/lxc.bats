#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# lxc convert and lxc run, as a user of LXC would try them. The mapping itself has golden files.

load helpers
setup() {
	requires hako
	bundle_new
	LXC=$TESTDIR/lxc/config
	mkdir "$TESTDIR/lxc"
	# A container as LXC keeps it: a configuration beside its rootfs.
	cat >"$LXC" <<-EOT
		# a small container
		lxc.rootfs.path = dir:$ROOTFS
		lxc.uts.name = boxed
		lxc.init.cmd = /init ids ; hostname
		lxc.autodev = 1
		lxc.mount.auto = proc:mixed sys:ro
		lxc.cgroup2.devices.deny = a
		lxc.cgroup2.devices.allow = c 1:3 rwm
		lxc.cgroup2.devices.allow = c 1:5 rwm
		lxc.cgroup2.devices.allow = c *:* m
	EOT
	OUT=$TESTDIR/converted
}
teardown() { clean_up; }

convert() { "$HAKO" lxc convert -n boxed -o "$OUT" "$@" "$LXC"; }

# run_converted VERB…: the bundle with another program.
run_converted() {
	CONFIG=$OUT/config.json
	command_line /init "$@"
	config '.process.terminal = false | .process.env += ["HAKO_TEST=" + $m]' --arg m "$MARK"
	hako run --bundle "$OUT" "$ID" </dev/null
}

@test "convert: a bundle that is valid, and a report with every line" {
	run -0 convert
	[ -f "$OUT/config.json" ]
	jq -e '.hostname == "boxed" and .root.path and .process.args[0] == "/init"' \
		"$OUT/config.json"
	for line in rootfs.path uts.name init.cmd autodev mount.auto cgroup2.devices; do
		says "$line"
	done
	run -0 "$HAKO" devices --bundle "$OUT" 'c 1:3 rw' 'b 8:0 r'
	matches '^c 1:3 rw: allowed'
	matches '^b 8:0 r: denied'
}

@test "convert: the report as JSON" {
	run -0 convert --report json
	jq -e '.lines | length > 0' <<<"$output"
}

@test "convert: the bundle runs" {
	convert >/dev/null
	run run_converted hostname \; open /dev/null rw \; stat /dev/zero \; caps \; mounts
	succeeds
	has_line boxed "open /dev/null rw: ok"
	matches '^/proc proc '
	matches '^/sys sysfs ro,'
	matches '^bounding: .*CHOWN.*MKNOD'
	nothing_left
}

@test "convert: what exists is not overwritten" {
	convert >/dev/null
	echo mine >"$OUT/config.json"
	run convert
	fails
	[ "$(cat "$OUT/config.json")" = mine ]
}

@test "convert: an unknown key is an error with file and line, and nothing is written" {
	echo "lxc.no.such.key = 1" >>"$LXC"
	run convert
	fails
	says "config:11" lxc.no.such.key
	[ ! -e "$OUT/config.json" ]
}

@test "convert: keys not carried yet are reported, and fail with --strict" {
	echo "lxc.start.auto = 1" >>"$LXC"
	run -0 convert
	says lxc.start.auto
	rm -rf "$OUT"
	echo "lxc.apparmor.profile = generated" >>"$LXC"
	run convert --strict
	fails
	[ ! -e "$OUT/config.json" ]
}

@test "convert: Debian's own include files" {
	[ -f /usr/share/lxc/config/common.conf ] ||
		skip_or_fail "needs the lxc package's configuration files"
	sed -i '1i lxc.include = /usr/share/lxc/config/common.conf' "$LXC"
	run -0 convert
	run run_converted caps \; status Seccomp
	succeeds
	has_line "Seccomp: 2"
	says_not "SYS_MODULE"
	nothing_left
}

@test "convert: our own copy of the same idioms" {
	sed -i "1i lxc.include = $SRCDIR/contrib/lxc/common.conf" "$LXC"
	run -0 convert
	run run_converted caps
	succeeds
	says_not SYS_MODULE SYS_TIME
	nothing_left
}

@test "convert: limits and user namespace" {
	requires userns
	cat >>"$LXC" <<-EOT
		lxc.idmap = u 0 100000 65536
		lxc.idmap = g 0 100000 65536
		lxc.prlimit.nofile = 512:1024
		lxc.sysctl.net.ipv4.ip_forward = 1
		lxc.net.0.type = empty
		lxc.environment = COLOR=blue
		lxc.cap.drop = mknod sys_admin
	EOT
	chown -R 100000:100000 "$ROOTFS"
	run -0 convert
	run run_converted ids \; cat /proc/self/uid_map \; rlimit NOFILE \
		\; sysctl net.ipv4.ip_forward \; env COLOR \; caps
	succeeds
	has_line "uid=0,0,0 gid=0,0,0 groups=" "NOFILE 512 1024" 1 COLOR=blue
	matches '^ +0 +100000 +65536$'
	says_not "MKNOD"
	nothing_left
}

@test "run: straight from the configuration" {
	run hako lxc run -n "$ID" "$LXC"
	succeeds
	says "uid=0,0,0" boxed
	nothing_left
}

@test "run: the status is the program's" {
	sed -i 's|^lxc.init.cmd.*|lxc.init.cmd = /init exit 6|' "$LXC"
	run hako lxc run -n "$ID" "$LXC"
	exits 6
	nothing_left
}

@test "run: an error in the configuration is told, nothing is left" {
	echo "lxc.cap.drop = no_such_capability" >>"$LXC"
	run hako lxc run -n "$ID" "$LXC"
	fails
	says "config:11" no_such_capability
	nothing_left
}

@test "a configuration that does not exist, is a directory, is a fifo" {
	run "$HAKO" lxc convert -o "$OUT" /no/such/config
	fails
	says /no/such/config
	run "$HAKO" lxc convert -o "$OUT" "$TESTDIR"
	fails
	mkfifo "$TESTDIR/fifo"
	run timeout 5 "$HAKO" lxc convert -o "$OUT" "$TESTDIR/fifo"
	[ "$status" -ne 124 ]
	[ "$status" -ne 0 ]
	[ ! -e "$OUT/config.json" ]
}

@test "without a sub-command: help" {
	run "$HAKO" lxc
	says Usage: convert run
	[ "$status" -ne 0 ]
	run "$HAKO" lxc frobnicate
	fails
	says frobnicate
}
