#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# events: what a container uses, and word of it being out of memory.

load helpers

setup() {
	requires cgroup2 controller:memory controller:pids
	bundle_new
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 20}}'
}

teardown() { clean_up; }

@test "events --stats: one line of statistics" {
	hako_detached sleep 60
	run hako events --stats "$ID"
	succeeds
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == '{"type":"stats","id":"'$ID'","data":{"cpu":{"usage":{"total":'* ]]
	jq -e '.data | .memory.usage.limit == 67108864 and .memory.usage.usage > 0
		and (.memory.raw | length) > 10 and .pids.current == 1 and .pids.limit == 20
		and .cpu.usage.total > 0 and .cpu.usage.user >= 0
		and (.blkio.ioServiceBytesRecursive | type) == "array"' <<<"$output"
}

@test "events --stats: the numbers are those of the cgroup" {
	local dir
	hako_detached sleep 60
	dir=$(cgroup_of memory "$(init_pid)")
	run hako events "$ID" --stats
	succeeds
	if [ -e "$dir/memory.stat" ]; then
		# The container sleeps: these do not change.
		[ "$(jq .data.memory.raw.pgfault <<<"$output")" = \
			"$(awk '$1 == "pgfault" { print $2 }' "$dir/memory.stat")" ]
	fi
}

@test "events: an interval, until the container has ended" {
	hako_detached sleep 60
	hako events --interval 50ms "$ID" >"$TESTDIR/events" 3>&- &
	local pid=$! begin=$EPOCHREALTIME
	several() { [ "$(wc -l <"$TESTDIR/events")" -ge 3 ]; }
	eventually several
	kill_init
	wait "$pid"
	[ "$(jq -r .type "$TESTDIR/events" | sort -u)" = stats ]
	# No more often than asked for.
	[ "$(wc -l <"$TESTDIR/events")" -le \
		$(((${EPOCHREALTIME/./} - ${begin/./}) / 50000 + 1)) ]
}

@test "events: out of memory" {
	requires busybox
	config '.linux.resources.memory = {limit: 8388608, swap: 8388608}'
	shell 'sleep 1; x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done'
	hako_create || { config 'del(.linux.resources.memory.swap)'; hako_create; }
	hako events --interval 1h "$ID" >"$TESTDIR/events" 3>&- &
	local pid=$!
	sleep 0.3
	hako start "$ID"
	wait "$pid"
	[ "$(sort -u "$TESTDIR/events")" = '{"type":"oom","id":"'"$ID"'"}' ]
}

@test "events: what is refused" {
	run hako events --stats none
	fails
	says "container 'none' does not exist"
	hako_create sleep 60
	run hako events --interval 5 "$ID"
	fails
	says "option --interval: '5' is not a time"
	run hako events --interval 0 "$ID"
	fails
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	run hako events --stats "$ID"
	fails
	says "is not running: it is stopped"
}
