/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_UPDATE_H
#define HAKO_RUNTIME_UPDATE_H

#include "runtime/rdt.h"

struct oci_resources;
struct runtime_opts;

struct update {
	const struct oci_resources *resources;
	struct rdt_update rdt;
};

/*
 * Changes limits of a container that is not stopped: changes are merged into what it was created
 * with and updated to since, all of that is written, or nothing. A paused container stays paused,
 * device access as it is. What engines send for "leave it" is left. 0 or -errno recorded.
 */
int update_container(const struct runtime_opts *rt, const char *id, const struct update *changes);

/*
 * PURE: merges changes into resources. Zeros of the members for which zero is no value (memory
 * sizes, shares, quota, periods, block weights), empty strings, empty lists and device rules are
 * not changes; memory without a limit lifts the limit of memory and swap with it.
 */
void update_merge(struct oci_resources *resources, const struct oci_resources *changes);

#endif
