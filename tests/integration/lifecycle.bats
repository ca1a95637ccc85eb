#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create, start, state, kill, delete, list, run: the transitions, and the refusals that name the
# state.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

@test "create, start, kill, delete: each state in turn" {
	run hako_create trap TERM 7 \; echo up \; pause
	succeeds
	is_output ""
	is_state "$ID" created
	[ ! -s "$TESTDIR/out" ]
	run hako start "$ID"
	succeeds
	is_output ""
	is_state "$ID" running
	eventually grep -q up "$TESTDIR/out"
	run hako kill "$ID" TERM
	succeeds
	is_output ""
	eventually is_state "$ID" stopped
	grep -q "got signal 15" "$TESTDIR/out"
	run hako delete "$ID"
	succeeds
	is_output ""
	run hako state "$ID"
	fails
	nothing_left
}

@test "state: all members; pid is the host's, 0 when stopped" {
	config '.annotations = {"org.example.a": "b"}'
	hako_detached pause
	run -0 hako state "$ID"
	jq -e --arg id "$ID" --arg b "$BUNDLE" '.id == $id and .status == "running"
		and .bundle == $b
		and .rootfs == ($b + "/rootfs") and (.ociVersion | length > 0)
		and (.created | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T")) and .pid > 1 and has("owner")
		and .annotations["org.example.a"] == "b"' <<<"$output"
	pid=$(jq .pid <<<"$output")
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "/init pause " ]
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	[ "$(state_of "$ID" .pid)" = 0 ]
}

@test "created, and init killed: stopped, deletable, nothing left" {
	hako_create pause
	kill_init
	eventually is_state "$ID" stopped
	run hako start "$ID"
	fails
	says stopped
	run hako list
	matches "$ID +[0-9]+ +stopped"
	run hako delete "$ID"
	succeeds
	nothing_left
}

@test "running, and init killed from outside: listed as stopped, deleted, nothing left" {
	hako_detached spawn pause \; spawn pause \; pause
	kill_init
	eventually is_state "$ID" stopped
	run hako list
	matches "$ID +0 +stopped"
	run hako delete "$ID"
	succeeds
	nothing_left
}

@test "start: refused when running and when stopped, with the state named" {
	hako_detached pause
	run hako start "$ID"
	fails
	says "$ID" running
	hako kill "$ID" KILL
	eventually is_state "$ID" stopped
	run hako start "$ID"
	fails
	says stopped
}

@test "kill: refused when stopped" {
	hako_detached exit 0
	eventually is_state "$ID" stopped
	run hako kill "$ID" KILL
	fails
	says "container not running"
	run hako kill --all "$ID" 9
	succeeds
}

@test "delete: refused when running, done when created is forced" {
	hako_detached pause
	run hako delete "$ID"
	fails
	says "container $ID is not stopped"
	is_state "$ID" running
	run hako delete --force "$ID"
	succeeds
	is_output ""
	nothing_left
}

@test "delete --force: created, running, stopped, gone; quietly" {
	hako_create pause
	run hako delete --force "$ID"
	succeeds
	is_output ""
	hako_detached pause
	run hako delete -f "$ID"
	succeeds
	hako_detached exit 0
	eventually is_state "$ID" stopped
	run hako delete -f "$ID"
	succeeds
	run hako delete -f "$ID"
	succeeds
	is_output ""
	nothing_left
}

# three: ID.a and ID.b wait to be started, ID.c runs.
three() {
	local id
	probe pause
	for id in "$ID".{a,b,c}; do
		hako_apart create --bundle "$BUNDLE" "$id"
	done
	hako start "$ID.c"
}
ids() { hako list -q | tr '\n' ' '; }

@test "delete --regex: those that match; what fails for one is done for the others" {
	three
	run -0 hako delete --regex '^nothing'
	is_output ""
	run hako delete -r '[.][ac]$'
	fails
	says "container $ID.c is not stopped" "failed for 1 of the containers"
	[ "$(ids)" = "$ID.b $ID.c " ]
	run hako delete -r '['
	fails
	says "'[' is no regular expression"
	run -0 hako delete --force --regex "^$ID"
	is_output ""
	nothing_left
}

