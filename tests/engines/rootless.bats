#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hako by hand for an ordinary user: one made by root for the test, or whoever runs this.

# shellcheck disable=SC2016,SC2034 # shell for the containers; ENGINE_NEEDS is for engines.bash

load engines
ENGINE_NEEDS="userns"

setup_file() {
	engine_dir || return 0
	if [ "$(id -u)" -eq 0 ]; then
		export LAB_UID=64123
		cp "$HAKO" "$TESTDIR/hako"
		HAKO=$TESTDIR/hako
	else
		export LAB_UID
		LAB_UID=$(id -u)
	fi
	mkdir -p "$TESTDIR/b" "$TESTDIR/home"
	mv "$TESTDIR/image" "$TESTDIR/b/rootfs"
	chmod 755 "$TESTDIR" "$TESTDIR/b"
	[ "$(id -u)" -ne 0 ] || chown -R "$LAB_UID:$LAB_UID" "$TESTDIR"
	# The mappings in it are of the user who asks for it.
	(cd "$TESTDIR/b" && as_user "$HAKO" spec --rootless)
	jq '.process.terminal = false | .root.readonly = false' "$TESTDIR/b/config.json" \
		>"$TESTDIR/config.json"
}

setup() {
	engine_test
	# Else the user cannot have a user namespace, and it is nobody's test.
	as_user unshare --user true 2>/dev/null || skip "no user namespaces for ordinary users"
	configure '.process.args = ["sh", "-c", "id -u; cat /proc/self/uid_map"]'
}

teardown_file() {
	[ -n "${TESTDIR:-}" ] || return 0
	clean_up
}

# as_user COMMAND…: without privilege, without the caller's environment.
as_user() {
	if [ "$(id -u)" -ne 0 ]; then
		env ${NO_SYSTEMD:+-u DBUS_SESSION_BUS_ADDRESS} "$@"
	else
		setpriv --reuid "$LAB_UID" --regid "$LAB_UID" --clear-groups env -i \
			PATH="$PATH" HOME="$TESTDIR/home" XDG_RUNTIME_DIR="$TESTDIR/home" "$@"
	fi
}
configure() { jq "$@" "$TESTDIR/config.json" >"$TESTDIR/b/config.json"; }
as_user_hako() { as_user timeout -k 5 60 "$HAKO" --root "$TESTDIR/home/state" "$@" </dev/null; }
run_it() { as_user_hako run --bundle "$TESTDIR/b" "$MARK"; }

@test "a single mapping: root inside is the user outside" {
	run run_it
	succeeds
	has_line 0
	matches "^ +0 +$LAB_UID +1\$"
	engine_left_nothing
}

@test "exit status, read-only root, standard input" {
	configure '.process.args = ["sh", "-c", "echo x 2>/dev/null >/x || echo ro; exit 9"]
		| .root.readonly = true'
	run run_it
	exits 9
	has_line ro
}

@test "create, start, exec, ps, kill, delete" {
	configure '.process.args = ["sleep", "1000"]'
	as_user_hako create --bundle "$TESTDIR/b" "$MARK" >"$TESTDIR/out" 2>&1 3>&-
	as_user_hako start "$MARK"
	run as_user_hako exec "$MARK" sh -c 'id -u; echo inside'
	has_line 0 inside
	run as_user_hako list
	matches "^$MARK +[0-9]+ +running"
	as_user_hako kill "$MARK" KILL
	stopped() { as_user_hako state "$MARK" | jq -e '.status == "stopped"'; }
	eventually stopped
	as_user_hako delete "$MARK"
	run as_user_hako state "$MARK"
	fails
	says "does not exist"
}

@test "a terminal" {
	requires tty
	configure '.process.args = ["sh", "-c", "test -t 0 && echo terminal"]
		| .process.terminal = true'
	run as_user script -qec "$HAKO --root $TESTDIR/home/state run --bundle $TESTDIR/b $MARK" \
		/dev/null </dev/null
	says terminal
}

@test "ranges of /etc/subuid by newuidmap" {
	have newuidmap || skip_or_fail "needs newuidmap (package uidmap)"
	if [ "$(id -u)" -eq 0 ]; then
		range=300000
		in_ranges() {
			with_ranges "$LAB_UID" setpriv --reuid "$LAB_UID" --regid "$LAB_UID" \
				--clear-groups env -i PATH="$PATH" HOME="$TESTDIR/home" \
				XDG_RUNTIME_DIR="$TESTDIR/home" "$@"
		}
	else
		name=$(id -un)
		range=$(grep -E "^($name|$LAB_UID):" /etc/subuid | head -1 | cut -d: -f2) || true
		[ -n "$range" ] || skip "user $name has no range in /etc/subuid"
		in_ranges() { as_user "$@"; }
	fi
	configure --argjson u "$LAB_UID" --argjson s "$range" '
		.process.user = {uid: 5, gid: 7}
		| .linux.uidMappings = [{containerID: 0, hostID: $u, size: 1},
			{containerID: 1, hostID: $s, size: 1000}]
		| .linux.gidMappings = .linux.uidMappings
		| .process.args = ["sh", "-c",
			"id -u; id -g; cat /proc/self/uid_map; stat -c %u /"]'
	run in_ranges timeout -k 5 60 "$HAKO" --root "$TESTDIR/home/state" run \
		--bundle "$TESTDIR/b" "$MARK" </dev/null
	succeeds
	has_line 5 7 0
	matches "^ +0 +$LAB_UID +1\$"
	matches "^ +1 +$range +1000\$"
}

@test "root of a user namespace, as podman calls it: state is in the user's runtime directory" {
	configure '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0
		| .process.args = ["id", "-u"]'
	run as_user env XDG_RUNTIME_DIR="$TESTDIR/home" unshare --user --map-root-user \
		"$HAKO" run --bundle "$TESTDIR/b" "$MARK" </dev/null
	succeeds
	has_line 0
	[ -d "$TESTDIR/home/hako" ]
}

@test "mappings that are not the user's are refused" {
	configure '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
	run run_it
	fails
	engine_left_nothing
}

@test "limits need cgroups: without rights over them they are refused" {
	[ "$(id -u)" -eq 0 ] || skip "a user's own session may have them"
	configure '.linux.resources = {pids: {limit: 10}}'
	run run_it
	fails
	says cgroup
	engine_left_nothing
}

@test "limits through the user's systemd" {
	[ "$(id -u)" -ne 0 ] || skip "needs a session of the user"
	requires systemd unified
	configure '.linux.resources = {pids: {limit: 33}, memory: {limit: 67108864}}
		| .process.args = ["sleep", "1000"]'
	as_user_hako --systemd-cgroup run --detach --bundle "$TESTDIR/b" "$MARK" \
		>"$TESTDIR/out" 2>&1 3>&-
	pid=$(as_user_hako state "$MARK" | jq .pid)
	[ "$(cat "$(cgroup_of pids "$pid")/pids.max")" = 33 ]
	grep -q "hako-$MARK.scope" "/proc/$pid/cgroup"
	as_user_hako delete --force "$MARK"
}
