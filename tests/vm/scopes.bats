#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd cgroup manager, on a machine whose PID 1 it is. Run by systemd.sh.

load ../integration/helpers

setup() {
	requires systemd unified
	bundle_new
	SCOPE=hako-$ID.scope
	probe sleep 300
}

teardown() {
	systemctl stop "$SCOPE" 2>/dev/null
	systemctl reset-failed "$SCOPE" 2>/dev/null
	clean_up
}

# create [ARG…]: with the systemd manager; what it says to $TESTDIR/out.
create() { hako_apart --systemd-cgroup create --bundle "$BUNDLE" "$@" "$ID"; }

# property NAME [UNIT]
property() { systemctl show "${2:-$SCOPE}" -P "$1"; }

# has_properties NAME=VALUE…
has_properties() {
	local p
	for p in "$@"; do
		[ "$(property "${p%%=*}")" = "${p#*=}" ] ||
			fail "${p%%=*} is '$(property "${p%%=*}")', expected '${p#*=}'" || return
	done
}

# files NAME=VALUE…: of the scope's cgroup
files() {
	local dir f
	dir=/sys/fs/cgroup$(property ControlGroup)
	for f in "$@"; do
		[ "$(cat "$dir/${f%%=*}")" = "${f#*=}" ] ||
			fail "${f%%=*} is '$(cat "$dir/${f%%=*}")', expected '${f#*=}'" || return
	done
}

limits='.linux.resources += {
	memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
	cpu: {shares: 2048, quota: 25000, period: 50000, cpus: "0"},
	pids: {limit: 42}}'

@test "systemd: a scope with limits as properties and in files" {
	config "$limits"
	create
	has_properties Slice=system.slice Delegate=yes MemoryMax=67108864 MemorySwapMax=67108864 \
		MemoryLow=33554432 CPUWeight=174 CPUQuotaPerSecUSec=500ms AllowedCPUs=0 \
		TasksMax=42 DevicePolicy=auto "Description=OCI container $ID"
	files memory.max=67108864 memory.swap.max=67108864 memory.low=33554432 cpu.weight=174 \
		"cpu.max=25000 50000" cpuset.cpus=0 pids.max=42 "cgroup.procs=$(init_pid)"
	hako delete --force "$ID"
	[ "$(property LoadState)" = not-found ]
	nothing_left
}

@test "systemd: the container is at the root of its cgroup namespace" {
	shell 'cat /proc/self/cgroup'
	run hako --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	succeeds
	is_output "0::/"
	nothing_left
}

@test "systemd: slice, prefix and name" {
	config '.linux.cgroupsPath = "hako-test.slice:pre:" + $n' --arg n "$ID"
	SCOPE=pre-$ID.scope
	create
	has_properties Slice=hako-test.slice \
		"ControlGroup=/hako.slice/hako-test.slice/pre-$ID.scope"
	hako delete --force "$ID"
	systemctl stop hako.slice
	nothing_left
}

@test "systemd: a path of another form is refused" {
	config '.linux.cgroupsPath = "/a/b"'
	run create
	fails
	says "linux.cgroupsPath: '/a/b' has not the form SLICE:PREFIX:NAME"
	nothing_left
}

@test "systemd: properties from annotations win" {
	config '.annotations = {
		"org.systemd.property.TimeoutStopSec": "uint64 7",
		"org.systemd.property.Description": "\u0027mine\u0027",
		"org.systemd.property.After": "[\u0027dbus.service\u0027]"}'
	create
	has_properties TimeoutStopUSec=7s Description=mine
	[[ $(property After) == *dbus.service* ]]
}

@test "systemd: a property it refuses ends the container, with the reason" {
	config '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
	run create
	fails
	says "systemd: start unit '$SCOPE':" NoSuchThing
	nothing_left
}

@test "systemd: a unit left over from a failure is forgotten" {
	systemd-run --quiet --scope --unit "$SCOPE" -p RuntimeMaxSec=100ms sleep 60 || true
	eventually test "$(property ActiveState)" = failed
	create
	has_properties ActiveState=active
}

@test "systemd: a running unit of that name is an error and stays" {
	systemd-run --quiet --scope --unit "$SCOPE" sleep 60 3>&- &
	eventually systemctl is-active --quiet "$SCOPE"
	run create
	fails
	says "systemd: start unit '$SCOPE'"
	has_properties ActiveState=active
}

@test "systemd: daemon-reload changes nothing" {
	local dir before
	config "$limits"
	config '.linux.resources.cpu.quota = 12345'
	create
	dir=/sys/fs/cgroup$(property ControlGroup)
	before=$(grep -H . "$dir"/{memory,pids,memory.swap}.max "$dir"/cpuset.cpus "$dir"/cpu.weight
		bpftool cgroup list "$dir")
	systemctl daemon-reload
	[ "$before" = "$(grep -H . "$dir"/{memory,pids,memory.swap}.max "$dir"/cpuset.cpus \
		"$dir"/cpu.weight
		bpftool cgroup list "$dir")" ]
	[[ $before == *hako_devices* ]]
}

@test "systemd: the kernel's limits win where systemd's are coarse" {
	config '.linux.resources += {cpu: {quota: 12345, period: 100000}, pids: {limit: 0}}'
	create
	files "cpu.max=12345 100000" pids.max=0
	has_properties CPUQuotaPerSecUSec=130ms TasksMax=1
}

