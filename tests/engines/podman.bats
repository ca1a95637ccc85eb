#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with hako as its runtime, in a storage of its own: as root, and as whoever runs this.
# PODMAN_CGROUPS names its cgroup manager, cgroupfs when not set.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="podman"

setup_file() {
	engine_dir || return 0
	podman_config "${PODMAN_CGROUPS:-cgroupfs}"
	tar -C "$TESTDIR/image" -c . | podman_ import - "$IMAGE" >/dev/null
}

setup() { engine_test; }

teardown() { podman_ rm --all --force --time 1 >/dev/null 2>&1 || true; }

# remove_pods NAME…: with the cgroups that podman leaves where there are several hierarchies.
remove_pods() {
	local id ids
	ids=$(podman_ pod ps --quiet --no-trunc)
	podman_ pod rm --force --time 0 "$@"
	for id in $ids; do
		rmdir /sys/fs/cgroup/*/libpod_parent/"$id" 2>/dev/null || true
	done
	rmdir /sys/fs/cgroup/*/libpod_parent 2>/dev/null || true
}

teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	remove_pods --all >/dev/null 2>&1 || true
	# What is in there is of ids that are the user's only inside of his namespace. The process
	# that holds it goes by podman: with a stale pid the next podman would not begin.
	if [ "$(id -u)" -ne 0 ]; then
		podman unshare rm -rf "$TESTDIR/storage" "$TESTDIR/run"
		podman_ system migrate
	fi
	clean_up
}

podman_run() { podman_ run --rm --network=none --name "$MARK" "$@" </dev/null; }
# podman_start ARG…: in the background; everything it starts outlives the command.
podman_start() {
	podman_ run -d --log-driver k8s-file --network=none --name "$MARK" "$@" \
		</dev/null >/dev/null 3>&-
}
inspected() { podman_ inspect --format "$1" "${2:-$MARK}"; }
says_line() { podman_ logs "$MARK" 2>&1 | grep -qx "$1"; }
root_only() { [ "$(id -u)" -eq 0 ] || skip "needs root"; }
limits() {
	[ "$(id -u)" -eq 0 ] || [ "$(cgroup_mode)" = unified ] ||
		skip "no cgroups for an ordinary user here"
}
init_of() { inspected '{{.State.Pid}}'; }

# --- run ------------------------------------------------------------------------------------------

@test "podman run true" {
	run podman_run "$IMAGE" true
	succeeds
	is_output ""
	engine_left_nothing
}

@test "podman run: output, status, environment, hostname, working directory" {
	run podman_run --env A=b --hostname boxed --workdir /tmp "$IMAGE" \
		sh -c 'echo "$A"; hostname; pwd; exit 7'
	exits 7
	is_output $'b\nboxed\n/tmp'
}

@test "podman run: 127 and 126 from the runtime's words" {
	run -127 podman_run "$IMAGE" no-such-program
	says "executable file not found in \$PATH"
	run podman_run "$IMAGE" /etc/passwd
	exits 126
	says "permission denied"
	engine_left_nothing
}

@test "podman run: user, read-only, tmpfs, volumes, a named volume" {
	mkdir -p "$TESTDIR/vol"
	chmod 755 "$TESTDIR/vol"
	echo data >"$TESTDIR/vol/f"
	run podman_run --user 33:33 --read-only --tmpfs /scratch:size=1m,mode=1777 \
		--volume "$TESTDIR/vol:/vol:ro" --volume "vol-$MARK:/named" "$IMAGE" sh -c '
		id; cat /vol/f; echo x 2>/dev/null >/vol/f || echo ro
		echo x 2>/dev/null >/x || echo root ro
		echo y >/scratch/y && cat /scratch/y; mount | grep -c " /named "'
	succeeds
	has_line "uid=33(www) gid=33(www) groups=33(www)" data ro "root ro" y 1
	podman_ volume rm "vol-$MARK" >/dev/null
}

@test "podman run: limits are in the cgroup" {
	limits
	podman_start --memory 64m --pids-limit 50 --cpus 0.5 "$IMAGE" sleep 1000
	pid=$(init_of)
	[ "$(cat "$(cgroup_of pids "$pid")/pids.max")" = 50 ]
	cat "$(cgroup_of memory "$pid")"/memory.{max,limit_in_bytes} 2>/dev/null | grep -qx 67108864
}

