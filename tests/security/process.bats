#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Descriptors, working directories, joining what is hostile, and what a process ends up with.

load security
setup() { security_new; }
teardown() {
	exec 8>&- 9>&- 2>/dev/null || true
	clean_up
}

# What the created init has open beside stdio: sockets of the start, and nothing with a path.
held_by() {
	local fd
	for fd in "/proc/$1/fd"/*; do
		[ "${fd##*/}" -gt 2 ] || continue
		readlink "$fd"
	done
}

s31() {
	exec 8<"$HOST/dir" 9<"$HOST/file"
	probe pause
	: >"$TESTDIR/log"
	chmod 666 "$TESTDIR/log"
	hako_apart --log "$TESTDIR/log" create --bundle "$BUNDLE" "$ID"
	run held_by "$(init_pid)"
	rm "$TESTDIR/log"
	! grep -vE '^socket:|^/memfd:hako|^anon_inode' <<<"$output" | grep . ||
		{ show; fail "init holds descriptors"; }
	hako delete --force "$ID"
	# at each point where a hook runs in the container or for it
	printf '#!/bin/sh\nls -l /proc/self/fd >>%s/fds\n' "$TESTDIR" >"$TESTDIR/hook"
	chmod 755 "$TESTDIR/hook"
	: >"$TESTDIR/fds"
	chmod 666 "$TESTDIR/fds"
	config '.hooks = (["prestart", "createRuntime", "createContainer", "poststart", "poststop"]
		| map({(.): [{path: $h}]}) | add)' --arg h "$TESTDIR/hook"
	if [ -n "$(busybox_path)" ]; then
		printf '#!/bin/sh\nls -l /proc/self/fd >&2\n' >"$ROOTFS/hook"
		chmod 755 "$ROOTFS/hook"
		config '.hooks.startContainer = [{path: "/hook"}]'
	fi
	start true
	[ -z "$(busybox_path)" ] || [ "$status" -ne 0 ] || says "0 ->"
	echo "$output" >>"$TESTDIR/fds"
	! grep -E ' ([3-9]|[0-9]{2,}) -> ' "$TESTDIR/fds" |
		grep -vE '/proc/[0-9]+/fd|/dev/null|pipe:|fds$|/(hook|out)$' ||
		fail "a hook has descriptors of ours"
	rm "$TESTDIR/fds"
	exec 8<&- 9<&-
}
@test "S31: descriptors of init while it waits, and of hooks" { each_cell s31; }

s32() {
	hako_run fds >"$TESTDIR/plain"
	run cat "$TESTDIR/plain"
	! grep -qE '^fd ([3-9]|[0-9]{2,})' <<<"$output" || { show; fail "more than stdio"; }
	run hako run --preserve-fds 1 --bundle "$BUNDLE" "$ID" </dev/null 3<"$HOST/file"
	succeeds
	[ "$(grep -cE '^fd [0-9]' <<<"$output")" -eq 4 ] || { show; fail "not exactly one more"; }
	rm "$TESTDIR/plain"
}
@test "S32: what the program has open" { each_cell s32; }

s33() {
	probe fds
	run bash -c 'for ((i = 10; i < 200; i++)); do eval "exec $i<$1"; done; shift; exec "$@"' \
		- "$HOST/dir" env HAKO_TEST="$MARK" "${AS[@]}" "${WITHOUT[@]}" "$HAKO" \
		--root "$ROOT" "${GLOBAL[@]}" run --bundle "$BUNDLE" "$ID" </dev/null
	succeeds
	! grep -qE '^fd ([3-9]|[0-9]{2,})' <<<"$output" || { show; fail "run: more than stdio"; }
	hako_detached pause
	run bash -c 'for ((i = 10; i < 200; i++)); do eval "exec $i<$1"; done; shift; exec "$@"' \
		- "$HOST/dir" env HAKO_TEST="$MARK" "${AS[@]}" "${WITHOUT[@]}" "$HAKO" \
		--root "$ROOT" "${GLOBAL[@]}" exec "$ID" /init fds
	succeeds
	! grep -qE '^fd ([3-9]|[0-9]{2,})' <<<"$output" || { show; fail "more than stdio"; }
	hako delete --force "$ID"
}
@test "S33: two hundred descriptors of the caller, on the host's directories" { each_cell s33; }

