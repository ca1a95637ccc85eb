#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit tests of base/ on a kernel without the newer system calls: what they skip is the
# comparison with the call that is missing, its replacement must pass.

nosys=${BUILDDIR:?is not set}/tests/fault/nosys
unit=$BUILDDIR/tests/unit/base
number=0
status=0

without() {
	call=$1
	program=$2
	for error in ENOSYS EPERM; do
		number=$((number + 1))
		if output=$("$nosys" "$call" $error -- "$unit/$program" 2>&1); then
			echo "ok $number - $program without $call ($error)"
		else
			echo "$output" | grep -v '^ok' | sed 's/^/# /'
			echo "not ok $number - $program without $call ($error)"
			status=1
		fi
	done
}

echo 1..16
number=1
# The tool itself: a call that is listed fails, one that is not works.
if "$nosys" openat2 ENOSYS -- "$unit/test_sys" |
	grep -q 'skip: no openat2 here' &&
	! "$nosys" clone3 ENOSYS -- "$unit/test_sys" |
		grep -q 'skip: no openat2 here'; then
	echo 'ok 1 - nosys makes the named call fail'
else
	echo 'not ok 1 - nosys makes the named call fail'
	status=1
fi
number=2
if "$nosys" openat3 ENOSYS -- true 2>/dev/null; then
	echo 'not ok 2 - nosys refuses a name that it does not know'
	status=1
else
	echo 'ok 2 - nosys refuses a name that it does not know'
fi
without openat2 test_resolve
without close_range test_fd
without pidfd_open test_proc
without pidfd_send_signal test_proc
without pidfd_open,pidfd_send_signal test_proc
without statx test_file
without clone3,openat2 test_sys
exit $status
