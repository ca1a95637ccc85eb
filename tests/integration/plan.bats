#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create --dry-run: the plan as JSON, and nothing else.

load helpers
setup() {
	requires hako
	bundle_new
}
teardown() { clean_up; }

# planned FILTER: holds for the plan.
planned() {
	hako create --dry-run -b "$BUNDLE" "$ID" >"$TESTDIR/plan" || return
	jq -e "$1" "$TESTDIR/plan" >/dev/null || { jq . "$TESTDIR/plan"; fail "not so: $1"; }
}

@test "the whole plan is one object on a line" {
	planned '[.namespaces, .cgroup, .root, .mounts, .devices, .process] | all'
	[ "$(wc -l <"$TESTDIR/plan")" -eq 1 ]
	planned '.root.enter == "pivot"'
	planned '.namespaces.clone | index("pid") and index("mount")'
	planned '.mounts[0] | .op == "fs" and .type == "proc" and .destination == "/proc"'
	planned '.devices.nodes | map(.path) | index("/dev/null") != null'
	planned '.process.capabilities.bounding | index("CAP_KILL") != null'
}

@test "what the configuration asks for is in it" {
	with_userns
	config '.root.readonly = true | .linux.rootfsPropagation = "rslave"
		| .linux.timeOffsets = {"boottime": {"secs": 5}}
		| .linux.namespaces += [{"type": "time"}]
		| .linux.devices = [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}]'
	planned '.root | .readonly and .propagation == "rslave"'
	planned '.namespaces.middleProcess'
	planned '.namespaces.steps | map(.op) | index("id maps") < index("time offsets")'
	planned '.uidMappings == [{"containerID": 0, "hostID": 100000, "size": 65536}]'
	planned '.devices | .how == "bind" and (.nodes | map(.path) | index("/dev/fuse")) != null'
}

@test "limits are writes to files" {
	requires controller:pids
	config '.linux.resources.pids = {"limit": 77}'
	planned '.cgroup.writes | map(select(.file == "pids.max" and .value == "77")) | length == 1'
}

@test "run has it too; what is wrong is an error all the same" {
	run hako run --dry-run --bundle "$BUNDLE" "$ID"
	succeeds
	jq -e .root <<<"$output"
	config '.process.terminal = true'
	run hako run --dry-run --bundle "$BUNDLE" "$ID"
	succeeds
	run hako create --dry-run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 1 ]
	says "--console-socket"
}

@test "nothing is touched" {
	local before
	before=$(find "$BUNDLE" "$ROOT" -printf '%p %T@ %m\n' | sort)
	planned .root
	[ "$before" = "$(find "$BUNDLE" "$ROOT" -printf '%p %T@ %m\n' | sort)" ]
	run hako state "$ID"
	[ "$status" -ne 0 ]
	nothing_left
}
