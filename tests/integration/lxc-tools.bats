#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# lxc from-oci and lxc diff as a user goes back and forth. What they print has golden files.

load helpers
setup() {
	requires hako
	bundle_new
	mkdir "$TESTDIR/lxc" "$TESTDIR/lxc/web"
	LXC=$TESTDIR/lxc/web/config
	cat >"$LXC" <<-EOT
		lxc.rootfs.path = dir:$ROOTFS
		lxc.uts.name = boxed
		lxc.init.cmd = /init ids ; hostname ; caps ; open /dev/null rw ; rlimit NOFILE
		lxc.console.path = none
		lxc.mount.auto = proc:mixed sys:ro
		lxc.cap.drop = sys_time sys_module
		lxc.prlimit.nofile = 64:128
		lxc.pty.max = 64
		lxc.cgroup2.devices.deny = a
		lxc.cgroup2.devices.allow = c 1:3 rwm
		lxc.cgroup2.devices.allow = c *:* m
	EOT
}
teardown() { clean_up; }

convert() { "$HAKO" lxc convert -n web -o "$TESTDIR/one" --report none "$LXC"; }

@test "there and back: the same container" {
	convert
	run -0 "$HAKO" lxc from-oci -o "$TESTDIR/back" "$TESTDIR/one"
	says "kept     /hostname -> config:"
	run -0 "$HAKO" lxc diff "$TESTDIR/one" "$TESTDIR/back"
	[ -z "$output" ]
	run hako lxc run -n "$ID" "$LXC" </dev/null
	succeeds
	there=$output
	run hako lxc run -n "$ID" "$TESTDIR/back/config" </dev/null
	succeeds
	has_line boxed "NOFILE 64 128" "open /dev/null rw: ok"
	[ "$output" = "$there" ]
	nothing_left
}

@test "from-oci: what spec writes becomes a container that runs" {
	probe ids
	# LXC has no masked paths; as mounts they would be inside /proc, which runtimes refuse
	config '.root.readonly = false | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	run -0 "$HAKO" lxc from-oci -o "$TESTDIR/back" "$BUNDLE"
	run hako lxc run -n "$ID" "$TESTDIR/back/config" </dev/null
	succeeds
	says "uid=0,0,0"
	nothing_left
}

@test "from-oci: LXC itself loads what is written" {
	requires lxc-info
	convert
	"$HAKO" lxc from-oci -o "$TESTDIR/lxc/back" "$TESTDIR/one" >/dev/null
	run -0 lxc-info -P "$TESTDIR/lxc" -n back -c lxc.uts.name -c lxc.cap.drop
	says "lxc.uts.name = boxed" sys_time
}

@test "from-oci: nothing is overwritten, nothing is left of a refusal" {
	convert
	mkdir "$TESTDIR/back"
	run "$HAKO" lxc from-oci -o "$TESTDIR/back" "$TESTDIR/one"
	[ "$status" -eq 2 ]
	says "exists already"
	says_not "kept"
	[ -z "$(ls "$TESTDIR/back")" ]
	run "$HAKO" lxc convert -o "$TESTDIR/back" "$LXC"
	[ "$status" -eq 2 ]
	says "exists already"
	says_not "kept"
	[ -z "$(ls "$TESTDIR/back")" ]
	run sh -c '"$@" >/dev/full' sh "$HAKO" lxc convert -o "$TESTDIR/full" "$LXC"
	[ "$status" -eq 2 ]
	says "write the report"
	run sh -c '"$@" >/dev/full' sh "$HAKO" lxc from-oci -o "$TESTDIR/full" "$TESTDIR/one"
	[ "$status" -eq 2 ]
	[ ! -e "$TESTDIR/full" ]
	CONFIG=$TESTDIR/one/config.json
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_LOG"}'
	run "$HAKO" lxc from-oci -o "$TESTDIR/other" "$TESTDIR/one"
	[ "$status" -eq 2 ]
	says "/linux/seccomp"
	[ ! -e "$TESTDIR/other" ]
	run -0 "$HAKO" lxc from-oci --allow /linux/seccomp -o "$TESTDIR/other" "$TESTDIR/one"
	says "dropped  /linux/seccomp"
	rm -r "$TESTDIR/other"
	run "$HAKO" lxc from-oci --strict --allow /linux/seccomp -o "$TESTDIR/other" "$TESTDIR/one"
	[ "$status" -eq 0 ]
	run "$HAKO" lxc from-oci -o "$TESTDIR/none" "$TESTDIR/lxc"
	[ "$status" -eq 2 ]
}

@test "from-oci: a path is one field; another device is not the host's" {
	config '.linux.devices = [{path: "/x none none rbind", type: "c", major: 1, minor: 3}]'
	run -0 "$HAKO" lxc from-oci -o "$TESTDIR/back" "$BUNDLE"
	grep -qF 'lxc.mount.entry = /x\040none\040none\040rbind x\040none' "$TESTDIR/back/config"
	config '.linux.devices[0].path = "/dev/ptmx"'
	run -0 "$HAKO" lxc from-oci -o "$TESTDIR/made" "$BUNDLE"
	grep -q '^lxc.hook.autodev = .*/dev/ptmx; .*mknod -m 666 "$n" c 1 3' "$TESTDIR/made/config"
	config '.linux.namespaces += [{type: "user"}]
		| .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	run -2 "$HAKO" lxc from-oci -o "$TESTDIR/other" "$BUNDLE"
	says "/linux/devices/0" "another device"
	[ ! -e "$TESTDIR/other" ]
}

@test "from-oci: only what runs inside becomes a start hook" {
	config '.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "exec x </dev/null"]}]'
	run -0 "$HAKO" lxc from-oci -o "$TESTDIR/back" "$BUNDLE"
	says "dropped" "/hooks/poststop/0"
	! grep lxc.hook "$TESTDIR/back/config" || false
}

@test "diff: names, statuses, JSON" {
	mkdir "$TESTDIR/lxc/db"
	sed 's/boxed/other/; s/ sys_module//' "$LXC" >"$TESTDIR/lxc/db/config"
	run -1 "$HAKO" lxc diff -P "$TESTDIR/lxc" web db
	has_line "- /hostname: boxed ($LXC:2)" "+ /hostname: other ($TESTDIR/lxc/db/config:2)" \
		"+ capability sys_module: held ($TESTDIR/lxc/db/config:6)"
	[ "${#lines[@]}" -eq 3 ]
	run -1 "$HAKO" lxc diff --json -P "$TESTDIR/lxc" web db
	jq -e '.summary.differences == 2 and .differences[1].name == "capability sys_module"
		and (.differences[1] | has("a") | not)' <<<"$output"
	run -0 "$HAKO" lxc diff -P "$TESTDIR/lxc" web web
	run -2 "$HAKO" lxc diff -P "$TESTDIR/lxc" web nosuch
	says nosuch
}
