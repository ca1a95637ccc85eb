#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ps: the processes of a container and no others, as a table of ps(1) or as JSON.

load helpers
setup() {
	bundle_new
	requires ps
	[ "$(cgroup_mode)" != none ] || skip "needs cgroups"
}
teardown() { clean_up; }

has_processes() { [ "$(hako ps -f json "$ID" | jq length)" -eq "$1" ]; }

@test "table: the heading of ps -ef, and a line for each process" {
	hako_detached spawn pause \; spawn pause \; pause
	eventually has_processes 3
	run hako ps "$ID"
	succeeds
	[ "${#lines[@]}" -eq 4 ] || { show; false; }
	[[ ${lines[0]} =~ UID\ +PID\ +PPID\ +C\ +STIME\ +TTY\ +TIME\ +CMD ]]
	matches " $(init_pid) .*/init "
	says_not bats
}

@test "options of ps come behind the container" {
	hako_detached pause
	run hako ps "$ID" -e -x
	succeeds
	[[ ${lines[0]} =~ \ +PID\ +TTY\ +STAT\ +TIME\ +COMMAND ]]
	[ "${#lines[@]}" -eq 2 ] || { show; false; }
	run hako ps "$ID" -o pid=,comm=
	fails
	says "no column PID"
	run hako ps "$ID" --bogus-option
	fails
	says "ps ended with exit status"
}

@test "json: an array of numbers" {
	hako_detached spawn pause \; pause
	pid=$(init_pid)
	eventually has_processes 2
	run -0 hako ps --format json "$ID"
	jq -e --argjson pid "$pid" 'length == 2 and index($pid) == 0 and all(type == "number")' \
		<<<"$output"
	run -0 hako ps --format=json "$ID" -ef
	jq -e 'length == 2' <<<"$output"
}

@test "created, paused, stopped" {
	hako_create pause
	run -0 hako ps -f json "$ID"
	is_output "[$(init_pid)]"
	hako start "$ID"
	hako pause "$ID"
	run -0 hako ps -f json "$ID"
	is_output "[$(init_pid)]"
	hako resume "$ID"
	kill_init
	eventually is_state "$ID" stopped
	run -0 hako ps -f json "$ID"
	is_output "[]"
	run -0 hako ps "$ID"
	[ "${#lines[@]}" -eq 1 ]
}

@test "processes in cgroups that the container made are listed" {
	requires hako cgroup2
	hako_detached spawn pause \; pause
	dir=$(cgroup_of unified "$(init_pid)")
	mkdir "$dir/below"
	child=$(hako ps -f json "$ID" | jq '.[1]')
	echo "$child" >"$dir/below/cgroup.procs"
	run -0 hako ps -f json "$ID"
	jq -e --argjson c "$child" 'length == 2 and index($c) == 1' <<<"$output"
}

@test "refused: no container, an unknown one, an unknown format" {
	run hako ps
	fails
	run hako ps "$ID"
	fails
	says "does not exist"
	run hako ps --format yaml "$ID"
	fails
	says "unknown format 'yaml'"
}
