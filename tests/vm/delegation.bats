#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Rootless, with cgroups that somebody with rights has prepared: four levels of delegation, and what
# becomes of each limit on each. Run by systemd.sh, on a machine with cgroup2 only.

load ../integration/helpers

setup() {
	requires unified
	bundle_new
	id lab >/dev/null 2>&1 || useradd -m lab
	rm "$CONFIG"
	chown -R lab "$BUNDLE" "$ROOT"
	(cd "$BUNDLE" && runuser -u lab -- "$HAKO" spec --rootless)
	config '.process.terminal = false | .process.args = ["/init", "echo", "ran"]
		| del(.linux.resources)'
	chown lab "$CONFIG"
	TOP=/sys/fs/cgroup/$MARK
	BEFORE=$(snapshot)
}

teardown() {
	clean_up
	find "$TOP" -depth -type d -exec rmdir {} \; 2>/dev/null || true
}

# delegate [CONTROLLER…]: to the user, a cgroup with these controllers; "-" for none of his own.
delegate() {
	local c f
	mkdir -p "$TOP/given/own"
	for c in cpuset cpu io memory pids; do
		echo "+$c" >/sys/fs/cgroup/cgroup.subtree_control
	done
	[ "$1" != - ] || return 0
	for c; do
		echo "+$c" >"$TOP/cgroup.subtree_control"
	done
	for f in . cgroup.procs cgroup.threads cgroup.subtree_control own own/cgroup.procs; do
		chown lab "$TOP/given/$f"
	done
}

# as_user COMMAND…: as the user, from a cgroup of his. What is given away stays without processes.
as_user() {
	HAKO_TEST=$MARK sh -c 'echo $$ >"$1/given/own/cgroup.procs"; shift; exec "$@"' - "$TOP" \
		runuser -u lab -- env -u XDG_RUNTIME_DIR "$@"
}

asks() {
	config ".linux.resources = $1"
	chown lab "$CONFIG"
}

run_rootless() {
	run as_user "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null
}

runs() {
	asks "$1"
	run_rootless
	succeeds
	is_output ran
}

# refuses RESOURCES CONTROLLER: one line that names it, the place, and what would help.
refuses() {
	asks "$1"
	run_rootless
	fails
	[ "${#lines[@]}" -eq 1 ]
	says "controller \`$2\` is not available under $TOP" "Delegate=$2"
}

none='{}'
pids='{"pids": {"limit": 20}}'
memory='{"memory": {"limit": 33554432}}'
cpu='{"cpu": {"shares": 512}}'
cpuset='{"cpu": {"cpus": "0"}}'
devices='{"devices": [{"allow": false, "access": "rwm"}]}'

@test "rootless: nothing delegated" {
	delegate -
	runs "$none"
	runs "$devices"
	refuses "$pids" pids
	refuses "$memory" memory
	refuses "$cpu" cpu
	nothing_left_of_it
}

@test "rootless: pids delegated" {
	delegate pids
	runs "$none"
	runs "$pids"
	refuses "$memory" memory
	refuses "$cpu" cpu
	nothing_left_of_it
}

@test "rootless: memory and pids delegated" {
	delegate memory pids
	runs "$none"
	runs "$pids"
	runs "$memory"
	refuses "$cpu" cpu
	refuses "$cpuset" cpuset
	nothing_left_of_it
}

@test "rootless: all delegated" {
	delegate cpuset cpu io memory pids
	runs "$none"
	runs "$pids"
	runs "$memory"
	runs "$cpu"
	runs "$cpuset"
	nothing_left_of_it
}

# But for what was prepared.
nothing_left_of_it() {
	[ "$(find "$TOP" -mindepth 1 -type d | sort | xargs)" = "$TOP/given $TOP/given/own" ] ||
		fail "cgroups are left: $(find "$TOP" -type d | xargs)"
	[ -z "$(ls "$ROOT")" ] || fail "state is left"
}

@test "rootless: limits hold, statistics and pause work" {
	delegate cpuset cpu io memory pids
	asks '{"memory": {"limit": 33554432}, "pids": {"limit": 20}}'
	config '.process.args = ["/init", "sleep", "300"]'
	chown lab "$CONFIG"
	as_user "$HAKO" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$TESTDIR/out" 2>&1 || { cat "$TESTDIR/out"; false; }
	grep -qx 33554432 "$TOP/given/$ID/memory.max"
	as_user "$HAKO" --root "$ROOT" start "$ID"
	run as_user "$HAKO" --root "$ROOT" events --stats "$ID"
	succeeds
	jq -e '.data | .memory.usage.limit == 33554432 and .pids.limit == 20' <<<"$output"
	as_user "$HAKO" --root "$ROOT" pause "$ID"
	grep -qx 'frozen 1' "$TOP/given/$ID/cgroup.events"
	as_user "$HAKO" --root "$ROOT" resume "$ID"
	as_user "$HAKO" --root "$ROOT" update --pids-limit 7 "$ID"
	grep -qx 7 "$TOP/given/$ID/pids.max"
	run as_user "$HAKO" --root "$ROOT" delete --force "$ID"
	succeeds
	nothing_left_of_it
}
