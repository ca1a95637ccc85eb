#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The CRI plugin of containerd, as a kubelet would call it, with a handler of the name hako.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="root containerd ctr crictl"

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
		  sandbox_image = "$IMAGE"
		  [plugins."io.containerd.grpc.v1.cri".containerd]
		    snapshotter = "native"
		    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hako]
		      runtime_type = "io.containerd.runc.v2"
		      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.hako.options]
		        BinaryName = "$HAKO"
	EOT
	containerd -c "$TESTDIR/config.toml" >"$TESTDIR/log" 2>&1 </dev/null 3>&- &
	echo $! >"$TESTDIR/daemon"
	eventually timeout 5 ctr -a "$TESTDIR/sock" version
	oci_archive "$TESTDIR/oci.tar"
	timeout 60 ctr -a "$TESTDIR/sock" -n k8s.io image import --snapshotter native \
		"$TESTDIR/oci.tar" >/dev/null
}

setup() { engine_test; }
teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	crictl_ rmp --all --force >/dev/null 2>&1 || true
	end_daemon
	clean_up
}

crictl_() { timeout -k 5 90 crictl -r "unix://$TESTDIR/sock" "$@"; }

@test "crictl: a pod on the host's network, a container in it, exec, logs, stats, update" {
	jq -n --arg m "$MARK" --arg d "$TESTDIR" '{metadata: {name: $m, namespace: $m, uid: $m,
		attempt: 1}, log_directory: $d, linux: {security_context:
		{namespace_options: {network: 2}}}}' >"$TESTDIR/pod.json"
	jq -n --arg i "$IMAGE" '{metadata: {name: "main"}, image: {image: $i},
		command: ["sh", "-c", "echo up; sleep 1000"], log_path: "main.log",
		linux: {resources: {memory_limit_in_bytes: 67108864}}}' >"$TESTDIR/main.json"
	pod=$(crictl_ runp --runtime hako "$TESTDIR/pod.json")
	id=$(crictl_ create "$pod" "$TESTDIR/main.json" "$TESTDIR/pod.json")
	crictl_ start "$id"
	run crictl_ exec --sync "$id" sh -c 'echo inside'
	has_line inside
	logged() { crictl_ logs "$id" | grep -qx up; }
	eventually logged
	run crictl_ stats "$id"
	succeeds
	crictl_ update --memory 83886080 "$id"
	crictl_ stop --timeout 0 "$id"
	crictl_ rm "$id"
	crictl_ rmp --force "$pod"
}

@test "critest: the basic part" {
	requires critest
	run timeout 110 critest -runtime-endpoint "unix://$TESTDIR/sock" -runtime-handler hako \
		-ginkgo.focus 'basic operations'
	succeeds
}
