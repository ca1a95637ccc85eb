#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman with hako as its runtime, in a storage of its own.

load engines

setup() {
	engine_dir podman
	# As much as this machine may give; podman's own default needs CAP_SYS_RESOURCE.
	cat >"$TESTDIR/containers.conf" <<-EOT
		[containers]
		default_ulimits = ["nofile=$(ulimit -Hn):$(ulimit -Hn)", "nproc=1000:1000"]
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "none"
		runtime_supports_json = ["$(basename "$HAKO")"]
	EOT
	export CONTAINERS_CONF=$TESTDIR/containers.conf
	tar -C "$TESTDIR/image" -c . | podman_ import - "$IMAGE" >/dev/null
}

teardown() {
	podman_ rm --all --force --time 1 >/dev/null 2>&1 || true
	clean_up
}

podman_() {
	timeout -k 5 60 podman --root "$TESTDIR/storage" --runroot "$TESTDIR/run" \
		--tmpdir "$TESTDIR/tmp" \
		--storage-driver vfs --runtime "$HAKO" "$@"
}
podman_run() { podman_ run --rm --network=none --name "$MARK" "$@" </dev/null; }

@test "podman run true" {
	run podman_run "$IMAGE" true
	succeeds
	is_output ""
	engine_left_nothing
}

@test "podman run: output, status, environment, hostname" {
	run podman_run --env A=b --hostname boxed "$IMAGE" sh -c 'echo "$A"; hostname; exit 7'
	exits 7
	is_output $'b\nboxed'
}

@test "podman run: 127 and 126 from the runtime's words" {
	run -127 podman_run "$IMAGE" no-such-program
	run podman_run "$IMAGE" /etc/passwd
	exits 126
	engine_left_nothing
}

@test "podman run: user, limits, read-only, volumes" {
	mkdir "$TESTDIR/vol"
	echo data >"$TESTDIR/vol/f"
	run podman_run --user 33:33 --memory 64m --pids-limit 50 --cpus 0.5 --read-only \
		--volume "$TESTDIR/vol:/vol:ro" "$IMAGE" \
		sh -c 'id; cat /vol/f; echo x 2>/dev/null >/vol/f || echo ro'
	succeeds
	has_line "uid=33(www) gid=33(www) groups=33(www)" data ro
}

@test "podman run -t" {
	run podman_run -t "$IMAGE" sh -c 'test -t 0 && test -t 1 && echo terminal'
	succeeds
	says terminal
}

@test "podman run -i: standard input" {
	run bash -c 'echo hello | timeout 60 podman --root "$0/storage" --runroot "$0/run" \
		--tmpdir "$0/tmp" --storage-driver vfs --runtime "$1" run --rm -i \
		--network=none "$2" cat' \
		"$TESTDIR" "$HAKO" "$IMAGE"
	succeeds
	is_output hello
}

says_up() { podman_ logs "$MARK" | grep -qx up; }

@test "podman run -d, stop, inspect, rm" {
	podman_ run -d --log-driver k8s-file --name "$MARK" --network=none "$IMAGE" \
		sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done' >/dev/null
	[ "$(podman_ inspect --format '{{.State.Status}}' "$MARK")" = running ]
	eventually says_up
	podman_ stop --time 10 "$MARK" >/dev/null
	[ "$(podman_ inspect --format '{{.State.ExitCode}}' "$MARK")" = 3 ]
	podman_ rm "$MARK" >/dev/null
	engine_left_nothing
}

@test "podman kill, rm --force" {
	podman_ run -d --name "$MARK" --network=none "$IMAGE" sleep 1000 >/dev/null
	podman_ kill --signal KILL "$MARK" >/dev/null
	podman_ wait "$MARK" >/dev/null
	podman_ rm --force "$MARK" >/dev/null
	engine_left_nothing
}

@test "podman run with an id map of its own" {
	run podman_run --uidmap 0:100000:5000 --gidmap 0:100000:5000 "$IMAGE" cat /proc/self/uid_map
	succeeds
	matches '^ +0 +100000 +5000$'
}

@test "podman create, start, logs" {
	podman_ create --name "$MARK" --network=none "$IMAGE" echo logged >/dev/null
	podman_ start --attach "$MARK" >"$TESTDIR/out" </dev/null
	grep -qx logged "$TESTDIR/out"
	podman_ rm "$MARK" >/dev/null
}
