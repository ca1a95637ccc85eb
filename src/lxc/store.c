/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/store.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/path.h"

#define ID_MAX (UINT32_MAX - 1) /* (uid_t) -1 means "leave it" to the kernel */

static bool is_clear(const struct lxc_setting *s)
{
	return *s->value == '\0';
}

/* --- scalars --- */

/* The scalar at old_pos belongs to this line from now on. */
static void take_over(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_pos *pos)
{
	if (is_clear(s))
		parse_cleared(p, *pos, s->pos);
	else
		parse_replaced(p, *pos, s->pos);
	*pos = s->pos;
}

static int set_bool(struct lxc_parser *p, const struct lxc_setting *s, bool on)
{
	struct lxc_bool *b = SETTING_FIELD(struct lxc_bool, s);

	take_over(p, s, &b->pos);
	b->on = on;
	b->has = !is_clear(s) || s->key->clear == LXC_CLEAR_ZERO;
	return 0;
}

static int set_num(struct lxc_parser *p, const struct lxc_setting *s, uint64_t n)
{
	struct lxc_num *num = SETTING_FIELD(struct lxc_num, s);

	take_over(p, s, &num->pos);
	num->n = n;
	num->has = !is_clear(s) || s->key->clear == LXC_CLEAR_ZERO;
	return 0;
}

static int set_str(struct lxc_parser *p, const struct lxc_setting *s, char *text_owned)
{
	struct lxc_str *str = SETTING_FIELD(struct lxc_str, s);

	take_over(p, s, &str->pos);
	free(str->s);
	str->s = text_owned;
	return 0;
}

