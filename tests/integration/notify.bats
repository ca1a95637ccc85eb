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

# supervised ANNOTATION VALUE: a detached container that is ready when /tmp/go is there; RUNNER is
# the command.
supervised() {
	requires hako
	config '.annotations[$n] = $v' --arg n "org.hako.$1" --arg v "$2"
	probe wait-for /tmp/go \; notify READY=1 \; wait-for /tmp/on \; notify STATUS=on \; pause
	add_mount '{"type": "tmpfs", "destination": "/tmp"}'
	HAKO_TEST=$MARK NOTIFY_SOCKET=$SOCKET "$HAKO" --root "$ROOT" run --detach \
		--bundle "$BUNDLE" "$ID" </dev/null >"$TESTDIR/run" 2>&1 3>&- &
	RUNNER=$!
	eventually is_state "$ID" running
}

runs() { grep -qs '^State:.[^Z]' "/proc/$1/status"; }

@test "run -d with a supervisor waits until the container is ready" {
	supervised pdeath SIGKILL
	run -0 hako exec "$ID" /init true
	runs $RUNNER
	hako exec "$ID" /init write /tmp/go x
	wait $RUNNER
	eventually heard "MAINPID=$(init_pid)"
	heard READY=1
	# Whom a manager listens to: the command it started.
	heard "sender $RUNNER"
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
