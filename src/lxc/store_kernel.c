/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/store.h"

#include <errno.h>
#include <inttypes.h>

#include "base/alloc.h"
#include "base/path.h"

/* Keys that speak of what the kernel separates: capabilities, id maps, namespaces, time, the root.
 */

/* /proc/PID/uid_map takes one write of at most a page. */
#define IDMAP_TEXT_MAX 4096

/* --- capabilities --- */

static int clear_caps(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_caps *caps = &p->c->caps;

	/* Either key clears the shared list and leaves keep-mode. */
	for (size_t i = 0; i < caps->len; i++)
		parse_cleared(p, caps->v[i].pos, s->pos);
	parse_cleared(p, caps->pos, s->pos);
	caps->len = 0;
	caps->mode = LXC_CAPS_UNSET;
	caps->pos = s->pos;
	return 0;
}

/* Numbers of all words, or nothing: a line counts as a whole. "none" forgets what came before. */
static int read_caps(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_caps *ret,
		     bool *ret_none)
{
	autovalue_error struct value_error e = { 0 };
	autostrv struct strv words = { 0 };

	*ret_none = false;
	strv_split(&words, s->value, " \t");
	for (size_t i = 0; i < words.len; i++) {
		unsigned int number;

		if (ret->mode == LXC_CAPS_KEEP && str_eq(words.v[i], "none")) {
			ret->len = 0;
			*ret_none = true;
			continue;
		}
		if (value_cap(words.v[i], &number, &e) < 0) {
			free(ret->v);
			return parse_bad_value(p, s, &e);
		}
		*MODEL_ADD(ret) = (struct lxc_cap){ number, s->pos };
	}
	return 0;
}

static int add_caps(struct lxc_parser *p, const struct lxc_setting *s, enum lxc_caps_mode mode)
{
	struct lxc_caps *caps = &p->c->caps;
	struct lxc_caps more = { .mode = mode };
	bool none;

	if (read_caps(p, s, &more, &none) < 0)
		return -EINVAL;
	if (none) {
		for (size_t i = 0; i < caps->len; i++)
			parse_replaced(p, caps->v[i].pos, s->pos);
		if (caps->mode == mode) /* an earlier "none" is in no list */
			parse_replaced(p, caps->pos, s->pos);
		caps->len = 0;
	}
	for (size_t i = 0; i < more.len; i++)
		*MODEL_ADD(caps) = more.v[i];
	free(more.v);
	if (caps->mode != mode || none)
		caps->pos = s->pos;
	caps->mode = mode;
	return 0;
}

int store_caps_drop(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_caps *caps = &p->c->caps;

	if (*s->value == '\0')
		return clear_caps(p, s);
	if (caps->mode == LXC_CAPS_KEEP) {
		parse_diag(p, "LXC-E403", s, "lxc.cap.keep is in force since %s:%u",
			   model_file_name(&p->c->files, caps->pos), caps->pos.line);
		diag_hint(p->d, "an empty lxc.cap.keep before it ends that");
		return -EINVAL;
	}
	return add_caps(p, s, LXC_CAPS_DROP);
}

int store_caps_keep(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_caps *caps = &p->c->caps;

	if (*s->value == '\0')
		return clear_caps(p, s);
	if (caps->mode == LXC_CAPS_DROP && caps->len) {
		parse_diag(p, "LXC-E403", s, "lxc.cap.drop is in force since %s:%u",
			   model_file_name(&p->c->files, caps->pos), caps->pos.line);
		diag_hint(p->d, "an empty lxc.cap.drop before it ends that");
		return -EINVAL;
	}
	return add_caps(p, s, LXC_CAPS_KEEP);
}

/* --- id maps --- */

int store_idmap(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	struct lxc_idmap map = { .pos = s->pos };

	if (*s->value == '\0') {
		for (size_t i = 0; i < p->c->idmap.len; i++)
			parse_cleared(p, p->c->idmap.v[i].pos, s->pos);
		p->c->idmap.len = 0;
		return 0;
	}
	if (value_idmap(s->value, &map, &e) < 0)
		return parse_bad_value(p, s, &e);
	*MODEL_ADD(&p->c->idmap) = map;
	return 0;
}

static bool overlap(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count)
{
	return (uint64_t) a < (uint64_t) b + b_count && (uint64_t) b < (uint64_t) a + a_count;
}

static void idmap_error(struct lxc_parser *p, const struct lxc_idmap *m, const char *what,
			const struct lxc_idmap *other)
{
	diag_add(p->d, "LXC-E003", m->pos, "lxc.idmap", "the ids %s overlap those of %s:%u", what,
		 model_file_name(&p->c->files, other->pos), other->pos.line);
	parse_set_fate(p, m->pos, LXC_LINE_FAILED, NULL);
}

