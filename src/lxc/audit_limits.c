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
	const char *text, *fix, *fix1, *pve; /* fix1: for cgroup v1 */
} limits[] = {
	{ "no-memory-limit",
	  AUDIT_MEDIUM,
	  { "memory.max", "memory.high" },
	  { "memory.limit_in_bytes", "memory.memsw.limit_in_bytes" },
	  "the container can take all memory of the host",
	  "lxc.cgroup2.memory.max = 1G",
	  "lxc.cgroup.memory.limit_in_bytes = 1G",
	  "memory: 512" },
	{ "no-pids-limit",
	  AUDIT_MEDIUM,
	  { "pids.max" },
	  { "pids.max" },
	  "the container can fill the host's process table; ulimits count per user id of the host "
	  "and are shared wherever id maps overlap",
	  "lxc.cgroup2.pids.max = 4096",
	  "lxc.cgroup.pids.max = 4096",
	  "lxc.cgroup2.pids.max: 4096" },
	{ "no-cpu-limit",
	  AUDIT_LOW,
	  { "cpu.max", "cpu.weight", "cpuset.cpus", "cpu.idle" },
	  { "cpu.cfs_quota_us", "cpu.shares", "cpuset.cpus" },
	  "the container can use every processor, at the same weight as the host's services",
	  "lxc.cgroup2.cpu.max = 200000 100000, or lxc.cgroup2.cpu.weight = 50",
	  "lxc.cgroup.cpu.cfs_quota_us = 200000, or lxc.cgroup.cpu.shares = 512",
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

/* Lines for the other kind of cgroups than the host has: LXC ignores them. Proxmox writes its
 * limits in the keys of the host that it is on. */
static void wrong_family(struct audit_run *a)
{
	const struct lxc_pairs *v2 = &a->c->cgroup2;

	if (!a->s->cgroup1 || !v2->len || a->c->is_pve)
		return;
	audit_add(a, AUDIT_MEDIUM, "cgroup2-on-v1", v2->v[0].pos, "lxc.cgroup2",
		  "%zu %s cgroup2, but the controllers of this host are those of cgroup v1: LXC "
		  "ignores %s, and hako does not start the container",
		  v2->len, v2->len == 1 ? "line sets a limit of" : "lines set limits of",
		  v2->len == 1 ? "it" : "them");
	audit_fix(a, "boot the host with systemd.unified_cgroup_hierarchy=1, or write the keys of "
		     "cgroup v1 (lxc.cgroup.memory.limit_in_bytes), which LXC 7 does not load");
}

void audit_limits(struct audit_run *a)
{
	bool v1 = a->s->cgroup1;

	wrong_family(a);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct lxc_pair *said[2] = { any_of(&a->c->cgroup2, limits[i].v2),
						   any_of(&a->c->cgroup1, limits[i].v1) };
		const struct lxc_pair *other = said[!v1];

		if (said[v1] || (other && a->c->is_pve))
			continue;
		if (other)
			audit_add(a, limits[i].severity, limits[i].id, other->pos,
				  v1 ? "lxc.cgroup2" : "lxc.cgroup",
				  "%s: LXC ignores '%s' on a %s host", limits[i].text, other->key,
				  v1 ? "cgroup v1" : "cgroup2");
		else
			audit_add(a, limits[i].severity, limits[i].id, (struct lxc_pos){ 0 }, NULL,
				  "%s", limits[i].text);
		audit_fix_either(a, v1 ? limits[i].fix1 : limits[i].fix, limits[i].pve);
	}
}
