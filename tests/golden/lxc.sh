#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# LXC configurations and the bundles they become. A case is a directory of lxc/ with:
#
#   config            the configuration, converted from inside the directory; or 100.conf, of Proxmox VE
#   args              more options for `hako lxc convert` (may be missing)
#   expected.json     config.json of the bundle; missing: the conversion is refused, without a bundle
#   expected.profile  the AppArmor profile beside it (may be missing: then there is none)
#   expected.report   the report and, of a refusal, the message and the exit status
#
# UPDATE=1 writes what is expected from what is. The source directory's name is shown as @DIR@, that
# of the program as @HAKO@.

: "${HAKO:?the program under test}" "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"

cases=$(cd "$SRCDIR/tests/golden/lxc" && pwd) || exit 1
self=$(readlink -f "$HAKO")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM

n=0
failed=0

plan() {
	echo "1..$(find "$cases" -name config -o -name 100.conf | wc -l)"
}

result() { # STATUS NAME [COMMENT]
	n=$((n + 1))
	[ "$1" = ok ] || failed=1
	echo "$1 $n - $2${3:+ # $3}"
}

# The system calls and architectures of a profile depend on the machine.
needs_other_machine() { # DIRECTORY
	[ "$(uname -m)" != x86_64 ] && grep -qs 'SCMP_ARCH' "$1/expected.json"
}

config_of() { # DIRECTORY
	if [ -f "$1/100.conf" ]; then echo 100.conf; else echo config; fi
}

convert() { # DIRECTORY NAME
	args=
	[ ! -f "$1/args" ] || args=$(cat "$1/args")
	# shellcheck disable=SC2086 # options are words
	(cd "$1" && "$HAKO" lxc convert -n "$2" -o "$tmp/$2" $args "$(config_of .)") \
		>"$tmp/report" 2>"$tmp/message"
	status=$?
	[ "$status" = 0 ] || { cat "$tmp/message"; echo "status $status"; } >>"$tmp/report"
	sed "s|$cases|@DIR@|g; s|$self|@HAKO@|g; s|^time=\"[^\"]*\" ||" "$tmp/report" >"$tmp/actual.report"
	[ ! -f "$tmp/$2/config.json" ] ||
		sed "s|$cases|@DIR@|g; s|$self|@HAKO@|g" "$tmp/$2/config.json" >"$tmp/actual.json"
	[ ! -f "$tmp/$2/apparmor.profile" ] || cp "$tmp/$2/apparmor.profile" "$tmp/actual.profile"
}

update() { # DIRECTORY
	rm -f "$1/expected.json" "$1/expected.profile"
	[ ! -f "$tmp/actual.json" ] || cp "$tmp/actual.json" "$1/expected.json"
	[ ! -f "$tmp/actual.profile" ] || cp "$tmp/actual.profile" "$1/expected.profile"
	cp "$tmp/actual.report" "$1/expected.report"
}

same() { # EXPECTED ACTUAL
	[ -f "$1" ] || [ -f "$2" ] || return 0
	diff -u "$1" "$2" >"$tmp/diff" 2>&1 && return 0
	sed 's/^/# /' "$tmp/diff"
	return 1
}

check() { # DIRECTORY NAME
	if needs_other_machine "$1"; then
		result ok "$2" "SKIP the profile was expected for x86_64"
		return
	fi
	rm -rf "$tmp/actual.json" "$tmp/actual.profile" "${tmp:?}/$2"
	convert "$1" "$2"
	[ -z "$UPDATE" ] || update "$1"
	verdict=ok
	same "$1/expected.json" "$tmp/actual.json" || verdict="not ok"
	same "$1/expected.profile" "$tmp/actual.profile" || verdict="not ok"
	same "$1/expected.report" "$tmp/actual.report" || verdict="not ok"
	if [ "$status" != 0 ] && [ -e "$tmp/$2" ]; then
		echo "# a refused conversion left a bundle"
		verdict="not ok"
	fi
	result "$verdict" "$2"
}

plan
for dir in "$cases"/*/; do
	dir=${dir%/}
	[ ! -f "$dir/$(config_of "$dir")" ] || check "$dir" "${dir##*/}"
done
exit $failed
