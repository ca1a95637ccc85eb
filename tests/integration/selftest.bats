#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# hako selftest: a report that holds here, and one that says what does not.

load helpers
setup() {
	bundle_new
	requires hako
	SCRATCH=$TESTDIR/scratch
	mkdir -m 1777 "$SCRATCH"
	patience 90
}
teardown() { clean_up; }

@test "everything holds, as the kernel is and without its newer calls; nothing is left" {
	TMPDIR=$SCRATCH run hako selftest
	succeeds
	says "ok   native" "ok   fallback" "ordinary directory" " 0 failed"
	says_not FAIL
	[ -z "$(ls -A "$SCRATCH")" ] || fail "left in the temporary directory"
	nothing_left
}

@test "JSON, as an ordinary user" {
	requires setpriv userns
	cp "$HAKO" "$TESTDIR/hako"
	run --separate-stderr setpriv --reuid=23456 --regid=23456 --clear-groups -- \
		env HAKO_TEST="$MARK" TMPDIR="$SCRATCH" "$TESTDIR/hako" selftest --json
	succeeds
	jq -e '.failed == 0 and (.results | length) > 40 and (.kernel | length) > 0
		and ([.results[] | select(.mode == "fallback")] | length) > 20
		and all(.results[]; .result == "ok")' <<<"$output"
	[ -z "$(ls -A "$SCRATCH")" ] || fail "left in the temporary directory"
}

@test "what does not hold is a failure" {
	requires strace
	run env HAKO_TEST="$MARK" TMPDIR="$SCRATCH" strace -f -q -o /dev/null -e trace=pivot_root \
		-e inject=pivot_root:error=EPERM "$HAKO" selftest
	exits 1
	says "FAIL native   an ordinary container: was refused"
	[ -z "$(ls -A "$SCRATCH")" ] || fail "left in the temporary directory"
	nothing_left
}

@test "interrupted: it cleans up and ends" {
	local sig
	for sig in INT TERM; do
		HAKO_TEST=$MARK TMPDIR=$SCRATCH timeout --foreground -s "$sig" -k 30 1 \
			"$HAKO" selftest >"$TESTDIR/out" 2>&1 || true
		grep -q "interrupted by a signal" "$TESTDIR/out"
		[ -z "$(ls -A "$SCRATCH")" ] || fail "left after $sig"
	done
	nothing_left
}

@test "a line as soon as it is known; nobody reads on: it cleans up and ends" {
	local line
	mkfifo "$TESTDIR/lines"
	HAKO_TEST=$MARK TMPDIR=$SCRATCH "$HAKO" selftest >"$TESTDIR/lines" 2>"$TESTDIR/err" &
	exec 5<"$TESTDIR/lines"
	read -r line <&5
	[[ $line == "kernel "* ]]
	read -r line <&5
	[[ $line == "ok "* ]]
	[ -n "$(ls -A "$SCRATCH")" ] || fail "it has ended already"
	exec 5<&-
	! wait $!
	grep -qi "interrupted by a signal (broken pipe)" "$TESTDIR/err"
	[ -z "$(ls -A "$SCRATCH")" ] || fail "left in the temporary directory"
	nothing_left
}

@test "no temporary directory: said so" {
	TMPDIR=$TESTDIR/none run hako selftest
	exits 1
	says "$TESTDIR/none"
}
