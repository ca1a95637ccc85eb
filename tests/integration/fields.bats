#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Fields of config.json that have no topic of their own: scheduling, memory, personality, default
# mappings, annotations of other runtimes.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

# --- process --------------------------------------------------------------------------------------

@test "process.scheduler: batch with a nice value, idle" {
	requires chrt
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}'
	hako_detached pause
	run chrt -p "$(init_pid)"
	says SCHED_BATCH
	[ "$(ps -o ni= -p "$(init_pid)" | tr -d ' ')" = 5 ]
	hako delete --force "$ID"
	config '.process.scheduler = {policy: "SCHED_IDLE"}'
	hako_detached pause
	run chrt -p "$(init_pid)"
	says SCHED_IDLE
}

@test "process.scheduler: the rules of a deadline, in the words engines know" {
	for c in '{}|requires `runtime`' '{runtime: 42000}|requires `deadline`' \
		'{runtime: 42000, deadline: 1000}|`runtime` <= `deadline`'; do
		config ".process.scheduler = ({policy: \"SCHED_DEADLINE\"} + ${c%|*})"
		run hako_run true
		fails
		says "sched_setattr: \`SCHED_DEADLINE\`" "${c#*|}"
		nothing_left
	done
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 200}'
	run hako_run true
	fails
	says process.scheduler.priority
	config '.process.scheduler = {policy: "SCHED_NONE"}'
	run hako_run true
	fails
	says process.scheduler.policy SCHED_NONE
}

@test "process.ioPriority" {
	requires ionice
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	hako_detached pause
	run ionice -p "$(init_pid)"
	is_output "best-effort: prio 6"
	hako delete --force "$ID"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	hako_detached pause
	run ionice -p "$(init_pid)"
	says idle
	hako delete --force "$ID"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 9}'
	run hako_run true
	fails
	says process.ioPriority.priority
}

@test "process.commandLine is for Windows: a warning" {
	config '.process.commandLine = "x"'
	run hako_run echo fine
	succeeds
	says fine process.commandLine
}

# --- linux ----------------------------------------------------------------------------------------

