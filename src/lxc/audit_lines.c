/* SPDX-License-Identifier: Apache-2.0 */
/* Which versions of LXC load the file. */
#include "base/alloc.h"
#include "lxc/audit_internal.h"
#include "lxc/keys.h"

#define VERSION_FIRST  20
#define VERSION_NEWEST 70
#define VERSION_RENAME 21 /* the last that reads the old names */

struct outdated {
	const char *id;
	struct lxc_pos first;
	const char *name; /* of the first */
	size_t count;
};

static void note_outdated(struct outdated *o, const struct lxc_line *l)
{
	if (!o->count++) {
		o->first = l->pos;
		o->name = l->name;
	}
}

static void report_outdated(struct audit_run *a, const struct outdated *o, const char *what,
			    const char *fix)
{
	if (!o->count)
		return;
	audit_add(a, AUDIT_MEDIUM, o->id, o->first, o->name, "%zu %s %s", o->count,
		  o->count == 1 ? "line has" : "lines have", what);
	audit_area(a, AUDIT_VERSION);
	audit_fix(a, "%s", fix);
}

static void report_span(struct audit_run *a, unsigned int since, unsigned int until)
{
	if (since > until)
		audit_add(a, AUDIT_MEDIUM, "no-version", (struct lxc_pos){ 0 }, NULL,
			  "no version of LXC loads all lines: some are for %u.%u and later, some "
			  "for %u.%u and earlier",
			  since / 10, since % 10, until / 10, until % 10);
	else if (until >= VERSION_NEWEST)
		audit_add(a, AUDIT_NOTE, "versions", (struct lxc_pos){ 0 }, NULL,
			  "loads on LXC %u.%u and later", since / 10, since % 10);
	else
		audit_add(a, AUDIT_NOTE, "versions", (struct lxc_pos){ 0 }, NULL,
			  "loads on LXC %u.%u to %u.%u", since / 10, since % 10, until / 10,
			  until % 10);
	audit_area(a, AUDIT_VERSION);
}

void audit_lines(struct audit_run *a)
{
	struct outdated gone = { .id = "lxc7-cgroup1" }, renamed = { .id = "lxc3-names" };
	unsigned int since = VERSION_FIRST, until = VERSION_NEWEST;

	for (size_t i = 0; i < a->c->lines.len; i++) {
		const struct lxc_line *l = &a->c->lines.v[i];
		struct lxc_key_match m;

		/* an unknown key fails the load also where a later line replaces it */
		if (l->fate == LXC_LINE_IGNORED || !l->value || strncmp(l->name, "lxc.", 4) != 0)
			continue;
		if (keys_match(l->name, &m) < 0) {
			note_outdated(&renamed, l);
			until = VERSION_RENAME < until ? VERSION_RENAME : until;
			continue;
		}
		since = m.key->since > since ? m.key->since : since;
		if (!m.key->until)
			continue;
		note_outdated(&gone, l);
		until = m.key->until < until ? m.key->until : until;
	}
	report_outdated(
		a, &gone, "keys of cgroup v1: LXC 7 refuses the whole file for them",
		"write lxc.cgroup2 lines (memory.max, cpu.max, devices.*), or convert: they "
		"are translated");
	report_outdated(a, &renamed, "names of LXC 2.0: LXC 3 and later refuse the whole file",
			"lxc-update-config rewrites them, hako lxc explain KEY names the new one");
	report_span(a, since, until);
}
