#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same bats files in a virtual machine with systemd and a pure cgroup2 hierarchy, which the machine
# that runs the tests seldom is. HAKO_VM names a program that runs a command there as root:
#	$HAKO_VM --dir DIR --timeout SECONDS -- COMMAND...
# with a copy of DIR as /src. VM_TESTS limits the files.

: "${SRCDIR:?}" "${BUILDDIR:?}" "${HAKO:?}"

if [ ! -x "${HAKO_VM:-}" ]; then
	echo "1..0 # SKIP needs HAKO_VM, a machine with systemd and cgroup2 only"
	exit 0
fi
: "${VM_TESTS:=cgroups.bats freeze.bats lifecycle.bats namespaces.bats spec.bats systemd.bats}"

dir=$(mktemp -d "${TMPDIR:-/tmp}/hako-vm-XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests" "$dir/contrib"
cp "$HAKO" "$BUILDDIR/tests/probe" "$BUILDDIR/tests/recvtty" "$dir"
cp -r "$SRCDIR/tests/integration" "$dir/tests"
cp -r "$SRCDIR/contrib/lxc" "$dir/contrib"

# It is emulated, and slow: longer limits than usual.
script='cd /src/tests/integration || exit
	export HAKO=/src/hako PROBE=/src/probe RECVTTY=/src/recvtty SRCDIR=/src BUILDDIR=/src
	export HAKO_STRICT='"${HAKO_STRICT:-}"' HAKO_TIMEOUT=60 BATS_TEST_TIMEOUT=300
	for file in '"$VM_TESTS"'; do
		if [ -e $file ]; then files="$files $file"; fi
	done
	exec bats --tap $files'
"$HAKO_VM" --dir "$dir" --timeout 1200 -- sh -c "$script" </dev/null
status=$?
# 251 and up: the machine, not the tests.
if [ $status -ge 251 ]; then
	echo "Bail out! the virtual machine ended with status $status"
fi
exit $status
