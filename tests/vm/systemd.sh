#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# scopes.bats and delegation.bats in a machine with systemd. HAKO_VM names a program that runs a
# command in one: `$HAKO_VM --dir DIR -- COMMAND…`, as root, with DIR as /src, with bats, jq and
# busybox in it.

set -eu

if [ -z "${HAKO_VM:-}" ]; then
	echo '1..0 # SKIP needs a machine with systemd: HAKO_VM names no program that runs one'
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests/integration" "$dir/contrib/engines"
cp "${HAKO:?is not set}" "$dir/hako"
cp "${BUILDDIR:?is not set}/tests/probe" "$dir/tests/probe"
cp "${SRCDIR:?is not set}/tests/integration/helpers.bash" "$dir/tests/integration/"
cp -r "$SRCDIR/tests/vm" "$dir/tests/vm"
cp "$SRCDIR/tests/integration/sameview.bats" "$dir/tests/vm/"
cp "$SRCDIR/contrib/engines/hako@.service" "$dir/contrib/engines/"

# shellcheck disable=SC2086 # options may come with it
$HAKO_VM --timeout 2100 --dir "$dir" -- env HAKO=/src/hako BUILDDIR=/src SRCDIR=/src \
	HAKO_TIMEOUT=60 BATS_TEST_TIMEOUT=600 bats --tap /src/tests/vm
