/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/devices.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/devices_emit.h"
#include "ocispec.h"

/* Access letters: three bytes are looked at, what follows is not. A shorter text must end there;
 * for a path rule, a blank ends it as well. */
static int parse_access(const char *s, bool blank_ends, struct lxc_device_rule *rule)
{
	size_t n = 0;

	rule->mask = 0;
	for (; n < 3 && s[n]; n++) {
		if (s[n] == 'r')
			rule->mask |= LXC_DEV_READ;
		else if (s[n] == 'w')
			rule->mask |= LXC_DEV_WRITE;
		else if (s[n] == 'm')
			rule->mask |= LXC_DEV_MKNOD;
		else if (blank_ends && s[n] == ' ' && n > 0)
			break;
		else
			return -EINVAL;
		rule->access[n] = s[n];
	}
	rule->access[n] = '\0';
	return n > 0 ? 0 : -EINVAL;
}

/* "*" or digits. cgroup2: LXC converts with any C base, so 010 is 8; v1: the kernel reads decimal.
 */
static int parse_number(const char **s, bool decimal, int64_t *ret)
{
	const char *p = *s;
	char *end;
	unsigned long long v;

	if (*p == '*') {
		*ret = -1;
		*s = p + 1;
		return 0;
	}
	if (!isdigit((unsigned char) *p))
		return -EINVAL;
	errno = 0;
	v = strtoull(p, &end, decimal || *p != '0' ? 10 : 8);
	if (errno || v > (decimal ? UINT32_MAX : INT_MAX) || isdigit((unsigned char) *end))
		return -EINVAL;
	*ret = (int64_t) v;
	*s = end;
	return 0;
}

/* PATH SP+ ACC [SP anything] */
static int parse_path_rule(const char *text, const struct lxc_device_opts *opts,
			   struct lxc_device_rule *ret)
{
	const char *blank = strchr(text, ' ');
	autofree char *path = NULL;
	int r;

	if (!blank)
		return -EINVAL;
	path = xstrndup(text, (size_t) (blank - text));
	while (*blank == ' ')
		blank++;
	r = parse_access(blank, true, ret);
	if (r < 0)
		return r;
	return opts->stat_node ? opts->stat_node(opts->arg, path, &ret->range) : -ENOSYS;
}

int lxc_device_rule_parse(const struct lxc_device_line *line, const struct lxc_device_opts *opts,
			  struct lxc_device_rule *ret)
{
	bool v1 = opts->flags & LXC_DEVICES_V1;
	const char *s = line->text;
	struct lxc_device_rule rule = { .allow = line->allow };
	int r;

	/* cgroup v1 looks at the first byte only: "a *:* rwm" and "a 1:3 r" are global there. */
	if (v1 ? s[0] == 'a' : strcmp(s, "a") == 0)
		return 1;
	if (s[0] == '/' && line->allow && !v1) {
		r = parse_path_rule(s, opts, &rule);
		if (r < 0)
			return r;
		*ret = rule;
		return 0;
	}
	if (!s[0] || !strchr("abc", s[0]) || !isspace((unsigned char) s[1]))
		return -EINVAL;
	rule.range.type = s[0];
	s += 2;
	r = parse_number(&s, v1, &rule.range.major);
	if (r < 0 || *s++ != ':')
		return -EINVAL;
	r = parse_number(&s, v1, &rule.range.minor);
	if (r < 0 || !isspace((unsigned char) *s++))
		return -EINVAL;
	r = parse_access(s, false, &rule);
	if (r < 0)
		return r;
	*ret = rule;
	return 0;
}

static bool range_equal(const struct lxc_device_range *a, const struct lxc_device_range *b)
{
	return a->type == b->type && a->major == b->major && a->minor == b->minor;
}

struct rule_list {
	struct lxc_device_rule *v; /* oldest first */
	size_t len;
};

static void rule_list_add(struct rule_list *l, const struct lxc_device_rule *rule)
{
	l->v = xreallocarray(l->v, l->len + 1, sizeof *l->v);
	l->v[l->len++] = *rule;
}

/*
 * One rule into LXC's list for cgroup2. Only entries that are effective for the type are looked at;
 * the same access must be spelled the same. The one that is found with the other verdict is
 * flipped, which makes it ineffective: that is LXC's way to remove a rule, and the only one.
 */
static void model_add_v2(struct rule_list *l, bool default_allow,
			 const struct lxc_device_rule *rule)
{
	for (size_t i = l->len; i-- > 0;) {
		struct lxc_device_rule *e = &l->v[i];

		if (e->allow == default_allow || !range_equal(&e->range, &rule->range) ||
		    strcmp(e->access, rule->access) != 0)
			continue;
		e->allow = rule->allow;
		return;
	}
	rule_list_add(l, rule);
}

