# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# in_machine LSM FILE…: bats files of this directory in a machine with that security module. HAKO_VM
# as in systemd.sh; it takes the option --LSM.

in_machine() {
	lsm=$1
	shift
	if [ -z "${HAKO_VM:-}" ]; then
		echo "1..0 # SKIP needs a machine with $lsm: HAKO_VM names no program that runs one"
		exit 0
	fi
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	mkdir -p "$dir/tests/integration" "$dir/tests/vm/lsm"
	cp "${HAKO:?is not set}" "$dir/hako"
	cp "${BUILDDIR:?is not set}/tests/probe" "$dir/tests/probe"
	cp "${SRCDIR:?is not set}/tests/integration/helpers.bash" "$dir/tests/integration/"
	for file; do
		cp "$SRCDIR/tests/vm/lsm/$file" "$dir/tests/vm/lsm/"
		shift
		set -- "$@" "/src/tests/vm/lsm/$file"
	done
	# shellcheck disable=SC2086 # options may come with it
	$HAKO_VM "--$lsm" --dir "$dir" -- env HAKO=/src/hako BUILDDIR=/src SRCDIR=/src \
		HAKO_TIMEOUT=120 BATS_TEST_TIMEOUT=300 bats --tap "$@"
}
