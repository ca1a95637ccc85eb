#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Somebody who shares a directory with the container renames in it, as fast as he can, while it
# starts. A start may fail; nothing outside may change, and nothing be where it should not.

load security
setup() { security_new; }
teardown() {
	[ -z "${swapper:-}" ] || kill "$swapper" 2>/dev/null || true
	clean_up
}

swap() {
	"$SWAPPER" "$1" "$2" >"$TESTDIR/swaps" 2>&1 3>&- &
	swapper=$!
}

swap_end() {
	kill "$swapper" 2>/dev/null || true
	wait "$swapper" 2>/dev/null || true
	swapper=
	[ "$(cat "$TESTDIR/swaps")" -gt 0 ] || fail "nothing was swapped: $(cat "$TESTDIR/swaps")"
}

# race CHECK [VERB ARG…]: starts again and again; CHECK looks at status and output.
race() {
	local check=$1 n=0 ok=0 end=$((SECONDS + HAKO_RACE_SECONDS))
	shift
	[ $# -eq 0 ] || probe "$@"
	while [ $n -lt "$HAKO_RACE_STARTS" ] && [ $SECONDS -le $end ]; do
		run hako run --bundle "$BUNDLE" "$ID" </dev/null
		[ "$status" -lt 124 ] || { show; fail "hung or killed"; }
		[ "$status" -ne 0 ] || ok=$((ok + 1))
		"$check"
		n=$((n + 1))
	done
	swap_end
	echo "# $n starts, $ok worked, $(cat "$TESTDIR/swaps") swaps in $WHO:$KERNEL" >&3
	rm "$TESTDIR/swaps"
}

# Two containers share a volume; the first mounts in it while the second renames.
volume_new() {
	writable_root
	mkdir -p "$BUNDLE/vol/x/y" "$BUNDLE/vol/target"
	ln -s / "$BUNDLE/vol/link"
	ln -s "$HOST" "$BUNDLE/vol/out"
	if [ "$WHO" = userns ]; then
		chown -hR 100000:200000 "$BUNDLE/vol"
	elif [ "$WHO" = rootless ]; then
		chown -hR $ROOTLESS_ID:$ROOTLESS_ID "$BUNDLE/vol"
	fi
	add_mount '{"destination": "/v", "type": "bind", "source": "vol", "options": ["rbind"]}'
}

no_host_root() {
	says_not "$TESTDIR/host"
	! grep -E '^/v/x/y' <<<"$output" | grep -q ' /etc' ||
		{ show; fail "the host's root is in"; }
	[ ! -e "$HOST/y" ] && [ ! -e "$HOST/z" ] || fail "made outside"
}
s21() {
	volume_new
	add_mount '{"destination": "/v/x", "type": "tmpfs", "source": "t"}'
	add_mount '{"destination": "/v/x/y", "type": "bind", "source": "vol/target",
		"options": ["bind"]}'
	swap "$BUNDLE/vol/x" "$BUNDLE/vol/link"
	race no_host_root mounts
}
@test "S21: a mount point becomes a link to /" { each_cell s21; }

masked() {
	[ "$status" -eq 0 ] || return 0
	! grep -E '^/proc/(keys|kcore|timer_list):' <<<"$output" | grep -v ' 1:3$' | grep . ||
		{ show; fail "not masked"; }
}
s22() {
	mkdir "$ROOTFS/elsewhere"
	mkdir -p "$ROOTFS/elsewhere/self/attr"
	ln -s elsewhere "$ROOTFS/proclink"
	swap "$ROOTFS/proc" "$ROOTFS/proclink"
	race masked stat /proc/keys /proc/timer_list
}
@test "S22: /proc becomes a link" { each_cell s22; }

s23() {
	volume_new
	echo x >"$BUNDLE/file"
	add_mount '{"destination": "/v/x/made/dir", "type": "tmpfs", "source": "t"}'
	add_mount '{"destination": "/v/x/other/z", "type": "bind", "source": "file",
		"options": ["bind"]}'
	swap "$BUNDLE/vol/x" "$BUNDLE/vol/out"
	race no_host_root true
	[ ! -e "$HOST/made" ] && [ ! -e "$HOST/other" ] || fail "made outside"
}
@test "S23: parents that are made, and become a link out" { each_cell s23; }

s24() {
	writable_root
	no_dev_mount
	mknod -m 666 "$ROOTFS/dev/null" c 1 3
	ln -s /proc/self/comm "$ROOTFS/dev/nulllink"
	config '.linux.maskedPaths = ["/proc/keys", "/proc/timer_list"]'
	swap "$ROOTFS/dev/null" "$ROOTFS/dev/nulllink"
	race masked stat /proc/keys /proc/timer_list
}
@test "S24: /dev/null becomes a link while files are masked" { each_cell s24; }

console() {
	[ "$status" -eq 0 ] || return 0
	# (the name may have been exchanged behind the mount)
	matches '/dev/console: (char [0-9]+ [0-9:]+ 136:|symlink)'
}
s25() {
	config '.process.terminal = true'
	writable_root
	no_dev_mount pts
	: >"$ROOTFS/dev/console"
	ln -s "$HOST/file" "$ROOTFS/dev/consolelink"
	swap "$ROOTFS/dev/console" "$ROOTFS/dev/consolelink"
	race console stat /dev/console
}
@test "S25: /dev/console becomes a link" { each_cell s25; }

