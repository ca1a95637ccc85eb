/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_BITLIST_H
#define HAKO_BASE_BITLIST_H

/* Lists of small numbers as in cpuset(7), "list format": "0-3,7". Pure, quiet. */

#include <stddef.h>

#define BITLIST_LONGS(n_bits) \
	(((n_bits) + 8 * sizeof(unsigned long) - 1) / (8 * sizeof(unsigned long)))

/*
 * Clears bits and sets those of the list; blanks around numbers are allowed, "" is the empty list.
 * 0, -EINVAL for what is no list (also "3-1" and an empty item), -ERANGE for a number >= n_bits.
 */
int bitlist_parse(const char *list, unsigned long *bits, size_t n_bits);
size_t bitlist_count(const unsigned long *bits, size_t n_bits);

#endif
