/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/parse_mount.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "lxc/lexer.h"
#include "lxc/source.h"

/* --- one line --- */

/* The four escapes that getmntent(3) knows, decoded in place; any other backslash stays. */
static void decode_octal(char *s)
{
	static const struct {
		const char *octal;
		char byte;
	} codes[] = { { "\\040", ' ' }, { "\\011", '\t' }, { "\\012", '\n' }, { "\\134", '\\' } };
	char *out = s;

	while (*s) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(codes) && !str_starts(s, codes[i].octal); i++)
			;
		if (i < ARRAY_SIZE(codes)) {
			*out++ = codes[i].byte;
			s += 4;
		} else if (s[0] == '\\' && s[1] == '\\') {
			*out++ = '\\';
			s += 2;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* The next field, decoded; heap, "" at the end. */
static char *take_field(const char **line)
{
	const char *start = *line + strspn(*line, " \t");
	size_t len = strcspn(start, " \t");
	char *field = xstrndup(start, len);

	*line = start + len;
	decode_octal(field);
	return field;
}

int parse_mount_fields(const char *line, struct lxc_mount *ret)
{
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return -ENODATA;
	*ret = (struct lxc_mount){ 0 };
	ret->source = take_field(&line);
	ret->target = take_field(&line);
	ret->type = take_field(&line);
	ret->options_text = take_field(&line);
	/* dump and pass follow; they have no meaning here */
	return 0;
}

/* --- LXC's own options --- */

static const char *const own_options[] = { "create=dir", "create=file", "optional", "relative",
					   "idmap=" };

static void apply_own(struct lxc_mount *m, const char *name, const char *value)
{
	if (strcmp(name, "create=dir") == 0)
		m->create = LXC_CREATE_DIR;
	else if (strcmp(name, "create=file") == 0)
		m->create = LXC_CREATE_FILE;
	else if (strcmp(name, "optional") == 0)
		m->optional = true;
	else if (strcmp(name, "relative") == 0)
		m->relative = true;
	else {
		free(m->idmap);
		m->idmap = xstrdup(value);
	}
}

/* The own option that a whole word is, or NULL. */
static const char *own_word(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
		bool prefix = str_ends(own_options[i], "=");

		if (prefix ? str_starts(word, own_options[i]) : strcmp(word, own_options[i]) == 0)
			return own_options[i];
	}
	return NULL;
}

/* An own option that stands inside a longer word, where LXC finds it too. */
static const char *own_inside(const struct strv *words)
{
	for (size_t w = 0; w < words->len; w++) {
		if (own_word(words->v[w]))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
			if (strstr(words->v[w], own_options[i]))
				return own_options[i];
		}
	}
	return NULL;
}

/* LXC looks for each of them anywhere in the text and cuts from there to behind the next comma. */
static void take_exact(struct lxc_mount *m, char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_options); i++) {
		char *at = strstr(text, own_options[i]);
		size_t len;

		if (!at)
			continue;
		len = strcspn(at, ",");
		if (str_ends(own_options[i], "=")) {
			autofree char *value =
				xstrndup(at + strlen(own_options[i]), len - strlen(own_options[i]));

			apply_own(m, own_options[i], value);
		} else {
			apply_own(m, own_options[i], NULL);
		}
		len += at[len] == ',';
		memmove(at, at + len, strlen(at + len) + 1);
	}
}

void parse_mount_options(struct lxc_mount *m, bool exact, const char **ret_inside)
{
	autofree char *text = xstrdup(m->options_text);
	autostrv struct strv words = { 0 };

	strv_split(&words, text, ",");
	*ret_inside = own_inside(&words);
	if (exact) {
		take_exact(m, text);
		strv_split(&m->options, text, ",");
		return;
	}
	for (size_t i = 0; i < words.len; i++) {
		const char *own = own_word(words.v[i]);

		if (own)
			apply_own(m, own, words.v[i] + strlen(own));
		else
			strv_add(&m->options, words.v[i]);
	}
}

/* --- entries --- */

static int check_entry(struct lxc_parser *p, const struct lxc_setting *s, const struct lxc_mount *m)
{
	const char *const fields[] = { m->source, m->target, m->type, m->options_text };

	if (*m->target == '\0')
		return parse_diag(p, "LXC-E003", s, "the target is missing in '%s'", s->value);
	if (m->idmap && *m->idmap == '\0')
		return parse_diag(p, "LXC-E003", s, "'idmap=' needs a value");
	/* \012 could smuggle a line end past the check of the value as a whole */
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		autovalue_error struct value_error e = { 0 };

		if (value_text(fields[i], &e) < 0)
			return parse_bad_value(p, s, &e);
	}
	return 0;
}

