/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/devices_emit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ocispec.h"

/*
 * In an allowlist an item is an entry as it will be written: an allow of some bits, or a deny of
 * all. In a denylist it is an assignment, "the bits denied on this range are `mask`", and the last
 * one that holds a device decides. Two shapes, because allowed requests do not add up (an allow of
 * r and one of w do not allow O_RDWR) while denied bits do.
 */
struct item {
	struct lxc_device_range range;
	unsigned mask;
	bool allow;
	bool raw;
};

struct device_emit {
	bool default_allow; /* the shape of the items */
	bool base_allow;    /* the verdict of the first, global entry */
	struct item *v;
	size_t len;
};

struct device_emit *device_emit_new(bool default_allow)
{
	struct device_emit *e = xnew(struct device_emit);

	device_emit_reset(e, default_allow);
	return e;
}

void device_emit_free(struct device_emit *e)
{
	free(e->v);
	free(e);
}

void device_emit_reset(struct device_emit *e, bool default_allow)
{
	e->default_allow = e->base_allow = default_allow;
	e->len = 0;
}

static void push(struct device_emit *e, const struct item *item)
{
	e->v = xreallocarray(e->v, e->len + 1, sizeof *e->v);
	e->v[e->len++] = *item;
}

static bool number_intersect(int64_t a, int64_t b, int64_t *ret)
{
	*ret = a < 0 ? b : a;
	return a < 0 || b < 0 || a == b;
}

bool device_range_intersect(const struct lxc_device_range *a, const struct lxc_device_range *b,
			    struct lxc_device_range *ret)
{
	if (a->type != b->type && a->type != 'a' && b->type != 'a')
		return false;
	ret->type = a->type == 'a' ? b->type : a->type;
	return number_intersect(a->major, b->major, &ret->major) &&
	       number_intersect(a->minor, b->minor, &ret->minor);
}

static bool range_inside(const struct lxc_device_range *in, const struct lxc_device_range *out)
{
	return (out->type == 'a' || in->type == out->type) &&
	       (out->major < 0 || in->major == out->major) &&
	       (out->minor < 0 || in->minor == out->minor);
}

/* Items that a coming verdict about the whole range makes meaningless. */
static void drop_inside(struct device_emit *e, const struct lxc_device_range *range)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->len; i++) {
		if (!range_inside(&e->v[i].range, range))
			e->v[kept++] = e->v[i];
	}
	e->len = kept;
}

static bool overlaps_any(const struct device_emit *e, const struct lxc_device_range *range,
			 bool allow_only)
{
	struct lxc_device_range common;

	for (size_t i = 0; i < e->len; i++) {
		if ((!allow_only || e->v[i].allow) &&
		    device_range_intersect(&e->v[i].range, range, &common))
			return true;
	}
	return false;
}

static void allowlist_allow(struct device_emit *e, const struct item *item)
{
	/* The same line again says nothing, unless a deny came between. */
	for (size_t i = e->len; i-- > 0 && e->v[i].allow;) {
		if (range_inside(&item->range, &e->v[i].range) &&
		    range_inside(&e->v[i].range, &item->range) && e->v[i].mask == item->mask)
			return;
	}
	push(e, item);
}

/* An allow makes those before it meaningless that allow no more, on no other devices. */
static void drop_weaker(struct device_emit *e, const struct item *allow)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->len; i++) {
		const struct item *old = &e->v[i];

		if (!old->allow || (old->mask & ~allow->mask) ||
		    !range_inside(&old->range, &allow->range))
			e->v[kept++] = *old;
	}
	e->len = kept;
}

/*
 * Takes bits away from a range: everything on it is denied, then what was said about devices of the
 * range is said again in its order, without those bits.
 */
