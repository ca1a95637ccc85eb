#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configurations that exist (lxc-corpus/), and lines that people write and that LXC reads in its own
# way (lxc-snippets/). A case is a directory with:
#
#   config   the lines; the runner adds a root file system, an AppArmor profile and lxc.pty.max to
#            those that do not speak of them
#   args     more options for `hako lxc convert` (may be missing)
#   intent   what they change: the report and config.json, one value a line, against those of a
#            configuration that has nothing but a root file system; or the message and the status
#   exact    the same with --exact; missing: as intent
#
# UPDATE=1 writes what is expected from what is. README.md names the case of each configuration.

: "${HAKO:?the program under test}" "${SRCDIR:=$(cd "$(dirname "$0")/../.." && pwd)}"

# as hooks name it
HAKO=$(readlink -f "$HAKO") || exit 1
golden=$(cd "$SRCDIR/tests/golden" && pwd -P) || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
export LC_ALL=C
unset TOKEN

if ! command -v jq >/dev/null; then
	echo "1..0 # SKIP needs jq"
	exit 77
fi

base=/srv/golden/rootfs
: >"$tmp/nothing"
# for a case that wants links in its root file system
links=$tmp/links
mkdir -p "$links/run" "$links/var" && ln -s /run "$links/var/run" || exit 1

speaks_of() { # REGEX
	grep -qsE "$1" "$file" args
}

convert() { # FILE OPTION...
	file=$1
	shift
	rm -rf "$tmp/out"
	speaks_of 'lxc\.rootfs( |\.path)' || set -- "$@" --define "lxc.rootfs.path=dir:$base"
	speaks_of 'lxc\.(apparmor\.|aa_)profile' || set -- "$@" --define lxc.apparmor.profile=unchanged
	speaks_of 'lxc\.(pty\.max|pts )|common\.conf' || set -- "$@" --define lxc.pty.max=1024
	"$HAKO" lxc convert -n c1 -o "$tmp/out" "$@" "$file" >"$tmp/report" 2>"$tmp/message"
}

# The report without its last line, the lines of the runner and what the host has or has not, then
# the document.
document() {
	jq -r --argjson all "$all" -f "$golden/flat.jq" "$tmp/out/config.json" >"$tmp/flat" || exit 1
	grep -v -e "^[0-9]* lines\{0,1\}: " -e "^--define" -e "\[LXC-I251\]$" \
		-e "\[LXC-I280\]$" "$tmp/report" |
		sed 's/ (this host has no AppArmor)$//'
	grep -v '^/annotations/org.hako.source ' "$tmp/flat"
}

expect() { # FILE OPTION...: $tmp/actual
	if convert "$@"; then
		document >"$tmp/after"
		diff "$tmp/before" "$tmp/after" | sed -n 's/^>/+/p; s/^</-/p'
	else
		status=$?
		grep -E ' refused |\[LXC-E[0-9]*\]$' "$tmp/report"
		sed 's/^time="[^"]*" //' "$tmp/message"
		echo "status $status"
		[ ! -e "$tmp/out" ] || echo "left a bundle"
	fi | sed "s|$golden|@DIR@|g; s|$tmp|@TMP@|g; s|$HAKO|@HAKO@|g" >"$tmp/actual"
}

n=0
failed=0
check() { # NAME EXPECTED
	n=$((n + 1))
	verdict=ok
	if grep -qs SCMP_ARCH "$2" && [ "$(uname -m)" != x86_64 ]; then
		verdict="ok"
		set -- "$1 # SKIP expected for x86_64"
	elif [ -n "$UPDATE" ]; then
		cp "$tmp/actual" "$2"
	elif ! diff -u "$2" "$tmp/actual" >"$tmp/diff" 2>&1; then
		verdict="not ok"
		failed=1
		sed 's/^/# /' "$tmp/diff"
	fi
	echo "$verdict $n - $1"
}

all=[]
base() { # OPTION
	convert "$tmp/nothing" "$@" || exit 1
	all=$(jq -c .process.capabilities.bounding "$tmp/out/config.json")
	document >"$tmp/before"
}

run_cases() { # MODE OPTION
	mode=$1
	shift
	base "$@"
	for dir in "$golden"/lxc-corpus/*/ "$golden"/lxc-snippets/*/; do
		dir=${dir%/}
		[ -f "$dir/config" ] || continue
		cd "$dir" || exit 1
		args=
		[ ! -f args ] || args=$(cat args)
		eval "expect config $* $args"
		expected=$dir/$mode
		if [ "$mode" = exact ] && [ -n "$UPDATE" ] && cmp -s intent "$tmp/actual"; then
			rm -f "$expected"
			expected=$dir/intent
		elif [ ! -f "$expected" ] && [ -z "$UPDATE" ]; then
			expected=$dir/intent
		fi
		check "${dir##*/} ($mode)" "$expected"
	done
}

# What a distribution's file needs around it: those for user namespaces come on top of the others.
around() { # FILE
	printf 'lxc.apparmor.profile = unchanged\nlxc.rootfs.path = dir:%s\n' "$base"
	case $1 in
	*/seccomp*)
		echo "lxc.seccomp.profile = $1"
		return
		;;
	*/userns.conf) echo "lxc.include = ${1%/*}/common.conf" ;;
	*.userns.conf) echo "lxc.include = ${1%.userns.conf}.common.conf" ;;
	esac
	echo "lxc.include = $1"
	case $1 in
	*userns.conf) printf 'lxc.idmap = %c 0 100000 65536\n' u g ;;
	esac
}

# Debian's files themselves are not in the tree; what they become is expected of the ones that were
# looked at, and of no others (lxcfs adds one).
run_debian() { # LIST OF SUMS, DIRECTORY
	if ! sha256sum --status -c "$golden/lxc-debian/$1" 2>"$tmp/message" ||
		[ "$(find "$2" -type f | wc -l)" != "$(wc -l <"$golden/lxc-debian/$1")" ]; then
		n=$((n + 1))
		echo "ok $n - $2 # SKIP not as in lxc 1:5.0.2-1+deb12u4"
		return
	fi
	for file in "$2"/*.conf; do
		around "$file" >"$tmp/config"
		expect "$tmp/config"
		grep -v '^+ .*: \(kept\|overridden\) ' "$tmp/actual" >"$tmp/some"
		mv "$tmp/some" "$tmp/actual"
		check "${file##*/}" "$golden/lxc-debian/${file##*/}"
	done
}

run_cases intent
run_cases exact --exact
cd "$tmp" && base || exit 1
run_debian config.sums /usr/share/lxc/config
run_debian examples.sums /usr/share/doc/lxc/examples
echo "1..$n"
exit $failed
