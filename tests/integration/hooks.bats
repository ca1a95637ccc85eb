#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Hooks: six points, their order, state on stdin, environment, timeouts, failures.

load helpers
setup() {
	bundle_new
	LOG=$TESTDIR/log
	# hook NAME: notes its name, working directory and environment, and keeps the state.
	cat >"$TESTDIR/hook" <<-EOT
		#!/bin/sh
		echo "\$1" >>$LOG
		pwd >$TESTDIR/\$1.cwd
		env >$TESTDIR/\$1.env
		cat >$TESTDIR/\$1.json
		exit \${2:-0}
	EOT
	chmod 755 "$TESTDIR/hook"
}
teardown() { clean_up; }

HOST_POINTS="prestart createRuntime createContainer poststart poststop"

# add_hook POINT NAME [STATUS]: one of ours; add_program POINT JSON: any.
add_program() { config '.hooks[$p] += ['"$2"']' --arg p "$1"; }
add_hook() { add_program "$1" \
	'{path: "'"$TESTDIR/hook"'", args: ["hook", "'"$2"'"'"${3:+, \"$3\"}"']}'; }

@test "all points, in order, and what is done between them" {
	for point in $HOST_POINTS; do
		add_hook $point $point
	done
	add_program startContainer '{path: "/init", args: ["init", "write", "/dev/shm/start", "x"]}'
	hako_create stat /dev/shm/start \; pause
	[ "$(cat "$LOG")" = $'prestart\ncreateRuntime\ncreateContainer' ]
	hako start "$ID"
	eventually grep -q '/dev/shm/start: file' "$TESTDIR/out"
	eventually grep -q poststart "$LOG"
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	[ "$(tail -1 "$LOG")" = poststart ]
	hako delete "$ID"
	[ "$(cat "$LOG")" = $'prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop' ]
	nothing_left
}

@test "state on stdin: ociVersion, id, status, pid, bundle, annotations" {
	config '.annotations = {"org.example": "yes"}'
	for point in $HOST_POINTS; do
		add_hook $point $point
	done
	run hako_run true
	succeeds
	for point in $HOST_POINTS; do
		jq -e --arg id "$ID" --arg b "$BUNDLE" '.ociVersion and .id == $id and .bundle == $b
			and .annotations["org.example"] == "yes"' "$TESTDIR/$point.json"
	done
	for point in prestart createRuntime createContainer; do
		jq -e '.status == "creating"' "$TESTDIR/$point.json"
	done
	jq -e '.status == "running"' "$TESTDIR/poststart.json"
	jq -e '.status == "stopped"' "$TESTDIR/poststop.json"
	for point in prestart createRuntime poststart; do
		jq -e '.pid > 1' "$TESTDIR/$point.json"
	done
	nothing_left
}

@test "startContainer: state on stdin too, with status created; environment of the process" {
	requires hako
	add_program startContainer '{path: "/init", args: ["init", "save", "/dev/shm/state"]}'
	add_program startContainer '{path: "/init", args: ["init", "env", "HAKO_TEST"]}'
	run hako_run cat /dev/shm/state
	succeeds
	json=$(grep '^{' <<<"$output")
	jq -e --arg id "$ID" '.id == $id and .status == "created"' <<<"$json"
	has_line "HAKO_TEST=$MARK"
}

@test "several of one kind run in their order" {
	for n in one two three; do
		add_hook createRuntime $n
	done
	run hako_run true
	[ "$(cat "$LOG")" = $'one\ntwo\nthree' ]
}

@test "where they run: host namespaces, or the container's for createContainer" {
	for point in prestart createRuntime createContainer poststart poststop; do
		add_program $point '{path: "/bin/sh", args: ["sh", "-c",
			"readlink /proc/self/ns/mnt /proc/self/ns/uts >'"$TESTDIR"'/'$point'.ns"]}'
	done
	run hako_run ns
	succeeds
	host=$(readlink /proc/self/ns/mnt /proc/self/ns/uts)
	for point in prestart createRuntime poststart poststop; do
		[ "$(cat "$TESTDIR/$point.ns")" = "$host" ] || fail "$point not on the host"
	done
	mnt=$(head -1 "$TESTDIR/createContainer.ns")
	has_line "$mnt"
	[ "$mnt" != "$(readlink /proc/self/ns/mnt)" ]
}

@test "createContainer runs after the mounts" {
	requires hako
	add_program createContainer '{path: "/bin/sh", args: ["sh", "-c",
		"pwd >'"$TESTDIR"'/cwd; cat /proc/self/mountinfo >'"$TESTDIR"'/mounts"]}'
	run hako_run true
	succeeds
	grep -q "$ROOTFS/dev/shm" "$TESTDIR/mounts"
	[ "$(cat "$TESTDIR/cwd")" = "$BUNDLE" ]
}

@test "environment: exactly what is written, or the runtime's when nothing is" {
	requires hako
	add_program createRuntime '{path: "/usr/bin/env", args: ["env"], env: ["A=1", "B=2"]}'
	add_program createRuntime '{path: "/bin/sh",
		args: ["sh", "-c", "env >'"$TESTDIR"'/with"], env: ["A=1", "B=2"]}'
	add_program createRuntime '{path: "/bin/sh",
		args: ["sh", "-c", "env >'"$TESTDIR"'/without"]}'
	export FROM_CALLER=here
	run hako_run true
	succeeds
	grep -qx A=1 "$TESTDIR/with"
	run ! grep -q FROM_CALLER "$TESTDIR/with"
	grep -qx FROM_CALLER=here "$TESTDIR/without"
}

