#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# docker with hako as an additional runtime; the daemon is our own, without any network.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="root dockerd docker containerd"

setup_file() {
	engine_dir || return 0
	jq --arg h "$HAKO" --arg d "$TESTDIR" '.runtimes.hako.path = $h | . + {
		"data-root": ($d + "/data"), "exec-root": ($d + "/exec"), "storage-driver": "vfs",
		bridge: "none", iptables: false, ip6tables: false, "ip-forward": false}' \
		"$SRCDIR/contrib/engines/docker-daemon.json" >"$TESTDIR/daemon.json"
	dockerd --config-file "$TESTDIR/daemon.json" --host "unix://$TESTDIR/docker.sock" \
		--pidfile "$TESTDIR/docker.pid" >"$TESTDIR/log" 2>&1 </dev/null 3>&- &
	echo $! >"$TESTDIR/daemon"
	if ! eventually docker_ info; then
		end_daemon
		tail -3 "$TESTDIR/log"
		touch "$TESTDIR/no-daemon"
		return
	fi
	tar -C "$TESTDIR/image" -c . | docker_ import - hako-test >/dev/null
}

setup() {
	engine_test
	# Containers without a network of docker's, or of a machine without its kernel modules.
	[ ! -e "$TESTDIR/no-daemon" ] || skip "dockerd: $(grep -v '^$' "$TESTDIR/log" | tail -1)"
}
teardown() { docker_ rm --force "$MARK" >/dev/null 2>&1 || true; }
teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	end_daemon
	clean_up
}

docker_() { timeout -k 5 60 docker -H "unix://$TESTDIR/docker.sock" "$@"; }
docker_run() { docker_ run --rm --network none --name "$MARK" "$@" </dev/null; }

@test "docker run: output, status, user, limits, read-only, volume" {
	mkdir -p "$TESTDIR/vol"
	echo data >"$TESTDIR/vol/f"
	run docker_run --user 33:33 --memory 64m --pids-limit 50 --read-only --init \
		--volume "$TESTDIR/vol:/vol:ro" hako-test \
		sh -c 'id -u; cat /vol/f; echo x 2>/dev/null >/x || echo ro; exit 5'
	exits 5
	has_line 33 data ro
	[ "$(docker_ info --format '{{.DefaultRuntime}}')" = hako ]
}

@test "docker run: 127 and 126 from the runtime's words" {
	run -127 docker_run hako-test no-such-program
	says "executable file not found in \$PATH"
	run docker_run hako-test /etc/passwd
	exits 126
}

@test "docker run -d, exec, logs, top, pause, update, stats, stop" {
	docker_ run -d --network none --name "$MARK" --memory 64m hako-test \
		sh -c 'trap "exit 3" TERM; echo up; while :; do sleep 0.1; done' >/dev/null 3>&-
	run docker_ exec "$MARK" sh -c 'echo inside; exit 4'
	exits 4
	has_line inside
	says_up() { docker_ logs "$MARK" 2>&1 | grep -qx up; }
	eventually says_up
	run docker_ top "$MARK"
	says "sleep 0.1"
	docker_ pause "$MARK" >/dev/null
	[ "$(docker_ inspect --format '{{.State.Status}}' "$MARK")" = paused ]
	docker_ unpause "$MARK" >/dev/null
	docker_ update --memory 80m --memory-swap 160m "$MARK" >/dev/null
	pid=$(docker_ inspect --format '{{.State.Pid}}' "$MARK")
	cat "$(cgroup_of memory "$pid")"/memory.{max,limit_in_bytes} 2>/dev/null | grep -qx 83886080
	run docker_ stats --no-stream --format '{{.PIDs}}' "$MARK"
	succeeds
	docker_ stop "$MARK" >/dev/null
	[ "$(docker_ inspect --format '{{.State.ExitCode}}' "$MARK")" = 3 ]
	docker_ start "$MARK" >/dev/null
	docker_ rm --force "$MARK" >/dev/null
}