int store_bool(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	bool on = false;

	if (!is_clear(s) && value_bool(s->value, &on, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_bool(p, s, on);
}

static int store_number(struct lxc_parser *p, const struct lxc_setting *s, uint64_t max)
{
	autovalue_error struct value_error e = { 0 };
	uint64_t n = 0;

	if (!is_clear(s) && value_uint(s->value, max, &n, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_num(p, s, n);
}

int store_uint(struct lxc_parser *p, const struct lxc_setting *s)
{
	return store_number(p, s, UINT32_MAX);
}

int store_id(struct lxc_parser *p, const struct lxc_setting *s)
{
	return store_number(p, s, ID_MAX);
}

int store_flag(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	bool on = false;

	if (!is_clear(s) && value_bool(s->value, &on, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_num(p, s, on);
}

int store_int(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	int64_t n = 0;

	if (!is_clear(s) && value_int(s->value, INT32_MIN, INT32_MAX, &n, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_num(p, s, (uint64_t) n);
}

int store_size(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	bool ignored = false;
	uint64_t n = 0;

	if (!is_clear(s) && value_size(s->value, &n, &ignored, &e) < 0)
		return parse_bad_value(p, s, &e);
	if (ignored) {
		if (parse_diag(p, "LXC-W102", s, "LXC ignores the one-letter unit of '%s'",
			       s->value) < 0)
			return -EINVAL;
		diag_hint(p->d, "write KB, MB or GB");
	}
	return set_num(p, s, n);
}

int store_signal(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	uint64_t n = 0;

	if (!is_clear(s) && value_signal(s->value, &n, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_num(p, s, n);
}

int store_str(struct lxc_parser *p, const struct lxc_setting *s)
{
	return set_str(p, s, is_clear(s) ? NULL : xstrdup(s->value));
}

int store_word(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };

	if (!is_clear(s) && value_word(s->value, s->key->words, &e) < 0)
		return parse_bad_value(p, s, &e);
	return store_str(p, s);
}

int store_path(struct lxc_parser *p, const struct lxc_setting *s)
{
	return set_str(p, s, is_clear(s) ? NULL : path_clean(s->value));
}

int store_host_path(struct lxc_parser *p, const struct lxc_setting *s)
{
	autofree char *path = NULL;

	if (!is_clear(s)) {
		path = parse_host_path(p, s, s->value);
		if (!path)
			return -EINVAL;
		/* the trailing slash matters to lxc.include alone */
		if (strlen(path) > 1 && str_ends(path, "/"))
			path[strlen(path) - 1] = '\0';
	}
	return set_str(p, s, take_ptr(&path));
}

int store_dir_name(struct lxc_parser *p, const struct lxc_setting *s)
{
	if (*s->value == '/')
		return parse_diag(p, "LXC-E003", s, "'%s' must be a relative path", s->value);
	if (path_has_dotdot(s->value))
		return parse_diag(p, "LXC-E003", s, "'%s' must not hold '..'", s->value);
	return store_path(p, s);
}

/* --- scalars with a rule of their own --- */

int store_arch(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };

	if (value_arch(s->value, &e) < 0)
		return parse_bad_value(p, s, &e);
	return store_str(p, s);
}

int store_uts_name(struct lxc_parser *p, const struct lxc_setting *s)
{
	if (strlen(s->value) > 64)
		return parse_diag(p, "LXC-E003", s, "the name is longer than 64 bytes");
	if (!is_clear(s) && !value_is_hostname(s->value) &&
	    parse_diag(p, "LXC-W102", s, "'%s' is not a host name", s->value) < 0)
		return -EINVAL;
	return store_str(p, s);
}

int store_console_path(struct lxc_parser *p, const struct lxc_setting *s)
{
	return str_eq(s->value, "none") ? store_str(p, s) : store_host_path(p, s);
}

int store_log_level(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	const char *name = NULL;

	if (!is_clear(s) && value_log_level(s->value, &name, &e) < 0)
		return parse_bad_value(p, s, &e);
	return set_str(p, s, name ? xstrdup(name) : NULL);
}

int store_autodev_size(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	int64_t n = 500000;

	if (!is_clear(s) && value_int(s->value, 0, INT32_MAX, &n, &e) < 0) {
		if (parse_diag(p, "LXC-W102", s, "LXC cannot read '%s' and takes 500000",
			       s->value) < 0)
			return -EINVAL;
		diag_hint(p->d, "write a plain number of bytes");
	}
	return set_num(p, s, (uint64_t) n);
}

int store_seccomp_proxy(struct lxc_parser *p, const struct lxc_setting *s)
{
	if (!is_clear(s) && !str_starts(s->value, "unix:")) {
		int r = parse_diag(p, "LXC-E003", s, "unknown address '%s'", s->value);

		diag_hint(p->d, "unix:/path or unix:@name");
		return r;
	}
	return store_str(p, s);
}

int store_rootfs_options(struct lxc_parser *p, const struct lxc_setting *s)
{
	autostrv struct strv options = { 0 };

	strv_split(&options, s->value, ",");
	for (size_t i = 0; i < options.len; i++) {
		const char *o = options.v[i];

		if (str_eq(o, "optional") || str_eq(o, "relative") || str_starts(o, "create="))
			return parse_diag(p, "LXC-E003", s,
					  "'%s' is an option of lxc.mount.entry only", o);
	}
	return store_str(p, s);
}

/* --- lists --- */

int store_strs(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_strs *list = SETTING_FIELD(struct lxc_strs, s);

	if (!is_clear(s)) {
		*MODEL_ADD(list) = (struct lxc_str){ .s = xstrdup(s->value), .pos = s->pos };
		return 0;
	}
	for (size_t i = 0; i < list->len; i++) {
		parse_cleared(p, list->v[i].pos, s->pos);
		free(list->v[i].s);
	}
	list->len = 0;
	return 0;
}

int store_words(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_strs *list = SETTING_FIELD(struct lxc_strs, s);
	autostrv struct strv words = { 0 };

	if (is_clear(s))
		return store_strs(p, s);
	strv_split(&words, s->value, " \t");
	for (size_t i = 0; i < words.len; i++)
		*MODEL_ADD(list) = (struct lxc_str){ .s = xstrdup(words.v[i]), .pos = s->pos };
	return 0;
}

int store_hook_all(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_setting one = *s;

	for (size_t i = 0; i < LXC_HOOK_MAX; i++) {
		one.base = (char *) &p->c->hooks[i] - s->key->offset;
		store_strs(p, &one);
	}
	return 0;
}

static void clear_envs(struct lxc_parser *p, struct lxc_envs *list, struct lxc_pos by)
{
	for (size_t i = 0; i < list->len; i++) {
		parse_cleared(p, list->v[i].pos, by);
		model_env_clear(&list->v[i]);
	}
	list->len = 0;
}

/* Of root's environment somebody else's configuration gets what tells how to speak to him. */
static const char *import(const struct lxc_parser *p, const char *name)
{
	if (p->c->access.as_owner && !str_eq(name, "TERM") && !str_eq(name, "LANG") &&
	    !str_starts(name, "LC_"))
		return NULL;
	return env_get(p->opts->env, name);
}

int store_env(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_envs *list = SETTING_FIELD(struct lxc_envs, s);
	const char *assign = strchr(s->value, '=');
	const char *imported;
	struct lxc_env *env;

	if (is_clear(s)) {
		clear_envs(p, list, s->pos);
		return 0;
	}
	if (assign == s->value)
		return parse_diag(p, "LXC-E003", s, "the name is missing in '%s'", s->value);
	imported = assign ? assign + 1 : import(p, s->value);
	if (!imported) {
		int r = parse_diag(p, "LXC-E003", s,
				   "'%s' is not set where it should be imported from", s->value);

		diag_hint(p->d, "write '%s=value'", s->value);
		return r;
	}
	env = MODEL_ADD(list);
	env->name = assign ? xstrndup(s->value, (size_t) (assign - s->value)) : xstrdup(s->value);
	env->value = xstrdup(imported);
	env->pos = s->pos;
	return 0;
}

int store_init_groups(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	autostrv struct strv parts = { 0 };
	uint64_t n;

	if (is_clear(s)) {
		for (size_t i = 0; i < p->c->init_groups.len; i++)
			parse_cleared(p, p->c->init_groups.v[i].pos, s->pos);
		p->c->init_groups.len = 0;
		return 0;
	}
	strv_split(&parts, s->value, ",");
	for (size_t i = 0; i < parts.len; i++) {
		if (value_uint(str_trim(parts.v[i]), ID_MAX, &n, &e) < 0)
			return parse_bad_value(p, s, &e);
	}
	for (size_t i = 0; i < parts.len; i++) {
		value_uint(str_trim(parts.v[i]), ID_MAX, &n, &e);
		*MODEL_ADD(&p->c->init_groups) =
			(struct lxc_num){ .n = n, .has = true, .pos = s->pos };
	}
	return 0;
}

/* --- families: KEY.NAME = value --- */

/* Drops the pairs of that name, all of them for NULL. */
static void clear_pairs(struct lxc_parser *p, struct lxc_pairs *list, const char *name,
			struct lxc_pos by)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->len; i++) {
		if (name && strcmp(list->v[i].key, name) != 0) {
			list->v[kept++] = list->v[i];
			continue;
		}
		parse_cleared(p, list->v[i].pos, by);
		model_pair_clear(&list->v[i]);
	}
	list->len = kept;
}

static int append_pair(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_pairs *list)
{
	if (is_clear(s)) {
		clear_pairs(p, list, s->rest, s->pos);
		return 0;
	}
	*MODEL_ADD(list) = (struct lxc_pair){ xstrdup(s->rest), xstrdup(s->value), s->pos };
	return 0;
}

int store_pairs(struct lxc_parser *p, const struct lxc_setting *s)
{
	return append_pair(p, s, SETTING_FIELD(struct lxc_pairs, s));
}

int store_pairs_last(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_pairs *list = SETTING_FIELD(struct lxc_pairs, s);

	for (size_t i = 0; !is_clear(s) && i < list->len; i++) {
		struct lxc_pair *pair = &list->v[i];

		if (strcmp(pair->key, s->rest) != 0)
			continue;
		parse_replaced(p, pair->pos,
			       s->pos); /* in place: the first position decides the order */
		free(pair->value);
		pair->value = xstrdup(s->value);
		pair->pos = s->pos;
		return 0;
	}
	return append_pair(p, s, list);
}

static int store_cgroup(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_pairs *limits,
			struct lxc_pairs *devices)
{
	if (!s->rest) { /* only the empty value gets here */
		clear_pairs(p, limits, NULL, s->pos);
		clear_pairs(p, devices, NULL, s->pos);
		return 0;
	}
	/* the rest names a file in the container's cgroup and nowhere else */
	if (strchr(s->rest, '/'))
		return parse_diag(p, "LXC-E003", s, "'%s' is not the name of a cgroup file",
				  s->rest);
	return append_pair(p, s, str_starts(s->rest, "devices") ? devices : limits);
}

int store_cgroup1(struct lxc_parser *p, const struct lxc_setting *s)
{
	return store_cgroup(p, s, &p->c->cgroup1, &p->c->cgroup1_devices);
}

int store_cgroup2(struct lxc_parser *p, const struct lxc_setting *s)
{
	return store_cgroup(p, s, &p->c->cgroup2, &p->c->cgroup2_devices);
}

static struct lxc_prlimit *find_prlimit(struct lxc_config *c, const char *name)
{
	for (size_t i = 0; i < c->prlimit.len; i++) {
		if (strcmp(c->prlimit.v[i].name, name) == 0)
			return &c->prlimit.v[i];
	}
	return NULL;
}

static void clear_prlimits(struct lxc_parser *p, const char *name, struct lxc_pos by)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->c->prlimit.len; i++) {
		struct lxc_prlimit *l = &p->c->prlimit.v[i];

		if (name && strcmp(l->name, name) != 0) {
			p->c->prlimit.v[kept++] = *l;
			continue;
		}
		parse_cleared(p, l->pos, by);
		free(l->name);
	}
	p->c->prlimit.len = kept;
}

int store_prlimit(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	struct lxc_prlimit *l;
	uint64_t soft, hard;
	bool odd;

	if (s->rest && value_prlimit_name(s->rest, &e) < 0)
		return parse_bad_value(p, s, &e);
	if (is_clear(s)) {
		clear_prlimits(p, s->rest, s->pos);
		return 0;
	}
	if (value_prlimit(s->value, &soft, &hard, &odd, &e) < 0)
		return parse_bad_value(p, s, &e);
	if (odd && parse_diag(p, "LXC-W102", s, "LXC reads '%s' as soft limit 0", s->value) < 0)
		return -EINVAL;
	l = find_prlimit(p->c, s->rest);
	if (l) {
		parse_replaced(p, l->pos, s->pos);
	} else {
		l = MODEL_ADD(&p->c->prlimit);
		l->name = xstrdup(s->rest);
	}
	l->soft = soft;
	l->hard = hard;
	l->pos = s->pos;
	return 0;
}