static void allowlist_deny(struct device_emit *e, const struct item *item)
{
	struct device_emit again = { 0 };

	for (size_t i = 0; i <= e->len; i++) {
		struct item old = { .range = { 'a', -1, -1 }, .allow = true, .mask = LXC_DEV_ALL };

		if (i == 0 && !e->base_allow)
			continue;
		if (i > 0)
			old = e->v[i - 1];
		if (!device_range_intersect(&old.range, &item->range, &old.range))
			continue;
		if (old.allow) {
			old.mask &= ~item->mask;
			drop_weaker(&again, &old);
		}
		if (old.allow ? old.mask != 0 : overlaps_any(&again, &old.range, true))
			push(&again, &old);
	}
	drop_inside(e, &item->range);
	if (e->base_allow || overlaps_any(e, &item->range, true))
		push(e, &(struct item){ .range = item->range, .mask = LXC_DEV_ALL });
	for (size_t i = 0; i < again.len; i++)
		push(e, &again.v[i]);
	free(again.v);
}

/* The denied bits change on the range, each earlier assignment within it on its own. */
static void denylist_change(struct device_emit *e, const struct item *item)
{
	struct device_emit again = { 0 };

	for (size_t i = 0; i <= e->len; i++) {
		struct item old = { .range = { 'a', -1, -1 },
				    .mask = e->base_allow ? 0 : LXC_DEV_ALL };

		if (i > 0)
			old = e->v[i - 1];
		if (!device_range_intersect(&old.range, &item->range, &old.range))
			continue;
		if (item->allow)
			old.mask &= ~item->mask;
		else
			old.mask |= item->mask;
		drop_inside(&again, &old.range);
		push(&again, &old);
	}
	drop_inside(e, &item->range);
	for (size_t i = 0; i < again.len; i++) {
		unsigned base = e->base_allow ? 0 : LXC_DEV_ALL;

		if (again.v[i].mask != base || overlaps_any(e, &again.v[i].range, false))
			push(e, &again.v[i]);
	}
	free(again.v);
}

static void add_one(struct device_emit *e, const struct item *item)
{
	if (item->raw)
		push(e, item);
	else if (e->default_allow)
		denylist_change(e, item);
	else if (item->allow)
		allowlist_allow(e, item);
	else
		allowlist_deny(e, item);
}

static void add(struct device_emit *e, const struct lxc_device_rule *rule, bool raw)
{
	struct item item = {
		.range = rule->range, .mask = rule->mask, .allow = rule->allow, .raw = raw
	};

	/* Everything, of either kind: a new first entry. */
	if (rule->range.type == 'a' && rule->range.major < 0 && rule->range.minor < 0 &&
	    rule->mask == LXC_DEV_ALL) {
		e->base_allow = rule->allow;
		e->len = 0;
		return;
	}
	if (rule->range.type != 'a') {
		add_one(e, &item);
		return;
	}
	/* An entry of type "a" with numbers means "everything" to runc: never written. */
	item.range.type = 'b';
	add_one(e, &item);
	item.range.type = 'c';
	add_one(e, &item);
}

void device_emit_add(struct device_emit *e, const struct lxc_device_rule *rule)
{
	add(e, rule, false);
}

void device_emit_add_raw(struct device_emit *e, const struct lxc_device_rule *rule)
{
	add(e, rule, true);
}

static char *access_text(unsigned mask)
{
	char s[4];
	size_t n = 0;

	if (mask & LXC_DEV_READ)
		s[n++] = 'r';
	if (mask & LXC_DEV_WRITE)
		s[n++] = 'w';
	if (mask & LXC_DEV_MKNOD)
		s[n++] = 'm';
	s[n] = '\0';
	return xstrdup(s);
}

