/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/parse.h"

#include <limits.h>
#include <stdarg.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "lxc/legacy.h"
#include "lxc/lexer.h"
#include "lxc/parse_mount.h"
#include "lxc/parse_net.h"
#include "lxc/pve.h"
#include "lxc/source.h"
#include "lxc/store.h"

/* --- rows and fates --- */

uint32_t parse_add_file(struct lxc_parser *p, const char *name, struct lxc_pos from)
{
	struct lxc_file *f = MODEL_ADD(&p->c->files);

	f->name = xstrdup(name);
	f->from = from;
	return (uint32_t) (p->c->files.len - 1);
}

struct lxc_line *parse_add_line(struct lxc_parser *p, struct lxc_pos pos, const char *name,
				const char *value)
{
	struct lxc_file *f = &p->c->files.v[pos.file];
	struct lxc_line *l;

	if (p->c->lines.len >= PARSE_MAX_LINES) {
		if (p->c->lines.len == PARSE_MAX_LINES)
			diag_add(p->d, "LXC-E001", pos, NULL, "more than %d lines",
				 PARSE_MAX_LINES);
		return NULL;
	}
	l = MODEL_ADD(&p->c->lines);
	l->pos = pos;
	l->name = xstrdup(name);
	l->value = value ? xstrdup(value) : NULL;
	while (f->row.len <= pos.line)
		*MODEL_ADD(&f->row) = 0;
	f->row.v[pos.line] = (uint32_t) p->c->lines.len;
	return l;
}

void parse_set_fate(struct lxc_parser *p, struct lxc_pos pos, enum lxc_fate fate,
		    const char *note_fmt, ...)
{
	struct lxc_line *l = model_line(p->c, pos);
	va_list ap;

	if (!l)
		return;
	l->fate = fate;
	if (!note_fmt)
		return;
	free(l->note);
	va_start(ap, note_fmt);
	l->note = xvasprintf(note_fmt, ap);
	va_end(ap);
}

/* A row without a key holds several values (a Proxmox line): the report says what is left. */
static void end_line(struct lxc_parser *p, struct lxc_pos old, struct lxc_pos by,
		     enum lxc_fate fate)
{
	struct lxc_line *l = model_line(p->c, old);

	if (!l || l->fate != LXC_LINE_LIVE || lxc_pos_eq(old, by))
		return;
	if (l->key) {
		l->fate = fate;
		l->by = by;
	} else if (!l->by.line) {
		l->by = by;
		l->by_fate = fate;
	}
}

void parse_replaced(struct lxc_parser *p, struct lxc_pos old, struct lxc_pos by)
{
	const struct lxc_file *a, *b;

	if (old.line == 0)
		return;
	end_line(p, old, by, LXC_LINE_REPLACED);
	a = &p->c->files.v[old.file];
	b = &p->c->files.v[by.file];
	if (a != b && a->from_dir && b->from_dir && lxc_pos_eq(a->from, b->from))
		diag_add(p->d, "LXC-I105", by, NULL,
			 "'%s' set it too: LXC takes the files of a directory in no certain order",
			 a->name);
}

void parse_cleared(struct lxc_parser *p, struct lxc_pos old, struct lxc_pos by)
{
	end_line(p, old, by, LXC_LINE_CLEARED);
}

/* --- diagnostics --- */

int parse_diag(struct lxc_parser *p, const char *code, const struct lxc_setting *s, const char *fmt,
	       ...)
{
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return diag_add(p->d, code, s->pos, s->name, "%s", text);
}

int parse_bad_value(struct lxc_parser *p, const struct lxc_setting *s, const struct value_error *e)
{
	int r = parse_diag(p, "LXC-E003", s, "%s", strbuf_str(&e->text));

	if (e->hint.len)
		diag_hint(p->d, "%s", strbuf_str(&e->hint));
	return r;
}

/*
 * The configuration inside a downloaded image has names where lxc-create writes directories. Heap,
 * or NULL: there is none in front of the path.
 */
static char *fill_placeholder(const struct lxc_parser *p, const char *path)
{
	const char *rest = str_after(path, "LXC_TEMPLATE_CONFIG");
	const char *dir = "/usr/share/lxc/config";

	if (!rest) {
		rest = str_after(path, "LXC_PATH");
		dir = p->cwd;
	}
	if (!rest || (*rest && *rest != '/') || p->opts->mode == LXC_EXACT)
		return NULL;
	return xasprintf("%s%s", dir, rest);
}

