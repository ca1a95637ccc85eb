#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# update: limits of a container that exists.

load helpers

setup() {
	requires cgroup2 controller:memory controller:pids
	bundle_new
	config '.linux.resources += {memory: {limit: 67108864}, pids: {limit: 20}}'
}

teardown() { clean_up; }

# limit CONTROLLER V1-FILE V2-FILE: of the container
limit() {
	local dir
	dir=$(cgroup_of "$1" "$(init_pid)")
	if [ -e "$dir/$2" ]; then cat "$dir/$2"; else cat "$dir/$3"; fi
}
memory() { limit memory memory.limit_in_bytes memory.max; }
pids() { limit pids pids.max pids.max; }
# quota and period
cpu() {
	local dir
	dir=$(cgroup_of cpu "$(init_pid)")
	if [ -e "$dir/cpu.max" ]; then
		cat "$dir/cpu.max"
	else
		echo "$(cat "$dir/cpu.cfs_quota_us") $(cat "$dir/cpu.cfs_period_us")"
	fi
}
has() { [ "$($1)" = "$2" ] || fail "$1 is '$($1)', expected '$2'"; }
saved() { jq -r ".linux.resources$1" "$ROOT/$ID/config.json"; }

@test "update: options, in both orders, with units" {
	hako_detached sleep 60
	run hako update --memory 32M "$ID"
	succeeds
	is_output ""
	has memory 33554432
	run hako update "$ID" --pids-limit 7 --memory=16777216
	succeeds
	has memory 16777216
	has pids 7
	run hako update --pids-limit -1 "$ID"
	succeeds
	has pids max
	[ "$(saved .memory.limit) $(saved .pids.limit)" = "16777216 -1" ]
}

@test "update: a file, stdin, and options beside it" {
	hako_detached sleep 60
	echo '{"memory": {"limit": 33554432}}' >"$TESTDIR/r"
	run hako update --resources "$TESTDIR/r" "$ID"
	succeeds
	has memory 33554432
	has pids 20
	hako update -r - "$ID" <<<'{"pids": {"limit": 9}}'
	has pids 9
	hako update -r "$TESTDIR/r" --memory 50331648 "$ID"
	has memory 50331648
}

@test "update: what is not named stays, also from one update to the next" {
	requires controller:cpu
	config '.linux.resources += {cpu: {quota: 20000, period: 50000}}'
	hako_detached sleep 60
	hako update --memory 32M "$ID"
	has cpu "20000 50000"
	hako update --cpu-quota 30000 "$ID"
	has cpu "30000 50000"
	hako update --cpu-period 100000 "$ID"
	has cpu "30000 100000"
	has memory 33554432
	hako update --cpu-quota -1 "$ID"
	[ "$(cpu | cut -d' ' -f1)" = max ] || [ "$(cpu | cut -d' ' -f1)" = -1 ]
}

@test "update: docker's zeros and CRI's devices leave things alone" {
	requires controller:cpu
	config '.linux.resources += {cpu: {shares: 512, quota: 20000, period: 50000}}'
	hako_detached sleep 60
	hako update -r - "$ID" <<-'EOF'
		{"memory": {"limit": 33554432, "reservation": 0, "swap": 0, "kernel": 0},
		 "cpu": {"shares": 0, "quota": 0, "period": 0, "realtimeRuntime": 0,
			"realtimePeriod": 0, "cpus": "", "mems": ""},
		 "blockIO": {"weight": 0}, "hugepageLimits": [],
		 "devices": [{"allow": false, "access": "rwm"}]}
	EOF
	has memory 33554432
	has cpu "20000 50000"
	[ "$(saved .cpu.shares) $(saved '.devices | length')" = "512 1" ]
}

@test "update: all or nothing" {
	hako_detached sleep 60
	# The kernel has no such node; memory is written before it.
	run hako update --memory 32M --cpuset-mems 900 "$ID"
	fails
	says "update container '$ID'" cpuset.mems
	has memory 67108864
	[ "$(saved .memory.limit) $(saved .cpu)" = "67108864 null" ]
}

@test "update: memory and swap up and down together" {
	config '.linux.resources.memory = {limit: 33554432, swap: 33554432}'
	hako_create || skip "the kernel does not limit swap: $(cat "$TESTDIR/out")"
	hako update --memory 64M --memory-swap 128M "$ID"
	has memory 67108864
	hako update --memory 16M --memory-swap 16M "$ID"
	has memory 16777216
	run hako update --memory 64M --memory-swap 32M "$ID"
	fails
	says "is less than linux.resources.memory.limit"
	has memory 16777216
}

@test "update: a paused container stays paused, a created one can be updated" {
	hako_create sleep 60
	hako update --memory 32M "$ID"
	has memory 33554432
	hako start "$ID"
	hako pause "$ID"
	hako update --pids-limit 5 "$ID"
	has pids 5
	is_state "$ID" paused
	hako resume "$ID"
}

@test "update: device access survives" {
	hako_detached sleep 60
	local before after
	before=$(bpftool cgroup list "$(cgroup_of unified "$(init_pid)")" 2>/dev/null || true)
	hako update -r - "$ID" <<<'{"devices": [{"allow": false, "access": "rwm"}]}'
	after=$(bpftool cgroup list "$(cgroup_of unified "$(init_pid)")" 2>/dev/null || true)
	[ "$before" = "$after" ]
	[ "$(saved '.devices[0].allow')" = false ]
}

@test "update: a limit below the use is refused when asked for" {
	hako_detached sleep 60
	run hako update -r - "$ID" <<<'{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
	fails
	says "rejecting memory limit 4096"
	has memory 67108864
}

@test "update: kernel memory and that of TCP buffers" {
	hako_detached sleep 60
	# Newer kernels take any value and make nothing of it, or do not have the file: a warning.
	run -0 hako update --kernel-memory 8m "$ID"
	[ "$(saved .memory.kernel)" = 8388608 ]
	run -0 hako update --kernel-memory-tcp 4m "$ID"
	[ "$(saved .memory.kernelTCP)" = 4194304 ]
	file=$(cgroup_of memory "$(init_pid)")/memory.kmem.tcp.limit_in_bytes
	[ "$(cat "$file")" = 4194304 ] || says linux.resources.memory.kernelTCP
}

@test "update: what is refused" {
	hako_create sleep 60
	run hako update "$ID"
	fails
	says "nothing to update"
	run hako update --memory lots "$ID"
	fails
	says "option --memory: 'lots' is not a valid value"
	run hako update -r "$TESTDIR/none" "$ID"
	fails
	says "read '$TESTDIR/none'" "no such file"
	run hako update -r - "$ID" <<<'{"memory": {"limit": "1"}}'
	fails
	says "memory.limit"
	run hako update --l3-cache-schema L3:0=f "$ID"
	fails
	says "linux.intelRdt"
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	run hako update --memory 32M "$ID"
	fails
	says "container not running"
}
