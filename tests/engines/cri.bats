#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The CRI plugin of containerd with a handler of the name hako, called as a kubelet would do it.
# Pods are on the host's network: any other needs CNI plugins, and is a path to join for hako.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="root containerd ctr protoc python3-grpc"

PAUSE=localhost/hako-pause:latest

setup_file() {
	engine_dir || return 0
	cat >"$TESTDIR/config.toml" <<-EOT
		version = 2
		root = "$TESTDIR/ctd"
		state = "$TESTDIR/ctd-state"
		[grpc]
		  address = "$TESTDIR/sock"
		[ttrpc]
		  address = "$TESTDIR/sock.ttrpc"
		[plugins."io.containerd.grpc.v1.cri"]
		  sandbox_image = "$PAUSE"
		  restrict_oom_score_adj = true
		  disable_apparmor = true
		  [plugins."io.containerd.grpc.v1.cri".containerd]
		    snapshotter = "native"
		    default_runtime_name = "hako"
		    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hako]
		      runtime_type = "io.containerd.runc.v2"
		      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hako.options]
		        BinaryName = "$HAKO"
	EOT
	containerd -c "$TESTDIR/config.toml" >"$TESTDIR/log" 2>&1 </dev/null 3>&- &
	echo $! >"$TESTDIR/daemon"
	protoc --python_out="$TESTDIR" -I "$SRCDIR/tests/engines" cri.proto
	eventually timeout 5 ctr -a "$TESTDIR/sock" version
	oci_archive "$TESTDIR/image.tar" "$IMAGE" sh
	oci_archive "$TESTDIR/pause.tar" "$PAUSE" sleep 1000000
	for tar in image pause; do
		timeout 60 ctr -a "$TESTDIR/sock" -n k8s.io image import --snapshotter native \
			"$TESTDIR/$tar.tar" >/dev/null
	done
}

setup() { engine_test; }

teardown() {
	local id
	for id in $(call ListPodSandbox | jq -r '.items[].id'); do
		remove_pod "$id" >/dev/null 2>&1 || true
	done
}

teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	end_daemon
	clean_up
}

