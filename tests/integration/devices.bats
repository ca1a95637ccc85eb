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
	matches '^ +deny a \*:\* rwm +linux\.resources\.devices\[0\]$'
	matches '^ +allow c 1:3 rwm +runtime default$'
	matches '^ +otherwise deny +no rule$'
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
	has_line "c 1:3 rw: allowed by runtime default: allow c 1:3 rwm"
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

# --- of a running container: what the kernel has ---

# a container that looks at a device it may not use, again and again
curious() {
	requires busybox cgroup2
	config '.linux.devices = [{path: "/dev/kmsg0", type: "c", major: 1, minor: 11}]'
	shell 'while :; do cat /dev/kmsg0; sleep 0.1; done'
	hako_create && hako start "$ID"
}

program_ids() { hako devices --json "$ID" | jq -c '[.programs[].id]'; }

@test "running: the program is read back, and is that of the configuration" {
	curious
	run -0 hako devices "$ID"
	matches "^program [0-9]+ 'hako_devices' of '/.*$ID' \([0-9]+ instructions\), as its conf"
	matches '^ +deny a \*:\* rwm +linux\.resources\.devices\[0\]$'
	matches '^ +allow c 1:3 rwm +runtime default$'
	run -0 hako devices "$ID" --asm
	matches '^ +[0-9]+: exit$'
	run -0 hako devices "$ID" 'c 1:11 r' 'c 1:3 rw'
	matches "^c 1:11 r: denied by program [0-9]+ 'hako_devices' of .*: linux.resources.devi"
	matches '^c 1:3 rw: allowed'
	run -0 hako devices --json "$ID" 'c 1:11 r'
	jq -e '(.programs | map(select(.name == "hako_devices")) | length) == 1
		and .programs[0].asConfigured and (.programs[0].program | length) > 5
		and .probes[0].allow == false and .probes[0].program == .programs[0].id' \
		<<<"$output"
}

@test "running: a program that is not the configuration's is told apart" {
	curious
	jq '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11}]' \
		"$ROOT/$ID/config.json" >"$TESTDIR/changed"
	cat "$TESTDIR/changed" >"$ROOT/$ID/config.json"
	run -0 hako devices "$ID"
	says "NOT as its configuration says"
	matches '^ +allow c 1:3 rwm +instruction [0-9]+$'
	run -0 hako devices "$ID" 'c 1:11 r'
	matches 'denied by .*: instruction [0-9]+'
}

@test "running: programs above it are shown, and have a say" {
	local above
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/outer"
	curious
	above=$(cgroup_of unified "$(init_pid)")
	config '.linux.cgroupsPath = $p' --arg p "/$MARK/outer/inner"
	hako_apart create --bundle "$BUNDLE" "$ID-2"
	run -0 hako devices "$ID-2"
	says "2 programs decide; each of them must allow" "of '$above'" "of '$above/inner'"
	hako delete --force "$ID-2"
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	hako_apart create --bundle "$BUNDLE" "$ID-2"
	run -0 hako devices "$ID-2" 'c 1:11 r' 'c 1:3 r'
	matches "^c 1:11 r: denied by program [0-9]+ 'hako_devices' of '$above': instruction"
	matches '^c 1:3 r: allowed'
	hako delete --force "$ID-2"
}

@test "trace: denied accesses as they happen, and nothing else changes" {
	curious
	local before
	before=$(program_ids)
	hako devices --trace "$ID" >"$TESTDIR/trace" 2>&1 3>&- &
	eventually grep -q '^c 1:11 r: denied to process' "$TESTDIR/trace"
	output=$(<"$TESTDIR/trace")
	matches "to process [0-9]+ \(cat\) by program [0-9]+ 'hako_devices' of .*: linux.res"
	run ! grep -qv '^c 1:11 r: denied' "$TESTDIR/trace"
	grep -q 'Operation not permitted' "$TESTDIR/out"
	hako kill "$ID" KILL
	wait $!
	eventually is_state "$ID" stopped
}

@test "trace: ended by a signal, whatever it was, it leaves no program behind" {
	curious
	local before signal tracer
	before=$(program_ids)
	for signal in INT KILL; do
		HAKO_TEST=$MARK "$HAKO" --root "$ROOT" devices --trace --json "$ID" \
			>"$TESTDIR/trace" 3>&- &
		tracer=$!
		eventually grep -q '"comm":"cat"' "$TESTDIR/trace"
		jq -es '.[0] | .type == "c" and .major == 1 and .minor == 11 and .access == "r"
			and .pid > 1 and (.reason | startswith("linux.resources.devices[0]"))' \
			<(head -1 "$TESTDIR/trace")
		kill -"$signal" "$tracer"
		wait "$tracer" || true
		same_again() { [ "$(program_ids)" = "$before" ]; }
		eventually same_again
	done
}

@test "running: what is refused" {
	run hako devices none
	fails
	says "container 'none' does not exist"
	run hako devices --trace
	fails
	says "--trace needs a container"
	hako_create exit 0
	hako start "$ID"
	eventually is_state "$ID" stopped
	run hako devices "$ID"
	fails
	says "is not running: it is stopped"
	hako delete "$ID"
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	requires cgroup2
	hako_create pause
	run -0 hako devices "$ID"
	says "everything is allowed"
	run hako devices --trace "$ID"
	fails
	says "no device program decides here"
}
