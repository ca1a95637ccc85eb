# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# TAP for the lints: plan N, N times check NAME COMMAND..., finish; the output of a command that
# fails is shown. Lints read the source tree only, by names relative to its top.

LC_ALL=C
export LC_ALL
AWK=${AWK:-awk}
cd "${SRCDIR:?is not set}" || exit 1
number=0
status=0

plan() {
	echo "1..$1"
}

check() {
	name=$1
	shift
	number=$((number + 1))
	if output=$("$@" 2>&1); then
		echo "ok $number - $name"
	else
		echo "$output" | sed 's/^/# /'
		echo "not ok $number - $name"
		status=1
	fi
}

finish() {
	exit $status
}

# Our C files below the folders given; what the build makes in the source tree is not ours.
c_files() {
	find "$@" -name '*.[ch]' ! -name oci_types.h ! -name oci_tables.c ! -name config.h | sort
}

# Everything written by hand that is not data.
text_files() {
	find Makefile.am configure.ac m4 src libocispec tests contrib \
		\( -name '*.[ch]' -o -name '*.sh' -o -name '*.bash' -o -name '*.bats' \
		-o -name '*.awk' -o -name '*.py' -o -name '*.mk' -o -name '*.m4' \
		-o -name '*.am' -o -name '*.ac' \) \
		! -name oci_types.h ! -name oci_tables.c ! -name 'lt*.m4' ! -name libtool.m4 \
		! -path '*/golden/*' ! -path '*/corpus/*' | sort
}