@test "kill --regex: those that match" {
	three
	hako start "$ID.b"
	run -0 hako kill --regex '[.][bc]$' KILL
	eventually is_state "$ID.b" stopped
	eventually is_state "$ID.c" stopped
	is_state "$ID.a" created
	run hako kill --all -r . SIGNOTHING
	fails
	says SIGNOTHING
	run hako kill -r '[.]' KILL
	fails
	says "failed for 2 of the containers"
	eventually is_state "$ID.a" stopped
	run -0 hako kill --all --regex . 0
	run -0 hako delete --regex .
	nothing_left
}

@test "delete of a created container that waits: without force too" {
	hako_create pause
	run hako delete "$ID"
	succeeds
	nothing_left
}

@test "an id is taken once" {
	hako_create pause
	for command in create run; do
		run hako $command --bundle "$BUNDLE" "$ID"
		fails
		says "$ID" exist
	done
	# The first one has not suffered.
	is_state "$ID" created
	hako start "$ID"
	is_state "$ID" running
}

@test "of many who create one id, exactly one succeeds" {
	probe pause
	pids=
	for i in {1..8}; do
		(hako create --bundle "$BUNDLE" "$ID" </dev/null >"$TESTDIR/out.$i" 2>&1 &&
			touch "$TESTDIR/won.$i") &
		pids+=" $!"
	done
	# shellcheck disable=SC2086 # a list; a bare wait would wait for bats' own timer
	wait $pids || true
	[ "$(find "$TESTDIR" -name 'won.*' | wc -l)" -eq 1 ]
	is_state "$ID" created
	hako delete --force "$ID"
	nothing_left
}

@test "config.json edited after create has no effect" {
	hako_create echo first \; pause
	probe echo second
	config '.hostname = "other" | .hooks.poststart = [{path: "/bin/false"}]'
	hako start "$ID"
	eventually grep -q first "$TESTDIR/out"
	[ "$(cat "$TESTDIR/out")" = first ]
}

@test "config.json removed after create: start, state and delete work" {
	hako_create pause
	rm "$CONFIG"
	hako start "$ID"
	is_state "$ID" running
	hako delete --force "$ID"
	nothing_left
}

@test "no process: create and start succeed, the container ends as stopped" {
	requires hako
	config 'del(.process)'
	run hako_create
	succeeds
	is_state "$ID" created
	run hako start "$ID"
	succeeds
	eventually is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "kill takes signals by name, with SIG, and by number" {
	hako_detached trap USR1 \; trap TERM \; trap WINCH \; trap RTMIN+3 \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	hako kill "$ID" USR1
	eventually grep -q "got signal 10" "$TESTDIR/out"
	hako kill "$ID" SIGTERM
	eventually grep -q "got signal 15" "$TESTDIR/out"
	hako kill "$ID" 28
	eventually grep -q "got signal 28" "$TESTDIR/out"
	hako kill "$ID" 0
	run hako kill "$ID" SIGFOO
	fails
	says FOO
	run hako kill "$ID" 65
	fails
	run hako kill "$ID" -- -1
	fails
	is_state "$ID" running
}

@test "kill: rtmin+3 in small letters" {
	requires hako
	hako_detached trap RTMIN+3 \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	hako kill "$ID" rtmin+3
	eventually grep -q "got signal 37" "$TESTDIR/out"
	hako kill "$ID" SIGRTMIN+3
}

@test "kill without a signal is TERM" {
	hako_detached trap TERM 0 \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	hako kill "$ID"
	eventually is_state "$ID" stopped
}

@test "kill --all reaches every process" {
	requires controller:pids
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	hako_detached spawn pause \; spawn pause \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	[ "$(marked_pids | wc -l)" -eq 3 ]
	hako kill --all "$ID" KILL
	no_processes() { [ -z "$(marked_pids)" ]; }
	eventually no_processes
}

@test "host pid namespace, init gone: delete --force ends what is left" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	hako_detached spawn pause \; spawn pause \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	kill_init
	eventually is_state "$ID" stopped
	run hako delete --force "$ID"
	succeeds
	nothing_left
}

