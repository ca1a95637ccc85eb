#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd's shim with hako as its runtime; the daemon is our own.

load engines

setup() {
	engine_dir containerd ctr
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
	containerd -c "$TESTDIR/config.toml" >"$TESTDIR/log" 2>&1 3>&- &
	daemon=$!
	eventually timeout 5 ctr -a "$TESTDIR/sock" version
	oci_archive "$TESTDIR/oci.tar"
	ctr_ image import --snapshotter native "$TESTDIR/oci.tar" >/dev/null
}

teardown() {
	ctr_ task kill -s KILL "$MARK" >/dev/null 2>&1 || true
	ctr_ task rm --force "$MARK" >/dev/null 2>&1 || true
	ctr_ container rm "$MARK" >/dev/null 2>&1 || true
	if [ -n "${daemon:-}" ]; then
		kill "$daemon" 2>/dev/null && wait "$daemon" 2>/dev/null || true
	fi
	clean_up
}

# Names outside of "default" appear in cgroup paths and socket names; ours is this test's alone.
ctr_() { timeout -k 5 60 ctr -a "$TESTDIR/sock" -n "$MARK" "$@"; }
ctr_run() { ctr_ run --snapshotter native --runc-binary "$HAKO" "$@"; }

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

@test "ctr run: the cgroup is where the shim looks for it" {
	ctr_run --detach "$IMAGE" "$MARK" sleep 1000
	pid=$(ctr_ task ls | awk -v m="$MARK" '$1 == m { print $2 }')
	grep -q "/$MARK/$MARK\$" "/proc/$pid/cgroup"
	ctr_ task kill -s KILL "$MARK"
	eventually is_stopped
	ctr_ task rm "$MARK"
	ctr_ container rm "$MARK"
	engine_left_nothing
}

stop_it() { ctr_ task kill "$MARK"; is_stopped; }
is_stopped() { ctr_ task ls | grep -q "$MARK.*STOPPED"; }

@test "ctr run -d, kill, task delete" {
	ctr_run --detach "$IMAGE" "$MARK" sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
	run ctr_ task ls
	matches "$MARK +[0-9]+ +RUNNING"
	# Until the trap is set, pid 1 is safe from the signal.
	eventually stop_it
	ctr_ task rm "$MARK"
	ctr_ container rm "$MARK"
}

@test "ctr run -t" {
	requires tty
	ctr="ctr -a $TESTDIR/sock -n $MARK run --rm -t --snapshotter native --runc-binary $HAKO"
	run timeout 30 script -qec "$ctr $IMAGE $MARK sh -c 'test -t 0 && echo terminal'" \
		/dev/null </dev/null
	says terminal
}

@test "ctr run --read-only, --memory-limit, --env" {
	run ctr_run --rm --read-only --memory-limit 67108864 --env A=33 "$IMAGE" "$MARK" \
		sh -c 'echo $A; echo x >/x || echo ro'
	succeeds
	has_line 33 ro
}
