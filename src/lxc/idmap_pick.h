/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_IDMAP_PICK_H
#define HAKO_LXC_IDMAP_PICK_H

/* Ids of its own for a container (--idmap auto). Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lxc/audit.h"

#define IDMAP_PICK_COUNT 65536

/*
 * The registry of what was given: one container a line, "NAME START". Its own line is taken again
 * if it still is inside of the reserved ids and nobody else's.
 */
struct idmap_given {
	char *name;
	uint64_t start;
};
struct idmap_registry {
	struct idmap_given *v;
	size_t len;
};
void idmap_registry_parse(struct idmap_registry *r, const char *text);
/* Heap. */
char *idmap_registry_format(const struct idmap_registry *r);
void idmap_registry_set(struct idmap_registry *r, const char *name, uint64_t start);
void idmap_registry_clear(struct idmap_registry *r);

/* Ids that a container of the host maps already. */
struct idmap_used {
	struct audit_range *v;
	size_t len;
};

/*
 * The first of 65536 ids that are reserved for users and groups alike, and that neither a used
 * range nor another container of the registry has. False when there are none.
 */
bool idmap_pick(const struct audit_ids *ids, const struct idmap_used *used,
		const struct idmap_registry *given, const char *name, uint64_t *ret);

#endif
