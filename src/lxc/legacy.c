/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/legacy.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/table.h"

/* now: the present name; a trailing dot on both sides renames a family; NULL = without replacement.
 */
static const struct {
	const char *old;
	const char *now;
} names[] = {
	{ "lxc.aa_allow_incomplete", "lxc.apparmor.allow_incomplete" },
	{ "lxc.aa_profile", "lxc.apparmor.profile" },
	{ "lxc.console", "lxc.console.path" },
	{ "lxc.devttydir", "lxc.tty.dir" },
	{ "lxc.haltsignal", "lxc.signal.halt" },
	{ "lxc.id_map", "lxc.idmap" },
	{ "lxc.init_cmd", "lxc.init.cmd" },
	{ "lxc.init_gid", "lxc.init.gid" },
	{ "lxc.init_uid", "lxc.init.uid" },
	{ "lxc.kmsg", NULL },
	{ "lxc.limit.", "lxc.prlimit." },
	{ "lxc.logfile", "lxc.log.file" },
	{ "lxc.loglevel", "lxc.log.level" },
	{ "lxc.mount", "lxc.mount.fstab" },
	{ "lxc.network", "lxc.net" },
	{ "lxc.network.", "lxc.net.N." },
	{ "lxc.pivotdir", NULL },
	{ "lxc.pts", "lxc.pty.max" },
	{ "lxc.rebootsignal", "lxc.signal.reboot" },
	{ "lxc.rootfs", "lxc.rootfs.path" },
	{ "lxc.rootfs.backend", "lxc.rootfs.path" },
	{ "lxc.se_context", "lxc.selinux.context" },
	{ "lxc.seccomp", "lxc.seccomp.profile" },
	{ "lxc.stopsignal", "lxc.signal.stop" },
	{ "lxc.syslog", "lxc.log.syslog" },
	{ "lxc.tty", "lxc.tty.max" },
	{ "lxc.utsname", "lxc.uts.name" },
};

const char *legacy_name(size_t i, const char **ret_now)
{
	if (i >= ARRAY_SIZE(names))
		return NULL;
	*ret_now = names[i].now;
	return names[i].old;
}

static void note_legacy(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *now)
{
	diag_add(p->d, "LXC-I106", pos, name, "name of LXC 2.0, removed in 3.0");
	diag_hint(p->d, "now %s", now);
}

/* The number of the interface that an lxc.network.type line opens. */
static int64_t next_net(const struct lxc_parser *p)
{
	const struct lxc_nets *nets = &p->c->nets;

	return nets->len ? (int64_t) nets->v[nets->len - 1].index + 1 : 0;
}

static void network(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value)
{
	const char *sub = name + strlen("lxc.network.");
	autofree char *now = NULL;

	if (isdigit((unsigned char) *sub)) {
		now = xasprintf("lxc.net.%s", sub);
	} else {
		if (strcmp(sub, "type") == 0)
			p->legacy_net = next_net(p);
		if (p->legacy_net < 0) {
			diag_add(p->d, "LXC-E003", pos, name,
				 "stands before the first lxc.network.type");
			parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
			return;
		}
		if (strcmp(sub, "ipv4") == 0 || strcmp(sub, "ipv6") == 0)
			now = xasprintf("lxc.net.%lld.%s.address", (long long) p->legacy_net, sub);
		else
			now = xasprintf("lxc.net.%lld.%s", (long long) p->legacy_net, sub);
	}
	note_legacy(p, pos, name, now);
	parse_setting_as(p, pos, name, now, value);
}

/* lxc.rootfs.backend gave the storage type that now stands in front of the path. */
static void backend(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value)
{
	note_legacy(p, pos, name, "a TYPE: in front of lxc.rootfs.path");
	parse_set_fate(p, pos, LXC_LINE_CONSUMED, "storage type of lxc.rootfs.path");
	parse_replaced(p, p->c->rootfs_type.pos, pos);
	free(p->c->rootfs_type.s);
	p->c->rootfs_type = (struct lxc_str){ .s = *value ? xstrdup(value) : NULL, .pos = pos };
}

static void without_replacement(struct lxc_parser *p, struct lxc_pos pos, const char *name)
{
	diag_add(p->d, "LXC-I106", pos, name,
		 "key of LXC 2.0, removed without replacement; it has no effect");
	parse_set_fate(p, pos, LXC_LINE_IGNORED, "removed in LXC 3.0 without replacement");
}

/* The row for a name: whole, or as a family. */
static const char *find(const char *name, const char **ret_now)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *old = names[i].old;
		bool family = str_ends(old, ".");

		if (family ? str_starts(name, old) && name[strlen(old)] : strcmp(name, old) == 0) {
			*ret_now = names[i].now;
			return old;
		}
	}
	return NULL;
}

bool legacy_setting(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value)
{
	const char *now, *old = find(name, &now);
	autofree char *full = NULL;

	if (!old)
		return false;
	if (strcmp(old, "lxc.network.") == 0) {
		network(p, pos, name, value);
	} else if (strcmp(old, "lxc.rootfs.backend") == 0) {
		backend(p, pos, name, value);
	} else if (!now) {
		without_replacement(p, pos, name);
	} else {
		full = str_ends(old, ".") ? xasprintf("%s%s", now, name + strlen(old))
					  : xstrdup(now);
		note_legacy(p, pos, name, full);
		parse_setting_as(p, pos, name, full, value);
	}
	return true;
}
