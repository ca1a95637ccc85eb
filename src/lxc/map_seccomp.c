/* SPDX-License-Identifier: Apache-2.0 */
/* lxc.seccomp.*: reads the profile and names its lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"
#include "lxc/pve.h"
#include "lxc/seccomp_profile.h"

#define PROFILE_MAX (1u << 20)

static void note(struct lxc_map *m, const struct lxc_note *n)
{
	const struct lxc_str *profile = &m->c->seccomp_profile;
	autostrbuf struct strbuf text = STRBUF_INIT;

	strbuf_add(&text, profile->s);
	if (n->line > 0)
		strbuf_addf(&text, ":%d", n->line);
	strbuf_addf(&text, ": %s", n->text);
	if (n->other > 0)
		strbuf_addf(&text, " (line %d)", n->other);
	diag_add(m->diag, n->code, profile->pos, "lxc.seccomp.profile", "%s", strbuf_str(&text));
}

static int keep_text(const char *from, char **ret, size_t *ret_len)
{
	*ret = xstrdup(from);
	*ret_len = strlen(from);
	return 0;
}

static void map_profile(struct lxc_map *m)
{
	const struct lxc_str *profile = &m->c->seccomp_profile;
	const char *machine = m->host->machine ? m->host->machine : lxc_syscall_machine();
	bool known = str_eq(machine, lxc_syscall_machine());
	const struct lxc_seccomp_opts opts = {
		.exact = m->exact,
		.machine = machine,
		.syscall_name = known ? lxc_syscall_name : NULL,
		.syscall_known = known ? lxc_syscall_known : NULL,
	};
	struct lxc_notes notes = { 0 };
	autofree char *text = NULL;
	bool changed = false;
	size_t len;
	int r;

	/* fail closed: a profile that cannot be read is no reason to run without one */
	if (m->c->seccomp_text && str_eq(profile->s, PVE_SECCOMP))
		r = keep_text(m->c->seccomp_text, &text, &len);
	else
		r = m->host->read_file ? m->host->read_file(m->host->arg, &m->c->access, profile->s,
							    PROFILE_MAX, &text, &len)
				       : -ENOSYS;
	if (r < 0) {
		diag_add(m->diag, "LXC-E602", profile->pos, "lxc.seccomp.profile",
			 "read profile '%s': %s", profile->s, strerror(-r));
		return;
	}
	m->oci->linux->seccomp = lxc_seccomp_parse(text, len, &opts, &notes);
	for (size_t i = 0; i < notes.len; i++) {
		note(m, &notes.v[i]);
		changed |= notes.v[i].code[4] == 'W';
	}
	lxc_notes_clear(&notes);
	if (changed)
		report_changed(m->report, profile->pos, "/linux/seccomp",
			       "see the notes on its lines");
	else
		report_kept(m->report, profile->pos, "/linux/seccomp", NULL);
	if (m->c->hooks[LXC_HOOK_START].len)
		diag_add(m->diag, "LXC-I607", profile->pos, "lxc.seccomp.profile",
			 "LXC loads the filter before the start hooks, other runtimes may load it "
			 "later");
}

void map_seccomp(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;

	if (c->seccomp_profile.s)
		map_profile(m);
	else
		report_kept(m->report, c->seccomp_profile.pos, NULL, NULL);
	if (c->seccomp_profile.s && c->seccomp_allow_nesting.has && !c->seccomp_allow_nesting.on)
		diag_add(m->diag, "LXC-I283", c->seccomp_allow_nesting.pos,
			 "lxc.seccomp.allow_nesting",
			 "LXC loads no profile when it runs under one itself; here it is always "
			 "loaded");
	report_kept(m->report, c->seccomp_allow_nesting.pos, NULL, "filters always stack");
	if (!c->seccomp_notify_proxy.s)
		report_kept(m->report, c->seccomp_notify_proxy.pos, NULL, NULL);
	else
		map_lost(m, c->seccomp_notify_proxy.pos, "lxc.seccomp.notify.proxy", "LXC-W284",
			 "nobody would ask this proxy: OCI runtimes give the notifications' "
			 "descriptor to a listener, LXC's monitor relays each over a protocol of "
			 "its own");
	if (c->seccomp_notify_cookie.s && c->seccomp_notify_proxy.s)
		report_dropped(m->report, c->seccomp_notify_cookie.pos,
			       "of the proxy that is not asked");
	else
		report_kept(m->report, c->seccomp_notify_cookie.pos, NULL,
			    c->seccomp_notify_cookie.s ? "there is no proxy" : NULL);
}
