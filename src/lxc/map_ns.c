/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces, id maps, host name, time offsets. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

/* In the order in which they are written; those that LXC always makes come first. */
static const struct {
	enum lxc_ns ns;
	const char *type; /* of linux.namespaces */
	const char *file; /* below /proc/PID/ns */
} kinds[] = {
	{ LXC_NS_MNT, "mount", "mnt" },	  { LXC_NS_PID, "pid", "pid" },
	{ LXC_NS_UTS, "uts", "uts" },	  { LXC_NS_IPC, "ipc", "ipc" },
	{ LXC_NS_NET, "network", "net" }, { LXC_NS_CGROUP, "cgroup", "cgroup" },
	{ LXC_NS_USER, "user", "user" },  { LXC_NS_TIME, "time", "time" },
};

#define NANOS 1000000000

static bool wants_time(const struct lxc_config *c)
{
	return c->time_boot.secs || c->time_boot.nanosecs || c->time_monotonic.secs ||
	       c->time_monotonic.nanosecs;
}

/* The host's network is asked for by interfaces that are all of type none. */
static bool wants_host_net(const struct lxc_config *c)
{
	for (size_t i = 0; i < c->nets.len; i++) {
		if (c->nets.v[i].type != LXC_NET_NONE)
			return false;
	}
	return c->nets.len > 0;
}

static bool by_default(const struct lxc_config *c, enum lxc_ns ns)
{
	if (ns == LXC_NS_USER)
		return c->idmap.len > 0;
	if (ns == LXC_NS_TIME)
		return wants_time(c);
	return ns != LXC_NS_NET || !wants_host_net(c);
}

/* "keep" makes all others new, user and time included, wanted or not. */
static bool by_keep(struct lxc_map *m, enum lxc_ns ns)
{
	bool odd = (ns == LXC_NS_USER || ns == LXC_NS_TIME) && !by_default(m->c, ns);

	if (m->c->ns_keep.on[ns])
		return false;
	if (!odd)
		return true;
	if (ns == LXC_NS_TIME && m->exact)
		return true;
	if (ns == LXC_NS_USER)
		diag_add(m->diag, "LXC-W220", m->c->ns_keep.pos, "lxc.namespace.keep",
			 "LXC also makes a user namespace without an id map and does not start; %s",
			 m->exact ? "so it is written"
				  : "none is made here (write keep = user ...)");
	return m->exact;
}

static bool is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

/* The namespace is written as a new one, for a runtime that does not know the annotation: better
 * than that of the host. */
static void share_by_name(struct lxc_map *m, enum lxc_ns ns, const struct lxc_str *share)
{
	autofree char *annotation = xasprintf("org.hako.ns.share.%s", model_ns_name(ns));
	autofree char *key = xasprintf("lxc.namespace.share.%s", model_ns_name(ns));

	m->ns_new[ns] = true;
	if (m->generic) {
		map_lost(m, share->pos, key, "LXC-W222",
			 "other runtimes do not know the container '%s': give its namespace file",
			 share->s);
		return;
	}
	m->ns_named[ns] = true;
	map_annotate_line(m, share->pos, annotation, share->s);
}

static void plan_share(struct lxc_map *m, enum lxc_ns ns)
{
	const struct lxc_str *share = &m->c->ns_share[ns];

	if (!share->s)
		return;
	if (*share->s != '/' && !is_number(share->s)) {
		/* a container by name: looked up when this one is created */
		share_by_name(m, ns, share);
		return;
	}
	m->ns_new[ns] = false;
	m->ns_joined[ns] = true;
}

