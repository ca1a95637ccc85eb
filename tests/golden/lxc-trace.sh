#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Over the corpus of lxc/: the report beside a bundle says of every value of config.json where it
# comes from (a line, or a default with a name), and two conversions give the same bytes.

: "${HAKO:?the program under test}" "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"

cases=$SRCDIR/tests/golden/lxc
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM

convert() { # DIRECTORY OUTPUT
	args=
	source=config
	[ -f "$1/config" ] || source=100.conf
	[ ! -f "$1/args" ] || args=$(cat "$1/args")
	# shellcheck disable=SC2086 # options are words
	(cd "$1" && "$HAKO" lxc convert -n case -o "$2" --report none $args $source) >/dev/null 2>&1
}

explained() { # BUNDLE
	! sed -n 's/.*{"pointer":"\([^"]*\)","default":""}.*/# \1: call report_kept or report_added/p' \
		"$1/report.json" | grep .
}

n=0
failed=0
for dir in "$cases"/*/; do
	dir=${dir%/}
	[ -f "$dir/expected.json" ] || continue
	n=$((n + 1))
	verdict=ok
	if convert "$dir" "$tmp/a" && convert "$dir" "$tmp/b"; then
		explained "$tmp/a" || verdict="not ok"
		cmp "$tmp/a/report.json" "$tmp/b/report.json" &&
			cmp "$tmp/a/config.json" "$tmp/b/config.json" || verdict="not ok"
	else
		verdict="not ok"
	fi
	[ "$verdict" = ok ] || failed=1
	echo "$verdict $n - ${dir##*/}"
	rm -rf "$tmp/a" "$tmp/b"
done
echo "1..$n"
exit $failed
