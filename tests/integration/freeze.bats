#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pause and resume: the processes stand still, the states are told, everything else is refused.

load helpers
setup() {
	bundle_new
	[ "$(cgroup_mode)" != none ] || skip "needs cgroups"
}
teardown() { clean_up; }

# ticks: how far a counting container has come.
ticks() { wc -l <"$TESTDIR/out"; }

# A container that writes a line every 20 ms; busybox has no shorter sleep than usleep.
ticking() {
	requires busybox
	ln -s busybox "$ROOTFS/bin/usleep"
	shell 'while :; do echo tick; usleep 20000; done'
	hako_create
	hako start "$ID"
	eventually grep -q tick "$TESTDIR/out"
}

@test "pause stops all processes, resume lets them go on" {
	ticking
	run hako pause "$ID"
	succeeds
	is_output ""
	is_state "$ID" paused
	run hako list
	matches "$ID +[0-9]+ +paused"
	before=$(ticks)
	sleep 0.3
	[ "$(ticks)" -eq "$before" ]
	run hako resume "$ID"
	succeeds
	is_output ""
	is_state "$ID" running
	more() { [ "$(ticks)" -gt "$before" ]; }
	eventually more
}

@test "children are paused too" {
	requires cgroup2
	hako_detached spawn pause \; pause
	hako pause "$ID"
	dir=$(cgroup_of unified "$(init_pid)")
	grep -qx 'frozen 1' "$dir/cgroup.events"
	[ "$(wc -l <"$dir/cgroup.procs")" -eq 2 ]
}

@test "pause: only what runs, and the state is named" {
	run hako pause "$ID"
	fails
	says "$ID" "does not exist"
	hako_create pause
	run hako pause "$ID"
	fails
	says "$ID" "not running" created
	hako start "$ID"
	hako pause "$ID"
	run hako pause "$ID"
	fails
	says "not running" paused
	is_state "$ID" paused
	hako resume "$ID"
	kill_init
	eventually is_state "$ID" stopped
	run hako pause "$ID"
	fails
	says stopped
}

@test "resume: only what is paused" {
	hako_create pause
	run hako resume "$ID"
	fails
	says "not paused" created
	hako start "$ID"
	run hako resume "$ID"
	fails
	says "not paused" running
	is_state "$ID" running
}

@test "an argument is needed, one only" {
	for command in pause resume; do
		run hako $command
		fails
		run hako $command a b
		fails
		says "unexpected argument 'b'"
		run hako $command --help
		succeeds
		says Usage:
	done
}

@test "a paused container: killed, deleted by force, nothing left" {
	hako_detached spawn pause \; pause
	hako pause "$ID"
	run hako kill "$ID" KILL
	succeeds
	eventually is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
	hako_detached spawn pause \; pause
	hako pause "$ID"
	run hako delete "$ID"
	fails
	says "not stopped"
	run hako delete --force "$ID"
	succeeds
	nothing_left
}

@test "a signal to a paused container arrives when it is resumed" {
	hako_detached trap TERM 7 \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	hako pause "$ID"
	hako kill "$ID" TERM
	sleep 0.2
	is_state "$ID" paused
	run ! grep -q "got signal" "$TESTDIR/out"
	hako resume "$ID"
	eventually grep -q "got signal 15" "$TESTDIR/out"
}

@test "a state file of another process of the same number: nobody is paused" {
	requires hako cgroup2
	hako_detached pause
	dir=$(cgroup_of unified "$(init_pid)")
	jq '.pidStart += 1' "$ROOT/$ID/status.json" >"$TESTDIR/status"
	cat "$TESTDIR/status" >"$ROOT/$ID/status.json"
	run hako pause "$ID"
	fails
	says stopped
	grep -qx 'frozen 0' "$dir/cgroup.events"
}

@test "a container without cgroup cannot be paused" {
	requires hako
	probe pause
	hako_apart --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	run hako pause "$ID"
	fails
	says cgroup
	is_state "$ID" running
}