@test "systemd: an inner cgroup for the processes" {
	config '.annotations = {"run.oci.systemd.subgroup": "payload"}'
	config "$limits"
	create
	files memory.max=67108864 cgroup.procs=
	[ "$(cat "/sys/fs/cgroup$(property ControlGroup)/payload/cgroup.procs")" = "$(init_pid)" ]
	hako delete --force "$ID"
	nothing_left
}

@test "systemd: delete works without it, and it notices" {
	create
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent \
		run unshare -m sh -c 'mount -t tmpfs none /run/systemd && mount -t tmpfs none \
			/run/dbus && "$@"' -- "$HAKO" --root "$ROOT" delete --force "$ID"
	succeeds
	says "remove cgroup: systemd: connect to the system manager"
	eventually test "$(property LoadState)" = not-found
	nothing_left
}

@test "systemd: kill by the OOM killer, and the same id again" {
	config '.linux.resources += {memory: {limit: 4194304, swap: 4194304}}'
	shell 'x=a; while :; do x=$x$x$x$x; done'
	run hako --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	[ "$status" -eq 137 ] || [ "$status" -eq 2 ] || { show; false; }
	probe sleep 300
	create
}

# as_lab COMMAND…: as a user, with a manager and a bus of his own
as_lab() {
	runuser -u lab -- env HOME=/home/lab XDG_RUNTIME_DIR=/run/user/1000 \
		DBUS_SESSION_BUS_ADDRESS= "$@"
}

@test "systemd: a user's manager" {
	id lab >/dev/null || skip "needs a user 'lab'"
	loginctl enable-linger lab
	eventually test -S /run/user/1000/bus
	rm "$CONFIG"
	chown lab "$BUNDLE"
	(cd "$BUNDLE" && as_lab "$HAKO" spec --rootless)
	config '.process.terminal = false | .process.args = ["/init", "sleep", "300"]
		| .linux.resources = {memory: {limit: 67108864}, pids: {limit: 42}}'
	chown lab "$CONFIG"
	as_lab "$HAKO" --systemd-cgroup create --bundle "$BUNDLE" "$ID" >"$TESTDIR/out" 2>&1 ||
		{ cat "$TESTDIR/out"; false; }
	[ "$(as_lab systemctl --user show "$SCOPE" -P MemoryMax)" = 67108864 ]
	[ "$(as_lab systemctl --user show "$SCOPE" -P ControlGroup)" = \
		"/user.slice/user-1000.slice/user@1000.service/user.slice/$SCOPE" ]
	[ "$(cat /sys/fs/cgroup/user.slice/*/user@1000.service/user.slice/"$SCOPE"/pids.max)" = 42 ]
	run as_lab "$HAKO" delete --force "$ID"
	succeeds
	is_output ""
	[ "$(as_lab systemctl --user show "$SCOPE" -P LoadState)" != loaded ]
}

@test "systemd: update changes properties and files, or neither" {
	config "$limits"
	create
	hako update --memory 32M --memory-swap 48M --pids-limit 7 --cpu-quota 10000 "$ID"
	has_properties MemoryMax=33554432 MemorySwapMax=16777216 TasksMax=7 CPUQuotaPerSecUSec=200ms
	files memory.max=33554432 memory.swap.max=16777216 pids.max=7 "cpu.max=10000 50000"
	systemctl daemon-reload
	files memory.max=33554432 memory.swap.max=16777216 pids.max=7 "cpu.max=10000 50000"
	# systemd takes no such bandwidth and the kernel has no such disk.
	run hako update -r - "$ID" <<-'EOF'
		{"memory": {"limit": 16777216, "swap": 16777216},
		 "blockIO": {"throttleReadBpsDevice": [{"major": 4000, "minor": 1, "rate": 5}]}}
	EOF
	fails
	has_properties MemoryMax=33554432
	files memory.max=33554432
}

@test "systemd: its own device program is shown, explained, and has a say" {
	config '.annotations = {"org.systemd.property.DevicePolicy": "\u0027closed\u0027"}
		| .linux.resources.devices = [{allow: true, access: "rwm"},
			{allow: false, type: "c", major: 7, access: "rwm"}]'
	create
	run hako devices "$ID"
	succeeds
	says "2 programs decide; each of them must allow" "'sd_devices'" "'hako_devices'" \
		"as its configuration says"
	says_not "not made of rules"
	matches '^ +allow c 1:3 rwm +instruction'
	run hako devices "$ID" 'c 1:3 rw' 'c 10:229 r' 'c 7:1 r'
	succeeds
	has_line "c 1:3 rw: allowed"
	matches "^c 10:229 r: denied by program [0-9]+ 'sd_devices' of"
	matches "^c 7:1 r: denied by"
	hako delete --force "$ID"
}

@test "systemd: the unit of contrib runs a bundle as a service" {
	unit=hako@$ID.service
	sed "s|/usr/bin/hako|$HAKO|; s|/var/lib/hako/%i|$BUNDLE|" \
		"$SRCDIR/contrib/engines/hako@.service" >"/run/systemd/system/hako@.service"
	systemctl daemon-reload
	systemctl start "$unit"
	eventually has_properties ActiveState=active
	pid=$(property MainPID "$unit")
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d' ' -f3)" = run ]
	# Asked to end, the program is; the service is over when the container is.
	systemctl stop "$unit"
	[ "$(property ActiveState "$unit")" = inactive ] ||
		[ "$(property ActiveState "$unit")" = failed ]
	[ "$(property LoadState)" = not-found ]
	[ ! -e "/run/hako/$ID" ]
	rm "/run/systemd/system/hako@.service"
	systemctl daemon-reload
}