s34() {
	local fd cwd
	writable_root
	for cwd in /proc/self/fd/3 /proc/self/fd/7 /proc/self/fd/12 /proc/1/cwd/../../../../..; do
		exec 8<"$HOST"
		config '.process.cwd = $c' --arg c "$cwd"
		start write new x \; cwd
		exec 8<&-
		unharmed
	done
	config '.process.cwd = "/"'
	hako_detached pause
	for fd in 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		ln -sfn "/proc/self/fd/$fd" "$ROOTFS/tmp/link"
		run hako exec --cwd /tmp/link "$ID" /init cwd
		[ "$status" -ne 0 ] || says_not unreachable "$TESTDIR"
	done
	hako delete --force "$ID"
}
@test "S34: working directories that are descriptors" { each_cell s34; }

# The container looks at every process it can see, all the time. With CAP_SYS_PTRACE of the host it
# may, and finds our executable in a mount of its own that nobody can write to.
@test "S35: exec is not looked into while it joins" {
	requires busybox
	local seconds=3
	[ -z "${HAKO_RACE_LONG:-}" ] || seconds=60
	config '.process.capabilities[] += ["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH",
		"CAP_SYS_ADMIN"]'
	shell 'while :; do for p in /proc/[0-9]*; do
			[ $p != /proc/1 ] && [ $p != /proc/self ] || continue
			e=$(ls -l $p/exe 2>/dev/null) && case "$e" in
				*busybox*|*init*|*"-> /") ;; *"->"*) echo "exe $e" ;; esac
			ls -l $p/fd 2>/dev/null | grep -E "/hako|'"$TESTDIR"'|state"
			ls $p/root/../../'"${TESTDIR#/}"' 2>/dev/null
		done; done'
	ln -s busybox "$ROOTFS/bin/grep"
	hako_apart create --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	end=$((SECONDS + seconds))
	n=0
	while [ $SECONDS -lt $end ]; do
		hako exec "$ID" /init true >/dev/null
		n=$((n + 1))
	done
	echo "# $n times"
	hako delete --force "$ID"
	[ ! -s "$TESTDIR/out" ] || { cat "$TESTDIR/out"; fail "seen from inside"; }
	unharmed
}

s36() {
	requires busybox
	config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	shell 'mount -t tmpfs none /proc && mkdir -p /proc/self/attr /proc/self/fd \
			/proc/thread-self/attr/apparmor && echo covered; while :; do sleep 1; done'
	hako_apart create --bundle "$BUNDLE" "$ID"
	hako start "$ID"
	if [ "$WHO" = root ]; then eventually grep -q covered "$TESTDIR/out"; fi
	run hako exec --apparmor no-such-profile "$ID" /init echo RAN
	[ "$status" -ne 0 ]
	says_not RAN
	run hako exec --process-label a:b:c:s0 "$ID" /init echo RAN
	[ "$status" -ne 0 ]
	says_not RAN
	run hako exec -t "$ID" /init echo fine </dev/null
	[ "$status" -ne 124 ]
	hako delete --force "$ID"
}
@test "S36: exec with a label where /proc is fake" { each_cell s36; }

@test "S37: no input is pushed into the caller's terminal" {
	requires tty
	hako_detached pause
	run script -qec "$HAKO --root $ROOT exec $ID /init tty" /dev/null </dev/null
	says_not "foreground group ours"
	run script -qec "$HAKO --root $ROOT exec -t $ID /init tty" /dev/null </dev/null
	says "foreground group ours" "/dev/pts/0"
	run script -qec "$HAKO --root $ROOT exec $ID /init open /dev/tty rw" /dev/null </dev/null
	says "No such device or address"
	hako delete --force "$ID"
	unharmed
}

