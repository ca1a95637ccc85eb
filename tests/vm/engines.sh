#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Engines where there is systemd, cgroup2 alone, criu, and an ordinary user with a session: as root
# and as that user, what differs there. For HAKO_VM see systemd.sh.

set -eu

if [ -z "${HAKO_VM:-}" ]; then
	echo '1..0 # SKIP needs a machine with systemd: HAKO_VM names no program that runs one'
	exit 0
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests/integration"
cp "${HAKO:?is not set}" "$dir/hako"
cp "${SRCDIR:?is not set}/tests/integration/helpers.bash" "$dir/tests/integration/"
cp -r "$SRCDIR/tests/engines" "$dir/tests/engines"

cat >"$dir/root.sh" <<-'EOT'
	cd /src/tests/engines
	bats --tap -f 'limits are|user namespaces|pause|checkpoint' podman.bats
	PODMAN_CGROUPS=cgroupfs bats --tap -f 'limits are|exec, logs' podman.bats
	bats --tap -f 'cgroup is|checkpoint' containerd.bats
EOT
cat >"$dir/user.sh" <<-'EOT'
	cd /src/tests/engines
	bats --tap rootless.bats
	bats --tap -f 'limits are|user namespaces|exec, logs' podman.bats
	PODMAN_CGROUPS=cgroupfs bats --tap -f 'exec, logs' podman.bats
EOT

# Emulated, and slow: longer limits than usual. Two plans become one.
settings="HAKO=/src/hako BUILDDIR=/src SRCDIR=/src HAKO_TIMEOUT=60 ENGINE_TIMEOUT=120
	BATS_TEST_TIMEOUT=300 PODMAN_CGROUPS=systemd HAKO_STRICT=${HAKO_STRICT:-}"
status=0
# shellcheck disable=SC2086 # options may come with it, and words
vm() { $HAKO_VM --timeout 1200 "$@"; }
# shellcheck disable=SC2086 # words
{
	vm --dir "$dir" -- env $settings sh /src/root.sh || status=$?
	vm --user lab --dir "$dir" -- env $settings sh /src/user.sh || status=$?
	[ $status -eq 0 ] || echo "not ok the machine ended with $status"
} >"$dir/out" 2>&1
awk '/^1\.\.[0-9]+$/ { next }
	/^(not )?ok / { n++; sub(/ok [0-9]+/, "ok " n) }
	{ print }
	END { print "1.." n + 0 }' "$dir/out"
