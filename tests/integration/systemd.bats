#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd cgroup manager where there is no systemd, or one that does not answer. tests/vm has
# the rest.

load helpers

setup() {
	requires hako python3
	bundle_new
	grep -q '^+SYSTEMD\| +SYSTEMD' <(hako --version) || skip "built without libsystemd"
}

teardown() { clean_up; }

# at_bus SCRIPT: $TESTDIR/bus is a socket, and what the Python lines do with each connection s.
at_bus() {
	python3 - "$TESTDIR/bus" "$1" 3>&- <<-'EOF' &
		import socket, sys, time
		l = socket.socket(socket.AF_UNIX)
		l.bind(sys.argv[1])
		l.listen()
		keep = []
		while True:
		    s, _ = l.accept()
		    keep.append(s)
		    exec(sys.argv[2])
	EOF
	BUS_PID=$!
	eventually test -S "$TESTDIR/bus"
	BUS=unix:path=$TESTDIR/bus
}

@test "systemd: none" {
	[ ! -d /run/systemd/system ] || skip "there is one"
	run hako --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	fails
	says "systemd: connect to the system manager:" \
		"'unix:path=/run/systemd/private': no such file"
	nothing_left
}

@test "systemd: a bus that does not answer is not waited for for ever" {
	at_bus pass
	SECONDS=0
	DBUS_SYSTEM_BUS_ADDRESS=$BUS run hako --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	kill "$BUS_PID"
	fails
	[ "$SECONDS" -lt 15 ]
	says "systemd: connect to the system manager: '$BUS'" \
		"no answer within 10 seconds"
	nothing_left
}

@test "systemd: a bus that breaks off, or speaks in tongues" {
	local script
	for script in 's.close()' 's.send(b"REJECTED\r\n")' 's.send(bytes(4096))'; do
		rm -f "$TESTDIR/bus"
		at_bus "$script"
		DBUS_SYSTEM_BUS_ADDRESS=$BUS run hako --systemd-cgroup create --bundle "$BUNDLE" \
			"$ID"
		kill "$BUS_PID"
		fails
		says "systemd: connect to the system manager: '$BUS'"
	done
	nothing_left
}

# --- a systemd of our own, which does as it is told ---

# systemd [METHOD=BEHAVIOUR…]: see fakebus.py; what it is asked for goes to $TESTDIR/asked.
systemd() {
	requires cgroup2
	rm -f "$TESTDIR/bus"
	python3 "$SRCDIR/tests/integration/fakebus.py" "$TESTDIR/bus" "/$MARK" "$@" \
		>"$TESTDIR/asked" 3>&- &
	BUS_PID=$!
	eventually test -S "$TESTDIR/bus"
	BUS=unix:path=$TESTDIR/bus
	SCOPE=hako-$ID.scope
}

# no_systemd: and what it made
no_systemd() {
	kill "$BUS_PID"
	wait "$BUS_PID" || true
	cgroup_dirs | sort -r | xargs -r rmdir
}

# on_bus COMMAND…: for it alone: whoever has the mark in his environment counts as left behind.
on_bus() { DBUS_SYSTEM_BUS_ADDRESS=$BUS "$@"; }

create() { on_bus hako_apart --systemd-cgroup create --bundle "$BUNDLE" "$ID"; }

# refused [METHOD=BEHAVIOUR…]: create fails with what is in $output, and leaves nothing.
refused() {
	systemd "$@"
	run create
	no_systemd
	fails
	nothing_left
}

@test "systemd: asked for a scope, which is used and stopped" {
	systemd
	config '.linux.resources.pids = {limit: 42}'
	probe pause
	create
	grep -q "$MARK/system.slice/$SCOPE" "/proc/$(init_pid)/cgroup"
	hako start "$ID"
	on_bus hako update --pids-limit 7 "$ID"
	grep -q '^   TasksMax 7$' "$TESTDIR/asked"
	run on_bus hako delete --force "$ID"
	succeeds
	is_output ""
	grep -q "^StartTransientUnit $SCOPE fail$" "$TESTDIR/asked"
	no_systemd
	nothing_left
}

