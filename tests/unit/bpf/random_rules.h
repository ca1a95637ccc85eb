/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_BPF_RANDOM_RULES_H
#define HAKO_TESTS_UNIT_BPF_RANDOM_RULES_H

/* Random device rule lists over few numbers, so that rules often meet, and the meaning of a list
 * written down a second time, as plainly as it can be. */

#include <stdint.h>

#include "bpf/dev_rule.h"

static uint64_t rnd_state = 0x9e3779b97f4a7c15u;

/* xorshift64*: the same lists in every run. */
static inline uint32_t rnd(uint32_t below)
{
	rnd_state ^= rnd_state >> 12;
	rnd_state ^= rnd_state << 25;
	rnd_state ^= rnd_state >> 27;
	return (uint32_t) ((rnd_state * 2685821657736338717u) >> 32) % below;
}

static const char *const rnd_access[] = { NULL, "r", "w", "m", "rw", "rm", "wm", "rwm" };
static const char *const rnd_type[] = { NULL, "a", "b", "c", "c", "c" };
/* One of each cannot be a device's; the last but one is the largest there is. */
static const int64_t rnd_major[] = { DEV_ANY, 1, 5, 4095, 4294967295 };
static const int64_t rnd_minor[] = { DEV_ANY, 3, 5, 1048575, 2147483648 };

static inline size_t rnd_entries(struct dev_entry *entries, size_t max)
{
	size_t n = rnd((uint32_t) max + 1);

	for (size_t i = 0; i < n; i++) {
		entries[i] = (struct dev_entry){
			.allow = rnd(2),
			.type = rnd_type[rnd(6)],
			.major = rnd_major[rnd(5)],
			.minor = rnd_minor[rnd(5)],
			.access = rnd_access[rnd(8)],
		};
	}
	/* As real lists do: say first what holds for the rest. */
	if (n && rnd(2))
		entries[0] = (struct dev_entry){ rnd(4) > 0, NULL, DEV_ANY, DEV_ANY, NULL };
	return n;
}

static inline struct dev_probe rnd_probe(void)
{
	return (struct dev_probe){
		.type = rnd(4) ? DEV_TYPE_CHAR : DEV_TYPE_BLOCK,
		.access = (uint8_t) (1 + rnd(7)),
		.major = rnd(8) ? (uint32_t) rnd_major[1 + rnd(3)] : rnd(300),
		.minor = rnd(8) ? (uint32_t) rnd_minor[1 + rnd(3)] : rnd(300),
	};
}

/* The specification: read the list in order, the last one that matches decides, else no. */
static inline bool list_allows(const struct dev_entry *entries, size_t n, const struct dev_probe *p)
{
	bool verdict = false;

	for (size_t i = 0; i < n; i++) {
		const struct dev_entry *e = &entries[i];
		const char *access = e->access ? e->access : "rwm";
		bool match = true;

		if (e->type && *e->type != 'a' &&
		    *e->type != (p->type == DEV_TYPE_CHAR ? 'c' : 'b'))
			match = false;
		if (e->major != -1 && e->major != p->major)
			match = false;
		if (e->minor != -1 && e->minor != p->minor)
			match = false;
		if ((p->access & DEV_ACC_READ && !strchr(access, 'r')) ||
		    (p->access & DEV_ACC_WRITE && !strchr(access, 'w')) ||
		    (p->access & DEV_ACC_MKNOD && !strchr(access, 'm')))
			match = false;
		if (match)
			verdict = e->allow;
	}
	return verdict;
}

#endif
