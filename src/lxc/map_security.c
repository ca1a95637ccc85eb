/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities, SELinux, sysctls. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

/* The capabilities that the specification names: 0 to 40. */
#define CAP_COUNT     41
#define CAP_ALL	      ((UINT64_C(1) << CAP_COUNT) - 1)
#define CAP(n)	      (UINT64_C(1) << (n))
#define CAP_NET_ADMIN 12

/* Those with which root in a container without a user namespace is root on the host. */
static const unsigned int mighty[] = { 16, 17, 21, 25, 33 };

static void caps_write(char ***v, size_t *len, uint64_t set)
{
	*v = xnew_n(char *, 1);
	for (unsigned int i = 0; i < CAP_COUNT; i++) {
		autofree char *name = NULL;

		if (!(set >> i & 1))
			continue;
		name = xasprintf("CAP_%s", model_cap_name(i));
		for (char *s = name; *s; s++)
			*s = (char) toupper((unsigned char) *s);
		map_strs_add(v, len, name);
	}
}

/* The bounding set that the lines leave. */
static uint64_t caps_bounding(struct lxc_map *m)
{
	const struct lxc_caps *caps = &m->c->caps;
	bool keep = caps->mode == LXC_CAPS_KEEP;
	uint64_t set = 0;

	for (size_t i = 0; i < caps->len; i++) {
		const struct lxc_cap *cap = &caps->v[i];

		if (cap->number < CAP_COUNT) {
			set |= CAP(cap->number);
			report_kept(m->report, cap->pos, "/process/capabilities/bounding", NULL);
		} else if (keep) {
			diag_add(m->diag, "LXC-W401", cap->pos, "lxc.cap.keep",
				 "capability %u has no name in OCI and is not kept", cap->number);
			report_changed(m->report, cap->pos, "/process/capabilities/bounding",
				       "capability %u has no name in OCI", cap->number);
		} else {
			diag_add(m->diag, "LXC-I402", cap->pos, "lxc.cap.drop",
				 "capability %u has no name in OCI and is never given",
				 cap->number);
			report_kept(m->report, cap->pos, "/process/capabilities/bounding", NULL);
		}
	}
	report_kept(m->report, caps->pos, "/process/capabilities/bounding", NULL);
	return keep ? set : CAP_ALL & ~set;
}

/*
 * LXC edits the bounding set and nothing else; exec decides what init gets: all of it for uid 0,
 * nothing for others. It never sets the inheritable or the ambient set, so neither do we.
 */
void map_caps(struct lxc_map *m)
{
	struct oci_capabilities *out = m->oci->process->capabilities =
		xnew(struct oci_capabilities);
	autostrbuf struct strbuf kept = STRBUF_INIT;
	uint64_t held;

	m->caps = caps_bounding(m);
	held = lxc_num_get(&m->c->init_uid, 0) == 0 ? m->caps : 0;
	caps_write(&out->bounding, &out->bounding_len, m->caps);
	caps_write(&out->effective, &out->effective_len, held);
	caps_write(&out->permitted, &out->permitted_len, held);
	caps_write(&out->inheritable, &out->inheritable_len, 0);
	caps_write(&out->ambient, &out->ambient_len, 0);
	if (m->ns_new[LXC_NS_USER] || m->ns_joined[LXC_NS_USER])
		return;
	diag_add(m->diag, "LXC-I405", (struct lxc_pos){ 0 }, NULL,
		 "without an id map, root in the container is root on the host: LXC does not call "
		 "that a security boundary");
	for (size_t i = 0; i < ARRAY_SIZE(mighty); i++) {
		if (m->caps >> mighty[i] & 1)
			strbuf_addf(&kept, "%s%s", kept.len ? ", " : "", model_cap_name(mighty[i]));
	}
	if (kept.len)
		diag_add(m->diag, "LXC-I404", m->c->caps.pos, NULL,
			 "this privileged container keeps %s", strbuf_str(&kept));
}

