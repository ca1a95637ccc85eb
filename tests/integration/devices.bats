#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# devices: the rule list, its program, and what it decides about a device; the kernel agrees.

load helpers
setup() {
	requires hako
	bundle_new
}
teardown() { clean_up; }

@test "the rules of a bundle, with what the runtime adds" {
	run -0 "$HAKO" devices --bundle "$BUNDLE"
	says "deny" "linux.resources.devices[0]" "allow"
	matches 'c 1:3'
}

@test "the program as a listing" {
	run -0 "$HAKO" devices --bundle "$BUNDLE" --asm
	matches '^Program \([0-9]+ instructions\):'
	says exit
}

@test "JSON: rules, program, probes" {
	run -0 "$HAKO" devices --bundle "$BUNDLE" --json 'c 1:3 rw' 'b 8:0 r'
	jq -e '(.rules | length > 0) and (.program | length > 0)
		and .probes[0].allow == true and .probes[1].allow == false' <<<"$output"
}

@test "probes: allowed or denied, and by which rule" {
	run -0 "$HAKO" devices --bundle "$BUNDLE" 'c 1:3 rw' 'b 8:0 r' 'c 1:11 r'
	matches '^c 1:3 rw: allowed by '
	matches '^b 8:0 r: denied by linux.resources.devices\[0\]'
	matches '^c 1:11 r: denied by '
}

@test "probes that make no sense are refused" {
	for probe in "" "x 1:3 r" "c 1 r" "c 1:3 q" "c 1:3" "c -1:3 r" "c 4294967296:0 r"; do
		run "$HAKO" devices --bundle "$BUNDLE" "$probe"
		[ "$status" -eq 1 ] || [ "$probe" = "c 1:3" ] ||
			{ show; fail "accepted: '$probe'"; }
	done
}

@test "the bundle is the current directory by default; a missing one is an error" {
	cd "$BUNDLE"
	run -0 "$HAKO" devices 'c 1:3 r'
	run "$HAKO" devices --bundle /no/such
	fails
	says /no/such
}

@test "what it says is what the kernel does" {
	config '.linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: true, type: "c", major: 1, access: "rw"},
			{allow: false, type: "c", major: 1, minor: 5, access: "w"},
			{allow: true, type: "c", major: 10, minor: 200, access: "m"}]
		| .linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11}]
		| .process.capabilities[] += ["CAP_MKNOD", "CAP_SYSLOG", "CAP_SYS_ADMIN"]'
	run hako_run open /dev/zero r \; open /dev/zero w \; open /dev/kmsg0 r \
		\; mknod /dev/shm/tun c 10 200
	seen=$output
	for line in "c 1:5 r=open /dev/zero r" "c 1:5 w=open /dev/zero w" \
		"c 1:11 r=open /dev/kmsg0 r" "c 10:200 m=mknod /dev/shm/tun c 10 200"; do
		run -0 "$HAKO" devices --bundle "$BUNDLE" "${line%%=*}"
		want="${line#*=}: Operation not permitted"
		[[ $output != *": allowed"* ]] || want="${line#*=}: ok"
		grep -qxF "$want" <<<"$seen" || { echo "# $output"; echo "# $seen"; false; }
	done
}

@test "of an LXC configuration" {
	printf 'lxc.%s\n' "rootfs.path = dir:$ROOTFS" 'cgroup2.devices.deny = a' \
		'cgroup2.devices.allow = c 1:3 rwm' \
		>"$TESTDIR/config"
	run -0 "$HAKO" devices --lxc "$TESTDIR/config" 'c 1:3 rw' 'b 8:0 r'
	matches '^c 1:3 rw: allowed by '
	matches '^b 8:0 r: denied by '
	run "$HAKO" devices --lxc "$TESTDIR/config" --bundle "$BUNDLE"
	fails
}
