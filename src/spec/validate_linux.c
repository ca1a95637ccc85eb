/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

#include "spec/namespaces.h"
#include "spec/validate_rules.h"

#define MAPPINGS_MAX	 340  /* UID_GID_MAP_MAX_EXTENTS, user_namespaces(7) */
#define IFNAME_LEN	 15   /* IFNAMSIZ - 1 */
#define DEVICE_MAJOR_MAX 4095 /* MINORBITS is 20 of the kernel's 32 bits */
#define DEVICE_MINOR_MAX 1048575

/* --- small words --- */

bool rule_is_cpu_list(const char *s)
{
	return s[strspn(s, "0123456789, -\n")] == '\0';
}

/* dev_valid_name() of the kernel. */
bool rule_is_ifname(const char *s)
{
	return *s && strlen(s) <= IFNAME_LEN && strcmp(s, ".") != 0 && strcmp(s, "..") != 0 &&
	       !strpbrk(s, "/: \t\n\v\f\r");
}

/* --- namespaces and mappings --- */

static void rules_namespaces(struct validator *v, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->namespaces_len; i++) {
		const struct oci_namespace *ns = &l->namespaces[i];

		if (spec_find_namespace(l, ns->type) != (int) i)
			rule_error(v, "linux.namespaces[%zu].type: '%s' is given twice", i,
				   ns->type);
		if (ns->path && ns->path[0] != '/')
			rule_error(v, "linux.namespaces[%zu].path: '%s' is not an absolute path", i,
				   ns->path);
	}
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t) b + b_size && b < (uint64_t) a + a_size;
}

void rule_mappings(struct validator *v, const char *where, const struct oci_id_mapping *m,
		   size_t len)
{
	if (len > MAPPINGS_MAX) {
		rule_error(v, "%s: more than %d mappings", where, MAPPINGS_MAX);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (m[i].size == 0)
			rule_error(v, "%s[%zu].size: must not be 0", where, i);
		/* The last id, 2^32-1, is the kernel's word for "none". */
		if ((uint64_t) m[i].container_id + m[i].size > UINT32_MAX ||
		    (uint64_t) m[i].host_id + m[i].size > UINT32_MAX)
			rule_error(v, "%s[%zu]: goes beyond the last id, 4294967294", where, i);
		for (size_t j = 0; j < i; j++) {
			if (overlap(m[i].container_id, m[i].size, m[j].container_id, m[j].size))
				rule_error(v, "%s[%zu]: overlaps the container's ids of %s[%zu]",
					   where, i, where, j);
			else if (overlap(m[i].host_id, m[i].size, m[j].host_id, m[j].size))
				rule_error(v, "%s[%zu]: overlaps the host's ids of %s[%zu]", where,
					   i, where, j);
		}
	}
}

static void rules_user_namespace(struct validator *v, const struct oci_linux *l)
{
	if (!spec_has_namespace(l, "user")) {
		if (l->uid_mappings_len > 0 || l->gid_mappings_len > 0)
			rule_error(v, "linux.%s: there is no user namespace to map",
				   l->uid_mappings_len > 0 ? "uidMappings" : "gidMappings");
		return;
	}
	if (l->uid_mappings_len > 0 && l->gid_mappings_len == 0)
		rule_error(v, "linux.gidMappings: must be there when uidMappings is");
	if (l->gid_mappings_len > 0 && l->uid_mappings_len == 0)
		rule_error(v, "linux.uidMappings: must be there when gidMappings is");
	rule_mappings(v, "linux.uidMappings", l->uid_mappings, l->uid_mappings_len);
	rule_mappings(v, "linux.gidMappings", l->gid_mappings, l->gid_mappings_len);
}

static void rules_time(struct validator *v, const struct oci_linux *l)
{
	const struct oci_time_offsets *t = l->time_offsets;
	int ns = spec_find_namespace(l, "time");

	if (!t)
		return;
	if (ns < 0)
		rule_error(v, "linux.timeOffsets: there is no time namespace to set");
	else if (l->namespaces[ns].path)
		rule_error(v, "linux.timeOffsets: the time namespace is joined, not made");
	if (t->boottime && t->boottime->nanosecs > 999999999)
		rule_error(v, "linux.timeOffsets.boottime.nanosecs: more than 999999999");
	if (t->monotonic && t->monotonic->nanosecs > 999999999)
		rule_error(v, "linux.timeOffsets.monotonic.nanosecs: more than 999999999");
}