/* The text limit comes first: it also bounds the comparison of each with each. */
static bool idmap_text_fits(struct lxc_parser *p, bool gid)
{
	size_t total = 0;

	for (size_t i = 0; i < p->c->idmap.len; i++) {
		const struct lxc_idmap *m = &p->c->idmap.v[i];

		if (m->is_gid != gid)
			continue;
		total += (size_t) snprintf(NULL, 0, "%u %u %u\n", m->nsid, m->hostid, m->count);
		if (total <= IDMAP_TEXT_MAX)
			continue;
		diag_add(p->d, "LXC-E003", m->pos, "lxc.idmap", "the map is longer than %d bytes",
			 IDMAP_TEXT_MAX);
		parse_set_fate(p, m->pos, LXC_LINE_FAILED, NULL);
		return false;
	}
	return true;
}

static void check_idmaps(struct lxc_parser *p)
{
	if (!idmap_text_fits(p, false) || !idmap_text_fits(p, true))
		return;
	for (size_t i = 0; i < p->c->idmap.len; i++) {
		const struct lxc_idmap *m = &p->c->idmap.v[i];

		for (size_t j = 0; j < i; j++) {
			const struct lxc_idmap *o = &p->c->idmap.v[j];

			if (o->is_gid != m->is_gid)
				continue;
			if (overlap(m->nsid, m->count, o->nsid, o->count))
				idmap_error(p, m, "inside", o);
			else if (overlap(m->hostid, m->count, o->hostid, o->count))
				idmap_error(p, m, "outside", o);
			else
				continue;
			break;
		}
	}
}

/* --- namespaces, time --- */

static void clear_ns_set(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_ns_set *set)
{
	for (size_t i = 0; i < LXC_NS_MAX; i++) {
		if (set->on[i])
			parse_cleared(p, set->at[i], s->pos);
	}
	*set = (struct lxc_ns_set){ .pos = s->pos };
}

int store_ns_set(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_ns_set *set = SETTING_FIELD(struct lxc_ns_set, s);
	autovalue_error struct value_error e = { 0 };
	autostrv struct strv words = { 0 };
	struct lxc_ns_set now = *set;

	if (*s->value == '\0') {
		clear_ns_set(p, s, set);
		return 0;
	}
	strv_split(&words, s->value, " \t");
	for (size_t i = 0; i < words.len; i++) {
		enum lxc_ns ns;

		if (value_ns(words.v[i], true, &ns, &e) < 0)
			return parse_bad_value(p, s, &e);
		if (!now.on[ns])
			now.at[ns] = s->pos;
		now.on[ns] = true;
	}
	now.has = true;
	now.pos = s->pos;
	*set = now;
	return 0;
}

int store_ns_share(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	struct lxc_setting one = *s;
	enum lxc_ns ns;

	if (value_ns(s->rest, false, &ns, &e) < 0)
		return parse_bad_value(p, s, &e);
	one.base = (char *) &p->c->ns_share[ns] - s->key->offset;
	return store_str(p, &one);
}

int store_time(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_time_offset *t = SETTING_FIELD(struct lxc_time_offset, s);
	autovalue_error struct value_error e = { 0 };
	bool secs;
	int64_t n;

	if (*s->value == '\0') {
		parse_cleared(p, t->secs_pos, s->pos);
		parse_cleared(p, t->nanosecs_pos, s->pos);
		*t = (struct lxc_time_offset){ .secs_pos = s->pos, .nanosecs_pos = s->pos };
		return 0;
	}
	if (value_time_offset(s->value, &n, &secs, &e) < 0)
		return parse_bad_value(p, s, &e);
	parse_replaced(p, secs ? t->secs_pos : t->nanosecs_pos, s->pos);
	*(secs ? &t->secs : &t->nanosecs) = n;
	*(secs ? &t->secs_pos : &t->nanosecs_pos) = s->pos;
	t->has = true;
	return 0;
}

/* --- the root file system --- */

static const char *const storage_types[] = {
	"dir", "zfs", "lvm", "rbd", "btrfs", "overlay", "overlayfs", "loop", "nbd",
};

static bool is_storage_type(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(storage_types); i++) {
		if (strlen(storage_types[i]) == len && memcmp(s, storage_types[i], len) == 0)
			return true;
	}
	return false;
}

/* Is what follows the type one path of the host? (overlay lists several, zfs and rbd name data
 * sets) */
