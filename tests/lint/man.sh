#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each command has a manual page, and page and --help name the same options.

# shellcheck disable=SC2317 # functions are called by check
# shellcheck source=tests/lint/lib.sh
. "${SRCDIR:?is not set}/tests/lint/lib.sh"

# commands [COMMAND]: those its --help lists.
commands() {
	"$HAKO" "$@" --help | "$AWK" '/^Commands:/ { on = 1; next } /^$/ { on = 0 } on { print $1 }'
}

options_of_help() {
	"$HAKO" "$@" --help | sed -n 's/^ *\(-[a-zA-Z0-9], \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p'
}

# .It Fl b , -bundle Ar dir
options_of_page() {
	sed -n 's/^\.It Fl \([a-zA-Z0-9] , \)\{0,1\}-\([a-z0-9-]*\).*/--\2/p' "man/$1.8" | sort -u
}

same() {
	page=$1
	shift
	[ -f "man/$page.8" ] || { echo "there is no man/$page.8"; return 1; }
	{
		options_of_help "$@"
		for sub in $(commands "$@"); do
			[ $# -eq 0 ] || options_of_help "$@" "$sub"
		done
	} | sort -u >"$dir/help"
	options_of_page "$page" >"$dir/page"
	diff -u --label --help --label "man/$page.8" "$dir/help" "$dir/page"
}

no_more_pages() {
	for page in man/*.8; do
		name=${page#man/hako}
		name=${name%.8}
		[ -z "$name" ] || commands | grep -qx -- "${name#-}" ||
			{ echo "$page is of no command"; return 1; }
	done
}

all_named() {
	for command in $(commands); do
		grep -q "^\.Xr hako-$command 8" man/hako.8 ||
			{ echo "hako.8 does not name hako-$command"; return 1; }
	done
}

built() {
	for page in man/*.8; do
		grep -q "$page" man/local.mk || { echo "man/local.mk lacks $page"; return 1; }
	done
}

# The page of the key table is written by the program.
well_formed() {
	"$HAKO" lxc keys --mdoc >"$dir/mapping.7"
	for page in man/*.8 "$dir/mapping.7"; do
		mandoc -T lint -W warning "$page" || return 1
	done
}

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
list=$(commands)
# shellcheck disable=SC2086 # a list
set -- $list
plan $(($# + 5))
check "hako.8 and hako --help" same hako
for command; do
	check "hako-$command.8 and hako $command --help" same "hako-$command" "$command"
done
check "every page is of a command" no_more_pages
check "hako.8 names every command" all_named
check "every page is installed" built
if command -v mandoc >/dev/null; then
	check "the pages are well-formed" well_formed
else
	number=$((number + 1))
	echo "ok $number - the pages are well-formed # SKIP needs mandoc"
fi
finish