/* --- devices --- */

static void rules_devices(struct validator *v, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->devices_len; i++) {
		const struct oci_device *d = &l->devices[i];
		autofree char *path = path_clean_absolute(d->path);

		if (d->path[0] != '/')
			rule_error(v, "linux.devices[%zu].path: '%s' is not an absolute path", i,
				   d->path);
		else if (str_eq(path, "/"))
			rule_error(v, "linux.devices[%zu].path: '%s' is the root directory", i,
				   d->path);
		if (d->file_mode & ~(07777u | S_IFMT))
			rule_error(v, "linux.devices[%zu].fileMode: %u has unknown bits", i,
				   d->file_mode);
		if (str_eq(d->type, "p"))
			continue; /* numbers of a fifo mean nothing, and some engines write them */
		if (!d->has_major || !d->has_minor)
			rule_error(v, "linux.devices[%zu]: type '%s' needs major and minor", i,
				   d->type);
		else if (d->major < 0 || d->major > DEVICE_MAJOR_MAX || d->minor < 0 ||
			 d->minor > DEVICE_MINOR_MAX)
			rule_error(v, "linux.devices[%zu]: there is no device %" PRId64 ":%" PRId64,
				   i, d->major, d->minor);
	}
}

static const char *name_inside(const struct oci_net_device_map *m, size_t i)
{
	return str_empty(m->values[i].name) ? m->keys[i] : m->values[i].name;
}

/* The kernel takes "%d" in a new name for "the next free number". */
static bool is_device_name(const char *s)
{
	return rule_is_ifname(s) && !strchr(s, '%');
}

static void rules_net_devices(struct validator *v, const struct oci_linux *l)
{
	const struct oci_net_device_map *m = l->net_devices;

	if (!m || m->len == 0)
		return;
	if (!spec_has_namespace(l, "network"))
		rule_error(v, "linux.netDevices: there is no network namespace to move them to");
	for (size_t i = 0; i < m->len; i++) {
		if (!is_device_name(m->keys[i]))
			rule_error(v, "linux.netDevices[\"%s\"]: not a name for a network device",
				   m->keys[i]);
		if (!str_empty(m->values[i].name) && !is_device_name(m->values[i].name))
			rule_error(v,
				   "linux.netDevices[\"%s\"].name: '%s' is not a name for a "
				   "network device",
				   m->keys[i], name_inside(m, i));
		for (size_t j = 0; j < i; j++) {
			if (str_eq(name_inside(m, i), name_inside(m, j)))
				rule_error(v,
					   "linux.netDevices[\"%s\"].name: '%s' is the name of "
					   "linux.netDevices[\"%s\"], too",
					   m->keys[i], name_inside(m, i), m->keys[j]);
		}
	}
}

/* --- sysctl --- */

/* Whole names, and prefixes ending in '.'; what they belong to, by the kernel's ipc/, net/ and user
 * ucounts. */
static const struct {
	const char *name;
	const char *ns;
} sysctl_owners[] = {
	{ "fs.mqueue.", "ipc" },
	{ "kernel.domainname", "uts" },
	{ "kernel.msg_next_id", "ipc" },
	{ "kernel.msgmax", "ipc" },
	{ "kernel.msgmnb", "ipc" },
	{ "kernel.msgmni", "ipc" },
	{ "kernel.sem", "ipc" },
	{ "kernel.sem_next_id", "ipc" },
	{ "kernel.shm_next_id", "ipc" },
	{ "kernel.shm_rmid_forced", "ipc" },
	{ "kernel.shmall", "ipc" },
	{ "kernel.shmmax", "ipc" },
	{ "kernel.shmmni", "ipc" },
	{ "net.", "network" },
	{ "user.", "user" },
};

static const char *sysctl_owner(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(sysctl_owners); i++) {
		const char *rest = str_after(key, sysctl_owners[i].name);

		if (rest && (str_ends(sysctl_owners[i].name, ".") ? *rest != '\0' : *rest == '\0'))
			return sysctl_owners[i].ns;
	}
	return NULL;
}