char *parse_host_path(struct lxc_parser *p, const struct lxc_setting *s, const char *path)
{
	autofree char *filled = fill_placeholder(p, path);
	autofree char *full = NULL;
	bool relative;

	if (filled &&
	    parse_diag(p, "LXC-W102", s,
		       "'%s' begins with a placeholder of an image, which lxc-create replaces; it "
		       "is taken as '%s'",
		       path, filled) < 0)
		return NULL;
	full = source_resolve(p->cwd, filled ? filled : path, &relative);
	if (strlen(full) >= PATH_MAX) {
		parse_diag(p, "LXC-E003", s, "the path is longer than %d bytes", PATH_MAX - 1);
		return NULL;
	}
	if (relative &&
	    parse_diag(p, "LXC-W104", s, "relative path '%s' is taken as '%s'", path, full) < 0)
		return NULL;
	return take_ptr(&full);
}

/* --- lxc.include --- */

static void include_failed(struct lxc_parser *p, const struct lxc_setting *s)
{
	diag_add(p->d, "LXC-E004", s->pos, s->name, "%s", err_get_text());
	err_clear();
	parse_set_fate(p, s->pos, LXC_LINE_FAILED, NULL);
}

static bool may_include(struct lxc_parser *p, const struct lxc_setting *s, const struct source *src,
			const char *path)
{
	if (p->open && p->open->depth >= SOURCE_MAX_DEPTH) {
		err_code(ELOOP, "'%s' is included more than %d files deep", path, SOURCE_MAX_DEPTH);
	} else if (p->c->files.len >= SOURCE_MAX_FILES) {
		err_code(E2BIG, "more than %d files", SOURCE_MAX_FILES);
	} else if (p->total + src->len > SOURCE_MAX_TOTAL) {
		err_code(EFBIG, "all files together are larger than %u KiB",
			 SOURCE_MAX_TOTAL >> 10);
	} else {
		for (const struct lxc_open_file *f = p->open; f; f = f->outer) {
			if (f->dev != src->dev || f->ino != src->ino)
				continue;
			err_code(ELOOP, "'%s' includes itself%s%s", path,
				 f == p->open ? "" : " through ",
				 f == p->open ? "" : p->open->name);
			include_failed(p, s);
			return false;
		}
		return true;
	}
	include_failed(p, s);
	return false;
}

static void include_fd(struct lxc_parser *p, const struct lxc_setting *s, int fd, const char *path,
		       bool from_dir)
{
	autosource struct source src = { 0 };
	const struct lxc_open_file *outer = p->open;
	struct lxc_open_file self;
	uint32_t file;

	if (source_read_fd(fd, path, SOURCE_MAX_FILE, &src) < 0) {
		include_failed(p, s);
		return;
	}
	if (!may_include(p, s, &src, path))
		return;
	p->total += src.len;
	file = parse_add_file(p, path, s->pos);
	p->c->files.v[file].from_dir = from_dir;
	self = (struct lxc_open_file){ .outer = outer,
				       .dev = src.dev,
				       .ino = src.ino,
				       .name = path,
				       .depth = outer ? outer->depth + 1 : 1 };
	p->open = &self;
	parse_text(p, file, src.text, src.len);
	p->open = outer;
}

static void include_dir(struct lxc_parser *p, const struct lxc_setting *s, int dir_fd,
			const char *path)
{
	autostrv struct strv names = { 0 };

	if (source_list_dir(dir_fd, &names) < 0) {
		err_wrap(-EIO, "'%s'", path);
		include_failed(p, s);
		return;
	}
	for (size_t i = 0; i < names.len; i++) {
		autofree char *file = path_join(path, names.v[i]);
		autofd int fd = source_open(&p->c->access, file);

		if (fd < 0)
			include_failed(p, s);
		else
			include_fd(p, s, fd, file, names.len > 1);
	}
	parse_set_fate(p, s->pos, LXC_LINE_CONSUMED, "%zu files of '%s'", names.len, path);
}

