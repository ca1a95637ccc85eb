/* SPDX-License-Identifier: Apache-2.0 */
/* Management data: nothing of it is part of running a container. Kept as annotations, without
 * effect. */
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

static const char WHY[] = "management data, without effect";

static void keep_text(struct lxc_map *m, struct lxc_pos pos, const char *name, const char *value)
{
	autofree char *pointer = report_pointer("/annotations/%s", name);

	if (!value) {
		report_kept(m->report, pos, NULL, NULL);
		return;
	}
	map_annotate(m, name, value);
	report_kept(m->report, pos, pointer, WHY);
}

static void keep_num(struct lxc_map *m, const struct lxc_num *n, const char *name, bool is_signed)
{
	autofree char *text = is_signed ? xasprintf("%lld", (long long) n->n)
					: xasprintf("%llu", (unsigned long long) n->n);

	keep_text(m, n->pos, name, n->has ? text : NULL);
}

static void keep_bool(struct lxc_map *m, const struct lxc_bool *b, const char *name)
{
	keep_text(m, b->pos, name, b->has ? b->on ? "1" : "0" : NULL);
}

static void keep_groups(struct lxc_map *m)
{
	const struct lxc_strs *groups = &m->c->groups;
	autostrbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < groups->len; i++) {
		strbuf_addf(&text, "%s%s", i ? " " : "", groups->v[i].s);
		report_kept(m->report, groups->v[i].pos, "/annotations/org.hako.group", WHY);
	}
	if (text.len)
		map_annotate(m, "org.hako.group", strbuf_str(&text));
}

void map_management(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;

	keep_bool(m, &c->start_auto, "org.hako.start.auto");
	keep_num(m, &c->start_delay, "org.hako.start.delay", false);
	keep_num(m, &c->start_order, "org.hako.start.order", true);
	keep_groups(m);
	keep_text(m, c->log_level.pos, "org.hako.log.level", c->log_level.s);
	keep_text(m, c->log_file.pos, "org.hako.log.file", c->log_file.s);
	keep_text(m, c->log_syslog.pos, "org.hako.log.syslog", c->log_syslog.s);
	keep_num(m, &c->monitor_unshare, "org.hako.monitor.unshare", false);
	keep_text(m, c->cgroup_dir_monitor.pos, "org.hako.monitor.cgroup", c->cgroup_dir_monitor.s);
	keep_text(m, c->cgroup_dir_monitor_pivot.pos, "org.hako.monitor.cgroup.pivot",
		  c->cgroup_dir_monitor_pivot.s);
	keep_bool(m, &c->rootfs_managed, "org.hako.rootfs.managed");
	/* where LXC attaches the root file system on the host; a bundle has a place of its own */
	report_kept(m->report, c->rootfs_mount.pos, NULL, WHY);
}
