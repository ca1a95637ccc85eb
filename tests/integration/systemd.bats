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
