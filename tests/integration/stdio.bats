#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Descriptors: stdio is inherited, everything else closed, --preserve-fds and LISTEN_FDS kept.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

@test "stdin, stdout and stderr are the caller's" {
	probe copy \; warn to-stderr
	echo "from stdin" >"$TESTDIR/in"
	hako run --bundle "$BUNDLE" "$ID" <"$TESTDIR/in" >"$TESTDIR/o" 2>"$TESTDIR/e"
	[ "$(cat "$TESTDIR/o")" = "from stdin" ]
	[ "$(cat "$TESTDIR/e")" = to-stderr ]
}

@test "nothing but stdio is open, whatever the caller had" {
	probe fds
	run bash -c 'for i in {10..60}; do eval "exec $i</"; done
		exec timeout 20 "$0" --root "$1" run --bundle "$2" "$3" </dev/null 7</etc 8>"$4"' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR/file"
	succeeds
	[ "${#lines[@]}" -eq 3 ] || { show; false; }
}

@test "--preserve-fds N: 3 and up, in place" {
	echo three >"$TESTDIR/3"
	echo four >"$TESTDIR/4"
	probe fds \; cat /proc/self/fd/3 /proc/self/fd/4
	run bash -c 'exec timeout 20 "$0" --root "$1" run --preserve-fds 2 --bundle "$2" "$3" \
		</dev/null 3<"$4/3" 4<"$4/4" 5</etc/passwd' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR"
	succeeds
	matches '^fd 3 '
	matches '^fd 4 '
	says_not "fd 5 "
	has_line three four
}

@test "--preserve-fds over create and start" {
	echo three >"$TESTDIR/3"
	probe cat /proc/self/fd/3 \; pause
	bash -c 'exec timeout 20 "$0" --root "$1" create --preserve-fds=1 --bundle "$2" "$3" \
		</dev/null >"$4/out" 2>&1 3<"$4/3"' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR"
	rm "$TESTDIR/3"
	hako start "$ID"
	eventually grep -q three "$TESTDIR/out"
}

@test "--preserve-fds with gaps" {
	requires hako
	echo five >"$TESTDIR/5"
	probe fds \; cat /proc/self/fd/5
	run bash -c 'exec timeout 20 "$0" --root "$1" run --preserve-fds 3 --bundle "$2" "$3" \
		</dev/null 5<"$4/5" 3<&- 4<&-' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR"
	succeeds
	has_line five
	says_not "fd 3 " "fd 4 "
}

@test "--preserve-fds: not a number, negative" {
	run hako run --preserve-fds foo --bundle "$BUNDLE" "$ID"
	fails
	run hako run --preserve-fds=-1 --bundle "$BUNDLE" "$ID"
	fails
	nothing_left
}

@test "LISTEN_FDS: descriptor 3, and LISTEN_PID is 1" {
	echo socket >"$TESTDIR/3"
	probe env LISTEN_FDS LISTEN_PID \; cat /proc/self/fd/3
	run bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --root "$1" run --bundle "$2" "$3" \
		</dev/null 3<"$4/3"' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR"
	succeeds
	has_line LISTEN_FDS=1 LISTEN_PID=1 socket
}

@test "LISTEN_FDS of another process is not ours" {
	requires hako
	probe env LISTEN_FDS \; fds
	run bash -c 'LISTEN_FDS=1 LISTEN_PID=1 exec timeout 20 "$0" --root "$1" run \
		--bundle "$2" "$3" </dev/null 3</etc/passwd' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	succeeds
	has_line "LISTEN_FDS=(unset)"
	says_not "fd 3 "
}

@test "descriptors of an engine's monitor do not reach the container" {
	requires hako
	probe fds \; env _OCI_SYNCPIPE
	run bash -c '_OCI_SYNCPIPE=3 _OCI_STARTPIPE=4 exec timeout 20 "$0" --root "$1" run \
		--bundle "$2" "$3" </dev/null 3</ 4</' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	succeeds
	says_not "fd 3 " "fd 4 "
	has_line "_OCI_SYNCPIPE=(unset)"
}

@test "create's waiting init keeps no pipe of the caller open" {
	hako_create pause
	run timeout 5 bash -c '"$0" --root "$1" create --bundle "$2" "$3-b" </dev/null 2>&1 \
		>/dev/null | cat; echo over' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	# The container does hold its own stderr, the pipe: so it ends only when that container
	# does.
	[ "$status" -eq 124 ]
	run timeout 5 bash -c '"$0" --root "$1" state "$2" | cat >/dev/null
		echo over' "$HAKO" "$ROOT" "$ID"
	is_output over
}

@test "stdio of another user: owned by the container's user, /dev/null is not" {
	before=$(stat -c %u:%g /dev/null)
	config '.process.user = {uid: 33, gid: 33}'
	probe stat /proc/self/fd/0 \; open /proc/self/fd/1 w
	mkfifo "$TESTDIR/pipe"
	run bash -c 'exec timeout 20 "$0" --root "$1" run --bundle "$2" "$3" \
		</dev/null 2>&1 | cat' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	says "open /proc/self/fd/1 w: ok"
	[ "$(stat -c %u:%g /dev/null)" = "$before" ]
}

@test "a full pipe nobody reads does not hang create or delete" {
	requires hako
	mkfifo "$TESTDIR/pipe"
	exec 9<>"$TESTDIR/pipe"
	probe lines 100000
	hako create --bundle "$BUNDLE" "$ID" </dev/null >&9 2>&9
	hako start "$ID"
	sleep 0.3
	is_state "$ID" running
	hako delete --force "$ID"
	exec 9>&-
	nothing_left
}