void map_ns_plan(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;

	if (c->ns_clone.has && c->ns_keep.has)
		diag_add(m->diag, "LXC-E003", c->ns_keep.pos, "lxc.namespace.keep",
			 "lxc.namespace.clone is set as well: LXC takes only one of the two");
	for (size_t i = 0; i < LXC_NS_MAX; i++) {
		m->ns_new[i] = c->ns_clone.has	? c->ns_clone.on[i]
			       : c->ns_keep.has ? by_keep(m, (enum lxc_ns) i)
						: by_default(c, (enum lxc_ns) i);
		plan_share(m, (enum lxc_ns) i);
	}
	if (!m->ns_new[LXC_NS_MNT] && !m->ns_joined[LXC_NS_MNT])
		diag_add(m->diag, "LXC-E003", c->ns_keep.has ? c->ns_keep.pos : c->ns_clone.pos,
			 "lxc.namespace",
			 "a container without a mount namespace would change the mounts of the "
			 "host");
	if (c->idmap.len && !m->ns_new[LXC_NS_USER])
		diag_add(m->diag, "LXC-E230", c->idmap.v[0].pos, "lxc.idmap",
			 "the id map has no new user namespace to belong to");
	if ((m->ns_joined[LXC_NS_USER] || m->ns_named[LXC_NS_USER]) &&
	    (m->ns_joined[LXC_NS_PID] || m->ns_named[LXC_NS_PID]))
		diag_add(m->diag, "LXC-W221", c->ns_share[LXC_NS_PID].pos,
			 "lxc.namespace.share.pid",
			 "with the user namespace shared too, either container can take over the "
			 "other");
}

static void write_namespaces(struct lxc_map *m)
{
	struct oci_linux *l = m->oci->linux;

	l->namespaces = xnew_n(struct oci_namespace, ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct lxc_str *share = &m->c->ns_share[kinds[i].ns];
		struct oci_namespace *out = &l->namespaces[l->namespaces_len];
		autofree char *pointer = report_pointer("/linux/namespaces/%zu", l->namespaces_len);

		if (m->ns_joined[kinds[i].ns]) {
			out->path = *share->s == '/'
					    ? xstrdup(share->s)
					    : xasprintf("/proc/%s/ns/%s", share->s, kinds[i].file);
			report_kept(m->report, share->pos, pointer, NULL);
		} else if (!m->ns_new[kinds[i].ns]) {
			continue;
		}
		out->type = xstrdup(kinds[i].type);
		l->namespaces_len++;
		if (m->c->ns_clone.has && m->c->ns_clone.on[kinds[i].ns])
			report_kept(m->report, m->c->ns_clone.at[kinds[i].ns], pointer, NULL);
	}
	if (m->c->ns_clone.has)
		report_kept(m->report, m->c->ns_clone.pos, "/linux/namespaces", NULL);
	if (!m->c->ns_keep.has)
		return;
	report_kept(m->report, m->c->ns_keep.pos, "/linux/namespaces", NULL);
	for (size_t i = 0; i < LXC_NS_MAX; i++) {
		if (m->c->ns_keep.on[i])
			report_kept(m->report, m->c->ns_keep.at[i], "/linux/namespaces", NULL);
	}
}

static void write_mapping(struct oci_id_mapping **v, size_t *len, const struct lxc_idmap *map)
{
	*v = xreallocarray(*v, *len + 1, sizeof **v);
	(*v)[(*len)++] = (struct oci_id_mapping){
		.container_id = map->nsid,
		.has_container_id = true,
		.host_id = map->hostid,
		.has_host_id = true,
		.size = map->count,
		.has_size = true,
	};
}

static void write_idmap(struct lxc_map *m)
{
	struct oci_linux *l = m->oci->linux;

	for (size_t i = 0; i < m->c->idmap.len; i++) {
		const struct lxc_idmap *map = &m->c->idmap.v[i];
		autofree char *pointer = NULL;

		if (!map->count) {
			diag_add(m->diag, "LXC-E003", map->pos, "lxc.idmap",
				 "a range of no ids: the kernel refuses it");
			continue;
		}
		pointer = report_pointer(map->is_gid ? "/linux/gidMappings/%zu"
						     : "/linux/uidMappings/%zu",
					 map->is_gid ? l->gid_mappings_len : l->uid_mappings_len);
		if (map->is_gid)
			write_mapping(&l->gid_mappings, &l->gid_mappings_len, map);
		else
			write_mapping(&l->uid_mappings, &l->uid_mappings_len, map);
		report_kept(m->report, map->pos, pointer, NULL);
	}
	if (m->c->idmap.len && (!l->uid_mappings_len || !l->gid_mappings_len))
		diag_add(m->diag, "LXC-E230", m->c->idmap.v[0].pos, "lxc.idmap",
			 "only %s are mapped; LXC would start a container without a single %s",
			 l->uid_mappings_len ? "user ids" : "group ids",
			 l->uid_mappings_len ? "group" : "user");
}

