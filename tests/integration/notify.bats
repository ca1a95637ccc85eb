#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# NOTIFY_SOCKET: what a container says about itself reaches the caller's service manager.

load helpers

setup() {
	bundle_new
	requires python3
	SOCKET=$TESTDIR/manager
	HEARD=$TESTDIR/heard
	listen "$SOCKET"
	BEFORE=$(snapshot)
}
teardown() { clean_up; }

# listen ADDRESS: writes each message to HEARD, lines as they are, and who sent it.
listen() {
	HAKO_TEST=$MARK python3 - "$1" >"$HEARD" 2>&1 3>&- <<-'EOF' &
		import socket, struct, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		a = sys.argv[1]
		s.bind("\0" + a[1:] if a[0] == "@" else a)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
		print("listening", flush=True)
		while True:
		    text, extra, _, _ = s.recvmsg(4096, 1024)
		    print("sender", struct.unpack("3i", extra[0][2])[0])
		    print(text.decode(), end="", flush=True)
	EOF
	eventually grep -q listening "$HEARD"
}

heard() { grep -qxF "$1" "$HEARD"; }

@test "a directory with the socket is mounted, and in the environment" {
	NOTIFY_SOCKET=$SOCKET run hako_run env NOTIFY_SOCKET \; ls "$SOCKET" \
		\; mounts "$SOCKET" \; write "$SOCKET/x" x
	says "NOTIFY_SOCKET=$SOCKET/notify" "notify" "write $SOCKET/x x: Read-only file system"
	nothing_left
}

@test "run: what is about the service is passed on, the rest is not" {
	NOTIFY_SOCKET=$SOCKET run hako_run notify READY=1 STATUS=working MAINPID=1 FDSTORE=1 \
		\; notify STOPPING=1
	succeeds
	eventually heard STOPPING=1
	heard READY=1
	heard STATUS=working
	run ! grep -E 'MAINPID|FDSTORE' "$HEARD"
}

@test "start waits until the container is ready, and tells its pid" {
	probe wait-for /tmp/go \; notify READY=1 \; pause
	add_mount '{"type": "tmpfs", "destination": "/tmp"}'
	NOTIFY_SOCKET=$SOCKET hako_apart create --bundle "$BUNDLE" "$ID"
	hako start "$ID" </dev/null >"$TESTDIR/start" 2>&1 3>&- &
	starter=$!
	eventually is_state "$ID" running
	# Others are not held up by it.
	hako exec "$ID" /init write /tmp/go x
	wait $starter
	eventually heard "MAINPID=$(init_pid)"
	heard READY=1
}

@test "start ends with a container that is never ready" {
	NOTIFY_SOCKET=$SOCKET hako_create true
	hako start "$ID"
	is_state "$ID" stopped
}

# detached: a detached container that is ready when /tmp/go is there; RUNNER is the command.
detached() {
	probe wait-for /tmp/go \; notify READY=1 \; wait-for /tmp/on \; notify STATUS=on \; pause
	add_mount '{"type": "tmpfs", "destination": "/tmp"}'
	HAKO_TEST=$MARK NOTIFY_SOCKET=$SOCKET "$HAKO" --root "$ROOT" run --detach \
		--bundle "$BUNDLE" "$ID" </dev/null >"$TESTDIR/run" 2>&1 3>&- &
	RUNNER=$!
	eventually is_state "$ID" running
}

# supervised ANNOTATION VALUE: the same, and a process of ours stays with it.
supervised() {
	requires hako
	config '.annotations[$n] = $v' --arg n "org.hako.$1" --arg v "$2"
	detached
}

runs() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }

# The processes of this test that are the runtime.
marked_runtimes() {
	local pid
	for pid in $(marked_pids); do
		! grep -qs '^hako' "/proc/$pid/comm" || echo "$pid"
	done
}
no_runtime() { [ -z "$(marked_runtimes)" ]; }

# gets_ready: it does not return before, and then the manager has heard of it, from the command that
# it started.
gets_ready() {
	run -0 hako exec "$ID" /init true
	runs $RUNNER
	hako exec "$ID" /init write /tmp/go x
	wait $RUNNER
	eventually heard "MAINPID=$(init_pid)"
	heard READY=1
	heard "sender $RUNNER"
}

@test "run -d waits until the container is ready, and leaves only that" {
	requires hako
	detached
	gets_ready
	eventually no_runtime
	is_state "$ID" running
	hako delete --force "$ID"
	nothing_left
}

@test "run -d: the container is never ready" {
	requires hako
	detached
	kill_init
	wait $RUNNER
	run ! grep -F READY "$HEARD"
	eventually no_runtime
	is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "run -d is killed while it waits: nothing is left" {
	requires hako
	local signal
	for signal in KILL TERM; do
		detached
		kill -$signal $RUNNER
		wait $RUNNER || true
		eventually gone || nothing_left
	done
}

@test "run -d is ended while it waits, and all that is the runtime: nothing is left" {
	requires hako
	detached
	# as a service manager does that stops the whole of a cgroup
	marked_runtimes | xargs kill -TERM
	wait $RUNNER || true
	eventually gone || nothing_left
}

@test "run -d waits, and another deletes the container" {
	requires hako
	detached
	hako delete --force "$ID"
	wait $RUNNER
	eventually gone || nothing_left
}

@test "run -d of what cannot start: the reason is told, nothing is left" {
	command_line /none
	NOTIFY_SOCKET=$SOCKET run hako_apart run --detach --bundle "$BUNDLE" "$ID"
	fails
	says /none
	nothing_left
}

@test "run -d with a supervisor waits until the container is ready" {
	supervised pdeath SIGKILL
	gets_ready
	hako exec "$ID" /init write /tmp/on x
	eventually heard STATUS=on
	hako delete --force "$ID"
	eventually gone || nothing_left
}

@test "run -d of what comes back after reboot(2): the supervisor is the main process" {
	supervised reboot restart
	hako exec "$ID" /init write /tmp/go x
	wait $RUNNER
	eventually heard "MAINPID=$(awk '{ print $4 }' "/proc/$(init_pid)/stat")"
}

@test "run -d with a supervisor: the container is never ready" {
	supervised pdeath SIGKILL
	kill_init
	wait $RUNNER
	run ! grep -F READY "$HEARD"
	eventually gone || nothing_left
}

@test "run -d with a supervisor is killed while it waits: nothing is left" {
	supervised pdeath SIGKILL
	kill -KILL $RUNNER
	wait $RUNNER || true
	eventually gone || nothing_left
}

@test "an abstract socket; with a user namespace" {
	requires userns
	with_userns
	listen "@$MARK"
	NOTIFY_SOCKET=@$MARK run hako_run notify READY=1 \; env NOTIFY_SOCKET
	succeeds
	says "NOTIFY_SOCKET=/run/notify/notify"
	eventually heard READY=1
}

@test "none is asked for: none is there, whatever the document says" {
	config '.process.env += ["NOTIFY_SOCKET=/mine"]'
	run hako_run env NOTIFY_SOCKET
	says "NOTIFY_SOCKET=/mine"
	NOTIFY_SOCKET=relative run hako_run env NOTIFY_SOCKET
	says "NOTIFY_SOCKET=/mine"
	NOTIFY_SOCKET=$SOCKET run hako_run env NOTIFY_SOCKET
	says "NOTIFY_SOCKET=$SOCKET/notify"
	says_not "/mine"
}
