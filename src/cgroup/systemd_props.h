/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_SYSTEMD_PROPS_H
#define HAKO_CGROUP_SYSTEMD_PROPS_H

/*
 * Properties of a transient unit as data. PURE: the bus is mgr_systemd.c's.
 *
 * Limits are taken from the writes of a plan and not from linux.resources: a field is converted in
 * one place, and what `unified` asks for in the kernel's words is told to systemd as well. All
 * writes are carried out directly too, so what systemd has no words for, or only coarse ones, holds
 * exactly; properties are there so that systemd, when it writes its values again
 * (daemon-reload), writes ours.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup/cgroup.h"

/* Which members count depends on the type: "s", "b", "i", "u", "x", "t", "as", "au", "ay", "a(st)"
 * or "a(ss)". */
struct systemd_value {
	char *text;
	char *more;	 /* the second of a pair of strings */
	uint64_t number; /* signed types: the bits */
};

struct systemd_prop {
	char *name;
	const char *type;
	size_t len; /* scalars have one value */
	struct systemd_value *v;
};

struct systemd_props {
	size_t len;
	struct systemd_prop *v;
};

/* Adds a property, and a value to it. Results are valid until the next one is added. */
struct systemd_prop *systemd_props_add(struct systemd_props *props, const char *name,
				       const char *type);
struct systemd_value *systemd_prop_add(struct systemd_prop *p);

void systemd_props_clear(struct systemd_props *props);
void systemd_props_free(struct systemd_props *props);
/* "MemoryMax t 1048576\n" …, for people and tests. Heap. */
char *systemd_props_format(const struct systemd_props *props);

/* What the unit is, whatever its limits are. v2: whether its controllers are cgroup2's. */
void systemd_props_unit(const char *id, const char *slice, bool v2, struct systemd_props *ret);
/* The process it is started around. */
void systemd_props_pid(pid_t pid, struct systemd_props *ret);
/* Limits; version is systemd's, which refuses names it does not know. */
void systemd_props_limits(const struct cg_writes *writes, unsigned int version,
			  struct systemd_props *ret);
/*
 * DevicePolicy and DeviceAllow that allow exactly what the simplified policy allows; nothing where
 * systemd cannot say it (a list of what is denied, any major with one minor), for then it would
 * deny too much.
 */
void systemd_props_devices(const struct dev_policy *policy, unsigned int version,
			   struct systemd_props *ret);
/*
 * NAME and GVariant text: true, 'text', 5, uint64 5, @t 5, ['a', 'b']. NAMESec with a number of
 * seconds is NAMEUSec. -EINVAL with a text.
 */
int systemd_props_parse(const char *name, const char *value, struct systemd_props *ret);

#endif
