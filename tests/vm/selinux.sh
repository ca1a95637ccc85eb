#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lsm/selinux.bats in a machine with that security module. HAKO_VM as in systemd.sh; it takes the
# option --selinux.

set -eu

if [ -z "${HAKO_VM:-}" ]; then
	echo '1..0 # SKIP needs a machine with selinux: HAKO_VM names no program that runs one'
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests/integration" "$dir/tests/vm/lsm"
cp "${HAKO:?is not set}" "$dir/hako"
cp "${BUILDDIR:?is not set}/tests/probe" "$dir/tests/probe"
cp "${SRCDIR:?is not set}/tests/integration/helpers.bash" "$dir/tests/integration/"
cp "$SRCDIR/tests/vm/lsm/selinux.bats" "$dir/tests/vm/lsm/"

# shellcheck disable=SC2086 # options may come with it
$HAKO_VM --selinux --dir "$dir" -- env HAKO=/src/hako BUILDDIR=/src SRCDIR=/src HAKO_TIMEOUT=60 \
	bats --tap /src/tests/vm/lsm/selinux.bats