static void parse_include(struct lxc_parser *p, const struct lxc_setting *s)
{
	autofree char *path = parse_host_path(p, s, s->value);
	autofd int fd = FD_NONE;
	struct stat st;

	if (!path) {
		parse_set_fate(p, s->pos, LXC_LINE_FAILED, NULL);
		return;
	}
	parse_set_fate(p, s->pos, LXC_LINE_CONSUMED, NULL);
	fd = source_open(&p->c->access, path);
	if (fd == -ENOENT && str_ends(path, "/")) {
		err_clear();
		parse_set_fate(p, s->pos, LXC_LINE_CONSUMED,
			       "no directory '%s': nothing to include", path);
		return;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		include_failed(p, s);
	else if (S_ISDIR(st.st_mode))
		include_dir(p, s, fd, path);
	else
		include_fd(p, s, fd, path, false);
}

/* --- one line --- */

static void unknown_key(struct lxc_parser *p, struct lxc_pos pos, const char *name)
{
	size_t before = p->d->len;
	autofree char *near = NULL;

	diag_add(p->d, "LXC-E002", pos, NULL, "unknown key '%s'", name);
	/* looked for only where it will be read: it is a comparison with every key */
	if (p->d->len > before)
		near = keys_suggest(name);
	if (near)
		diag_hint(p->d, "did you mean '%s'?", near);
	parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
}

/* What the table alone can refuse. */
static int check_presence(struct lxc_parser *p, const struct lxc_setting *s)
{
	bool empty = *s->value == '\0';

	if (empty && s->key->clear == LXC_CLEAR_ERROR)
		return parse_diag(p, "LXC-E003", s, "must not be empty");
	if (empty)
		return 0;
	if (s->key->card == LXC_CARD_CLEAR) {
		parse_diag(p, "LXC-E003", s,
			   "takes the empty value only, which clears all below it");
		return -EINVAL;
	}
	if (!s->rest && strchr(s->key->name, '['))
		return parse_diag(p, "LXC-E003", s, "needs a name behind it, as in '%s.NAME'",
				  s->name);
	return 0;
}

static int check_text(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };

	if (s->rest && !str_is_utf8(s->rest, strlen(s->rest)))
		return parse_diag(p, "LXC-E003", s,
				  "the name is not valid UTF-8, which JSON cannot carry");
	return value_text(s->value, &e) < 0 ? parse_bad_value(p, s, &e) : 0;
}

static int store_setting(struct lxc_parser *p, struct lxc_setting *s)
{
	if (check_presence(p, s) < 0 || check_text(p, s) < 0)
		return -EINVAL;
	if (s->key->in_net)
		return parse_net_sub(p, s);
	s->base = p->c;
	return s->key->store(p, s);
}

void parse_setting_as(struct lxc_parser *p, struct lxc_pos pos, const char *written,
		      const char *name, const char *value)
{
	struct lxc_line *line = model_line(p->c, pos);
	struct lxc_key_match m;
	struct lxc_setting s;
	int r = keys_match(name, &m);

	if (r == -ERANGE) {
		diag_add(p->d, "LXC-E003", pos, written,
			 "the interface number is above 2147483646");
		parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
		return;
	}
	if (r < 0) {
		unknown_key(p, pos, written);
		return;
	}
	if (line && !p->generated)
		line->key = m.key;
	s = (struct lxc_setting){ .pos = pos,
				  .key = m.key,
				  .name = written,
				  .value = value,
				  .rest = m.rest,
				  .index = m.index };
	if (!m.key->store) {
		if (*value)
			parse_include(p, &s);
		else
			parse_set_fate(p, pos, LXC_LINE_CLEARS,
				       "an empty lxc.include does nothing");
		return;
	}
	if (store_setting(p, &s) < 0)
		parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
	else if (*value == '\0' && line && !p->generated)
		parse_set_fate(p, pos, LXC_LINE_CLEARS, NULL);
}

void parse_setting(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value)
{
	struct lxc_key_match m;

	if (keys_match(name, &m) == -ENOENT && legacy_setting(p, pos, name, value))
		return;
	parse_setting_as(p, pos, name, name, value);
}

/* --- a text --- */

static void ignored_line(struct lxc_parser *p, struct lxc_pos pos, const char *text)
{
	size_t key_len = strcspn(text, " \t=:");

	diag_add(p->d, "LXC-W101", pos, NULL,
		 "LXC ignores this line: it does not begin with 'lxc.'");
	if (lexer_bom(text, strlen(text)))
		diag_hint(p->d, "a byte order mark stands in front of it");
	else if (key_len > 4 && strncasecmp(text, "lxc.", 4) == 0)
		diag_hint(p->d, "case matters: write 'lxc.%.*s'", (int) key_len - 4, text + 4);
	parse_set_fate(p, pos, LXC_LINE_IGNORED, "not a setting: LXC ignores such lines");
}

static void no_assign(struct lxc_parser *p, struct lxc_pos pos, const char *text)
{
	const char *colon = strchr(text, ':');

	diag_add(p->d, "LXC-E001", pos, NULL, "missing '=' in '%s'", text);
	if (colon) {
		size_t key_len = (size_t) (colon - text);
		const char *value = colon + 1 + strspn(colon + 1, " \t");

		diag_hint(p->d, "'key: value' is the Proxmox style; write '%.*s = %s'",
			  (int) key_len, text, value);
	}
	parse_set_fate(p, pos, LXC_LINE_FAILED, NULL);
}