@test "host pid namespace, init gone: kill KILL ends what is left" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	hako_detached spawn pause \; spawn pause \; echo up \; pause
	eventually grep -q up "$TESTDIR/out"
	kill_init
	eventually is_state "$ID" stopped
	run hako kill "$ID" TERM
	fails
	says "container not running"
	run hako kill "$ID" KILL
	succeeds
	no_processes() { [ -z "$(marked_pids)" ]; }
	eventually no_processes
	run hako kill "$ID" KILL
	fails
	says "container not running"
}

@test "list: table, json and quiet, sorted by id" {
	probe pause
	for n in b a c; do
		hako_apart create --bundle "$BUNDLE" "$ID-$n"
	done
	hako start "$ID-a"
	run hako list -q
	is_output "$ID-a"$'\n'"$ID-b"$'\n'"$ID-c"
	run hako list
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER ]]
	pid=$(state_of "$ID-a" .pid)
	[[ ${lines[1]} =~ ^$ID-a\ +$pid\ +running\ +$BUNDLE\ +[0-9T:.Z+-]+\ +root ]]
	[[ ${lines[2]} =~ ^$ID-b\ +[0-9]+\ +created ]]
	[ ${#lines[@]} -eq 4 ]
	run hako list --format json
	[ "$(wc -l <<<"$output")" -eq 1 ]
	jq -e --arg a "$ID-a" 'length == 3 and .[0].id == $a and .[0].status == "running"
		and .[1].status == "created"' \
		<<<"$output"
	jq -e '.[0] | keys_unsorted - ["annotations"]
		== ["ociVersion", "id", "pid", "status", "bundle", "rootfs", "created", "owner"]' \
		<<<"$output"
	run hako list --format xml
	fails
}

@test "list of nothing: the header, and an empty array" {
	requires hako
	run hako list
	succeeds
	[ ${#lines[@]} -eq 1 ]
	run hako list --format json
	is_output "[]"
	run hako list -q
	is_output ""
}

@test "list survives broken and alien entries in the state root" {
	requires hako
	hako_create pause
	mkdir "$ROOT/broken" "$ROOT/empty" "$ROOT/.hidden"
	cp -r "$ROOT/$ID/." "$ROOT/broken/"
	for f in "$ROOT"/broken/*; do
		[ ! -f "$f" ] || { head -c 10 "$f" >"$f.cut" && mv "$f.cut" "$f"; }
	done
	echo junk >"$ROOT/file"
	run hako list -q
	succeeds
	says "$ID"
	rm -rf "${ROOT:?}"/{broken,empty,.hidden,file}
}

@test "run in the foreground leaves nothing" {
	run hako_run echo hello
	succeeds
	is_output hello
	nothing_left
}

@test "run passes signals on" {
	probe trap TERM 5 \; write /dev/shm/x y \; echo up \; pause
	HAKO_TEST=$MARK "$HAKO" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null \
		>"$TESTDIR/out" 2>&1 &
	runtime=$!
	eventually grep -q up "$TESTDIR/out"
	kill -TERM $runtime
	status=0
	wait $runtime || status=$?
	[ "$status" -eq 5 ]
	nothing_left
}

@test "run -d: returns at once, quietly; pid file; gone after kill and delete" {
	probe trap TERM 0 \; echo up \; pause
	run hako_apart run --detach --pid-file "$TESTDIR/pid" --bundle "$BUNDLE" "$ID"
	succeeds
	eventually grep -q up "$TESTDIR/out"
	[ "$(cat "$TESTDIR/pid")" = "$(init_pid)" ]
	[ "$(wc -l <"$TESTDIR/pid")" -eq 0 ]
	is_state "$ID" running
	hako kill "$ID" TERM
	eventually is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "run -d prints nothing of its own" {
	probe pause
	hako_apart run -d --bundle "$BUNDLE" "$ID"
	[ ! -s "$TESTDIR/out" ]
}

@test "run --keep leaves the container as stopped" {
	requires hako
	run hako run --keep --bundle "$BUNDLE" "$ID"
	succeeds
	is_state "$ID" stopped
	hako delete "$ID"
	nothing_left
}

@test "--pid-file: relative to the caller, digits only, written before create returns" {
	mkdir "$TESTDIR/here"
	probe pause
	(cd "$TESTDIR/here" && hako_apart create --pid-file pid --bundle "$BUNDLE" "$ID")
	[[ $(cat "$TESTDIR/here/pid") =~ ^[0-9]+$ ]]
	[ "$(cat "$TESTDIR/here/pid")" = "$(init_pid)" ]
}

@test "--pid-file through a planted link: replaced, not followed" {
	requires hako
	echo untouched >"$TESTDIR/victim"
	ln -s "$TESTDIR/victim" "$TESTDIR/pid"
	probe pause
	run hako_apart create --pid-file "$TESTDIR/pid" --bundle "$BUNDLE" "$ID"
	[ "$(cat "$TESTDIR/victim")" = untouched ]
}

@test "--pid-file that cannot be written: failure, nothing left" {
	run hako create --pid-file "$TESTDIR/no/dir/pid" --bundle "$BUNDLE" "$ID"
	fails
	says "no/dir"
	nothing_left
}

@test "the bundle is the current directory by default" {
	probe echo from-cwd
	cd "$BUNDLE"
	run hako run "$ID"
	succeeds
	is_output from-cwd
}

@test "--config names another document" {
	requires hako
	probe echo other
	mv "$CONFIG" "$BUNDLE/other.json"
	run hako run --bundle "$BUNDLE" --config other.json "$ID"
	is_output other
	run hako run --bundle "$BUNDLE" -f "$BUNDLE/other.json" "$ID"
	is_output other
}

@test "a bundle without config.json, no bundle, a file as bundle" {
	mkdir "$TESTDIR/empty"
	run hako run --bundle "$TESTDIR/empty" "$ID"
	fails
	says config.json
	run hako run --bundle "$TESTDIR/none" "$ID"
	fails
	run hako run --bundle "$CONFIG" "$ID"
	fails
	nothing_left
}

@test "create's waiting init holds only stdio, the fifo and its own channel" {
	hako_create pause
	pid=$(init_pid)
	for fd in "/proc/$pid/fd"/*; do
		n=${fd##*/}
		[ "$n" -gt 2 ] || continue
		target=$(readlink "$fd")
		case "$target" in
		pipe:*|socket:*|anon_inode:*|*exec.fifo*|/proc|/memfd:*|/) ;;
		*) [ ! -d "$fd" ] || fail "fd $n is the directory $target" ;;
		esac
	done
}

@test "the lock of one container does not stop another" {
	probe pause
	pids=
	for n in 1 2 3 4 5 6; do
		(hako create --bundle "$BUNDLE" "$ID-$n" </dev/null >"$TESTDIR/out.$n" 2>&1 &&
			hako start "$ID-$n" && hako delete --force "$ID-$n") &
		pids+=" $!"
	done
	# shellcheck disable=SC2086
	wait $pids
	cat "$TESTDIR"/out.*
	nothing_left
}

@test "very short programs: run never hangs" {
	for i in {1..20}; do
		run hako_run true
		succeeds
	done
	nothing_left
}

@test "a state file whose pid now belongs to another: never signalled" {
	requires hako
	hako_create pause
	real=$(init_pid)
	sleep 1000 &
	victim=$!
	f=$(find "$ROOT/$ID" -type f -exec grep -l "\"pid\": *$real" {} +)
	sed -i "s/\(\"pid\": *\)$real/\1$victim/" "$f"
	run hako kill "$ID" KILL
	fails
	run hako delete --force "$ID"
	kill -KILL $victim
	kill -KILL "$real" 2>/dev/null || true
}