static void write_uts(struct lxc_map *m)
{
	const struct lxc_str *name = &m->c->uts_name;

	if (!name->s) {
		report_kept(m->report, name->pos, NULL, NULL);
	} else if (m->ns_joined[LXC_NS_UTS] || m->ns_named[LXC_NS_UTS]) {
		report_dropped(m->report, name->pos,
			       "LXC sets no name in a shared uts namespace either");
	} else if (!m->ns_new[LXC_NS_UTS]) {
		diag_add(m->diag, "LXC-E003", name->pos, "lxc.uts.name",
			 "without a uts namespace of its own the container would rename the host");
	} else {
		m->oci->hostname = xstrdup(name->s);
		map_keep(m, name->pos, "/hostname", name->s);
	}
}

/* 0 <= nanosecs < 10^9, as OCI and the kernel want it. */
static struct oci_time_offset *write_offset(struct lxc_map *m, const struct lxc_time_offset *o,
					    const char *key, const char *pointer)
{
	struct oci_time_offset *out = xnew(struct oci_time_offset);
	int64_t ns = o->nanosecs, secs = o->secs;

	out->has_secs = out->has_nanosecs = true;
	report_kept(m->report, o->secs_pos, pointer, NULL);
	if (secs && ns) {
		report_changed(m->report, o->nanosecs_pos, pointer, "LXC ignores %s",
			       m->exact ? "it beside seconds, and so does the result"
					: "it beside seconds; here they add up");
		if (m->exact)
			ns = 0;
	} else if (ns < 0 || ns >= NANOS) {
		if (m->exact)
			diag_add(m->diag, "LXC-E003", o->nanosecs_pos, key,
				 "the kernel refuses %lld nanoseconds", (long long) ns);
		report_changed(m->report, o->nanosecs_pos, pointer,
			       "carried over to seconds; the kernel refuses what LXC writes");
	} else {
		report_kept(m->report, o->nanosecs_pos, pointer, NULL);
	}
	if (__builtin_add_overflow(secs, ns / NANOS, &secs))
		diag_add(m->diag, "LXC-E003", o->nanosecs_pos, key, "the offset is out of range");
	ns %= NANOS;
	if (ns < 0) {
		ns += NANOS;
		secs--;
	}
	out->secs = secs;
	out->nanosecs = (uint32_t) ns;
	return out;
}

static void write_time(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;
	struct oci_time_offsets *out;

	if (!wants_time(c) || !m->ns_new[LXC_NS_TIME]) {
		const char *note = wants_time(c) ? "no time namespace is made" : NULL;

		report_kept(m->report, c->time_boot.secs_pos, NULL, note);
		report_kept(m->report, c->time_boot.nanosecs_pos, NULL, note);
		report_kept(m->report, c->time_monotonic.secs_pos, NULL, note);
		report_kept(m->report, c->time_monotonic.nanosecs_pos, NULL, note);
		return;
	}
	out = m->oci->linux->time_offsets = xnew(struct oci_time_offsets);
	if (c->time_boot.has)
		out->boottime = write_offset(m, &c->time_boot, "lxc.time.offset.boot",
					     "/linux/timeOffsets/boottime");
	if (c->time_monotonic.has)
		out->monotonic = write_offset(m, &c->time_monotonic, "lxc.time.offset.monotonic",
					      "/linux/timeOffsets/monotonic");
}

void map_ns(struct lxc_map *m)
{
	write_uts(m);
	write_namespaces(m);
	write_idmap(m);
	write_time(m);
}