# call METHOD [FILTER [JQ-ARG…]]: what jq makes of nothing is the request.
call() {
	local method=$1 filter=${2:-{\}}
	shift $(($# > 1 ? 2 : 1))
	jq -nc "$filter" "$@" >"$TESTDIR/request"
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TESTDIR timeout -k 5 100 /usr/bin/python3 \
		"$SRCDIR/tests/engines/cri.py" "$TESTDIR/sock" "$method" "$(cat "$TESTDIR/request")"
}
# of METHOD ID [MORE]: a call about one container.
of() { call "$1" "{container_id: \$id} + ${3:-{\}}" --arg id "$2"; }

# run_pod [FILTER]: changes to the pod's configuration, which is kept. Sets POD.
run_pod() {
	jq -n --arg m "$MARK" --arg d "$TESTDIR" '{metadata: {name: $m, namespace: "test", uid: $m},
		log_directory: $d, linux: {cgroup_parent: "/\($m)", security_context:
			{namespace_options: {network: "NODE"}}}} | '"${1:-.}" >"$TESTDIR/pod.json"
	POD=$(call RunPodSandbox '{config: $pod[0], runtime_handler: "hako"}' \
		--slurpfile pod "$TESTDIR/pod.json" | jq -r .pod_sandbox_id)
}
# create NAME [FILTER [JQ-ARG…]]: changes to a container's configuration. Sets ID.
create() {
	ID=$(call CreateContainer "{pod_sandbox_id: \$id, sandbox_config: \$pod[0], config:
		({metadata: {name: \$name}, image: {image: \$image}, log_path: (\$name + \".log\"),
		command: [\"sh\", \"-c\", \"echo up; exec sleep 1000\"],
		linux: {security_context: {namespace_options: {network: \"NODE\",
			pid: \"CONTAINER\"},
			seccomp: {profile_type: \"Unconfined\"}}}} | ${2:-.})}" \
		--arg id "$POD" --arg name "$1" --arg image "$IMAGE" \
		--slurpfile pod "$TESTDIR/pod.json" "${@:3}" | jq -r .container_id)
}
start() { create "$@" && of StartContainer "$ID" >/dev/null; }
# inside COMMAND…: its output; the exit status is its own.
inside() {
	local answer
	answer=$(call ExecSync '{container_id: $id, cmd: $ARGS.positional, timeout: 30}' \
		--arg id "$ID" --args -- "$@" 3>&-) || return 125
	jq -j '.stdout + .stderr' <<<"$answer"
	return "$(jq .exit_code <<<"$answer")"
}
status() { of ContainerStatus "${2:-$ID}" | jq -r ".status.$1"; }
is_state() { [ "$(status state)" = "CONTAINER_$1" ]; }
pid_of() { of ContainerStatus "$ID" '{verbose: true}' | jq -r '.info.info | fromjson.pid'; }
logged() { cut -d' ' -f2- "$TESTDIR/$1.log" | grep -qx "$2"; }
remove() { of StopContainer "$ID" '{timeout: 0}' && of RemoveContainer "$ID"; } >/dev/null
remove_pod() {
	call StopPodSandbox '{pod_sandbox_id: $id}' --arg id "$1"
	call RemovePodSandbox '{pod_sandbox_id: $id}' --arg id "$1"
}
# The pod's own parent is the kubelet's to remove.
pod_left_nothing() {
	cgroup_dirs | xargs -r rmdir
	engine_left_nothing
}

@test "cri: a pod and a container: log, exec, state, exit status, nothing left" {
	run_pod
	start main '.envs = [{key: "A", value: "b c"}] | .working_dir = "/tmp"'
	is_state RUNNING
	eventually logged main "stdout F up"
	run inside sh -c 'echo "$A"; pwd; echo error >&2; exit 7'
	exits 7
	is_output $'b c\n/tmp\nerror'
	of StopContainer "$ID" '{timeout: 0}'
	is_state EXITED
	[ "$(status exit_code)" = 137 ]
	remove
	start again '.command = ["sh", "-c", "exit 3"]'
	eventually is_state EXITED
	[ "$(status exit_code)" = 3 ]
	remove
	remove_pod "$POD"
	pod_left_nothing
}

@test "cri: limits, statistics, update" {
	run_pod
	start main '.linux.resources = {memory_limit_in_bytes: 67108864, cpu_shares: 512,
		cpu_period: 100000, cpu_quota: 50000, oom_score_adj: 500}'
	pid=$(pid_of)
	memory() { cat "$(cgroup_of memory "$pid")"/memory.{max,limit_in_bytes} 2>/dev/null; }
	cpu() { cat "$(cgroup_of cpu "$pid")"/cpu.{max,cfs_quota_us} 2>/dev/null; }
	[ "$(memory)" = 67108864 ]
	[[ "$(cpu)" == 50000* ]]
	[ "$(cat "/proc/$pid/oom_score_adj")" = 500 ]
	of ContainerStats "$ID" | jq -e '.stats | (.memory.working_set_bytes.value | tonumber) > 0
		and (.cpu.usage_core_nano_seconds.value | tonumber) > 0'
	of UpdateContainerResources "$ID" \
		'{linux: {memory_limit_in_bytes: 83886080, cpu_period: 100000, cpu_quota: 25000}}'
	[ "$(memory)" = 83886080 ]
	[[ "$(cpu)" == 25000* ]]
	remove
}

@test "cri: containers of a pod share what the pod says: pid, ipc, the host's network" {
	run_pod
	start first '.linux.security_context.namespace_options.pid = "POD"'
	first=$ID
	one=$(pid_of)
	start second '.linux.security_context.namespace_options.pid = "POD"'
	two=$(pid_of)
	for ns in ipc uts net pid; do
		[ "$(readlink "/proc/$one/ns/$ns")" = "$(readlink "/proc/$two/ns/$ns")" ]
	done
	[ "$(readlink "/proc/$one/ns/mnt")" != "$(readlink "/proc/$two/ns/mnt")" ]
	run inside ps -o pid,args
	matches '^ +1 sleep 1000000$'
	# An ephemeral container that debugs the first, with its processes.
	start debug '.linux.security_context.namespace_options |=
		. + {pid: "TARGET", target_id: $ARGS.named.first}' --arg first "$first"
	[ "$(readlink "/proc/$(pid_of)/ns/pid")" = "$(readlink "/proc/$one/ns/pid")" ]
}

@test "cri: a user, groups, capabilities, read-only, no new privileges, masked paths" {
	run_pod
	start main '.linux.security_context += {run_as_user: {value: 33}, run_as_group: {value: 34},
		supplemental_groups: [35], readonly_rootfs: true, no_new_privs: true,
		capabilities: {drop_capabilities: ["ALL"], add_capabilities: ["NET_RAW"]},
		masked_paths: ["/proc/uptime"], readonly_paths: ["/proc/sys"],
		seccomp: {profile_type: "RuntimeDefault"}}'
	run inside sh -c 'id -u; id -g; id -G
		grep -E "CapBnd|NoNewPrivs|Seccomp:" /proc/self/status
		(: >/x) 2>&1; wc -c </proc/uptime'
	has_line 33 34 "34 35" "CapBnd:	0000000000002000" "NoNewPrivs:	1" "Seccomp:	2" 0
	says "Read-only file system"
}

@test "cri: privileged: every capability, the host's devices, no filter" {
	run_pod '.linux.security_context.privileged = true'
	start main '.linux.security_context.privileged = true'
	run inside sh -c 'grep -E "CapEff|Seccomp:" /proc/self/status
		[ -w /proc/sys/kernel/domainname ] && echo writable'
	has_line "CapEff:	$(awk '/CapBnd/ { print $2 }' /proc/self/status)" "Seccomp:	0" \
		writable
}

@test "cri: a volume, read-only and not, and a device" {
	mkdir -p "$TESTDIR/volume"
	echo data >"$TESTDIR/volume/file"
	run_pod
	start main '.mounts = [{container_path: "/v", host_path: $ARGS.named.dir, readonly: true},
		{container_path: "/w", host_path: $ARGS.named.dir}]
		| .devices = [{container_path: "/dev/mine", host_path: "/dev/fuse",
			permissions: "r"}]' \
		--arg dir "$TESTDIR/volume"
	run inside sh -c 'cat /v/file; (: >/v/x) 2>&1; : >/w/x && echo written
		(: </dev/mine) && echo opened; (: >>/dev/mine) 2>&1
		stat -c %F /dev/mine'
	has_line data written opened "character special file"
	matches '/v/x: Read-only file system$'
	matches '/dev/mine: Operation not permitted$'
	[ -e "$TESTDIR/volume/x" ]
}

@test "cri: a terminal" {
	run_pod
	start main '.tty = true |
		.command = ["sh", "-c", "[ -t 0 ] && echo terminal; exec sleep 1000"]'
	eventually logged main "stdout F terminal"
}

@test "cri: errors are the runtime's own words, and leave nothing" {
	run_pod
	create main '.command = ["no-such-program"]'
	run of StartContainer "$ID"
	fails
	says 'executable file not found in $PATH'
	[ "$(status state)" = CONTAINER_EXITED ]
	remove
	start slow
	run call ExecSync '{container_id: $id, cmd: ["sleep", "1000"], timeout: 1}' --arg id "$ID"
	fails
	says "timeout 1s exceeded"
	run inside ps -o args
	[ "$(grep -c "^sleep 1000" <<<"$output")" = 1 ]
	remove
	remove_pod "$POD"
	pod_left_nothing
}

@test "critest: the basic part" {
	have critest || skip "needs critest, which Debian does not have"
	run timeout 110 critest -runtime-endpoint "unix://$TESTDIR/sock" -runtime-handler hako \
		-ginkgo.focus 'basic operations'
	succeeds
}
