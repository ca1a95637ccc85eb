#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: --console-socket as engines use it, and the runtime's own relay of run.

load helpers
setup() {
	bundle_new
	config '.process.terminal = true'
	SOCKET=$TESTDIR/socket
}
teardown() {
	[ -z "${receiver:-}" ] || kill "$receiver" 2>/dev/null || true
	clean_up
}

# receive [OPTION…]: takes the terminal in the background; input from $TESTDIR/in, output to
# $TESTDIR/tty.
receive() {
	[ -p "$TESTDIR/in" ] || mkfifo "$TESTDIR/in"
	rm -f "$SOCKET"
	"$RECVTTY" "$@" "$SOCKET" <"$TESTDIR/in" >"$TESTDIR/tty" 2>&1 3>&- &
	receiver=$!
	exec 8>"$TESTDIR/in"
	eventually test -S "$SOCKET"
}

@test "create with --console-socket: the container has the terminal" {
	receive -s 100x40
	probe tty \; stat /dev/console \; echo ready \; read \; pause
	hako_apart create --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	eventually grep -q ready "$TESTDIR/tty"
	for fd in 0 1 2; do
		grep -qE "fd $fd is /dev/(pts/0|console)" "$TESTDIR/tty"
	done
	grep -q "size 100x40" "$TESTDIR/tty"
	grep -q "foreground group ours" "$TESTDIR/tty"
	grep -qE "/dev/console: char 0[0-9]{3} [0-9:]+ 136:0" "$TESTDIR/tty"
	echo typed >&8
	eventually grep -qF '[typed]' "$TESTDIR/tty"
	run ! grep -q $'\r' "$TESTDIR/out"
	exec 8>&-
}

@test "the terminal belongs to the container's user and its own devpts" {
	receive
	config '.process.user = {uid: 33, gid: 33}'
	probe stat /dev/pts/0 \; ls /dev/pts \; echo ready \; pause
	hako_apart create --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	eventually grep -q ready "$TESTDIR/tty"
	grep -qE '/dev/pts/0: char 0620 33:5 136:0' "$TESTDIR/tty"
	exec 8>&-
}

@test "run -d with --console-socket" {
	receive
	probe tty \; echo ready \; pause
	run hako_apart run -d --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	succeeds
	eventually grep -q ready "$TESTDIR/tty"
	[ ! -s "$TESTDIR/out" ]
	exec 8>&-
}

@test "consoleSize" {
	receive
	config '.process.consoleSize = {width: 71, height: 23}'
	probe tty \; echo ready \; pause
	hako_apart run -d --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	eventually grep -q ready "$TESTDIR/tty"
	grep -q "size 71x23" "$TESTDIR/tty"
	exec 8>&-
}

@test "a terminal in a user namespace" {
	requires userns
	with_userns
	receive
	probe tty \; ids \; echo ready \; pause
	hako_apart create --console-socket "$SOCKET" --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	eventually grep -q ready "$TESTDIR/tty"
	grep -qE "fd 0 is /dev/(pts/0|console)" "$TESTDIR/tty"
	exec 8>&-
}

@test "detached with a terminal but no socket: told what to use" {
	run hako_apart create --bundle "$BUNDLE" "$ID"
	fails
	says "console-socket"
	run hako_apart run -d --bundle "$BUNDLE" "$ID"
	fails
	says "console-socket"
	nothing_left
}

@test "a socket without need, a socket nobody listens on, a file" {
	run hako_apart create --console-socket "$TESTDIR/none" --bundle "$BUNDLE" "$ID"
	fails
	says "$TESTDIR/none"
	touch "$TESTDIR/file"
	run hako_apart create --console-socket "$TESTDIR/file" --bundle "$BUNDLE" "$ID"
	fails
	config '.process.terminal = false'
	run hako_apart create --console-socket "$TESTDIR/none" --bundle "$BUNDLE" "$ID"
	fails
	nothing_left
}

