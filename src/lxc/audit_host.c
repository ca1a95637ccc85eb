/* SPDX-License-Identifier: Apache-2.0 */
/* What containers share with each other: ids and bridges. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/audit_internal.h"

/* How many of the others a message names. */
#define NAMES_MAX 3

/* --- /etc/subuid and /etc/subgid --- */

void audit_ids_clear(struct audit_ids *ids)
{
	free(ids->v);
	free(ids->user);
	*ids = (struct audit_ids){ 0 };
}

void audit_ids_parse(struct audit_ids *ids, const char *text, bool is_gid, const char *user,
		     uint32_t uid)
{
	autofree char *number = xasprintf("%u", uid);
	autostrv struct strv lines = { 0 };

	ids->known = true;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv fields = { 0 };
		struct audit_range r = { .is_gid = is_gid };

		strv_split(&fields, lines.v[i], ":");
		if (fields.len != 3 || str_to_u64(fields.v[1], &r.first) < 0 ||
		    str_to_u64(fields.v[2], &r.count) < 0)
			continue;
		if (str_eq(fields.v[0], user) || str_eq(fields.v[0], number))
			*MODEL_ADD(ids) = r;
	}
}

/* Neighbouring lines add up: walks as far as the ranges reach. */
static bool is_reserved(const struct audit_ids *ids, const struct lxc_idmap *m)
{
	uint64_t at = m->hostid, end = (uint64_t) m->hostid + m->count;
	bool moved = true;

	while (at < end && moved) {
		moved = false;
		for (size_t i = 0; i < ids->len; i++) {
			const struct audit_range *r = &ids->v[i];

			if (r->is_gid != m->is_gid || at < r->first || at - r->first >= r->count)
				continue;
			at = r->first + r->count;
			moved = true;
		}
	}
	return at >= end;
}

static void check_reserved(struct audit_run *a)
{
	const struct audit_ids *ids = a->s->ids;
	const char *user = ids && ids->user ? ids->user : "root";

	for (size_t i = 0; ids && ids->known && i < a->c->idmap.len; i++) {
		const struct lxc_idmap *m = &a->c->idmap.v[i];
		const char *kind = m->is_gid ? "gid" : "uid";
		uint64_t last = (uint64_t) m->hostid + m->count - 1;

		/* a user may always map the one id that is his */
		if (!m->count || m->count == 1 || is_reserved(ids, m))
			continue;
		audit_add(a, ids->is_root ? AUDIT_LOW : AUDIT_MEDIUM, "idmap-not-reserved", m->pos,
			  "lxc.idmap", "%ss %u-%llu are not reserved for %s in /etc/sub%s: %s",
			  kind, m->hostid, (unsigned long long) last, user, kind,
			  ids->is_root ? "others may be given the same"
				       : "the container does not start");
		audit_fix(a, "%s:%u:%u in /etc/sub%s", user, m->hostid, m->count, kind);
	}
}

/* --- ids in common --- */

static bool maps_overlap(const struct lxc_idmap *a, const struct lxc_idmap *b)
{
	return a->is_gid == b->is_gid && a->count && b->count &&
	       (uint64_t) a->hostid < (uint64_t) b->hostid + b->count &&
	       (uint64_t) b->hostid < (uint64_t) a->hostid + a->count;
}

static bool subject_uses(const struct audit_subject *s, const struct lxc_idmap *m)
{
	for (size_t i = 0; s->config && i < s->config->idmap.len; i++) {
		if (maps_overlap(&s->config->idmap.v[i], m))
			return true;
	}
	return false;
}

/* "a, b, c and 4 more" */
static void add_name(struct strbuf *names, size_t n, const char *name)
{
	if (n < NAMES_MAX)
		strbuf_addf(names, "%s%s", n ? ", " : "", name);
}

static void end_names(struct strbuf *names, size_t n)
{
	if (n > NAMES_MAX)
		strbuf_addf(names, " and %zu more", n - NAMES_MAX);
}

static void check_overlap(struct audit_run *a, const struct audit_subject *v, size_t n)
{
	for (size_t i = 0; i < a->c->idmap.len; i++) {
		const struct lxc_idmap *m = &a->c->idmap.v[i];
		autostrbuf struct strbuf names = STRBUF_INIT;
		size_t others = 0;

		for (size_t k = 0; k < n; k++) {
			if (&v[k] != a->s && subject_uses(&v[k], m))
				add_name(&names, others++, v[k].name);
		}
		if (!others)
			continue;
		end_names(&names, others);
		audit_add(a, AUDIT_MEDIUM, "idmap-shared", m->pos, "lxc.idmap",
			  "host %ss %u-%llu are also those of %s: one that gets out reaches the "
			  "files and processes of the others, and ulimits are shared",
			  m->is_gid ? "gid" : "uid", m->hostid,
			  (unsigned long long) m->hostid + m->count - 1, strbuf_str(&names));
		audit_fix(a, "give each container a range of its own and shift its root file "
			     "system, or convert with --idmap=auto");
	}
}

/* --- a bridge in common --- */

/* On one bridge and in one VLAN: they see each other's frames and can forge addresses. */
static bool same_segment(const struct lxc_net *a, const struct lxc_net *b)
{
	const struct lxc_net_vlan *x = &a->veth_vlan, *y = &b->veth_vlan;
	unsigned int vx = x->has && !x->none ? x->id : 0, vy = y->has && !y->none ? y->id : 0;

	return a->type == LXC_NET_VETH && b->type == LXC_NET_VETH && a->link.s &&
	       str_eq(a->link.s, b->link.s) && !str_eq(a->veth_mode.s, "router") &&
	       !str_eq(b->veth_mode.s, "router") && vx == vy;
}

static bool subject_on_segment(const struct audit_subject *s, const struct lxc_net *net)
{
	for (size_t i = 0; s->config && i < s->config->nets.len; i++) {
		if (same_segment(&s->config->nets.v[i], net))
			return true;
	}
	return false;
}

static void check_bridge(struct audit_run *a, const struct audit_subject *v, size_t n)
{
	for (size_t i = 0; i < a->c->nets.len; i++) {
		const struct lxc_net *net = &a->c->nets.v[i];
		autostrbuf struct strbuf names = STRBUF_INIT;
		size_t others = 0;

		for (size_t k = 0; k < n; k++) {
			if (&v[k] != a->s && subject_on_segment(&v[k], net))
				add_name(&names, others++, v[k].name);
		}
		if (!others)
			continue;
		end_names(&names, others);
		audit_add(a, AUDIT_LOW, "bridge-shared", net->link.pos, "lxc.net",
			  "bridge %s is shared with %s: containers on it can take each other's "
			  "addresses",
			  net->link.s, strbuf_str(&names));
		audit_fix_either(a,
				 "for containers that do not trust each other: a bridge each, "
				 "veth.vlan.id, veth.mode = router, or a firewall on the bridge",
				 "for containers that do not trust each other: tag=VLAN, or "
				 "firewall=1 with the MAC and IP filters");
	}
}

void audit_host(const struct audit_subject *v, size_t n, struct audit *out)
{
	for (size_t i = 0; i < n; i++) {
		struct audit_run a = { .s = &v[i], .c = v[i].config, .out = out };

		if (!a.c)
			continue;
		a.privileged = !a.c->idmap.len;
		check_reserved(&a);
		check_overlap(&a, v, n);
		check_bridge(&a, v, n);
	}
}
