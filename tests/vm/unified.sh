#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What depends on the layout of cgroups, again on a machine with cgroup2 alone. For HAKO_VM see
# systemd.sh.

set -eu
files="cgroups devices events freeze namespaces update"

if [ -z "${HAKO_VM:-}" ]; then
	echo '1..0 # SKIP needs a machine with cgroup2 only: HAKO_VM names no program that runs one'
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests"
cp "${HAKO:?is not set}" "$dir/hako"
cp "${BUILDDIR:?is not set}/tests/probe" "$BUILDDIR/tests/recvtty" "$dir/tests"
cp -r "${SRCDIR:?is not set}/tests/integration" "$dir/tests"

for file in $files; do
	set -- "$@" "/src/tests/integration/$file.bats"
done
# Emulated, and slow: longer limits than usual.
# shellcheck disable=SC2086 # options may come with it
$HAKO_VM --timeout 1500 --dir "$dir" -- \
	env HAKO=/src/hako BUILDDIR=/src SRCDIR=/src HAKO_TIMEOUT=60 \
	BATS_TEST_TIMEOUT=300 HAKO_STRICT="${HAKO_STRICT:-}" bats --tap "$@"
