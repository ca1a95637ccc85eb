/* SPDX-License-Identifier: Apache-2.0 */
/* Can the container use up the host? */
#include "base/alloc.h"
#include "base/str.h"
#include "lxc/audit_internal.h"

/* The value in force of a cgroup file; NULL when there is none, or one that means "no limit". */
static const struct lxc_pair *limit_of(const struct lxc_pairs *pairs, const char *file)
{
	const struct lxc_pair *found = NULL;

	for (size_t i = 0; i < pairs->len; i++) {
		if (str_eq(pairs->v[i].key, file))
			found = &pairs->v[i];
	}
	if (!found || str_starts(found->value, "max") || str_eq(found->value, "-1"))
		return NULL;
	return found;
}

static const struct {
	const char *id;
	enum audit_severity severity;
	const char *v2[4], *v1[4]; /* any of them will do */
	const char *text, *fix, *pve;
} limits[] = {
	{ "no-memory-limit",
	  AUDIT_MEDIUM,
	  { "memory.max", "memory.high" },
	  { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" },
	  "the container can take all memory of the host",
	  "lxc.cgroup2.memory.max = 1G",
	  "memory: 512" },
	{ "no-pids-limit",
	  AUDIT_MEDIUM,
	  { "pids.max" },
	  { "pids.max" },
	  "the container can fill the host's process table; ulimits count per user id of the host "
	  "and are shared wherever id maps overlap",
	  "lxc.cgroup2.pids.max = 4096",
	  "lxc.cgroup2.pids.max: 4096" },
	{ "no-cpu-limit",
	  AUDIT_LOW,
	  { "cpu.max", "cpu.weight", "cpuset.cpus", "cpu.idle" },
	  { "cpu.cfs_quota_us", "cpu.shares", "cpuset.cpus" },
	  "the container can use every processor, at the same weight as the host's services",
	  "lxc.cgroup2.cpu.max = 200000 100000, or lxc.cgroup2.cpu.weight = 50",
	  "cores: 2, or cpulimit: 2" },
};

static const struct lxc_pair *any_of(const struct lxc_pairs *pairs, const char *const *files)
{
	for (size_t i = 0; i < 4 && files[i]; i++) {
		const struct lxc_pair *p = limit_of(pairs, files[i]);

		if (p)
			return p;
	}
	return NULL;
}

void audit_limits(struct audit_run *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct lxc_pair *old;

		if (any_of(&a->c->cgroup2, limits[i].v2))
			continue;
		old = any_of(&a->c->cgroup1, limits[i].v1);
		if (old)
			audit_add(a, limits[i].severity, limits[i].id, old->pos, "lxc.cgroup",
				  "%s: LXC ignores '%s' on a cgroup2 host", limits[i].text,
				  old->key);
		else
			audit_add(a, limits[i].severity, limits[i].id, (struct lxc_pos){ 0 }, NULL,
				  "%s", limits[i].text);
		audit_fix_either(a, limits[i].fix, limits[i].pve);
	}
}