static void entry_add(struct lxc_device_policy *p, bool allow, const struct lxc_device_range *range,
		      unsigned mask)
{
	struct oci_device_rule *out;

	p->entries = xreallocarray(p->entries, p->entries_len + 1, sizeof *p->entries);
	out = &p->entries[p->entries_len++];
	*out = (struct oci_device_rule){
		.allow = allow,
		.has_allow = true,
		.access = access_text(mask),
	};
	if (!range)
		return;
	out->type = xasprintf("%c", range->type);
	out->has_major = range->major >= 0;
	out->major = out->has_major ? range->major : 0;
	out->has_minor = range->minor >= 0;
	out->minor = out->has_minor ? range->minor : 0;
}

void device_emit_take(struct device_emit *e, struct lxc_device_policy *p)
{
	entry_add(p, e->base_allow, NULL, LXC_DEV_ALL);
	for (size_t i = 0; i < e->len; i++) {
		const struct item *item = &e->v[i];

		if (item->raw || !e->default_allow) {
			entry_add(p, item->allow, &item->range, item->mask);
			continue;
		}
		/* Partly denied: nothing passes but requests that lie wholly outside the mask. */
		if (item->mask)
			entry_add(p, false, &item->range, LXC_DEV_ALL);
		if (item->mask != LXC_DEV_ALL)
			entry_add(p, true, &item->range, LXC_DEV_ALL & ~item->mask);
	}
	device_emit_free(e);
}

void device_entries_free(struct oci_device_rule *entries, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		free(entries[i].type);
		free(entries[i].access);
	}
	free(entries);
}

static unsigned access_mask(const char *s)
{
	unsigned mask = 0;

	for (; s && *s; s++)
		mask |= *s == 'r' ? LXC_DEV_READ : *s == 'w' ? LXC_DEV_WRITE : LXC_DEV_MKNOD;
	return mask;
}

static bool entry_matches(const struct oci_device_rule *e, struct lxc_device_range range,
			  unsigned mask)
{
	return (!e->type || e->type[0] == 'a' || e->type[0] == range.type) &&
	       (!e->has_major || e->major == range.major) &&
	       (!e->has_minor || e->minor == range.minor) && !(mask & ~access_mask(e->access));
}

bool lxc_device_entries_allow(const struct oci_device_rule *entries, size_t len,
			      struct lxc_device_range range, unsigned mask)
{
	for (size_t i = len; i-- > 0;) {
		if (entry_matches(&entries[i], range, mask))
			return entries[i].allow;
	}
	return false;
}

/* Calls fn for every combination of numbers that the lists tell apart; -2 is "any other". */
static bool each_point(const struct lxc_device_policy *const *lists, size_t n,
		       bool (*fn)(void *arg, struct lxc_device_range point), void *arg)
{
	autofree int64_t *major = NULL, *minor = NULL;
	size_t total = 1, len = 1;
	bool go_on = true;

	for (size_t i = 0; i < n; i++)
		total += lists[i]->entries_len;
	major = xnew_n(int64_t, total);
	minor = xnew_n(int64_t, total);
	major[0] = minor[0] = -2;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < lists[i]->entries_len; k++, len++) {
			const struct oci_device_rule *e = &lists[i]->entries[k];

			major[len] = e->has_major ? e->major : -2;
			minor[len] = e->has_minor ? e->minor : -2;
		}
	}
	for (size_t i = 0; go_on && i < len; i++) {
		for (size_t k = 0; go_on && k < len; k++)
			go_on = fn(arg, (struct lxc_device_range){ 'b', major[i], minor[k] }) &&
				fn(arg, (struct lxc_device_range){ 'c', major[i], minor[k] });
	}
	return go_on;
}

static bool point_agrees(void *arg, struct lxc_device_range point)
{
	const struct lxc_device_policy *const *pair = arg;

	for (unsigned mask = 1; mask <= LXC_DEV_ALL; mask++) {
		if (lxc_device_entries_allow(pair[0]->entries, pair[0]->entries_len, point, mask) !=
		    lxc_device_entries_allow(pair[1]->entries, pair[1]->entries_len, point, mask))
			return false;
	}
	return true;
}