static int add_entry(struct lxc_parser *p, const struct lxc_setting *s, struct lxc_mounts *list)
{
	bool exact = p->opts->mode == LXC_EXACT;
	const char *inside;
	struct lxc_mount m;

	if (parse_mount_fields(s->value, &m) < 0) {
		parse_diag(p, "LXC-W103", s, "LXC takes '%s' as a comment", s->value);
		parse_set_fate(p, s->pos, LXC_LINE_IGNORED, "a comment in fstab syntax");
		return 0;
	}
	m.pos = s->pos;
	parse_mount_options(&m, exact, &inside);
	if (check_entry(p, s, &m) < 0)
		goto fail;
	if (inside &&
	    parse_diag(p, "LXC-W252", s, "LXC finds its option '%s' inside '%s' and cuts it out%s",
		       inside, m.options_text, exact ? "" : "; it is left alone here") < 0)
		goto fail;
	*MODEL_ADD(list) = m;
	return 0;
fail:
	model_mount_clear(&m);
	return -EINVAL;
}

int store_mount_entry(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_mounts *list = &p->c->mounts;
	size_t kept = 0;

	if (*s->value)
		return add_entry(p, s, list);
	for (size_t i = 0; i < list->len; i++) {
		if (list->v[i].by_pve) {
			list->v[kept++] = list->v[i];
			continue;
		}
		parse_cleared(p, list->v[i].pos, s->pos);
		model_mount_clear(&list->v[i]);
	}
	list->len = kept;
	return 0;
}

/* --- the fstab file --- */

int store_mount_fstab(struct lxc_parser *p, const struct lxc_setting *s)
{
	return store_host_path(p, s);
}

static void fstab_line(struct lxc_parser *p, uint32_t file, uint32_t number, char *text)
{
	const struct lxc_key *key = keys_find("lxc.mount.fstab");
	struct lxc_setting s = { .pos = { file, number }, .key = key, .name = "lxc.mount.fstab" };
	autovalue_error struct value_error e = { 0 };
	struct lxc_line *line;

	s.value = str_trim(text);
	if (*s.value == '\0' || *s.value == '#')
		return;
	line = parse_add_line(p, s.pos, "lxc.mount.fstab", s.value);
	if (!line)
		return;
	line->key = key;
	if (value_text(s.value, &e) < 0) {
		parse_bad_value(p, &s, &e);
		parse_set_fate(p, s.pos, LXC_LINE_FAILED, NULL);
	} else if (add_entry(p, &s, &p->c->fstab) < 0) {
		parse_set_fate(p, s.pos, LXC_LINE_FAILED, NULL);
	}
}

void parse_mount_load_fstab(struct lxc_parser *p)
{
	const struct lxc_str *fstab = &p->c->mount_fstab;
	autosource struct source src = { 0 };
	uint32_t file, number = 1;
	char *at;

	if (!fstab->s)
		return;
	if (source_read(&p->c->access, fstab->s, SOURCE_MAX_FILE, &src) < 0) {
		diag_add(p->d, "LXC-E004", fstab->pos, "lxc.mount.fstab", "%s", err_get_text());
		err_clear();
		parse_set_fate(p, fstab->pos, LXC_LINE_FAILED, NULL);
		return;
	}
	file = parse_add_file(p, fstab->s, fstab->pos);
	if (memchr(src.text, '\0', src.len))
		diag_add(p->d, "LXC-E001", (struct lxc_pos){ file, 1 }, NULL,
			 "the file holds a NUL byte");
	parse_set_fate(p, fstab->pos, LXC_LINE_CONSUMED, "read");
	at = src.text;
	for (char *line = strsep(&at, "\n"); line; line = strsep(&at, "\n"))
		fstab_line(p, file, number++, line);
}

/* --- lxc.mount.auto --- */

struct auto_word {
	const char *word;
	int value;
};

static const struct auto_word proc_words[] = {
	{ "proc", LXC_AUTO_PROC_MIXED },
	{ "proc:mixed", LXC_AUTO_PROC_MIXED },
	{ "proc:rw", LXC_AUTO_PROC_RW },
};

static const struct auto_word sys_words[] = {
	{ "sys", LXC_AUTO_SYS_MIXED },
	{ "sys:mixed", LXC_AUTO_SYS_MIXED },
	{ "sys:ro", LXC_AUTO_SYS_RO },
	{ "sys:rw", LXC_AUTO_SYS_RW },
};

/* A part of "cgroup:ro:force" behind the name. */
static const struct auto_word cgroup_words[] = {
	{ "", LXC_AUTO_CGROUP_DEFAULT },
	{ ":mixed", LXC_AUTO_CGROUP_MIXED },
	{ ":ro", LXC_AUTO_CGROUP_RO },
	{ ":rw", LXC_AUTO_CGROUP_RW },
};

static int find_word(const struct auto_word *v, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].word, word) == 0)
			return v[i].value;
	}
	return -ENOENT;
}

