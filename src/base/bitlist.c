/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bitlist.h"

#include <errno.h>

#include "base/str.h"

#define LONG_BITS (8 * sizeof(unsigned long))

/* One number or range, in place. */
static int parse_item(char *item, uint32_t *ret_first, uint32_t *ret_last)
{
	char *dash = strchr(item, '-');
	int r;

	if (dash)
		*dash = '\0';
	r = str_to_u32(str_trim(item), ret_first);
	if (r < 0)
		return r;
	*ret_last = *ret_first;
	if (!dash)
		return 0;
	r = str_to_u32(str_trim(dash + 1), ret_last);
	if (r < 0)
		return r;
	return *ret_last < *ret_first ? -EINVAL : 0;
}

int bitlist_parse(const char *list, unsigned long *bits, size_t n_bits)
{
	autofree char *copy = xstrdup(list);
	char *rest = copy, *item;

	memset(bits, 0, BITLIST_LONGS(n_bits) * sizeof(unsigned long));
	if (!*str_trim(copy))
		return 0;
	while ((item = strsep(&rest, ","))) {
		uint32_t first, last;
		int r = parse_item(item, &first, &last);

		if (r < 0)
			return r;
		if (last >= n_bits)
			return -ERANGE;
		for (uint32_t i = first; i <= last; i++)
			bits[i / LONG_BITS] |= 1UL << i % LONG_BITS;
	}
	return 0;
}

size_t bitlist_count(const unsigned long *bits, size_t n_bits)
{
	size_t n = 0;

	for (size_t i = 0; i < BITLIST_LONGS(n_bits); i++)
		n += __builtin_popcountl(bits[i]);
	return n;
}