@test "arguments verbatim; without any, the path is argv[0]" {
	printf '#!/bin/sh\nfor a in "$0" "$@"; do echo "[$a]"; done >%s\n' "$TESTDIR/argv" \
		>"$TESTDIR/show"
	chmod 755 "$TESTDIR/show"
	add_program createRuntime \
		'{path: "'"$TESTDIR/show"'", args: ["ignored", "a b", "", "$x", "*"]}'
	run hako_run true
	[ "$(cat "$TESTDIR/argv")" = "[$TESTDIR/show]"$'\n[a b]\n[]\n[$x]\n[*]' ]
	config '.hooks.createRuntime = [{path: $p}]' --arg p "$TESTDIR/show"
	run hako_run true
	[ "$(cat "$TESTDIR/argv")" = "[$TESTDIR/show]" ]
}

@test "a failing hook: named with its number; create fails, nothing left, poststop runs" {
	requires hako
	for point in prestart createRuntime createContainer; do
		config 'del(.hooks)'
		add_hook $point first
		add_hook $point second 3
		add_hook poststop after
		: >"$LOG"
		run hako_run echo RAN
		fails
		says "error running $point hook #1:"
		says_not RAN
		[ "$(cat "$LOG")" = $'first\nsecond\nafter' ] ||
			[ "$(cat "$LOG")" = $'first\nsecond' ]
		nothing_left
	done
}

@test "a failing hook fails, whatever the caller does with its children" {
	local verb
	config '.hooks = {createRuntime: [{path: "/bin/false"}]}'
	for verb in create run; do
		run perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' \
			env HAKO_TEST="$MARK" timeout "$HAKO_TIMEOUT" "$HAKO" --root "$ROOT" \
			"$verb" --bundle "$BUNDLE" "$ID" </dev/null
		fails
		says createRuntime
		nothing_left
	done
}

@test "a failing startContainer hook: start fails, the program does not run" {
	add_program startContainer '{path: "/init", args: ["init", "exit", "1"]}'
	run hako_run echo RAN
	fails
	says startContainer
	says_not RAN
	nothing_left
}

@test "a failing poststart hook fails start and ends the container" {
	requires hako
	add_hook poststart bad 1
	add_hook poststop after
	hako_create pause
	run hako start "$ID"
	fails
	says "error running poststart hook #0:"
	nothing_left
	[ "$(cat "$LOG")" = $'bad\nafter' ]
}

@test "a failing poststop hook warns, the others run, delete succeeds" {
	requires hako
	add_hook poststop one
	add_hook poststop two 1
	add_hook poststop three
	hako_detached exit 0
	eventually is_state "$ID" stopped
	run hako delete "$ID"
	succeeds
	says poststop
	[ "$(cat "$LOG")" = $'one\ntwo\nthree' ]
	nothing_left
}

@test "a timeout is kept, and named" {
	requires hako
	add_program createRuntime '{path: "/bin/sh", args: ["sh", "-c", "exec sleep 60"],
		timeout: 1}'
	start=$SECONDS
	run hako_run true
	fails
	says "createRuntime hook #0" "time"
	[ $((SECONDS - start)) -lt 10 ]
	nothing_left
}

@test "a hook that ends within its timeout" {
	add_program createRuntime '{path: "/bin/true", timeout: 5}'
	run hako_run echo fine
	is_output fine
}

@test "a timeout of zero or less is refused" {
	requires hako
	add_program createRuntime '{path: "/bin/true", timeout: 0}'
	run hako_run true
	fails
	says "hooks.createRuntime[0].timeout"
	nothing_left
}

@test "a path that is relative or missing" {
	add_program createRuntime '{path: "/no/such/hook"}'
	run hako_run true
	fails
	says createRuntime /no/such/hook
	config '.hooks = {createRuntime: [{path: "bin/true"}]}'
	run hako_run true
	fails
	says createRuntime
	nothing_left
}

@test "a hook that ends without reading a long state does not kill the runtime" {
	config '.annotations = {"long": ("x" * 300000)}'
	add_program createRuntime '{path: "/bin/true"}'
	add_program poststop '{path: "/bin/true"}'
	run hako_run echo fine
	succeeds
	is_output fine
	nothing_left
}

@test "what hooks write to stderr goes to the caller's, however much" {
	requires hako
	add_program createRuntime '{path: "/bin/sh",
		args: ["sh", "-c", "head -c 300000 /dev/zero | tr \"\\\\0\" x >&2"]}'
	run --separate-stderr hako_run echo fine
	succeeds
	is_output fine
	# shellcheck disable=SC2154 # set by run
	[ "${#stderr}" -ge 300000 ]
}

@test "hooks get no descriptor of ours" {
	requires hako
	add_program createRuntime '{path: "/bin/sh",
		args: ["sh", "-c", "exec '"$PROBE"' fds >'"$TESTDIR"'/fds"]}'
	run hako_run true
	succeeds
	[ "$(grep -c '^fd ' "$TESTDIR/fds")" -eq 3 ] || { cat "$TESTDIR/fds"; false; }
}

@test "hostile rootfs: host hooks are the host's files" {
	requires hako
	mkdir -p "$ROOTFS/$TESTDIR"
	printf '#!/bin/sh\ntouch %s\n' "$TESTDIR/pwned" >"$ROOTFS/$TESTDIR/hook"
	chmod 755 "$ROOTFS/$TESTDIR/hook"
	add_hook createContainer good
	run hako_run true
	succeeds
	[ "$(cat "$LOG")" = good ]
	[ ! -e "$TESTDIR/pwned" ]
}