/* cgroup v1: the exceptions of the default; the equal entry gains or loses bits, none is split. */
static void model_add_v1(struct rule_list *l, bool default_allow,
			 const struct lxc_device_rule *rule)
{
	bool adds = rule->allow != default_allow;

	for (size_t i = 0; i < l->len; i++) {
		struct lxc_device_rule *e = &l->v[i];

		if (!range_equal(&e->range, &rule->range))
			continue;
		if (adds)
			e->mask |= rule->mask;
		else
			e->mask &= ~rule->mask;
		if (!e->mask) {
			memmove(e, e + 1, (l->len - i - 1) * sizeof *e);
			l->len--;
		}
		return;
	}
	if (adds)
		rule_list_add(l, rule);
}

/* What LXC compiles into the program: newest first, only what has an effect. */
static void compile(const struct rule_list *l, struct lxc_device_policy *p)
{
	p->rules = xnew_n(struct lxc_device_rule, l->len + 1);
	for (size_t i = l->len; i-- > 0;) {
		const struct lxc_device_rule *e = &l->v[i];

		if (e->allow != p->default_allow)
			p->rules[p->rules_len++] = *e;
	}
}

static void note_refused(struct lxc_device_policy *p, const struct lxc_device_opts *opts, int index,
			 const struct lxc_device_line *line, int r)
{
	/* The v1 file is written as it stands: a bad line stops LXC as well. */
	bool stops = !(opts->flags & LXC_DEVICES_EXACT) || (opts->flags & LXC_DEVICES_V1);
	const char *why = r == -EINVAL	 ? "not a device rule"
			  : r == -ENOSYS ? "the node cannot be looked up without the host"
			  : r == -ENOTTY ? "not a device node"
					 : strerror(-r);

	if (line->text[0] == '/' && !line->allow)
		why = "a path is allowed in devices.allow only";
	lxc_notes_add(&p->notes, stops ? "LXC-E330" : "LXC-W330", index, -1, "'%s': %s%s",
		      line->text, why,
		      opts->flags & LXC_DEVICES_V1
			      ? ""
			      : "; LXC skips the line and starts the container without it");
}

static void note_path(struct lxc_device_policy *p, const struct lxc_device_line *line,
		      const struct lxc_device_rule *rule)
{
	if (line->text[0] == '/')
		lxc_notes_add(&p->notes, "LXC-I333", rule->line, -1, "'%s' is %c %lld:%lld here",
			      line->text, rule->range.type, (long long) rule->range.major,
			      (long long) rule->range.minor);
}

/* Two lines that contradict each other on some device. LXC on cgroup2 keeps the earlier verdict, so
 * does cgroup v1 where a wildcard would have to be split; intent mode honours the later on cgroup2.
 */
static void note_later_wins(struct lxc_device_policy *p, const struct rule_list *l, int flags,
			    const struct lxc_device_rule *rule)
{
	if (rule->allow != p->default_allow)
		return;
	for (size_t i = l->len; i-- > 0;) {
		const struct lxc_device_rule *e = &l->v[i];
		struct lxc_device_range common;

		if (e->allow == p->default_allow || !(e->mask & rule->mask) ||
		    !device_range_intersect(&e->range, &rule->range, &common))
			continue;
		lxc_notes_add(
			&p->notes, "LXC-W338", rule->line, e->line,
			"this %s overlaps an earlier %s%s", rule->allow ? "allow" : "deny",
			e->allow ? "allow" : "deny",
			flags & LXC_DEVICES_V1
				? "; cgroup v1 splits no rule, so the earlier one stays in force"
			: flags & LXC_DEVICES_EXACT
				? ", which stays in force, as in LXC on cgroup2"
				: "; the later line wins here, LXC on cgroup2 does not enforce it");
		return;
	}
}

/* A deny of r alone or w alone lets O_RDWR pass in LXC, for r+w together is not inside it. */
static void note_closed_hole(struct lxc_device_policy *p, const struct lxc_device_rule *rule)
{
	unsigned rw = rule->mask & (LXC_DEV_READ | LXC_DEV_WRITE);

	if (!p->default_allow || rule->allow || (rw != LXC_DEV_READ && rw != LXC_DEV_WRITE))
		return;
	lxc_notes_add(
		&p->notes, "LXC-I335", rule->line, -1,
		"LXC lets an open for reading and writing pass this deny; here it is denied too");
}

