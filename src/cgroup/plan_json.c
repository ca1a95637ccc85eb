/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "bpf/disasm.h"
#include "cgroup/cgroup.h"
#include "cgroup/systemd_props.h"

/* Adds ,"name": (or without the comma behind an opening brace). */
static void key(struct strbuf *b, const char *name)
{
	char last = b->len ? b->s[b->len - 1] : '{';

	if (last != '{' && last != '[')
		strbuf_add_c(b, ',');
	strbuf_addf(b, "\"%s\":", name);
}

static void member(struct strbuf *b, const char *name, const char *value)
{
	key(b, name);
	strbuf_add_json(b, value);
}

static void open_item(struct strbuf *b)
{
	if (b->s[b->len - 1] != '[')
		strbuf_add_c(b, ',');
	strbuf_add_c(b, '{');
}

static void list(struct strbuf *b, const char *name, const struct strv *v)
{
	key(b, name);
	strbuf_add_c(b, '[');
	for (size_t i = 0; i < v->len; i++) {
		if (i)
			strbuf_add_c(b, ',');
		strbuf_add_json(b, v->v[i]);
	}
	strbuf_add_c(b, ']');
}

static void dirs(struct strbuf *b, const struct cgroup_plan *plan)
{
	key(b, "directories");
	strbuf_add_c(b, '[');
	for (size_t i = 0; i < plan->n_dirs; i++) {
		const struct cg_dir *d = &plan->dirs[i];

		open_item(b);
		member(b, "controllers", d->controllers);
		member(b, "mountpoint", d->mountpoint);
		member(b, "path", d->path);
		if (*d->need)
			member(b, "need", d->need);
		if (d->optional)
			strbuf_add(b, ",\"optional\":true");
		strbuf_add_c(b, '}');
	}
	strbuf_add_c(b, ']');
}

static void writes(struct strbuf *b, const struct cgroup_plan *plan)
{
	key(b, "writes");
	strbuf_add_c(b, '[');
	for (size_t i = 0; i < plan->writes.len; i++) {
		const struct cg_write *w = &plan->writes.v[i];

		open_item(b);
		strbuf_addf(b, "\"version\":%d", w->v2 ? 2 : 1);
		member(b, "file", w->file);
		member(b, "value", w->value);
		if (w->alt_file) {
			member(b, "elseFile", w->alt_file);
			member(b, "elseValue", w->alt_value);
		}
		member(b, "field", w->field);
		strbuf_add_c(b, '}');
	}
	strbuf_add_c(b, ']');
}

static void unit(struct strbuf *b, const struct cgroup_plan *plan)
{
	autofree char *is = systemd_props_format(plan->unit_props);
	autofree char *limits = systemd_props_format(plan->limit_props);
	autofree char *policy =
		plan->device_props ? systemd_props_format(plan->device_props) : xstrdup("");
	autostrv struct strv lines = { 0 };

	strv_split(&lines, is, "\n");
	strv_split(&lines, limits, "\n");
	strv_split(&lines, policy, "\n");
	key(b, "unit");
	strbuf_add_c(b, '{');
	member(b, "name", plan->unit);
	member(b, "manager", plan->unit_user ? "user" : "system");
	list(b, "properties", &lines);
	strbuf_add_c(b, '}');
}

static void devices(struct strbuf *b, const struct cgroup_plan *plan)
{
	char text[DEV_RULE_TEXT_MAX], source[DEV_RULE_TEXT_MAX];

	key(b, "devices");
	strbuf_addf(b, "{\"default\":\"%s\",\"rules\":[",
		    plan->devices.default_allow ? "allow" : "deny");
	for (size_t i = 0; i < plan->devices.len; i++) {
		const struct dev_rule *rule = &plan->devices.rules[i];

		open_item(b);
		member(b, "rule", dev_rule_format(rule, text));
		member(b, "source", dev_source_format(rule->source, source));
		strbuf_add_c(b, '}');
	}
	strbuf_add_c(b, ']');
	if (plan->prog.len) {
		autostrbuf struct strbuf listing = STRBUF_INIT;
		autostrv struct strv lines = { 0 };

		disasm_format(plan->prog.insns, plan->prog.len, NULL, NULL, &listing);
		strv_split(&lines, strbuf_str(&listing), "\n");
		list(b, "program", &lines);
	}
	if (plan->v1_devices.len)
		list(b, "lines", &plan->v1_devices);
	strbuf_add_c(b, '}');
}

char *cgroup_plan_json(const struct cgroup_plan *plan)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_add_c(&b, '{');
	member(&b, "manager", cgroup_manager_name(plan->manager));
	member(&b, "mode", cgroup_mode_name(plan->mode));
	dirs(&b, plan);
	if (plan->unit)
		unit(&b, plan);
	if (plan->inner)
		member(&b, "inner", plan->inner);
	if (plan->has_owner) {
		key(&b, "owner");
		strbuf_addf(&b, "\"%u:%u\"", plan->owner_uid, plan->owner_gid);
	}
	writes(&b, plan);
	if (plan->has_devices)
		devices(&b, plan);
	if (plan->notes.len)
		list(&b, "notes", &plan->notes);
	strbuf_add_c(&b, '}');
	return strbuf_take(&b);
}