@test "systemd: slow is not wrong" {
	systemd Get=late:1 StartTransientUnit=late:2 StopUnit=late:1
	probe pause
	create
	on_bus hako delete --force "$ID"
	no_systemd
	nothing_left
}

@test "systemd: a left-over unit is forgotten, and the start tried once more" {
	systemd StartTransientUnit=error-once:UnitExists
	probe pause
	create
	grep -qx "ResetFailedUnit $SCOPE" "$TESTDIR/asked"
	on_bus hako delete --force "$ID"
	no_systemd
	nothing_left
}

@test "systemd: a unit that exists and is not to be forgotten" {
	refused StartTransientUnit=error:UnitExists
	says "systemd: start unit '$SCOPE': told to fail"
}

@test "systemd: refusals name unit and step" {
	refused Get=error:Broken
	says "systemd: ask for 'ControlGroup'"
	refused StartTransientUnit=error:Broken
	says "systemd: start unit '$SCOPE': told to fail"
	refused StartTransientUnit=job:failed
	says "systemd: start unit '$SCOPE': the job ended as 'failed'"
	refused StartTransientUnit=job:canceled
	says "the job ended as 'canceled'"
}

@test "systemd: a connection that ends, or turns to garbage, at each step" {
	local how
	for how in close garbage; do
		refused Hello=$how
		says "systemd: connect to the system manager:"
		refused Get=$how
		says "systemd: ask for 'ControlGroup'"
		refused AddMatch=$how
		says "systemd: watch jobs"
		refused StartTransientUnit=$how
		says "systemd: start unit '$SCOPE'"
	done
}

# Each step is waited for ten seconds: the cases run side by side.
@test "systemd: mute at each step is not waited for for ever" {
	local pids=() buses=() how n=0
	patience 60
	for how in Hello=mute Get=mute AddMatch=mute StartTransientUnit=mute \
		StartTransientUnit=job-mute; do
		ID=$MARK-$((++n))
		systemd "$how"
		mv "$TESTDIR/bus" "$TESTDIR/bus-$n"
		buses+=("$BUS_PID")
		BUS=unix:path=$TESTDIR/bus-$n
		on_bus hako --systemd-cgroup create --bundle "$BUNDLE" "$ID" \
			>"$TESTDIR/out-$n" 2>&1 </dev/null 3>&- &
		pids+=($!)
	done
	SECONDS=0
	for n in 1 2 3 4 5; do
		status=0
		wait "${pids[n - 1]}" || status=$?
		output=$(<"$TESTDIR/out-$n")
		fails
		says "no answer within 10 seconds" "systemd:"
	done
	[ "$SECONDS" -lt 40 ]
	kill "${buses[@]}"
	says "systemd: start unit 'hako-$MARK-5.scope': wait for its job"
	output=$(<"$TESTDIR/out-4")
	says "systemd: start unit 'hako-$MARK-4.scope': no answer"
	output=$(<"$TESTDIR/out-3")
	says "systemd: watch jobs"
	output=$(<"$TESTDIR/out-2")
	says "systemd: ask for 'ControlGroup'"
	cgroup_dirs | sort -r | xargs -r rmdir
	nothing_left
}

@test "systemd: delete goes on without an answer, and says so" {
	systemd StopUnit=job-mute
	probe pause
	create
	patience 60
	run on_bus hako delete --force "$ID"
	succeeds
	says "remove cgroup: systemd: stop unit '$SCOPE': wait for its job: no answer within 10 sec"
	no_systemd
	nothing_left
}

@test "systemd: an update that it refuses changes nothing" {
	requires controller:pids
	systemd
	config '.linux.resources.pids = {limit: 42}'
	probe pause
	create
	kill "$BUS_PID"
	systemd SetUnitProperties=error:Broken
	run on_bus hako update --pids-limit 7 "$ID"
	fails
	says "systemd: change unit '$SCOPE': told to fail"
	grep -qx 42 "$(cgroup_of pids "$(init_pid)")/pids.max"
	on_bus hako delete --force "$ID"
	no_systemd
	nothing_left
}