@test "podman run: capabilities" {
	run podman_run "$IMAGE" grep CapEff /proc/self/status
	base=$output
	run podman_run --cap-drop all "$IMAGE" grep CapEff /proc/self/status
	matches '0000000000000000$'
	run podman_run --cap-drop all --cap-add net_admin "$IMAGE" grep CapEff /proc/self/status
	matches '0000000000001000$'
	[ "$base" != "$output" ]
	run podman_run --security-opt no-new-privileges "$IMAGE" grep NoNewPrivs /proc/self/status
	matches '1$'
}

@test "podman run: seccomp, by default and with a profile" {
	run podman_run "$IMAGE" grep '^Seccomp:' /proc/self/status
	matches '2$'
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"],
		"action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}' >"$TESTDIR/profile.json"
	run podman_run --security-opt "seccomp=$TESTDIR/profile.json" "$IMAGE" mkdir /x
	fails
	says "not implemented"
	run podman_run --security-opt seccomp=unconfined "$IMAGE" \
		grep '^Seccomp:' /proc/self/status
	matches '0$'
}

@test "podman run: ulimits, sysctls, shared memory, hosts" {
	run podman_run --ulimit nofile=77:77 --ulimit nproc=100:100 \
		--sysctl net.ipv4.ip_forward=1 --shm-size 1m \
		--add-host boxed:1.2.3.4 "$IMAGE" sh -c '
		ulimit -n; cat /proc/sys/net/ipv4/ip_forward
		mount | grep -c "/dev/shm.*size=1024k"; grep boxed /etc/hosts'
	succeeds
	has_line 77 1
	says 1.2.3.4
}

@test "podman run: a device, and a rule for devices" {
	root_only
	# One that nobody has by default.
	for node in /dev/fuse /dev/loop-control /dev/kvm; do
		[ ! -c $node ] || break
	done
	[ -c $node ] || skip "needs a device"
	run podman_run --device $node:/dev/mine:r "$IMAGE" sh -c '
		(: </dev/mine) && echo readable; (: >/dev/mine) || echo denied'
	has_line readable denied
	run podman_run --device-cgroup-rule 'c 1:5 r' --cap-add mknod "$IMAGE" sh -c '
		mknod /dev/z c 1 5 && dd if=/dev/z bs=4 count=1 2>/dev/null | wc -c
		mknod /dev/m c 1 1; dd if=/dev/m bs=1 count=1 2>/dev/null || echo denied'
	has_line 4 denied
	run podman_run --privileged "$IMAGE" sh -c '[ -e /dev/null ] && grep CapBnd /proc/1/status'
	succeeds
}

@test "podman run -t, --init, -i" {
	run podman_run -t "$IMAGE" sh -c 'test -t 0 && test -t 1 && echo terminal'
	succeeds
	says terminal
	have catatonit && run podman_run --init "$IMAGE" cat /proc/1/comm &&
		matches '^(catatonit|podman-init)$'
	run bash -c 'echo hello | podman $PODMAN_ARGS run --rm -i --network=none "$IMAGE" cat'
	succeeds
	is_output hello
}

@test "podman run: user namespaces" {
	if [ "$(id -u)" -ne 0 ]; then
		run podman_run --userns keep-id "$IMAGE" sh -c 'id -u; cat /proc/self/uid_map'
		has_line "$(id -u)"
		return
	fi
	run podman_run --uidmap 0:100000:5000 --gidmap 0:100000:5000 "$IMAGE" cat /proc/self/uid_map
	matches '^ +0 +100000 +5000$'
	# shellcheck disable=SC2086 # words
	run with_ranges 64123 timeout -k 5 "${ENGINE_TIMEOUT:-60}" podman $PODMAN_ARGS run --rm \
		--network=none --name "$MARK" --userns auto "$IMAGE" \
		cat /proc/self/uid_map </dev/null
	succeeds
	matches '^ +0 +4[0-9]{5} +'
}