/* As sysctl(8): the separator that comes first separates, the other one is part of a name (an
 * interface may be called eth0.5). Returns the form separated by dots. */
static char *sysctl_dotted(const char *key)
{
	char *s = xstrdup(key), *first = strpbrk(s, "./");

	if (first && *first == '/') {
		for (char *c = s; *c; c++)
			*c = *c == '/' ? '.' : *c == '.' ? '/' : *c;
	}
	return s;
}

/* Would the name, as a path below /proc/sys, leave its directory? Names of it may hold dots,
 * written '/'. */
static bool sysctl_climbs(const char *dotted)
{
	for (const char *s = dotted;; s++) {
		size_t n = strcspn(s, ".");

		if (n == 0 || (n == 1 && s[0] == '/') || (n == 2 && s[0] == '/' && s[1] == '/'))
			return true;
		s += n;
		if (*s == '\0')
			return false;
	}
}

static void rules_sysctl(struct validator *v, const struct oci_config *c)
{
	const struct oci_map *m = c->linux->sysctl;

	for (size_t i = 0; m && i < m->len; i++) {
		autofree char *key = sysctl_dotted(m->keys[i]);
		const char *ns = sysctl_owner(key);

		if (sysctl_climbs(key))
			rule_error(v, "linux.sysctl[\"%s\"]: not a name of a sysctl", m->keys[i]);
		else if (str_eq(key, "kernel.hostname"))
			rule_error(v,
				   "linux.sysctl[\"%s\"]: conflicts with the field hostname, which "
				   "is for this",
				   m->keys[i]);
		else if (!ns)
			rule_error(v,
				   "linux.sysctl[\"%s\"]: does not belong to a namespace, would be "
				   "the host's",
				   m->keys[i]);
		else if (!spec_has_namespace(c->linux, ns))
			rule_error(v, "linux.sysctl[\"%s\"]: cannot be set without a %s namespace",
				   m->keys[i], ns);
		else if (str_eq(key, "kernel.domainname") && !str_empty(c->domainname) &&
			 strcmp(c->domainname, m->values[i]) != 0)
			rule_error(v,
				   "linux.sysctl[\"%s\"]: conflicts with domainname, which is '%s'",
				   m->keys[i], c->domainname);
	}
}

/* --- Intel RDT, memory policy, personality --- */

static void rules_intel_rdt(struct validator *v, const struct oci_intel_rdt *r)
{
	const char *id = r->clos_id;

	if (id && !str_eq(id, "/") &&
	    (!*id || strpbrk(id, "/\n") || str_eq(id, ".") || str_eq(id, "..")))
		rule_error(v, "linux.intelRdt.closID: '%s' is not a name for a directory", id);
	if (r->mem_bw_schema &&
	    (!str_starts(r->mem_bw_schema, "MB:") || strchr(r->mem_bw_schema, '\n')))
		rule_error(v,
			   "linux.intelRdt.memBwSchema: '%s' is not one line that begins with MB:",
			   r->mem_bw_schema);
	for (size_t i = 0; i < r->schemata_len; i++) {
		if (!strchr(r->schemata[i], ':') || strchr(r->schemata[i], '\n'))
			rule_error(v,
				   "linux.intelRdt.schemata[%zu]: '%s' is not one line of the form "
				   "NAME:VALUE",
				   i, r->schemata[i]);
	}
}

enum nodes { NODES_NONE, NODES_SOME, NODES_ANY };

static const struct {
	const char *name;
	enum nodes nodes; /* set_mempolicy(2) */
} memory_modes[] = {
	{ "MPOL_DEFAULT", NODES_NONE },	   { "MPOL_BIND", NODES_SOME },
	{ "MPOL_INTERLEAVE", NODES_SOME }, { "MPOL_WEIGHTED_INTERLEAVE", NODES_SOME },
	{ "MPOL_PREFERRED", NODES_ANY },   { "MPOL_PREFERRED_MANY", NODES_SOME },
	{ "MPOL_LOCAL", NODES_NONE },
};

/* A number of at most nine digits; the pointer moves behind it. */
static bool take_number(const char **s, long *ret)
{
	size_t n = strspn(*s, "0123456789");

	*ret = 0;
	for (size_t i = 0; n <= 9 && i < n; i++)
		*ret = *ret * 10 + ((*s)[i] - '0');
	*s += n;
	return n > 0 && n <= 9;
}

