#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whatever fails, and whoever is killed at whatever point: nothing is left behind, or
# `delete --force` leaves nothing behind.

load helpers
setup() {
	bundle_new
	requires hako strace
	probe true
}
teardown() { clean_up; }

# injected SPEC COMMAND…: hako under strace with one fault. With -f, `when` counts in each process.
injected() {
	local spec=$1
	shift
	HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" strace -f -q -o /dev/null \
		-e trace="${spec%%:*}" -e inject="$spec" \
		"$HAKO" --root "$ROOT" "$@" </dev/null >"$TESTDIR/out" 2>&1
}

# After a failure that hako saw: nothing, at once.
sweep_errors() {
	local call=$1 error=$2 n status
	for n in $3; do
		status=0
		injected "$call:error=$error:when=$n" run --bundle "$BUNDLE" "$ID" || status=$?
		[ $status -lt 124 ] ||
			{ cat "$TESTDIR/out"; fail "$call $error $n: status $status"; }
		if [ $status -ne 0 ] && [ ! -s "$TESTDIR/out" ]; then
			fail "$call $error $n: failed without a word"
		fi
		nothing_left || { cat "$TESTDIR/out"; fail "after $call $error $n"; }
	done
}

# After a death: one `delete --force`.
sweep_deaths() {
	local call=$1 n
	for n in $2; do
		injected "$call:signal=KILL:when=$n" run --bundle "$BUNDLE" "$ID" || :
		run hako delete --force "$ID"
		succeeds || fail "after death at $call $n"
		nothing_left || fail "after death at $call $n"
	done
}

@test "mounts fail: one after the other" {
	sweep_errors fsmount ENOMEM "1 2 3 4 5 6 7 8"
	sweep_errors move_mount EBUSY "1 2 5 9 14 20 25"
	sweep_errors fsconfig EINVAL "2 5 9 14 20"
}

@test "resolving, nodes, directories fail" {
	sweep_errors openat2 EIO "1 2 3 4 6 9 15"
	sweep_errors mknodat EACCES "1 4 6"
	sweep_errors mkdirat ENOSPC "1 2 3 5 8 11 12 13 14 16"
	sweep_errors symlinkat EROFS "1 3 5"
}

@test "process set-up fails" {
	sweep_errors clone3 EAGAIN "1"
	sweep_errors setsid ENOMEM "1"
	sweep_errors pivot_root EINVAL "1"
	sweep_errors capset EPERM "1"
	sweep_errors execve ENOMEM "2 3"
	sweep_errors prlimit64 EPERM "2 3"
	sweep_errors sethostname EPERM "1"
}

@test "state, cgroups, device program, messages fail" {
	sweep_errors renameat ENOSPC "1 2"
	sweep_errors socketpair EMFILE "1"
	sweep_errors bpf ENOMEM "1 3"
	sweep_errors sendmsg EPIPE "1 2 3"
	sweep_errors recvmsg ECONNRESET "1 2 3"
}

@test "killed at each message, child and parent" {
	sweep_deaths sendmsg "1 2 3 4"
	sweep_deaths recvmsg "1 2 3 4"
}

@test "killed while state and cgroups are made" {
	sweep_deaths mkdirat "1 2 3 6 10 12"
	sweep_deaths renameat "1 2"
	sweep_deaths clone3 "1"
	sweep_deaths bpf "1 2 3"
}

@test "killed in the middle of set-up" {
	sweep_deaths move_mount "1 6 12 20"
	sweep_deaths pivot_root "1"
	sweep_deaths execve "2"
}

@test "killed while it deletes: delete again" {
	local n
	for n in 1 2 3 6 9 12 14; do
		hako_create pause
		HAKO_TEST=$MARK timeout -k 5 "$HAKO_TIMEOUT" strace -f -q -o /dev/null \
			-e trace=unlinkat -e inject="unlinkat:signal=KILL:when=$n" \
			"$HAKO" --root "$ROOT" delete --force "$ID" || :
		run hako delete --force "$ID"
		succeeds || fail "after death at unlinkat $n"
		nothing_left || fail "after death at unlinkat $n"
	done
}