@test "podman run: an idmapped volume" {
	root_only
	mkdir -p "$TESTDIR/own"
	touch "$TESTDIR/own/f"
	chown 0:0 "$TESTDIR/own/f"
	run podman_run --uidmap 0:100000:5000 --gidmap 0:100000:5000 \
		--volume "$TESTDIR/own:/own:idmap" "$IMAGE" stat -c %u /own/f
	[[ $output != *"not supported"* ]] || skip "the file system has no idmapped mounts"
	succeeds
	is_output 0
}

# --- a life ---------------------------------------------------------------------------------------

@test "podman run -d, exec, logs, top, stop, inspect, rm" {
	podman_start "$IMAGE" sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done'
	[ "$(inspected '{{.State.Status}}')" = running ]
	eventually says_line up
	run podman_ exec "$MARK" sh -c 'echo inside; exit 4'
	exits 4
	has_line inside
	run podman_ exec --user 33 --env A=b --workdir /tmp "$MARK" sh -c 'id -u; echo $A; pwd'
	is_output $'33\nb\n/tmp'
	run -127 podman_ exec "$MARK" no-such-program
	run podman_ exec -t "$MARK" sh -c 'test -t 0 && echo terminal'
	says terminal
	run podman_ top "$MARK" pid comm
	says sh
	podman_ stop --time 10 "$MARK" >/dev/null
	[ "$(inspected '{{.State.ExitCode}}')" = 3 ]
	podman_ rm "$MARK" >/dev/null
	engine_left_nothing
}

@test "podman attach, restart" {
	podman_ create -i --log-driver k8s-file --name "$MARK" --network=none "$IMAGE" \
		sh -c 'echo begun; read -r x; echo "got $x"' >/dev/null
	run bash -c 'echo word | podman $PODMAN_ARGS start --attach --interactive "$MARK"'
	succeeds
	has_line begun "got word"
	podman_ rm "$MARK" >/dev/null
	podman_start "$IMAGE" sh -c 'echo $$ >>/count; sleep 1000'
	old=$(init_of)
	podman_ restart --time 0 "$MARK" >/dev/null
	[ "$(init_of)" != "$old" ]
	run podman_ exec "$MARK" wc -l /count
	has_line "2 /count"
}

@test "podman pause, unpause, stats, update" {
	limits
	podman_start --memory 64m "$IMAGE" sleep 1000
	podman_ pause "$MARK" >/dev/null
	[ "$(inspected '{{.State.Status}}')" = paused ]
	podman_ unpause "$MARK" >/dev/null
	[ "$(inspected '{{.State.Status}}')" = running ]
	run podman_ stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' "$MARK"
	succeeds
	matches '^1 '
	run podman_ update --memory 80m --pids-limit 33 "$MARK"
	if [[ $output == *"unknown flag"* ]]; then
		run podman_ update --memory 80m "$MARK"
	fi
	succeeds
	cat "$(cgroup_of memory "$(init_of)")"/memory.{max,limit_in_bytes} 2>/dev/null |
		grep -qx 83886080
}

@test "podman kill, rm --force" {
	podman_start "$IMAGE" sh -c 'trap "echo usr1" USR1; while :; do sleep 0.1; done'
	tell() { podman_ kill --signal USR1 "$MARK" >/dev/null && says_line usr1; }
	eventually tell
	podman_ kill --signal KILL "$MARK" >/dev/null
	[ "$(podman_ wait "$MARK")" = 137 ]
	podman_ rm "$MARK" >/dev/null
	podman_start "$IMAGE" sleep 1000
	podman_ rm --force --time 0 "$MARK" >/dev/null
	engine_left_nothing
}

@test "podman: a health check" {
	podman_start --health-cmd 'test -e /well' --health-interval disable "$IMAGE" sleep 1000
	run podman_ healthcheck run "$MARK"
	exits 1
	podman_ exec "$MARK" mkdir /well
	run podman_ healthcheck run "$MARK"
	succeeds
}

