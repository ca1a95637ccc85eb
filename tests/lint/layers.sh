#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Includes point down (layers.awk holds the table).

# shellcheck disable=SC2317 # functions are called by check
# shellcheck source=tests/lint/lib.sh
. "${SRCDIR:?is not set}/tests/lint/lib.sh"

layer() {
	# shellcheck disable=SC2046 # no blanks in our file names
	set -- $(c_files "$1")
	[ $# -eq 0 ] || "$AWK" -f tests/lint/layers.awk "$@"
}

# A lint that finds nothing must be able to find something: four wrong lines and three good ones.
self_test() {
	dir=$(mktemp -d) || return 1
	mkdir -p "$dir/src/linux"
	printf '#include %s\n' '"cli/cli.h"' '"../x.h"' '"linux/tty.h"' '<yajl/x.h>' \
		'"linux/mount_api.h"' '"base/fd.h"' '"ocispec.h"' >"$dir/src/linux/mask.c"
	found=$(cd "$dir" && "$AWK" -f "$SRCDIR/tests/lint/layers.awk" src/linux/mask.c | wc -l)
	rm -r "$dir"
	[ "$found" -eq 4 ]
}

plan 10
check 'the table finds what is wrong' self_test
check libocispec layer libocispec
for folder in base bpf spec linux cgroup lxc runtime cli; do
	check "src/$folder" layer "src/$folder"
done
finish
