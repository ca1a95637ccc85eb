/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_RDT_H
#define HAKO_RUNTIME_RDT_H

/* linux.intelRdt over the life of a container. What was made is known from the configuration. */

struct container;
struct launch;
struct oci_config;

/* When init is there: makes the groups and puts it into them. */
int rdt_confine(struct launch *l);
/* A process that is executed later goes where init went. */
int rdt_follow(struct launch *l);
/* For `events`, heap: linux/intelrdt.h. NULL without linux.intelRdt or without resctrl. */
char *rdt_stat_json(const struct container *c);
/* At delete; a failure is a warning. */
void rdt_remove(const struct container *c);

struct rdt_update {
	const char *l3_cache_schema, *mem_bw_schema; /* NULL = as it is */
};
/*
 * Changes config and the container's class of service. *ret_old (heap) is for rdt_update_undo()
 * when another part of the update fails.
 */
int rdt_update(const struct container *c, struct oci_config *config,
	       const struct rdt_update *change, char **ret_old);
void rdt_update_undo(const struct container *c, const struct oci_config *config, const char *old);

#endif