@test "a socket whose path is long" {
	requires hako
	long=$TESTDIR/$(printf 'd%.0s' {1..60})/$(printf 'e%.0s' {1..60})
	mkdir -p "$long"
	receive
	mv "$SOCKET" "$long/socket"
	probe echo ready \; pause
	hako_apart create --console-socket "$long/socket" --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	eventually grep -q ready "$TESTDIR/tty"
	exec 8>&-
}

@test "run -t relays: input, output, status; no carriage returns added" {
	probe tty \; read \; echo out \; exit 9
	run hako run --bundle "$BUNDLE" "$ID" <<<"hello"
	exits 9
	says "fd 0 is /dev/" "fd 1 is /dev/" "[hello]" out
	[[ $output != *$'\r'* ]]
	nothing_left
}

@test "run -t with stdin from /dev/null" {
	probe lines 3
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	succeeds
	is_output $'line 1\nline 2\nline 3'
}

@test "run -t loses nothing of a long output" {
	probe lines 20000
	run hako run --bundle "$BUNDLE" "$ID" </dev/null
	succeeds
	[ "${#lines[@]}" -eq 20000 ]
	[ "${lines[19999]}" = "line 20000" ]
}

@test "run -t with a reader that goes away ends" {
	probe lines 100000
	run bash -c 'timeout 20 "$0" --root "$1" run --bundle "$2" "$3" </dev/null | head -1
		echo "${PIPESTATUS[0]}"' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	[ "${lines[0]}" = "line 1" ]
	[ "${lines[1]}" != 124 ]
	nothing_left
}

@test "run -t in a terminal: size is passed on, mode is restored" {
	requires tty
	probe tty \; exit 4
	run in_terminal bash -c 'stty cols 91 rows 33; stty -g >"$4"
		"$0" --root "$1" run --bundle "$2" "$3"; s=$?
		stty -g >>"$4"; exit $s' "$HAKO" "$ROOT" "$BUNDLE" "$ID" "$TESTDIR/modes"
	exits 4
	says "size 91x33" "foreground group ours"
	[ "$(sort -u "$TESTDIR/modes" | wc -l)" -eq 1 ]
	nothing_left
}

@test "run -t: lines end once on the outer terminal" {
	requires tty
	probe lines 2
	run in_terminal "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	says $'line 1\r\nline 2'
	[[ $output != *$'\r\r'* ]]
}

@test "run -t: an interrupt typed goes to the container" {
	requires tty
	probe trap INT 6 \; echo up \; pause
	run bash -c '{ sleep 2; printf "\003"; sleep 2; } |
		timeout 20 script -qec "$0 --root $1 run --bundle $2 $3" /dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	exits 6
	says "got signal 02"
}

@test "without terminal there is none" {
	config '.process.terminal = false'
	run hako_run tty
	has_line "fd 0 is no terminal" "fd 1 is no terminal" "fd 2 is no terminal"
	config 'del(.process.terminal)'
	run hako_run tty
	has_line "fd 0 is no terminal"
}

@test "run -t, the input ends: the program that reads is told" {
	local input
	probe copy \; echo told
	for input in "" $'line\n' "no newline"; do
		run bash -c 'printf %s "$4" | timeout "$3" "$0" --root "$1" run -b "$2" ended' \
			"$HAKO" "$ROOT" "$BUNDLE" "${HAKO_TIMEOUT:-20}" "$input"
		succeeds
		says "${input%$'\n'}" told
	done
	# A shell that edits its lines, and takes away what was typed before it began to.
	requires busybox
	config '.process.args = ["/bin/sh"]'
	for input in "" "echo w\"\"ord"; do
		run bash -c 'echo "$4" | timeout -k 1 "$3" "$0" --root "$1" run -b "$2" ended' \
			"$HAKO" "$ROOT" "$BUNDLE" "${HAKO_TIMEOUT:-20}" "$input"
		succeeds
		[ -z "$input" ] || says word
	done
	nothing_left
}