@test "linux.memoryPolicy: bound to a node" {
	[ -e /sys/devices/system/node/node0 ] || skip "needs NUMA"
	config '.linux.memoryPolicy =
		{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	run hako_run cat /proc/self/numa_maps
	succeeds
	says "bind=static:0"
	config '.linux.memoryPolicy = {mode: "MPOL_DEFAULT", nodes: ""}'
	run hako_run true
	succeeds
}

@test "linux.memoryPolicy: what is invalid, in the words engines know" {
	for c in '{}|invalid memory policy' '{mode: "", nodes: "0"}|invalid memory policy' \
		'{nodes: "0"}|invalid memory policy mode' \
		'{mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_X"]}|invalid memory policy flag' \
		'{mode: "MPOL_BIND", nodes: "a-b"}|invalid memory policy node' \
		'{mode: "MPOL_DEFAULT", nodes: "0-7"}|mode requires 0 nodes but got 8'; do
		config ".linux.memoryPolicy = ${c%|*}"
		run hako_run true
		exits 1
		says "${c#*|}"
	done
	nothing_left
}

@test "linux.personality" {
	config '.linux.personality = {domain: "LINUX32"}'
	run hako_run personality
	succeeds
	is_output 0x8
	config '.linux.personality = {domain: "LINUX", flags: ["X"]}'
	run hako_run true
	fails
	says "linux.personality.flags[0]"
}

@test "a user namespace without mappings gets some" {
	requires userns
	config '.linux.namespaces += [{type: "user"}]'
	chmod -R o+rX "$ROOTFS"
	run hako_run ids \; cat /proc/self/uid_map
	succeeds
	matches '^ +0 '
	nothing_left
}

# --- annotations ----------------------------------------------------------------------------------

# pidfd_receiver SOCKET: takes one descriptor and writes to SOCKET.log whose it is.
pidfd_receiver() {
	HAKO_TEST=$MARK timeout 60 python3 - "$1" >"$1.log" 2>&1 3>&- <<-'EOF' &
		import re, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(1)
		print("listening", flush=True)
		text, fds, _, _ = socket.recv_fds(s.accept()[0], 64, 4)
		pids = [re.search(r"^Pid:\s*(\d+)$", open("/proc/self/fdinfo/%d" % fd).read(), re.M)
		        for fd in fds]
		print("got", *[p.group(1) if p else "no pidfd" for p in pids], flush=True)
	EOF
	eventually grep -q listening "$1.log"
}

@test "run.oci.pidfd_receiver and --pidfd-socket are sent a pidfd of init" {
	requires hako python3
	pidfd_receiver "$TESTDIR/one"
	pidfd_receiver "$TESTDIR/two"
	config '.annotations["run.oci.pidfd_receiver"] = $s' --arg s "$TESTDIR/one"
	probe pause
	hako_apart create --pidfd-socket "$TESTDIR/two" --bundle "$BUNDLE" "$ID"
	eventually grep -qx "got $(init_pid)" "$TESTDIR/one.log"
	eventually grep -qx "got $(init_pid)" "$TESTDIR/two.log"
	hako delete --force "$ID"
	# nobody listens any more
	eventually gone || nothing_left
	run hako_run true
	fails
	says "connect to pidfd socket '$TESTDIR/one'"
	nothing_left
	config '.annotations["run.oci.pidfd_receiver"] = "relative"'
	run hako_run true
	fails
	says run.oci.pidfd_receiver
}

# --- mounts ---------------------------------------------------------------------------------------

@test "src-nofollow: the link itself is mounted" {
	mkdir "$TESTDIR/host"
	echo host >"$TESTDIR/host/file"
	ln -s /etc/group "$TESTDIR/host/link"
	config '.root.readonly = false'
	add_mount '{"destination": "/link", "source": "'"$TESTDIR"'/host/link",
		"options": ["bind", "src-nofollow"]}'
	add_mount '{"destination": "/file", "source": "'"$TESTDIR"'/host/file",
		"options": ["bind", "src-nofollow"]}'
	# Where it points to is inside, and nothing of what it points to outside was mounted.
	echo inside >"$ROOTFS/etc/group"
	run -0 hako_run readlink /link \; cat /link \; cat /file
	has_line /etc/group inside host
	config '.mounts |= map(del(.options[]? | select(. == "src-nofollow")))'
	run hako_run readlink /link
	says_not /etc/group
}

@test "copy-symlink, dest-nofollow" {
	mkdir "$TESTDIR/host"
	echo host >"$TESTDIR/host/file"
	ln -s /etc/there "$TESTDIR/host/link"
	ln -s file "$TESTDIR/host/to-file"
	config '.root.readonly = false'
	add_mount '{"destination": "/copied", "source": "'"$TESTDIR"'/host/link",
		"options": ["bind", "copy-symlink"]}'
	add_mount '{"destination": "/plain", "source": "'"$TESTDIR"'/host/to-file",
		"options": ["bind", "copy-symlink"]}'
	run hako_run readlink /copied \; readlink /plain
	succeeds
	has_line /etc/there file
	config '.mounts |= map(select(.destination != "/copied" and .destination != "/plain"))'
	mkdir "$ROOTFS/real"
	ln -s real "$ROOTFS/via"
	add_mount '{"destination": "/via", "source": "'"$TESTDIR"'/host",
		"options": ["bind", "dest-nofollow"]}'
	run hako_run ls /real
	says_not file
}

@test "a thousand mounts under a low limit of descriptors" {
	requires hako
	mkdir "$TESTDIR/host"
	echo secret >"$TESTDIR/host/file"
	config '.mounts += [range(1000) | {destination: "/tmp/m\(.)", source: $s,
		options: ["bind"]}] | .root.readonly = false' --arg s "$TESTDIR/host"
	probe cat /tmp/m999/file
	run bash -c 'ulimit -Sn 64; exec timeout 60 "$0" --root "$1" run --bundle "$2" "$3" \
		</dev/null' \
		"$HAKO" "$ROOT" "$BUNDLE" "$ID"
	is_output secret
	nothing_left
}