static void parse_token(struct lxc_parser *p, uint32_t file, const struct lex_token *t)
{
	struct lxc_pos pos = { file, t->line };
	bool setting = t->kind == LEX_SETTING;

	if (t->kind == LEX_AFTER_NUL) {
		diag_add(p->d, p->opts->mode == LXC_EXACT ? "LXC-W101" : "LXC-E001", pos, NULL,
			 "a NUL byte ends the file for LXC, but text follows it");
		return;
	}
	if (!parse_add_line(p, pos, setting ? t->key : t->value, setting ? t->value : NULL))
		return;
	if (setting)
		parse_setting(p, pos, t->key, t->value);
	else if (t->kind == LEX_NO_ASSIGN)
		no_assign(p, pos, t->value);
	else
		ignored_line(p, pos, t->value);
}

void parse_text(struct lxc_parser *p, uint32_t file, const char *text, size_t len)
{
	size_t bom = lexer_bom(text, len);
	struct lex_token t;
	struct lexer lx;

	if (bom && p->opts->mode == LXC_INTENT) {
		diag_add(
			p->d, "LXC-W101", (struct lxc_pos){ file, 1 }, NULL,
			"a byte order mark makes LXC ignore the first line; it is read without it");
		text += bom;
		len -= bom;
	}
	lexer_init(&lx, text, len);
	while (p->c->lines.len <= PARSE_MAX_LINES && lexer_next(&lx, &t)) {
		parse_token(p, file, &t);
		lex_token_clear(&t);
	}
}

/* --- entry points --- */

static void parse_defines(struct lxc_parser *p)
{
	uint32_t file;

	if (!p->opts->defines || !p->opts->defines[0])
		return;
	file = parse_add_file(p, "--define", (struct lxc_pos){ 0, 0 });
	for (uint32_t i = 0; p->opts->defines[i]; i++) {
		const char *text = p->opts->defines[i];
		struct lxc_pos pos = { file, i + 1 };
		struct lex_token t;
		struct lexer lx;

		lexer_init(&lx, text, strlen(text));
		if (!lexer_next(&lx, &t))
			continue;
		t.line = pos.line;
		parse_token(p, file, &t);
		lex_token_clear(&t);
		if (lexer_next(&lx, &t)) {
			diag_add(p->d, "LXC-E001", pos, NULL, "one definition is one line");
			lex_token_clear(&t);
		}
	}
}

static char *start_dir(const char *path, const struct lxc_opts *opts)
{
	autofree char *dir = NULL;
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (opts->cwd)
		return path_make_absolute(opts->cwd);
	if (slash)
		dir = slash == path ? xstrdup("/") : xstrndup(path, (size_t) (slash - path));
	return path_make_absolute(dir ? dir : ".");
}

/* Everything behind reading the main text. Takes the parser's model. */
static int finish(struct lxc_parser *p, struct lxc_config **ret)
{
	int r;

	parse_defines(p);
	parse_mount_load_fstab(p);
	store_check_whole(p);
	parse_net_check_whole(p);
	r = diag_result(p->d);
	free(p->cwd);
	if (r < 0) {
		p->d->files = NULL;
		lxc_config_free(p->c);
		return r;
	}
	*ret = p->c;
	return 0;
}

static int parse_main(const char *name, const char *path, const struct source *src,
		      const struct lxc_opts *opts, struct lxc_config **ret, struct lxc_diag *d)
{
	struct lxc_open_file self = { .dev = src->dev, .ino = src->ino, .name = name, .depth = 1 };
	struct lxc_parser p = { .opts = opts, .d = d, .total = src->len, .legacy_net = -1 };
	uint32_t file;

	p.cwd = start_dir(path, opts);
	if (!p.cwd)
		return err_sys("find the directory of '%s'", name);
	p.c = xnew(struct lxc_config);
	p.c->access = src->access;
	p.c->access.none = opts->no_files;
	p.c->access.root = opts->include_root ? xstrdup(opts->include_root) : NULL;
	d->files = &p.c->files;
	file = parse_add_file(&p, name, (struct lxc_pos){ 0, 0 });
	p.open = path ? &self : NULL;
	if (pve_detect(src->text, src->len))
		pve_parse(&p, file, src->text, src->len);
	else
		parse_text(&p, file, src->text, src->len);
	p.open = NULL;
	return finish(&p, ret);
}

int lxc_parse_file(const char *path, const struct lxc_opts *opts, struct lxc_config **ret,
		   struct lxc_diag *d)
{
	autosource struct source src = { 0 };
	int r = source_read_main(path, &src);

	if (r < 0)
		return r;
	return parse_main(path, path, &src, opts, ret, d);
}

int lxc_parse_buffer(const char *name, const char *text, size_t len, const struct lxc_opts *opts,
		     struct lxc_config **ret, struct lxc_diag *d)
{
	const struct source src = { .text = (char *) text, .len = len };

	if (len > SOURCE_MAX_FILE)
		return err_code(EFBIG, "'%s' is larger than %u KiB", name, SOURCE_MAX_FILE >> 10);
	return parse_main(name, NULL, &src, opts, ret, d);
}