static void note_unloadable(struct lxc_device_policy *p, bool exact)
{
	for (size_t i = 0; i < p->rules_len; i++) {
		const struct lxc_device_rule *e = &p->rules[i];

		if (e->range.type != 'a' || e->range.major >= 0 || e->range.minor >= 0 ||
		    e->mask != LXC_DEV_ALL)
			continue;
		p->unloadable = true;
		lxc_notes_add(
			&p->notes, exact ? "LXC-E330" : "LXC-W330", e->line, -1,
			"the kernel refuses the program LXC makes of 'a *:* %s': LXC does not "
			"start this container",
			e->access);
		return;
	}
}

static void note_empty(struct lxc_device_policy *p, int flags, int last_global)
{
	bool exact = flags & LXC_DEVICES_EXACT;
	bool deny_last = last_global >= 0 && !p->default_allow;

	if (deny_last)
		lxc_notes_add(
			&p->notes, "LXC-W332", last_global, -1,
			exact ? "LXC attaches nothing for an empty list: every device is allowed"
			      : "every device but the runtime's default ones is denied; LXC "
				"attaches nothing for an empty list");
	if ((flags & LXC_DEVICES_PRIVILEGED) && (exact || !deny_last))
		lxc_notes_add(&p->notes, "LXC-W331", last_global, -1,
			      "nothing restricts the devices of this privileged container");
}

static void plan_v1(struct lxc_device_policy *p, const struct rule_list *l, int flags,
		    int last_global)
{
	struct device_emit *emit = device_emit_new(p->default_allow);

	p->attached = l->len > 0 || !p->default_allow;
	if (!p->attached)
		note_empty(p, flags, last_global);
	for (size_t i = 0; i < l->len; i++)
		device_emit_add(emit, &l->v[i]);
	device_emit_take(emit, p);
}

static void plan_v2(struct lxc_device_policy *p, const struct rule_list *l, int flags,
		    struct device_emit *emit, int last_global)
{
	bool exact = flags & LXC_DEVICES_EXACT;

	p->attached = l->len > 0;
	if (!p->attached) {
		note_empty(p, flags, last_global);
		/* Where the author denied everything and named nothing, the defaults are meant to
		 * stay. */
		p->runtime_defaults = !exact && !p->default_allow && last_global >= 0;
		device_emit_reset(emit, !p->runtime_defaults);
	} else if (exact) {
		device_emit_reset(emit, p->default_allow);
		for (size_t i = p->rules_len; i-- > 0;)
			device_emit_add_raw(emit, &p->rules[i]);
	}
	note_unloadable(p, exact);
	device_emit_take(emit, p);
}

void lxc_devices_plan(const struct lxc_device_line *lines, size_t len,
		      const struct lxc_device_opts *opts, struct lxc_device_policy *ret)
{
	bool v1 = opts->flags & LXC_DEVICES_V1;
	/* v1 starts from the parent's state, taken to be unrestricted; cgroup2 from an allowlist.
	 */
	struct lxc_device_policy p = { .default_allow = v1 };
	struct device_emit *emit = device_emit_new(p.default_allow);
	struct rule_list l = { 0 };
	int last_global = -1;

	for (size_t i = 0; i < len; i++) {
		struct lxc_device_rule rule;
		int r = lxc_device_rule_parse(&lines[i], opts, &rule);

		if (r < 0) {
			note_refused(&p, opts, (int) i, &lines[i], r);
		} else if (r == 1) {
			p.default_allow = lines[i].allow;
			l.len = 0;
			device_emit_reset(emit, p.default_allow);
			last_global = (int) i;
		} else {
			rule.line = (int) i;
			note_path(&p, &lines[i], &rule);
			(v1 ? model_add_v1 : model_add_v2)(&l, p.default_allow, &rule);
			note_later_wins(&p, &l, opts->flags, &rule);
			if (!(opts->flags & (LXC_DEVICES_EXACT | LXC_DEVICES_V1)))
				note_closed_hole(&p, &rule);
			device_emit_add(emit, &rule);
		}
	}
	compile(&l, &p);
	if (v1) {
		device_emit_free(emit);
		plan_v1(&p, &l, opts->flags, last_global);
	} else {
		plan_v2(&p, &l, opts->flags, emit, last_global);
	}
	device_emit_note_foreign(&p, opts->flags);
	free(l.v);
	*ret = p;
}

void lxc_device_policy_clear(struct lxc_device_policy *p)
{
	device_entries_free(p->entries, p->entries_len);
	free(p->rules);
	lxc_notes_clear(&p->notes);
	*p = (struct lxc_device_policy){ 0 };
}