# --- annotations ----------------------------------------------------------------------------------

@test "run.oci.hooks.stdout and stderr: appended to" {
	echo before >"$TESTDIR/out"
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo o; echo e >&2"]}]
		| .annotations = {"run.oci.hooks.stdout": $o, "run.oci.hooks.stderr": $e}' \
		--arg o "$TESTDIR/out" --arg e "$TESTDIR/err"
	run hako_run true
	succeeds
	[ "$(cat "$TESTDIR/out")" = "before
o" ]
	[ "$(cat "$TESTDIR/err")" = e ]
}

@test "run.oci.keep_original_groups" {
	requires setpriv
	config '.annotations["run.oci.keep_original_groups"] = "1"'
	probe ids
	run env HAKO_TEST="$MARK" setpriv --groups 4711 "$HAKO" --root "$ROOT" run \
		--bundle "$BUNDLE" "$ID"
	says 4711
	config 'del(.annotations)'
	run env HAKO_TEST="$MARK" setpriv --groups 4711 "$HAKO" --root "$ROOT" run \
		--bundle "$BUNDLE" "$ID"
	says_not 4711
}

@test "run.oci.seccomp_fail_unknown_syscall" {
	requires seccomp
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["no_such_call"], action: "SCMP_ACT_ERRNO"}]}'
	run hako_run echo fine
	says fine
	config '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "1"'
	run hako_run true
	fails
	says no_such_call
}

@test "annotations that would make another container are refused" {
	requires hako
	for name in run.oci.handler run.oci.systemd.force_cgroup_v1; do
		config '.annotations = {($n): "1"}' --arg n "$name"
		run hako_run true
		fails
		says "$name" "not supported"
	done
	config '.annotations = {"run.oci.delegate-cgroup": "../up"}'
	run hako_run true
	fails
	says '`..` components are not allowed'
	config '.annotations = {"com.example.other": "x"}'
	run hako_run true
	succeeds
}

# --- log ------------------------------------------------------------------------------------------

@test "--log journald:ID" {
	requires hako python3
	mkdir -p "$TESTDIR/journal"
	HAKO_TEST=$MARK python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("listening", flush=True)
while True: print(s.recv(65536), flush=True)' "$TESTDIR/journal/socket" \
		>"$TESTDIR/heard" 3>&- &
	eventually grep -q listening "$TESTDIR/heard"
	# The journal's place, in a mount namespace of its own.
	run unshare --mount --propagation slave sh -ec '
		mount -t tmpfs none /run
		mkdir -p /run/systemd/journal
		mount --bind "$1" /run/systemd/journal
		shift
		exec "$@"' sh "$TESTDIR/journal" "$HAKO" --root "$ROOT" --log journald:my-id \
		state no-such-container
	fails
	says "does not exist"
	eventually grep -q 'MESSAGE.*does not exist' "$TESTDIR/heard"
	grep -q 'SYSLOG_IDENTIFIER.*my-id' "$TESTDIR/heard"
	grep -q 'PRIORITY=3' "$TESTDIR/heard"
}

@test "restore refuses what criu would not give back" {
	mkdir "$TESTDIR/images"
	config '.linux.netDevices = {"eth7": {}}'
	run hako --criu true restore --bundle "$BUNDLE" --image-path "$TESTDIR/images" "$ID"
	exits 1
	says "linux.netDevices: not supported by restore"
	config 'del(.linux.netDevices) | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	run hako --criu true restore --bundle "$BUNDLE" --image-path "$TESTDIR/images" "$ID"
	says "process.ioPriority: not supported by restore"
	config 'del(.process.ioPriority)
		| .annotations["org.hako.sched.core"] = "1"'
	run hako --criu true restore --bundle "$BUNDLE" --image-path "$TESTDIR/images" "$ID"
	exits 1
	says org.hako.sched.core
	nothing_left
	# A container that is there is not lost for it.
	config 'del(.annotations) | .process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	hako_detached pause
	run hako --criu true checkpoint --image-path "$TESTDIR/images" "$ID"
	exits 1
	says "process.ioPriority: not supported by checkpoint"
	is_state "$ID" running
}
