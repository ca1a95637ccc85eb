#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the commands around the conversion print. A case is a directory of lxc-tools/ with:
#
#   args       the arguments of `hako lxc`, run from inside the directory
#   expected   standard output, standard error and the exit status
#
#   show       files that the command made below $TMP/box, to be shown as well (may be missing)
#
# and whatever files the arguments name. UPDATE=1 writes what is expected from what is. The source
# directory's name is shown as @DIR@. A case with a file needs-x86_64 is for that machine.

: "${HAKO:?the program under test}" "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"

cases=$(cd "$SRCDIR/tests/golden/lxc-tools" && pwd -P) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
export TMP="$tmp" LC_ALL=C

n=0
failed=0

result() { # STATUS NAME [COMMENT]
	n=$((n + 1))
	[ "$1" = ok ] || failed=1
	echo "$1 $n - $2${3:+ # $3}"
}

run_case() { # DIRECTORY
	rm -rf "$tmp/box"
	(cd "$1" && eval "set -- $(cat args)" && "$HAKO" lxc "$@") >"$tmp/out" 2>&1
	status=$?
	{
		cat "$tmp/out"
		echo "status $status"
		[ ! -f "$1/show" ] || while read -r file; do
			echo "--- $file"
			cat "$tmp/box/$file"
		done <"$1/show"
	} | sed "s|$cases|@DIR@|g; s|$tmp|@TMP@|g; s|^time=\"[^\"]*\" ||" >"$tmp/actual"
}

echo "1..$(find "$cases" -name args | wc -l)"
for dir in "$cases"/*/; do
	dir=${dir%/}
	name=${dir##*/}
	[ -f "$dir/args" ] || continue
	if [ -f "$dir/needs-x86_64" ] && [ "$(uname -m)" != x86_64 ]; then
		result ok "$name" "SKIP expected for x86_64"
		continue
	fi
	run_case "$dir"
	[ -z "$UPDATE" ] || cp "$tmp/actual" "$dir/expected"
	if diff -u "$dir/expected" "$tmp/actual" >"$tmp/diff" 2>&1; then
		result ok "$name"
	else
		sed 's/^/# /' "$tmp/diff"
		result "not ok" "$name"
	fi
done
exit $failed
