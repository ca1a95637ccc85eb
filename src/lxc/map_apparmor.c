/* SPDX-License-Identifier: Apache-2.0 */
/* lxc.apparmor.*: a profile by name, or one of the container's own. */
#include "base/alloc.h"
#include "lxc/apparmor.h"
#include "lxc/map_internal.h"

/* enum lxc_apparmor; unknown is not off: a profile that cannot be had refuses the start. */
static int host_state(const struct lxc_map *m)
{
	if (m->opts->apparmor)
		return LXC_APPARMOR_MISSING;
	return m->host->apparmor ? m->host->apparmor(m->host->arg) : LXC_APPARMOR_MISSING;
}

static void map_default(struct lxc_map *m)
{
	int state = m->host->apparmor ? m->host->apparmor(m->host->arg) : LXC_APPARMOR_OFF;

	if (state == LXC_APPARMOR_LOADED) {
		m->oci->process->apparmor_profile = xstrdup("lxc-container-default-cgns");
		report_added(m->report, "/process/apparmorProfile", "LXC's default profile");
	} else if (state == LXC_APPARMOR_MISSING) {
		diag_add(m->diag, "LXC-I280", m->c->apparmor_profile.pos, "lxc.apparmor.profile",
			 "LXC's default profile lxc-container-default-cgns is not loaded on this "
			 "host and left out");
	}
}

/* --- generated --- */

static void no_profile(struct lxc_map *m)
{
	struct lxc_pos pos = m->c->apparmor_profile.pos;

	diag_add(m->diag, "LXC-W281", pos, "lxc.apparmor.profile",
		 "no profile is generated: this host has no AppArmor, where LXC confines nothing "
		 "either");
	diag_hint(m->diag, "--apparmor writes it for a host that has AppArmor");
	report_changed(m->report, pos, NULL, "no profile, as in LXC on this host");
	for (size_t i = 0; i < m->c->apparmor_raw.len; i++)
		report_dropped(m->report, m->c->apparmor_raw.v[i].pos,
			       "of the profile that is not generated");
}

/* The bundle is good, but it does not start here. */
static void check_parser(struct lxc_map *m)
{
	if (m->opts->apparmor || !m->host->apparmor || !m->host->path_kind)
		return;
	for (size_t i = 0; lxc_apparmor_parsers[i]; i++) {
		if (m->host->path_kind(m->host->arg, lxc_apparmor_parsers[i]) >= 0)
			return;
	}
	diag_add(m->diag, "LXC-W281", m->c->apparmor_profile.pos, "lxc.apparmor.profile",
		 "apparmor_parser, which loads the generated profile, is not installed here: the "
		 "container does not start without it");
}

static void add_hooks(struct lxc_map *m, const char *profile)
{
	bool incomplete = lxc_bool_get(&m->c->apparmor_allow_incomplete, false);
	struct lxc_pos pos = m->c->apparmor_profile.pos;

	if (incomplete)
		map_hook_self(m, MAP_CREATE_RUNTIME, "apparmor", "--allow-incomplete", "load",
			      profile, NULL);
	else
		map_hook_self(m, MAP_CREATE_RUNTIME, "apparmor", "load", profile, NULL);
	map_hook_self(m, MAP_POSTSTOP, "apparmor", "unload", profile, NULL);
	report_kept(m->report, pos, "/hooks/createRuntime", NULL);
	report_kept(m->report, pos, "/hooks/poststop", NULL);
}

/* The lines are in the file; here they are for who looks where the bundle comes from. */
static void annotate_raw(struct lxc_map *m)
{
	const struct lxc_strs *raw = &m->c->apparmor_raw;
	autostrbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < raw->len; i++)
		strbuf_addf(&text, "%s%s", i ? "\n" : "", raw->v[i].s);
	for (size_t i = 0; i < raw->len; i++)
		map_annotate_line(m, raw->v[i].pos, "org.hako.apparmor.raw", strbuf_str(&text));
}

static void map_generated(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;
	autoapparmor struct lxc_aa_profile a = { 0 };
	int bad = lxc_apparmor_check_raw(&c->apparmor_raw);

	if (bad >= 0) {
		diag_add(m->diag, "LXC-E003", c->apparmor_raw.v[bad].pos, "lxc.apparmor.raw",
			 "the lines have to leave the profile open as they find it: braces or "
			 "quotes do not match");
		report_kept(m->report, c->apparmor_profile.pos, NULL, NULL);
		for (size_t i = 0; i < c->apparmor_raw.len; i++)
			report_kept(m->report, c->apparmor_raw.v[i].pos, NULL, NULL);
		return;
	}
	check_parser(m);
	lxc_apparmor_make(c, m->name, &a);
	m->oci->process->apparmor_profile = xstrdup(a.label);
	report_kept(m->report, c->apparmor_profile.pos, "/process/apparmorProfile",
		    "the profile is in the bundle: " LXC_APPARMOR_FILE);
	add_hooks(m, a.name);
	map_annotate_line(m, c->apparmor_profile.pos, LXC_APPARMOR_ANNOTATION, "1");
	annotate_raw(m);
	if (lxc_bool_get(&c->apparmor_allow_incomplete, false))
		map_annotate_line(m, c->apparmor_allow_incomplete.pos,
				  "org.hako.apparmor.allow_incomplete", "1");
	if (lxc_bool_get(&c->apparmor_allow_nesting, false))
		map_annotate_line(m, c->apparmor_allow_nesting.pos,
				  "org.hako.apparmor.allow_nesting", "1");
}

/* --- all --- */

void map_apparmor(struct lxc_map *m)
{
	const struct lxc_str *profile = &m->c->apparmor_profile;
	bool generated = str_eq(profile->s, "generated");

	if (!profile->s) {
		map_default(m);
		report_kept(m->report, profile->pos, NULL, NULL);
	} else if (generated && host_state(m) == LXC_APPARMOR_OFF) {
		no_profile(m);
	} else if (generated) {
		map_generated(m);
	} else if (str_eq(profile->s, "unchanged")) {
		report_kept(m->report, profile->pos, NULL, NULL);
	} else if (str_eq(profile->s, "unconfined") && host_state(m) == LXC_APPARMOR_OFF) {
		report_kept(m->report, profile->pos, NULL, "this host has no AppArmor");
	} else {
		m->oci->process->apparmor_profile = xstrdup(profile->s);
		report_kept(m->report, profile->pos, "/process/apparmorProfile", NULL);
		if (host_state(m) == LXC_APPARMOR_OFF)
			diag_add(m->diag, "LXC-I280", profile->pos, "lxc.apparmor.profile",
				 "this host has no AppArmor: LXC would start the container here, "
				 "unconfined; a runtime refuses the bundle");
	}
	/* asks for less than LXC demands, which is not demanded of a profile by name */
	report_kept(m->report, m->c->apparmor_allow_incomplete.pos, NULL, NULL);
	for (size_t i = 0; i < m->c->apparmor_raw.len; i++) {
		if (generated)
			continue;
		diag_add(m->diag, "LXC-I282", m->c->apparmor_raw.v[i].pos, "lxc.apparmor.raw",
			 "no effect without lxc.apparmor.profile = generated");
		report_dropped(m->report, m->c->apparmor_raw.v[i].pos, "LXC ignores it here too");
	}
}
