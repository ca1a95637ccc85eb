/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_USAGE_H
#define HAKO_CLI_LXC_USAGE_H

/* What a container uses, as its cgroups tell. */

#include <stdbool.h>
#include <stdint.h>

struct container;

enum lxc_usage_kind {
	USAGE_CPU_NS,
	USAGE_IO,     /* bytes read and written */
	USAGE_MEMORY, /* bytes */
	USAGE_KERNEL, /* bytes of the memory that the kernel uses for it */
	USAGE_SWAP,   /* bytes */
	USAGE_TASKS,
	USAGE_COUNT_,
};

struct lxc_usage {
	bool known[USAGE_COUNT_]; /* false: no controller here counts it */
	uint64_t value[USAGE_COUNT_];
};

/* Best effort: nothing is known of a container without cgroups. */
void lxc_usage_read(const struct container *c, struct lxc_usage *ret);

#endif
