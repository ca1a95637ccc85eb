/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup: its path, the lines of cgroup2, the device list. */
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

/* Processes below the limits, which they then cannot change. */
static void map_inner(struct lxc_map *m)
{
	const struct lxc_str *inner = &m->c->cgroup_dir_container_inner;

	if (!inner->s)
		report_kept(m->report, inner->pos, NULL, NULL);
	else if (!map_is_plain_name(inner->s))
		diag_add(m->diag, "LXC-E003", inner->pos, "lxc.cgroup.dir.container.inner",
			 "'%s' is no name of a cgroup", inner->s);
	else if (m->generic)
		map_lost(m, inner->pos, "lxc.cgroup.dir.container.inner", "LXC-W310",
			 "other runtimes put limits and processes into one cgroup, where the "
			 "container can change them");
	else
		map_annotate_line(m, inner->pos, "org.hako.cgroup.inner", inner->s);
}

static void map_path(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;
	const char *slash = lxc_bool_get(&c->cgroup_relative, false) ? "" : "/";
	char **path = &m->oci->linux->cgroups_path;

	if (c->cgroup_dir_container.s)
		*path = xasprintf("%s%s", slash, c->cgroup_dir_container.s);
	else if (c->cgroup_dir.s)
		*path = xasprintf("%s%s/lxc.payload.%s", slash, c->cgroup_dir.s, m->name);
	else
		*path = xasprintf("%slxc.payload.%s", slash, m->name);
	report_kept(m->report, c->cgroup_dir_container.pos, "/linux/cgroupsPath", NULL);
	report_kept(m->report, c->cgroup_dir.pos, "/linux/cgroupsPath", NULL);
	report_kept(m->report, c->cgroup_relative.pos, "/linux/cgroupsPath", NULL);
	map_inner(m);
}

/* Files that hold a line per key: the lines of one file add up. In all others the last one counts.
 */
static bool is_keyed(const char *file)
{
	static const char *const names[] = { "io.max",	      "io.weight",     "io.latency",
					     "io.bfq.weight", "io.cost.model", "io.cost.qos",
					     "rdma.max",      "misc.max" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(file, names[i]))
			return true;
	}
	return str_starts(file, "dmem.");
}

static bool has_later(const struct lxc_pairs *pairs, size_t i)
{
	for (size_t k = i + 1; k < pairs->len; k++) {
		if (str_eq(pairs->v[k].key, pairs->v[i].key))
			return true;
	}
	return false;
}

/* CONTROLLER.VALUE; no file of a cgroup is named otherwise, and LXC does not start. */
static bool is_cgroup_file(const char *name)
{
	const char *dot = strchr(name, '.');

	return map_is_plain_name(name) && dot && dot != name && dot[1];
}

static void map_unified(struct lxc_map *m)
{
	struct oci_resources *r = m->oci->linux->resources;
	const struct lxc_pairs *pairs = &m->c->cgroup2;

	for (size_t i = 0; i < pairs->len; i++) {
		const struct lxc_pair *p = &pairs->v[i];
		autofree char *pointer = report_pointer("/linux/resources/unified/%s", p->key);
		const char *before = oci_map_get(r->unified, p->key);

		if (!is_cgroup_file(p->key)) {
			diag_add(m->diag, "LXC-E003", p->pos, "lxc.cgroup2",
				 "'%s' is no name of a cgroup file", p->key);
		} else if (before && is_keyed(p->key)) {
			autofree char *both = xasprintf("%s\n%s", before, p->value);

			oci_map_set(&r->unified, p->key, both);
			report_kept(m->report, p->pos, pointer, NULL);
		} else if (!is_keyed(p->key) && has_later(pairs, i)) {
			report_dropped(m->report, p->pos, "a later line writes the same file");
		} else {
			oci_map_set(&r->unified, p->key, p->value);
			map_keep(m, p->pos, pointer, p->value);
		}
	}
}

static void device_lines(const struct lxc_pairs *pairs, struct lxc_device_line **ret)
{
	*ret = xnew_n(struct lxc_device_line, pairs->len + 1);
	for (size_t i = 0; i < pairs->len; i++) {
		/* whatever is not "allow" denies */
		(*ret)[i].allow = str_eq(pairs->v[i].key, "devices.allow");
		(*ret)[i].text = pairs->v[i].value;
	}
}

static void note_device(struct lxc_map *m, const struct lxc_note *n, const struct lxc_pairs *pairs,
			const char *family)
{
	const struct lxc_pair *p = n->line >= 0 ? &pairs->v[n->line] : NULL;
	struct lxc_pos pos = p ? p->pos : (struct lxc_pos){ 0 };
	autofree char *key =
		p ? xasprintf("%s.%s", family, p->key) : xasprintf("%s.devices", family);

	if (n->other >= 0) {
		struct lxc_pos other = pairs->v[n->other].pos;

		diag_add(m->diag, n->code, pos, key, "'%s': %s (the earlier: '%s' in %s:%u)",
			 p ? p->value : "", n->text, pairs->v[n->other].value,
			 model_file_name(&m->c->files, other), other.line);
	} else {
		diag_add(m->diag, n->code, pos, key, "%s", n->text);
	}
	if (p && m->exact && (str_eq(n->code, "LXC-W330") || str_eq(n->code, "LXC-W338")))
		report_dropped(m->report, pos, "LXC does not enforce this line either");
	else if (p && n->code[4] == 'W')
		report_changed(m->report, pos, NULL, "%s", n->text);
}