set_right() {
	[ "$status" -eq 0 ] || return 0
	is_output $'5\t7'
}
s26() {
	local before target
	before=$(cat /proc/sys/kernel/core_pattern)
	for target in /proc/self/attr/exec /proc/self/attr /proc/sys/net /proc/1 \
		/proc/thread-self/attr/apparmor/exec /proc/sysrq-trigger; do
		add_mount "$(jq -n --arg d "$target" --arg s "$HOST/file" \
			'{destination: $d, type: "bind", source: $s, options: ["bind"]}')"
		refused "/proc"
		config 'del(.mounts[-1])'
	done
	config '.linux.sysctl = {"net.ipv4.ping_group_range": "5 7"}'
	[ "$WHO" != rootless ] || config '.linux.sysctl = {"net.ipv4.ping_group_range": "0 0"}'
	mkdir "$ROOTFS/fake"
	ln -s fake "$ROOTFS/fakelink"
	swap "$ROOTFS/fake" "$ROOTFS/fakelink"
	if [ "$WHO" = rootless ]; then race true sysctl net.ipv4.ping_group_range
	else race set_right sysctl net.ipv4.ping_group_range; fi
	[ "$(cat /proc/sys/kernel/core_pattern)" = "$before" ]
}
@test "S26: mounts on what labels and sysctls are written to" { each_cell s26; }

# covered ARG…: hako where another directory is mounted over the container's cgroups.
covered() {
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" unshare --mount --propagation private \
		sh -c 'fake=$1 dirs=$2; shift 2
		for d in $dirs; do mount --bind "$fake" "$d" || exit 125; done
		exec "$@"' sh "$HOST/fake" "$CGROUPS" "$HAKO" --root "$ROOT" "$@"
}
cgroups_of() {
	local d
	for d in $(cgroup_dirs); do
		! grep -qx "$1" "$d/cgroup.procs" || echo "$d"
	done
}
@test "S27: something is mounted over the container's cgroup" {
	requires unshare
	hako_detached pause
	CGROUPS=$(cgroups_of "$(init_pid)")
	[ -n "$CGROUPS" ] || skip "no cgroup of its own here"
	sleep 1000 3>&- &
	local victim=$! verb
	mkdir "$HOST/fake" "$HOST/fake/empty"
	for file in cgroup.procs tasks; do echo $victim >"$HOST/fake/$file"; done
	for file in cgroup.freeze cgroup.kill pids.max; do echo 0 >"$HOST/fake/$file"; done
	echo THAWED >"$HOST/fake/freezer.state"
	echo "populated 1" >"$HOST/fake/cgroup.events"
	MARKERS=$(markers)
	for verb in "kill --all $ID KILL" "pause $ID" "update --pids-limit 5 $ID" "ps $ID" \
		"exec $ID true" "delete --force $ID"; do
		# shellcheck disable=SC2086 # words
		run covered $verb
		# (exec has 255 for what the runtime could not do)
		[ "$status" -ne 0 ] && [ "$status" -ne 124 ] || { show; fail "$verb"; }
		says "is not a cgroup"
		kill -0 $victim || fail "$verb: another process was ended"
		[ "$(markers)" = "$MARKERS" ] || { show; fail "$verb: wrote outside"; }
	done
	kill $victim
	hako delete --force "$ID"
	unharmed
}

s28() {
	chmod 777 "$ROOT"
	refused "state directory"
	chmod 700 "$ROOT"
	[ "$WHO" = rootless ] || chown 12345 "$ROOT"
	[ "$WHO" != rootless ] || chown 0 "$ROOT"
	start true
	fails
	if [ "$WHO" = rootless ]; then chown $ROOTLESS_ID "$ROOT"; else chown 0 "$ROOT"; fi
	ln -s "$HOST" "$ROOT/$ID"
	start true
	fails
	run hako delete --force "$ID"
	[ "$status" -lt 124 ]
	rm -f "$ROOT/$ID"
}
@test "S28: a state directory of others, a link for an identifier" { each_cell s28; }

s29() {
	hako_create echo first
	mv "$BUNDLE" "$TESTDIR/moved"
	mkdir -p "$BUNDLE/rootfs"
	jq '.process.args = ["/init", "echo", "second"] | .root.path = "/"' \
		"$TESTDIR/moved/config.json" >"$BUNDLE/config.json"
	hako start "$ID"
	eventually grep -q . "$TESTDIR/out"
	grep -qx first "$TESTDIR/out" || { cat "$TESTDIR/out"; fail "another program"; }
	hako delete --force "$ID"
	rm -r "$BUNDLE"
	mv "$TESTDIR/moved" "$BUNDLE"
}
@test "S29: the bundle is another between create and start" { each_cell s29; }

s30() {
	mkdir -m 1777 "$TESTDIR/open"
	ln -s "$HOST/file" "$TESTDIR/open/pid"
	ln -s "$HOST/file" "$TESTDIR/open/log"
	ln -s "$HOST/new" "$TESTDIR/open/new"
	# by somebody else: what we, or root, have put there nobody can exchange
	chown -h 34567:34567 "$TESTDIR"/open/*
	probe true
	run hako run --pid-file "$TESTDIR/open/pid" --bundle "$BUNDLE" "$ID" </dev/null
	[ "$status" -lt 124 ]
	unharmed
	for link in log new; do
		run hako --log "$TESTDIR/open/$link" run --bundle "$BUNDLE" "$ID" </dev/null
		fails
		unharmed
	done
	rm -r "$TESTDIR/open"
}
@test "S30: pid file and log are links planted in a directory of everybody" { each_cell s30; }
