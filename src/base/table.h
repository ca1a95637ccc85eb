/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_TABLE_H
#define HAKO_BASE_TABLE_H

/* Names and values in static tables; the same table parses, prints and feeds `features`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct name_value {
	const char *name;
	int64_t value;
};

static inline bool table_find(const struct name_value *t, size_t n, const char *name, int64_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].name, name) == 0) {
			*ret = t[i].value;
			return true;
		}
	}
	return false;
}

static inline const char *table_name(const struct name_value *t, size_t n, int64_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (t[i].value == value)
			return t[i].name;
	}
	return NULL;
}

#define TABLE_FIND(t, name, ret) table_find((t), sizeof(t) / sizeof((t)[0]), (name), (ret))
#define TABLE_NAME(t, value)	 table_name((t), sizeof(t) / sizeof((t)[0]), (value))

#endif