@test "podman pod: namespaces are shared" {
	requires catatonit
	podman_ pod create --name "pod-$MARK" --network none >/dev/null
	podman_ run -d --pod "pod-$MARK" --name "$MARK" "$IMAGE" sleep 1000 \
		</dev/null >/dev/null 3>&-
	shared='readlink /proc/self/ns/net; readlink /proc/self/ns/ipc; readlink /proc/self/ns/uts'
	run podman_ run --rm --pod "pod-$MARK" "$IMAGE" sh -c "$shared"
	succeeds
	[ "$output" = "$(podman_ exec "$MARK" sh -c "$shared")" ]
	remove_pods "pod-$MARK" >/dev/null
	engine_left_nothing
}

@test "podman play kube" {
	requires catatonit
	cat >"$TESTDIR/pod.yaml" <<-EOT
		apiVersion: v1
		kind: Pod
		metadata: {name: kube-$MARK}
		spec:
		  containers:
		  - name: main
		    image: $IMAGE
		    command: ["sh", "-c", "echo \$A; sleep 1000"]
		    env: [{name: A, value: from-kube}]
		    securityContext: {readOnlyRootFilesystem: true}
	EOT
	run podman_ play kube --network none "$TESTDIR/pod.yaml"
	succeeds
	run podman_ exec "kube-$MARK-main" sh -c 'echo $A; echo x 2>/dev/null >/x || echo ro'
	has_line from-kube ro
	remove_pods "kube-$MARK" >/dev/null
	engine_left_nothing
}

@test "podman: many at once" {
	pids=()
	for i in 1 2 3 4 5 6 7 8; do
		podman_ run --rm --network=none --name "$MARK-$i" "$IMAGE" sh -c "exit $i" \
			</dev/null >/dev/null 2>&1 3>&- &
		pids+=($!)
	done
	for i in 1 2 3 4 5 6 7 8; do
		status=0
		wait "${pids[i - 1]}" || status=$?
		[ $status -eq $i ] || fail "number $i ended with $status"
	done
	engine_left_nothing
}

@test "podman container checkpoint, restore" {
	root_only
	requires criu
	criu check >/dev/null 2>&1 || skip "criu does not work with this kernel"
	podman_start "$IMAGE" \
		sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/count; sleep 0.2; done'
	counted() { [ "$(podman_ exec "$MARK" cat /count)" -gt "$1" ]; }
	eventually counted 1
	podman_ container checkpoint "$MARK" >/dev/null
	[ "$(inspected '{{.State.Checkpointed}} {{.State.Running}}')" = "true false" ]
	podman_ container restore "$MARK" >/dev/null
	[ "$(inspected '{{.State.Running}}')" = true ]
	before=$(podman_ exec "$MARK" cat /count)
	[ "$before" -gt 1 ]
	eventually counted "$before"
	podman_ container checkpoint --export "$TESTDIR/ckpt.tar.gz" --compress gzip "$MARK" \
		>/dev/null
	podman_ rm --force "$MARK" >/dev/null
	podman_ container restore --import "$TESTDIR/ckpt.tar.gz" --name "$MARK" >/dev/null
	eventually counted "$before"
}

@test "podman build" {
	printf 'FROM %s\nRUN echo built >/made && mkdir /dir\nCMD ["cat", "/made"]\n' "$IMAGE" \
		>"$TESTDIR/Containerfile"
	run podman_ build --network none --isolation oci --tag "localhost/built-${MARK,,}" \
		-f "$TESTDIR/Containerfile" "$TESTDIR/image"
	succeeds
	run podman_run "localhost/built-${MARK,,}"
	is_output built
	printf 'FROM %s\nRUN exit 9\n' "$IMAGE" >"$TESTDIR/Containerfile"
	run podman_ build --network none --isolation oci -f "$TESTDIR/Containerfile" \
		"$TESTDIR/image"
	fails
	says 9
	podman_ rmi "localhost/built-${MARK,,}" >/dev/null
}

@test "contrib/engines/podman.conf is understood" {
	sed "s|\"/usr/bin/hako\"|\"$HAKO\"|" "$SRCDIR/contrib/engines/podman.conf" \
		>"$TESTDIR/c.conf"
	run env CONTAINERS_CONF="$TESTDIR/c.conf" podman --root "$TESTDIR/s2" \
		--runroot "$TESTDIR/r2" --storage-driver vfs info \
		--format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
	succeeds
	has_line "hako $HAKO"
}
