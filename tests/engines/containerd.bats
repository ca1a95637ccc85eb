#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's shim with hako as its runtime; the daemon is our own.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="root containerd ctr"

setup_file() {
	engine_dir || return 0
	cat >"$TESTDIR/config.toml" <<-EOT
		version = 2
		root = "$TESTDIR/ctd"
		state = "$TESTDIR/ctd-state"
		disabled_plugins = ["io.containerd.grpc.v1.cri"]
		[grpc]
		  address = "$TESTDIR/sock"
		[ttrpc]
		  address = "$TESTDIR/sock.ttrpc"
	EOT
	containerd -c "$TESTDIR/config.toml" >"$TESTDIR/log" 2>&1 </dev/null 3>&- &
	echo $! >"$TESTDIR/daemon"
	eventually timeout 5 ctr -a "$TESTDIR/sock" version
	oci_archive "$TESTDIR/oci.tar" "$IMAGE" sh
	ctr_ image import --snapshotter native "$TESTDIR/oci.tar" >/dev/null
}

setup() { engine_test; }

teardown() {
	ctr_ task kill -s KILL "$MARK" >/dev/null 2>&1 || true
	ctr_ task rm --force "$MARK" >/dev/null 2>&1 || true
	ctr_ container rm "$MARK" >/dev/null 2>&1 || true
}

teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	end_daemon
	clean_up
}

# Names outside of "default" appear in cgroup paths and socket names; ours is this test's alone.
ctr_() { timeout -k 5 "${ENGINE_TIMEOUT:-60}" ctr -a "$TESTDIR/sock" -n "$MARK" "$@"; }
ctr_run() { ctr_ run --snapshotter native --runc-binary "$HAKO" "$@"; }
ctr_start() { ctr_run --detach "$@" </dev/null >/dev/null 2>&1 3>&-; }
init_of() { ctr_ task ls | awk -v m="$MARK" '$1 == m { print $2 }'; }
task_is() { ctr_ task ls | grep -q "$MARK.*$1"; }
stop_it() { ctr_ task kill "$MARK"; task_is STOPPED; }
remove() {
	ctr_ task kill -s KILL "$MARK" || true
	eventually task_is STOPPED
	ctr_ task rm "$MARK" >/dev/null
	ctr_ container rm "$MARK"
}

@test "ctr run: output and status" {
	run ctr_run --rm "$IMAGE" "$MARK" sh -c 'echo hello; exit 5'
	exits 5
	has_line hello
	eventually engine_left_nothing
}

@test "ctr run: a program that does not exist" {
	run ctr_run --rm "$IMAGE" "$MARK" no-such-program
	fails
	says "executable file not found in \$PATH"
	engine_left_nothing
}

@test "ctr run: the cgroup is where the shim looks for it, and so are its metrics" {
	ctr_start --memory-limit 67108864 "$IMAGE" "$MARK" sleep 1000
	pid=$(init_of)
	grep -q "/$MARK/$MARK\$" "/proc/$pid/cgroup"
	run ctr_ task metrics "$MARK"
	succeeds
	# Names and columns differ between the cgroup versions.
	matches '(pids.current|pids).*1' || matches '67108864'
	matches 67108864
	remove
	engine_left_nothing
}

@test "ctr run -d, exec, ps, kill, task delete" {
	ctr_start "$IMAGE" "$MARK" sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
	run ctr_ task ls
	matches "$MARK +[0-9]+ +RUNNING"
	run ctr_ task exec --exec-id "e-$MARK" "$MARK" sh -c 'echo inside; exit 6'
	exits 6
	has_line inside
	run ctr_ task ps "$MARK"
	says "$(init_of)"
	# Until the trap is set, pid 1 is safe from the signal.
	eventually stop_it
	ctr_ task rm "$MARK"
	ctr_ container rm "$MARK"
}

@test "ctr task pause, resume" {
	ctr_start "$IMAGE" "$MARK" sleep 1000
	ctr_ task pause "$MARK"
	task_is PAUSED
	ctr_ task resume "$MARK"
	task_is RUNNING
	remove
}

@test "events: create, start, exit, delete; and out of memory" {
	ctr_ events >"$TESTDIR/events" 2>&1 3>&- &
	events=$!
	# They are told from when the command has subscribed.
	told() { ctr_ container create --snapshotter native "$IMAGE" "probe-$MARK" &&
		ctr_ container rm "probe-$MARK"; grep -q "probe-$MARK" "$TESTDIR/events"; }
	eventually told
	run ctr_run --rm "$IMAGE" "$MARK" true
	succeeds
	seen() { grep -q "/tasks/$1.*$MARK" "$TESTDIR/events"; }
	for event in create start exit delete; do
		eventually seen "$event"
	done
	run ctr_run --rm --memory-limit 8388608 "$IMAGE" "$MARK" \
		sh -c 'x=$(dd if=/dev/zero bs=1M count=64 2>/dev/null | tr "\0" x); echo ${#x}'
	[ "$status" -eq 137 ] || says_not 67108864
	kill $events 2>/dev/null || true
}

@test "ctr run -t" {
	requires tty
	ctr="ctr -a $TESTDIR/sock -n $MARK run --rm -t --snapshotter native --runc-binary $HAKO"
	run timeout 60 script -qec "$ctr $IMAGE $MARK sh -c 'test -t 0 && echo terminal'" \
		/dev/null </dev/null
	says terminal
}

@test "ctr run --read-only, --memory-limit, --env, --user, --cap-add, --mount" {
	mkdir -p "$TESTDIR/vol"
	echo data >"$TESTDIR/vol/f"
	run ctr_run --rm --read-only --memory-limit 67108864 --env A=33 --cap-add CAP_NET_ADMIN \
		--mount "type=bind,src=$TESTDIR/vol,dst=/vol,options=rbind:ro" "$IMAGE" "$MARK" \
		sh -c 'echo $A; echo x 2>/dev/null >/x || echo ro; cat /vol/f
			grep CapEff /proc/1/status'
	succeeds
	has_line 33 ro data
	matches '^CapEff:.*00000000a80435fb$'
}

@test "ctr task checkpoint" {
	requires criu
	criu check >/dev/null 2>&1 || skip "criu does not work with this kernel"
	ctr_start "$IMAGE" "$MARK" \
		sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/count; sleep 0.2; done'
	count() { ctr_ task exec --exec-id "c-$RANDOM" "$MARK" cat /count; }
	counted() { [ "$(count)" -gt "$1" ]; }
	eventually counted 1
	mkdir -p "$TESTDIR/ckpt"
	ctr_ task checkpoint --exit --image-path "$TESTDIR/ckpt" "$MARK"
	[ -e "$TESTDIR/ckpt/inventory.img" ]
}

@test "contrib/engines/containerd.toml is understood" {
	run timeout 60 containerd -c "$SRCDIR/contrib/engines/containerd.toml" config dump
	succeeds
	matches 'runtimes.hako\.options\]'
	matches 'BinaryName = "/usr/bin/hako"'
}
