#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From LXC to OCI and back over the corpus of lxc/: what the configuration of the way back says is
# converted again, and the two documents compared. What only one of the languages can say is in
# lxc-roundtrip/CASE.diff (or why there is no way back); without that file the documents are the
# same. UPDATE=1 writes the files.

: "${HAKO:?the program under test}" "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"

cases=$(cd "$SRCDIR/tests/golden/lxc" && pwd -P) || exit 1
known=$SRCDIR/tests/golden/lxc-roundtrip
self=$(readlink -f "$HAKO")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM

if ! command -v jq >/dev/null; then
	echo "1..0 # SKIP needs jq"
	exit 77
fi

n=0
failed=0

# Sorted by names; where it was made from is not compared.
document() { # BUNDLE
	jq -S 'del(.annotations["org.hako.source"])' "$1/config.json" |
		sed "s|LXC_CONFIG_FILE=[^\"\\\\]*|LXC_CONFIG_FILE=@CONFIG@|g; s|$self|@HAKO@|g"
}

round() { # DIRECTORY NAME
	args=
	source=config
	[ -f "$1/config" ] || source=100.conf
	[ ! -f "$1/args" ] || args=$(cat "$1/args")
	rm -rf "$tmp/one" "$tmp/lxc" "$tmp/two"
	# shellcheck disable=SC2086 # options are words
	(cd "$1" && "$HAKO" lxc convert -n "$2" -o "$tmp/one" --report none $args $source) || return
	if ! "$HAKO" lxc from-oci -o "$tmp/lxc" "$tmp/one" >"$tmp/report" 2>"$tmp/refusal"; then
		sed 's/^time="[^"]*" //' "$tmp/refusal" >"$tmp/actual"
		return
	fi
	# shellcheck disable=SC2086 # options are words
	"$HAKO" lxc convert -n "$2" -o "$tmp/two" --report none $args "$tmp/lxc/config" &&
		document "$tmp/one" >"$tmp/one.json" && document "$tmp/two" >"$tmp/two.json" || return
	# every value of the document has a verdict, and the report knows the lines it names
	jq -e 'all(.values[]; .verdict | IN("kept", "changed", "dropped"))' \
		"$tmp/lxc/report.json" >/dev/null || return
	diff -U 0 "$tmp/one.json" "$tmp/two.json" |
		sed "1,2d; /^@@/d; s|$cases|@DIR@|g; s|$tmp|@TMP@|g" >"$tmp/actual"
}

for dir in "$cases"/*/; do
	dir=${dir%/}
	name=${dir##*/}
	[ -f "$dir/expected.json" ] || continue
	n=$((n + 1))
	if [ "$(uname -m)" != x86_64 ] && grep -q SCMP_ARCH "$dir/expected.json"; then
		echo "ok $n - $name # SKIP expected for x86_64"
		continue
	fi
	verdict=ok
	if round "$dir" "$name" 2>"$tmp/message"; then
		if [ -n "$UPDATE" ]; then
			rm -f "$known/$name.diff"
			[ ! -s "$tmp/actual" ] || cp "$tmp/actual" "$known/$name.diff"
		fi
		[ -f "$known/$name.diff" ] || : >"$tmp/nothing"
		expected=$known/$name.diff
		[ -f "$expected" ] || expected=$tmp/nothing
		diff -u "$expected" "$tmp/actual" >"$tmp/diff" || verdict="not ok"
		[ "$verdict" = ok ] || sed 's/^/# /' "$tmp/diff"
	else
		sed 's/^/# /' "$tmp/message"
		verdict="not ok"
	fi
	[ "$verdict" = ok ] || failed=1
	echo "$verdict $n - $name"
done
echo "1..$n"
exit $failed