bool lxc_device_entries_agree(const struct lxc_device_policy *a, const struct lxc_device_policy *b)
{
	const struct lxc_device_policy *pair[2] = { a, b };

	return each_point(pair, 2, point_agrees, pair);
}

/* What runc and crun allow in every container, whatever the list says. */
static const struct {
	const char *text;
	struct lxc_device_range range;
	unsigned mask;
} defaults[] = {
	{ "c *:* m", { 'c', -1, -1 }, LXC_DEV_MKNOD },
	{ "b *:* m", { 'b', -1, -1 }, LXC_DEV_MKNOD },
	{ "c 1:3 rwm", { 'c', 1, 3 }, LXC_DEV_ALL },
	{ "c 1:5 rwm", { 'c', 1, 5 }, LXC_DEV_ALL },
	{ "c 1:7 rwm", { 'c', 1, 7 }, LXC_DEV_ALL },
	{ "c 1:8 rwm", { 'c', 1, 8 }, LXC_DEV_ALL },
	{ "c 1:9 rwm", { 'c', 1, 9 }, LXC_DEV_ALL },
	{ "c 5:0 rwm", { 'c', 5, 0 }, LXC_DEV_ALL },
	{ "c 5:2 rwm", { 'c', 5, 2 }, LXC_DEV_ALL },
	{ "c 136:* rwm", { 'c', 136, -1 }, LXC_DEV_ALL },
	{ "c 10:200 rwm", { 'c', 10, 200 }, LXC_DEV_ALL },
};

struct default_check {
	const struct lxc_device_policy *p;
	size_t i;
};

static bool point_keeps_default(void *arg, struct lxc_device_range point)
{
	const struct default_check *c = arg;
	struct lxc_device_range common;

	if (!device_range_intersect(&point, &defaults[c->i].range, &common))
		return true;
	return lxc_device_entries_allow(c->p->entries, c->p->entries_len, common,
					defaults[c->i].mask);
}

static void note_defaults(struct lxc_device_policy *p)
{
	const struct lxc_device_policy *list[1] = { p };
	autostrbuf struct strbuf names = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		struct default_check c = { p, i };
		bool kept =
			each_point(list, 1, point_keeps_default, &c) &&
			lxc_device_entries_allow(
				p->entries, p->entries_len,
				(struct lxc_device_range){
					defaults[i].range.type,
					defaults[i].range.major < 0 ? -2 : defaults[i].range.major,
					defaults[i].range.minor < 0 ? -2
								    : defaults[i].range.minor },
				defaults[i].mask);

		if (!kept)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", defaults[i].text);
	}
	if (names.len)
		lxc_notes_add(&p->notes, "LXC-W336", -1, -1,
			      "other runtimes always allow %s, which this list denies",
			      strbuf_str(&names));
}

/* runc unites the masks of one node: r and w in two entries become rw. */
static void note_union(struct lxc_device_policy *p)
{
	for (size_t i = 1; i < p->entries_len; i++) {
		for (size_t k = i + 1; k < p->entries_len; k++) {
			const struct oci_device_rule *a = &p->entries[i], *b = &p->entries[k];
			unsigned ma = access_mask(a->access), mb = access_mask(b->access);

			if (!a->allow || !b->allow || !str_eq(a->type, b->type) ||
			    a->has_major != b->has_major || a->major != b->major ||
			    a->has_minor != b->has_minor || a->minor != b->minor ||
			    (ma | mb) == ma || (ma | mb) == mb)
				continue;
			lxc_notes_add(
				&p->notes, "LXC-I334", -1, -1,
				"a runtime that merges the entries '%s' and '%s' of one device "
				"also allows both together, as LXC does not",
				a->access, b->access);
			return;
		}
	}
}

void device_emit_note_foreign(struct lxc_device_policy *p, int flags)
{
	if (!(flags & LXC_DEVICES_GENERIC))
		return;
	if (!p->runtime_defaults)
		note_defaults(p);
	note_union(p);
}
