/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/*
 * One look at the bytes before yajl sees them. yajl 2.1 takes overlong UTF-8 (also of NUL) and
 * surrogates, replaces half a surrogate pair by '?', and read beyond its buffer where such a half
 * ends the text (CVE-2017-16516). A backslash is only legal inside a string, so strings need not be
 * told apart here.
 */

/* By the first byte; 0 for those that begin nothing. */
static size_t sequence_len(unsigned char c)
{
	if (c < 0x80)
		return 1;
	if (c < 0xc2) /* continuation, overlong */
		return 0;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0)
		return 3;
	return c < 0xf5 ? 4 : 0;
}

size_t oci_utf8_len(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *) text;
	size_t len = sequence_len(s[0]);

	if (len > n)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong, then surrogates and what is above U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90))
		return 0;
	if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* The code unit of "\uXXXX" at s, or -1 if there is none: yajl will complain where that matters. */
static int code_unit(const char *s, const char *end)
{
	int v = 0;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			v = v * 16 + (c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = v * 16 + ((c | 0x20) - 'a' + 10);
		else
			return -1;
	}
	return v;
}

/* Bytes of the escape at s, or 0 for half a surrogate pair. */
static size_t escape_len(const char *s, const char *end)
{
	int unit = code_unit(s, end);

	if (unit < 0xd800 || unit > 0xdfff)
		return end - s < 2 ? 1 : 2;
	if (unit < 0xdc00) {
		int low = code_unit(s + 6, end);

		if (low >= 0xdc00 && low <= 0xdfff)
			return 12;
	}
	return 0;
}

/* True if none of eight bytes is a backslash or outside ASCII: nearly all of a document. */
static bool is_dull(const char *s)
{
	uint64_t v, x;

	memcpy(&v, s, sizeof(v));
	x = v ^ 0x5c5c5c5c5c5c5c5cULL; /* a zero byte where a backslash is */
	return !((v | ((x - 0x0101010101010101ULL) & ~x)) & 0x8080808080808080ULL);
}

const char *oci_prescan(const char *json, size_t len, size_t *ret_at)
{
	const char *s = json, *end = json + len;

	while (s < end) {
		size_t n;

		if (end - s >= 8 && is_dull(s)) {
			s += 8;
			continue;
		}
		*ret_at = (size_t) (s - json);
		n = *s == '\\' ? escape_len(s, end) : oci_utf8_len(s, (size_t) (end - s));
		if (n == 0)
			return *s == '\\' ? "half of a surrogate pair" : "invalid UTF-8";
		s += n;
	}
	return NULL;
}