/* A line stays live while one of its groups is in force. */
static void take_group(struct lxc_parser *p, struct lxc_pos *pos, struct lxc_pos by)
{
	const struct lxc_mount_auto *a = &p->c->mount_auto;
	struct lxc_pos old = *pos;

	*pos = by;
	if (!lxc_pos_eq(old, a->proc_pos) && !lxc_pos_eq(old, a->sys_pos) &&
	    !lxc_pos_eq(old, a->cgroup_pos) && !lxc_pos_eq(old, a->shmounts_pos))
		parse_replaced(p, old, by);
}

static int auto_cgroup(struct lxc_parser *p, const struct lxc_setting *s, const char *word)
{
	struct lxc_mount_auto *a = &p->c->mount_auto;
	autofree char *copy = xstrdup(word);
	bool full = str_starts(copy, "cgroup-full");
	bool v2 = str_starts(copy, "cgroup2");
	bool force = str_ends(copy, ":force");
	int mode;

	if (force)
		copy[strlen(copy) - strlen(":force")] = '\0';
	mode = find_word(cgroup_words, ARRAY_SIZE(cgroup_words),
			 copy + strlen(full ? "cgroup-full"
				       : v2 ? "cgroup2"
					    : "cgroup"));
	if (mode < 0 || (v2 && mode != LXC_AUTO_CGROUP_DEFAULT && mode != LXC_AUTO_CGROUP_RO))
		return -ENOENT;
	take_group(p, &a->cgroup_pos, s->pos);
	a->cgroup = (enum lxc_auto_cgroup) mode;
	a->cgroup_full = full;
	a->cgroup_v2_only = v2;
	a->cgroup_force = force;
	return 0;
}

static int auto_shmounts(struct lxc_parser *p, const struct lxc_setting *s, const char *paths)
{
	struct lxc_mount_auto *a = &p->c->mount_auto;
	const char *colon = strchr(paths, ':');
	autofree char *host = colon ? xstrndup(paths, (size_t) (colon - paths)) : xstrdup(paths);
	autofree char *full = NULL;

	if (*host == '\0') {
		parse_diag(p, "LXC-E262", s,
			   "'shmounts:' without a directory lets the start of LXC hang");
		diag_hint(p->d, "shmounts:HOST[:CONTAINER]");
		return -EINVAL;
	}
	full = parse_host_path(p, s, host);
	if (!full)
		return -EINVAL;
	take_group(p, &a->shmounts_pos, s->pos);
	free(a->shmounts_host);
	free(a->shmounts_cont);
	a->shmounts_host = take_ptr(&full);
	a->shmounts_cont = path_clean(colon && colon[1] ? colon + 1 : "/dev/.lxc-mounts");
	return 0;
}

static int auto_word(struct lxc_parser *p, const struct lxc_setting *s, const char *word)
{
	struct lxc_mount_auto *a = &p->c->mount_auto;
	int v;

	if (str_starts(word, "shmounts:"))
		return auto_shmounts(p, s, str_after(word, "shmounts:"));
	if (str_starts(word, "cgroup") && auto_cgroup(p, s, word) == 0)
		return 0;
	v = find_word(proc_words, ARRAY_SIZE(proc_words), word);
	if (v >= 0) {
		take_group(p, &a->proc_pos, s->pos);
		a->proc = (enum lxc_auto_proc) v;
		return 0;
	}
	v = find_word(sys_words, ARRAY_SIZE(sys_words), word);
	if (v >= 0) {
		take_group(p, &a->sys_pos, s->pos);
		a->sys = (enum lxc_auto_sys) v;
		return 0;
	}
	parse_diag(p, "LXC-E003", s, "unknown automount '%s'", word);
	diag_hint(p->d, "proc[:mixed|:rw] sys[:mixed|:ro|:rw] cgroup[:mixed|:ro|:rw][:force] "
			"shmounts:HOST[:CONT]");
	return -EINVAL;
}

int store_mount_auto(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_mount_auto *a = &p->c->mount_auto;
	autostrv struct strv words = { 0 };

	strv_split(&words, s->value, " \t");
	if (words.len == 0) {
		parse_cleared(p, a->proc_pos, s->pos);
		parse_cleared(p, a->sys_pos, s->pos);
		parse_cleared(p, a->cgroup_pos, s->pos);
		parse_cleared(p, a->shmounts_pos, s->pos);
		free(a->shmounts_host);
		free(a->shmounts_cont);
		*a = (struct lxc_mount_auto){ .proc_pos = s->pos,
					      .sys_pos = s->pos,
					      .cgroup_pos = s->pos,
					      .shmounts_pos = s->pos };
		return 0;
	}
	for (size_t i = 0; i < words.len; i++) {
		if (auto_word(p, s, words.v[i]) < 0)
			return -EINVAL;
	}
	return 0;
}