/* The number of nodes in "0-3,7", or -1. */
static long count_nodes(const char *list)
{
	long count = 0, low, high;

	while (*list) {
		if (!take_number(&list, &low))
			return -1;
		high = low;
		if (*list == '-') {
			list++;
			if (!take_number(&list, &high))
				return -1;
		}
		if (high < low || (*list && *list != ',') || (*list == ',' && !list[1]))
			return -1;
		count += high - low + 1;
		list += *list == ',';
	}
	return count;
}

static bool is_memory_flag(const char *flag)
{
	return str_eq(flag, "MPOL_F_NUMA_BALANCING") || str_eq(flag, "MPOL_F_RELATIVE_NODES") ||
	       str_eq(flag, "MPOL_F_STATIC_NODES");
}

/* The words "invalid memory policy …" are what callers of other runtimes look for. */
static void rules_memory_policy(struct validator *v, const struct oci_memory_policy *m)
{
	static const char where[] = "linux.memoryPolicy";
	long nodes = m->nodes ? count_nodes(m->nodes) : 0;
	size_t i = 0;

	while (i < ARRAY_SIZE(memory_modes) && !str_eq(m->mode, memory_modes[i].name))
		i++;
	if (i == ARRAY_SIZE(memory_modes)) {
		rule_error(v, "%s.mode: invalid memory policy mode '%s'", where,
			   m->mode ? m->mode : "");
	} else if (nodes < 0) {
		rule_error(v, "%s.nodes: invalid memory policy node list '%s'", where, m->nodes);
	} else if (memory_modes[i].nodes == NODES_NONE && nodes > 0) {
		rule_error(v,
			   "%s.nodes: invalid memory policy: %s mode requires 0 nodes but got %ld",
			   where, m->mode, nodes);
	} else if (memory_modes[i].nodes == NODES_SOME && nodes == 0) {
		rule_error(v,
			   "%s.nodes: invalid memory policy: %s mode requires at least 1 node but "
			   "got 0",
			   where, m->mode);
	}
	for (size_t j = 0; j < m->flags_len; j++) {
		if (!is_memory_flag(m->flags[j]))
			rule_error(v, "%s.flags[%zu]: invalid memory policy flag '%s'", where, j,
				   m->flags[j]);
	}
}

static void rules_personality(struct validator *v, const struct oci_personality *p)
{
	if (!p->domain)
		rule_error(v, "linux.personality.domain: required, but missing");
	if (p->flags_len > 0)
		rule_error(v, "linux.personality.flags[0]: unknown flag '%s'; none are defined",
			   p->flags[0]);
}

/* --- all of it --- */

static void rules_paths(struct validator *v, const struct oci_linux *l)
{
	if (l->cgroups_path && path_has_dotdot(l->cgroups_path))
		rule_error(v, "linux.cgroupsPath: `..` components are not allowed");
	rule_absolute_all(v, "linux.maskedPaths", l->masked_paths, l->masked_paths_len);
	rule_absolute_all(v, "linux.readonlyPaths", l->readonly_paths, l->readonly_paths_len);
	if (spec_has_namespace(l, "mount"))
		return;
	if (l->masked_paths_len > 0)
		rule_error(v, "linux.maskedPaths: cannot be set without a mount namespace");
	if (l->readonly_paths_len > 0)
		rule_error(v, "linux.readonlyPaths: cannot be set without a mount namespace");
}

void rules_linux(struct validator *v, const struct oci_config *c)
{
	const struct oci_linux *l = c->linux;

	rules_namespaces(v, l);
	rules_user_namespace(v, l);
	rules_time(v, l);
	rules_devices(v, l);
	rules_net_devices(v, l);
	rules_sysctl(v, c);
	rules_paths(v, l);
	if (l->resources)
		rules_resources(v, "linux.resources.", l->resources);
	if (l->seccomp)
		rules_seccomp(v, l->seccomp, c->annotations);
	if (l->intel_rdt)
		rules_intel_rdt(v, l->intel_rdt);
	if (l->memory_policy)
		rules_memory_policy(v, l->memory_policy);
	if (l->personality)
		rules_personality(v, l->personality);
}