static void map_selinux(struct lxc_map *m)
{
	const struct lxc_str *label = &m->c->selinux_context;

	if (label->s && !str_eq(label->s, "unconfined_t")) {
		m->oci->process->selinux_label = xstrdup(label->s);
		report_kept(m->report, label->pos, "/process/selinuxLabel", NULL);
	} else {
		report_kept(m->report, label->pos, NULL, NULL);
	}
	if (!m->c->selinux_keyring.s)
		report_kept(m->report, m->c->selinux_keyring.pos, NULL, NULL);
	else if (m->generic)
		map_lost(m, m->c->selinux_keyring.pos, "lxc.selinux.context.keyring", "LXC-W285",
			 "other runtimes label the keyring like the process");
	else
		map_annotate_line(m, m->c->selinux_keyring.pos, "org.hako.selinux.keyring",
				  m->c->selinux_keyring.s);
}

/* Either separator, as sysctl(8) has it: "net/ipv4/conf/eth0.1/forwarding". */
static bool sysctl_starts(const char *name, const char *prefix)
{
	while (*prefix && (*name == *prefix || (*prefix == '.' && *name == '/'))) {
		name++;
		prefix++;
	}
	return !*prefix;
}

/* The namespace that a sysctl belongs to, or LXC_NS_MAX: the whole host's. */
static enum lxc_ns sysctl_ns(const char *name)
{
	static const struct {
		const char *prefix;
		bool whole;
		enum lxc_ns ns;
	} families[] = {
		{ "net.", false, LXC_NS_NET },
		{ "kernel.shm", false, LXC_NS_IPC },
		{ "kernel.msg", false, LXC_NS_IPC },
		{ "kernel.sem", true, LXC_NS_IPC },
		{ "fs.mqueue.", false, LXC_NS_IPC },
		{ "kernel.hostname", true, LXC_NS_UTS },
		{ "kernel.domainname", true, LXC_NS_UTS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (sysctl_starts(name, families[i].prefix) &&
		    (!families[i].whole || strlen(name) == strlen(families[i].prefix)))
			return families[i].ns;
	}
	return LXC_NS_MAX;
}

static bool sysctl_name_ok(const char *name)
{
	if (!*name || strstr(name, "..") || *name == '.' || *name == '/')
		return false;
	for (; *name; name++) {
		if (!isalnum((unsigned char) *name) && !strchr("._-/", *name))
			return false;
	}
	return true;
}

void map_sysctl(struct lxc_map *m)
{
	bool mixed = m->c->mount_auto.proc == LXC_AUTO_PROC_MIXED;

	for (size_t i = 0; i < m->c->sysctl.len; i++) {
		const struct lxc_pair *pair = &m->c->sysctl.v[i];
		enum lxc_ns ns = sysctl_ns(pair->key);
		autofree char *pointer = report_pointer("/linux/sysctl/%s", pair->key);

		if (!sysctl_name_ok(pair->key)) {
			diag_add(m->diag, "LXC-E003", pair->pos, "lxc.sysctl",
				 "'%s' is no name of a sysctl", pair->key);
			continue;
		}
		if (ns == LXC_NS_MAX || !(m->ns_new[ns] || m->ns_joined[ns])) {
			diag_add(m->diag, "LXC-W211", pair->pos, "lxc.sysctl",
				 "'%s' would change the host, which LXC does and no OCI runtime; "
				 "set it there",
				 pair->key);
			report_dropped(m->report, pair->pos, "it does not belong to the container");
			continue;
		}
		if (mixed && (ns != LXC_NS_NET || !map_has_cap(m, CAP_NET_ADMIN)))
			diag_add(m->diag, "LXC-W211", pair->pos, "lxc.sysctl",
				 "LXC cannot write '%s' below the read-only /proc/sys of "
				 "proc:mixed and does not start; here it is written before",
				 pair->key);
		oci_map_set(&m->oci->linux->sysctl, pair->key, pair->value);
		report_kept(m->report, pair->pos, pointer, NULL);
	}
}

void map_security(struct lxc_map *m)
{
	map_apparmor(m);
	map_selinux(m);
	map_seccomp(m);
	map_sysctl(m);
}