# asked | uid gid of the result, or "-": refused
s38() {
	local user want
	hako_detached pause
	while IFS='|' read -r user want; do
		run hako exec --user "$user" "$ID" /init ids
		if [ "$want" = - ]; then
			[ "$status" -ne 0 ] || { show; fail "'$user' was taken"; }
		else
			succeeds
			grep -q "^uid=$want," <<<"$output" ||
				{ show; fail "'$user' is not '$want'"; }
		fi
	done <<-'END'
		0|0
		0:0|0
		4294967295|-
		4294967296|-
		18446744073709551616|-
		-1|-
		0x1|-
		1 |-
		 1|-
		+1|-
		1a|-
		1:2:3|-
		1:|-
		:2|-
		nobody-here|-
		|-
	END
	if [ "$WHO" != rootless ]; then
		run hako exec --user 1:2 "$ID" /init status Uid Gid
		[[ $output =~ 1[[:blank:]]*1[[:blank:]]*1 ]] || { show; fail "1:2"; }
	fi
	for want in 4294967295 -1 1x ' 1' ''; do
		run hako exec --additional-gids "$want" "$ID" /init true
		[ "$status" -ne 0 ] || { show; fail "group '$want' was taken"; }
	done
	hako delete --force "$ID"
}
@test "S38: users and groups of exec: exact numbers, or refused" { each_cell s38; }

s39() {
	config '.process.noNewPrivileges = true'
	hako_detached pause
	run hako exec --cap CAP_NET_RAW "$ID" /init caps
	succeeds
	has_line "inheritable:" "ambient:"
	run hako exec --cap CAP_SYS_ADMIN "$ID" /init status NoNewPrivs CapInh CapAmb
	matches 'NoNewPrivs.*1'
	hako delete --force "$ID"
}
@test "S39: capabilities of exec: nothing inheritable, no_new_privs kept" { each_cell s39; }

# born_at PID: in ticks of a hundredth of a second, as the state file has it.
born_at() { sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20; }

s40() {
	local other=
	hako_detached pause
	# In another tick than init: no pid comes back as soon as that.
	until [ -n "$other" ] && [ "$(born_at "$other")" -gt "$(born_at "$(init_pid)")" ]; do
		[ -z "$other" ] || kill "$other"
		sleep 300 3>&- &
		other=$!
	done
	hako_apart state "$ID"
	jq --argjson p $other '.pid = $p' "$ROOT/$ID/status.json" >"$TESTDIR/forged"
	cat "$TESTDIR/forged" >"$ROOT/$ID/status.json"
	rm "$TESTDIR/forged"
	run hako kill "$ID" KILL
	run hako exec "$ID" /init true
	[ "$status" -ne 0 ]
	run hako pause "$ID"
	[ "$status" -ne 0 ]
	run hako delete --force "$ID"
	kill -0 $other || fail "somebody else was killed"
	kill $other
	for pid in $(marked_pids); do kill -KILL "$pid" 2>/dev/null || true; done
	hako delete --force "$ID"
}
@test "S40: a state file that names somebody else's process" { each_cell s40; }

# Who outlives the command has its terminal, and says "y" for ever.
@test "exec with a terminal ends with its command" {
	requires busybox tty
	ln -s busybox "$ROOTFS/bin/yes"
	ln -s busybox "$ROOTFS/bin/head"
	hako_detached pause
	export HAKO_TEST=$MARK
	# while a slow reader takes one piece, the next is there
	run in_terminal bash -c '"$@" | while read -r -N 4096 _; do sleep 0.02; done
		echo status ${PIPESTATUS[0]}' - "$HAKO" --root "$ROOT" exec -t "$ID" \
		/bin/sh -c 'trap "" HUP; yes & yes | head -c 100000; exit 7'
	[ "$status" -ne 124 ] || fail "the rest is endless"
	says "status 7"
	hako delete --force "$ID"
	unharmed
}
