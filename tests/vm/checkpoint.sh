#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# checkpoint.bats in a machine that has a criu for its kernel. For HAKO_VM see systemd.sh.

set -eu

if [ -z "${HAKO_VM:-}" ]; then
	echo '1..0 # SKIP needs a machine with criu: HAKO_VM names no program that runs one'
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests"
cp "${HAKO:?is not set}" "$dir/hako"
cp "${BUILDDIR:?is not set}/tests/probe" "$BUILDDIR/tests/recvtty" "$dir/tests"
cp -r "${SRCDIR:?is not set}/tests/integration" "$dir/tests"

tests="gone;|leave-running|read-only root|streams|terminal goes|namespace|paused|named, the"
tests="$tests|pre-dump|NOTIFY|org.hako.hooks"
tests="$tests|restore --lazy|tcp-est|ext-unix|file-locks|cgroups-mode:"
# Emulated, and slow: longer limits than usual.
# shellcheck disable=SC2086 # options may come with it
$HAKO_VM --dir "$dir" -- \
	env HAKO=/src/hako BUILDDIR=/src SRCDIR=/src HAKO_TIMEOUT=60 \
	BATS_TEST_TIMEOUT=300 HAKO_STRICT="${HAKO_STRICT:-}" \
	bats --tap -f "$tests" \
	/src/tests/integration/checkpoint.bats