static bool type_has_path(const char *type)
{
	return !type || str_eq(type, "dir") || str_eq(type, "btrfs") || str_eq(type, "loop") ||
	       str_eq(type, "lvm");
}

/*
 * LXC takes everything before the first colon as the type, and keeps a type for later lines that
 * have none. Intent mode takes neither "/srv/a:b" nor an older line's type that way.
 */
static int split_type(struct lxc_parser *p, const struct lxc_setting *s, char **ret_type,
		      const char **ret_path)
{
	const char *colon = strchr(s->value, ':');
	const char *sticky = p->c->rootfs_type.s;
	bool exact = p->opts->mode == LXC_EXACT;
	size_t len = colon ? (size_t) (colon - s->value) : 0;
	int r = 0;

	*ret_type = NULL;
	*ret_path = s->value;
	if (colon && (exact || is_storage_type(s->value, len) || *s->value != '/')) {
		if (!is_storage_type(s->value, len))
			r = parse_diag(p, "LXC-W102", s, "'%.*s' is no storage type that LXC knows",
				       (int) len, s->value);
		*ret_type = xstrndup(s->value, len);
		*ret_path = colon + 1;
		return r;
	}
	if (colon)
		return parse_diag(p, "LXC-W102", s,
				  "LXC takes '%.*s' as the storage type and '%s' as the path",
				  (int) len, s->value, colon + 1);
	if (!sticky || lxc_pos_eq(p->c->rootfs_type.pos, s->pos))
		return 0;
	if (model_line(p->c, p->c->rootfs_type.pos) &&
	    model_line(p->c, p->c->rootfs_type.pos)->fate == LXC_LINE_CONSUMED) {
		*ret_type = xstrdup(sticky); /* lxc.rootfs.backend: a line of its own */
		return 0;
	}
	if (exact)
		*ret_type = xstrdup(sticky);
	return parse_diag(p, "LXC-W102", s, "LXC keeps the storage type '%s' of line %u", sticky,
			  p->c->rootfs_type.pos.line);
}

int store_rootfs_path(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_str *type = &p->c->rootfs_type;
	autofree char *new_type = NULL;
	autofree char *path = NULL;
	struct lxc_setting one = *s;
	const char *rest;

	if (*s->value == '\0') {
		if (p->opts->mode == LXC_INTENT) {
			free(type->s);
			type->s = NULL;
		}
		return store_str(p, s);
	}
	if (split_type(p, s, &new_type, &rest) < 0)
		return -EINVAL;
	if (*rest == '\0')
		return parse_diag(p, "LXC-E003", s, "the path is missing in '%s'", s->value);
	path = type_has_path(new_type) ? parse_host_path(p, s, rest) : xstrdup(rest);
	if (!path)
		return -EINVAL;
	if (strlen(path) > 1 && str_ends(path, "/"))
		path[strlen(path) - 1] = '\0';
	free(type->s);
	*type = (struct lxc_str){ .s = take_ptr(&new_type), .pos = s->pos };
	one.value = path;
	return store_str(p, &one);
}

/* --- what only the whole shows --- */

static void check_ns(struct lxc_parser *p)
{
	const struct lxc_ns_set *clone = &p->c->ns_clone, *keep = &p->c->ns_keep;
	bool keep_later = keep->pos.file != clone->pos.file ? keep->pos.file > clone->pos.file
							    : keep->pos.line > clone->pos.line;
	struct lxc_pos pos = keep_later ? keep->pos : clone->pos;

	if (!clone->has || !keep->has)
		return;
	diag_add(p->d, "LXC-E003", pos, keep_later ? "lxc.namespace.keep" : "lxc.namespace.clone",
		 "lxc.namespace.clone and lxc.namespace.keep exclude each other");
	parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
}

static void check_cgroup_dir(struct lxc_parser *p)
{
	const struct lxc_str *container = &p->c->cgroup_dir_container;

	if (!container->s)
		return;
	if (p->c->cgroup_dir.s)
		diag_add(p->d, "LXC-E003", container->pos, "lxc.cgroup.dir.container",
			 "excludes lxc.cgroup.dir");
	else if (!p->c->cgroup_dir_monitor.s)
		diag_add(p->d, "LXC-E003", container->pos, "lxc.cgroup.dir.container",
			 "needs lxc.cgroup.dir.monitor");
	else
		return;
	parse_set_fate(p, container->pos, LXC_LINE_FAILED, NULL);
}

void store_check_whole(struct lxc_parser *p)
{
	check_idmaps(p);
	check_ns(p);
	check_cgroup_dir(p);
}
