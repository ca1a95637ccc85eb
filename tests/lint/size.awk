# SPDX-License-Identifier: Apache-2.0
#
# Lines, functions and columns. Prints "FILE:LINE: why" for each excess. A function is what begins
# with a brace in the first column; "/* flat: ... */" right above it says that it is a flat table of
# cases. Run with LC_ALL=C: bytes 0x80..0xbf continue a character and take no column.

function complain(line, why) {
	printf "%s:%d: %s\n", FILENAME, line, why
	bad = 1
}

function columns(s,    n, i, part, width) {
	gsub(/[\200-\277]/, "", s)
	n = split(s, part, "\t")
	for (i = 1; i <= n; i++) {
		width += length(part[i])
		if (i < n)
			width += 8 - width % 8
	}
	return width + 0
}

FNR == 1 {
	is_c = FILENAME ~ /\.[ch]$/
	flat = 0
	start = 0
}

/[ \t\r]$/ {
	complain(FNR, "blank at the end")
}

columns($0) > 100 {
	complain(FNR, columns($0) " columns, more than 100")
}

FNR == 801 {
	complain(FNR, "more than 800 lines")
}

!is_c {
	next
}

/^\/\* flat: / {
	flat = 1
}

/^$/ {
	flat = 0
}

/^\{/ {
	start = FNR
}

/^\}/ && start {
	limit = flat ? 100 : 60
	if (FNR - start + 1 > limit)
		complain(start, "function of " FNR - start + 1 " lines, more than " limit)
	start = 0
	flat = 0
}

END {
	exit bad
}
