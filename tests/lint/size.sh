#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files of 800 lines, functions of 60, lines of 100 columns, the licence in the first line.

# shellcheck disable=SC2317 # functions are called by check
# shellcheck source=tests/lint/lib.sh
. "${SRCDIR:?is not set}/tests/lint/lib.sh"

size() {
	# shellcheck disable=SC2046
	"$AWK" -f tests/lint/size.awk $(text_files | grep -E '\.([ch]|sh|bash|bats|awk|py)$')
}

# In the first line, or in the second of a script.
licence() {
	bad=0
	for file in $(text_files); do
		"$AWK" 'NR == 1 && /^#!/ { next }
			/^(\/\*|#|dnl) SPDX-License-Identifier: Apache-2.0( \*\/)?$/ { found = 1 }
			{ exit }
			END { exit !found }' "$file" || { echo "$file: no SPDX line" && bad=1; }
	done
	return "$bad"
}

self_test() {
	dir=$(mktemp -d) || return 1
	{
		printf 'int f(void)\n{\n'
		printf '\tx();\n%.0s' $(seq 59)
		printf '}\n\n/* flat: cases */\nint g(void)\n{\n'
		printf '\tx();\n%.0s' $(seq 98)
		printf '}\n\t%093d\n%0100d\nx \n' 0 0
	} >"$dir/a.c"
	found=$("$AWK" -f tests/lint/size.awk "$dir/a.c" | sed 's/.*a\.c://')
	rm -r "$dir"
	[ "$found" = "2: function of 61 lines, more than 60
166: 101 columns, more than 100
168: blank at the end" ] || { echo "$found" && false; }
}

plan 3
check 'sizes find what is wrong' self_test
check 'lines, functions, columns' size
check 'licence line' licence
finish