static void plan_devices(struct lxc_map *m, const struct lxc_pairs *pairs, int flags,
			 struct lxc_device_policy *ret)
{
	bool privileged = !m->ns_new[LXC_NS_USER] && !m->ns_joined[LXC_NS_USER];
	const struct lxc_device_opts opts = {
		.flags = flags | (m->exact ? LXC_DEVICES_EXACT : 0) |
			 (m->generic ? LXC_DEVICES_GENERIC : 0) |
			 (privileged ? LXC_DEVICES_PRIVILEGED : 0),
		.stat_node = m->host->stat_node,
		.arg = m->host->arg,
	};
	struct lxc_device_line *lines;

	device_lines(pairs, &lines);
	lxc_devices_plan(lines, pairs->len, &opts, ret);
	free(lines);
}

/* The v1 lines when the cgroup2 ones decide: LXC on cgroup2 reads only those. */
static void compare_families(struct lxc_map *m, const struct lxc_device_policy *chosen)
{
	const struct lxc_pairs *v1 = &m->c->cgroup1_devices;
	struct lxc_device_policy other;

	if (!v1->len)
		return;
	plan_devices(m, v1, LXC_DEVICES_V1, &other);
	if (m->c->cgroup2_devices.len && !lxc_device_entries_agree(chosen, &other))
		diag_add(m->diag, "LXC-I337", v1->v[0].pos, "lxc.cgroup.devices",
			 "the device lines for cgroup v1 say something else than those for "
			 "cgroup2, which count");
	else if (!m->c->cgroup2_devices.len)
		diag_add(m->diag, "LXC-W320", v1->v[0].pos, "lxc.cgroup.devices",
			 "LXC on a cgroup2 host ignores these lines, LXC 7 refuses the file");
	lxc_device_policy_clear(&other);
	for (size_t i = 0; i < v1->len; i++)
		report_dropped(m->report, v1->v[i].pos,
			       m->c->cgroup2_devices.len
				       ? "LXC on cgroup2 reads the lxc.cgroup2.devices lines"
				       : "LXC on cgroup2 ignores it");
}

/*
 * --late-devices: lines that allow a device by its path are left to the moment when the container
 * is made. The others stay in *ret, which borrows what is in them. True when there are such lines.
 */
static bool split_late(struct lxc_map *m, const struct lxc_pairs *from, struct lxc_pairs *ret)
{
	autostrbuf struct strbuf json = STRBUF_INIT;

	for (size_t i = 0; i < from->len; i++) {
		const struct lxc_pair *p = &from->v[i];
		size_t path = strcspn(p->value, " ");
		const char *access = p->value + path + strspn(p->value + path, " ");
		autofree char *name = xstrndup(p->value, path);

		if (m->generic || !m->opts->late_devices || *name != '/' ||
		    !str_eq(p->key, "devices.allow") || !*access || access[strspn(access, "rwm")]) {
			*MODEL_ADD(ret) = *p;
			continue;
		}
		strbuf_add(&json, json.len ? ",{\"path\":" : "[{\"path\":");
		strbuf_add_json(&json, name);
		strbuf_addf(&json, ",\"access\":\"%s\"}", access);
		report_kept(m->report, p->pos, "/annotations/org.hako.devices.paths", NULL);
	}
	if (json.len) {
		strbuf_add_c(&json, ']');
		map_annotate(m, "org.hako.devices.paths", strbuf_str(&json));
	}
	return json.len > 0;
}

void map_cgroup_devices(struct lxc_map *m)
{
	struct oci_resources *r = m->oci->linux->resources;
	bool v1 = !m->exact && !m->c->cgroup2_devices.len && m->c->cgroup1_devices.len;
	const struct lxc_pairs *pairs = v1 ? &m->c->cgroup1_devices : &m->c->cgroup2_devices;
	struct lxc_pairs now = { 0 };
	bool only_late;
	struct lxc_device_policy p;

	only_late = split_late(m, pairs, &now) && !now.len;
	pairs = &now;
	plan_devices(m, pairs, v1 ? LXC_DEVICES_V1 : 0, &p);
	for (size_t i = 0; i < pairs->len; i++) {
		report_kept(m->report, pairs->v[i].pos, "/linux/resources/devices", NULL);
		if (v1)
			report_changed(m->report, pairs->v[i].pos, NULL,
				       "read by the rules of cgroup v1; LXC on cgroup2 ignores it");
	}
	/* one line that allows is enough for everything else to be denied */
	if (only_late)
		p.entries[0].allow = false;
	for (size_t i = 0; i < p.notes.len && !only_late; i++)
		note_device(m, &p.notes.v[i], pairs, v1 ? "lxc.cgroup" : "lxc.cgroup2");
	if (!v1)
		compare_families(m, &p);
	if (!pairs->len && !only_late)
		report_added(m->report, "/linux/resources/devices",
			     "LXC restricts no device here; runtimes would");
	r->devices = take_ptr(&p.entries);
	r->devices_len = p.entries_len;
	p.entries_len = 0;
	map_annotate(m, "org.hako.devices.defaults", p.runtime_defaults ? "oci" : "none");
	report_added(m->report, "/annotations/org.hako.devices.defaults",
		     "LXC adds no device rules of its own");
	lxc_device_policy_clear(&p);
	free(now.v);
}

void map_cgroup(struct lxc_map *m)
{
	map_path(m);
	map_unified(m);
	map_cgroup1(m);
	map_cgroup_devices(m);
}
