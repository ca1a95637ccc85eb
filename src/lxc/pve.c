/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of Proxmox VE is read in two passes: the lines of the current configuration first, then
 * what Proxmox makes of them, in its order. Lines of LXC's own count last, wherever they stand.
 */
#include "lxc/pve.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "lxc/pve_internal.h"

/* --- is it one? --- */

static bool is_pve_key(const char *key)
{
	return pve_row(key) != NULL;
}

/* 1: Proxmox, -1: not, 0: this line does not tell. */
static int judge_line(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	autofree char *key = NULL;

	if (len >= 4 && memcmp(line, "lxc.", 4) == 0) {
		const char *assign = memchr(line, '=', len);

		/* "lxc.x: a=b" is a raw line of such a file, "lxc.x = a:b" is LXC's own language */
		return assign && (!colon || assign < colon) ? -1 : 0;
	}
	if (len && *line == '[')
		return -1;
	if (!colon)
		return 0;
	key = xstrndup(line, (size_t) (colon - line));
	return is_pve_key(key) ? 1 : 0;
}

bool pve_detect(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t) (end - text));
		size_t n = (size_t) ((stop ? stop : end) - text);
		int verdict = judge_line(text, n);

		if (verdict)
			return verdict > 0;
		text += n + 1;
	}
	return false;
}

/* --- lines --- */

static char *trimmed(const char *s, size_t n)
{
	while (n && isspace((unsigned char) *s))
		s++, n--;
	while (n && isspace((unsigned char) s[n - 1]))
		n--;
	return xstrndup(s, n);
}

static void skip_line(struct pve *v, struct lxc_pos pos, const char *text)
{
	diag_add(v->p->d, "LXC-W107", pos, NULL, "Proxmox skips this line: '%s'", text);
	parse_set_fate(v->p, pos, LXC_LINE_IGNORED, "Proxmox skips it with a warning");
}

/* A value may hold NUL bytes (env): kept with its length, and shown with blanks in their place. */
static void add_line(struct pve *v, struct lxc_pos pos, char *key, const char *value, size_t len)
{
	const struct pve_row *row = pve_row(key);
	autofree char *shown = xmalloc(len + 1);

	memcpy(shown, value, len);
	shown[len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if (!shown[i])
			shown[i] = ' ';
	}
	if (!parse_add_line(v->p, pos, key, shown)) {
		free(key);
	} else if (!row && !str_starts(key, "lxc.")) {
		skip_line(v, pos, key);
		free(key);
	} else {
		*MODEL_ADD(v) = (struct pve_line){ .key = key,
						   .value = xmemdup(value, len + 1),
						   .len = len,
						   .row = row,
						   .pos = pos };
		v->v[v->len - 1].value[len] = '\0';
	}
}

static void read_line(struct pve *v, struct lxc_pos pos, const char *line, size_t len)
{
	size_t key_len = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_.-"), at;
	bool raw = len > 4 && memcmp(line, "lxc.", 4) == 0;

	if (key_len > len)
		key_len = len;
	at = key_len;
	while (raw && at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	if (!key_len || at >= len || !(line[at] == ':' || (raw && line[at] == '='))) {
		autofree char *text = trimmed(line, len);

		if (!*text || *text == '#')
			return;
		(void) parse_add_line(v->p, pos, text, NULL);
		skip_line(v, pos, text);
		return;
	}
	at++;
	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	while (len > at && isspace((unsigned char) line[len - 1]))
		len--;
	add_line(v, pos, xstrndup(line, key_len), line + at, len - at);
}

/* What stands behind the first section is of a snapshot, or not yet in force. */
static void skip_section(struct pve *v, struct lxc_pos pos, const char *line, size_t len)
{
	autofree char *text = trimmed(line, len);

	if (!*text || *text == '#')
		return;
	if (*text == '[') {
		free(v->section);
		v->section = xstrdup(text);
	}
	if (parse_add_line(v->p, pos, text, NULL))
		parse_set_fate(v->p, pos, LXC_LINE_IGNORED,
			       str_eq(v->section, "[pve:pending]")
				       ? "a pending change, not in force yet"
				       : "of snapshot %s, not of the container",
			       v->section);
}

static void read_lines(struct pve *v, uint32_t file, const char *text, size_t len)
{
	const char *end = text + len;

	for (uint32_t number = 1; text < end; number++) {
		const char *stop = memchr(text, '\n', (size_t) (end - text));
		size_t n = (size_t) ((stop ? stop : end) - text);
		/* a copy ends with NUL, so that no search runs into the next line */
		autofree char *line = xmalloc(n + 1);

		memcpy(line, text, n);
		line[n] = '\0';
		if (*line == '[' || v->section)
			skip_section(v, (struct lxc_pos){ file, number }, line, n);
		else
			read_line(v, (struct lxc_pos){ file, number }, line, n);
		text += n + 1;
	}
}

/* --- what is made of them --- */

const struct pve_line *pve_find(const struct pve *v, const char *key)
{
	for (size_t i = v->len; i > 0; i--) {
		if (str_eq(v->v[i - 1].key, key))
			return &v->v[i - 1];
	}
	return NULL;
}

const char *pve_value(const struct pve *v, const char *key, const char *unset)
{
	const struct pve_line *l = pve_find(v, key);

	return l ? l->value : unset;
}

bool pve_flag(const struct pve *v, const char *key, bool unset)
{
	const char *value = pve_value(v, key, NULL);

	return value ? str_eq(value, "1") || str_eq(value, "yes") || str_eq(value, "on") ||
			       str_eq(value, "true")
		     : unset;
}

void pve_set(struct pve *v, struct lxc_pos pos, const char *key, const char *fmt, ...)
{
	autofree char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = xvasprintf(fmt, ap);
	va_end(ap);
	v->p->generated = true;
	parse_setting_as(v->p, pos, key, key, value);
	v->p->generated = false;
}

int pve_bad(struct pve *v, const struct pve_line *l, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;
	int r;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	r = diag_add(v->p->d, "LXC-E003", l->pos, l->key, "%s", text);
	parse_set_fate(v->p, l->pos, LXC_LINE_FAILED, NULL);
	return r;
}

/* What Proxmox writes for every container, as an input of its own so that the report shows it. */
static void defaults(struct pve *v)
{
	autofree char *text = pve_defaults(v);
	uint32_t file = parse_add_file(v->p, "Proxmox VE", (struct lxc_pos){ 0, 0 });

	parse_text(v->p, file, text, strlen(text));
	v->p->c->seccomp_text = pve_seccomp(v);
}

static void raw_lines(struct pve *v)
{
	for (size_t i = 0; i < v->len; i++) {
		const struct pve_line *l = &v->v[i];

		if (!l->row)
			parse_setting(v->p, l->pos, l->key, l->value);
	}
}

/* The number of the container is in the name of the file. */
static char *number_of(const char *file)
{
	const char *base = path_base(file);
	size_t n = strspn(base, "0123456789");

	return n && (!base[n] || str_eq(base + n, ".conf")) ? xstrndup(base, n) : NULL;
}

static bool is_used(const struct pve *v, const struct pve_line *l)
{
	return l->row && pve_find(v, l->key) == l;
}

static int compare_numbers(const void *x, const void *y)
{
	const struct pve_line *a = *(const struct pve_line *const *) x;
	const struct pve_line *b = *(const struct pve_line *const *) y;

	return strverscmp(a->key, b->key);
}

/* Proxmox goes through mp0, mp1, ... by number, wherever the lines stand. */
static void run_row(struct pve *v, const struct pve_row *row)
{
	autofree const struct pve_line **lines = xcalloc(v->len + 1, sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < v->len; i++) {
		if (v->v[i].row == row && is_used(v, &v->v[i]))
			lines[n++] = &v->v[i];
	}
	if (n)
		qsort(lines, n, sizeof(*lines), compare_numbers);
	for (size_t i = 0; i < n; i++)
		row->fn(v, lines[i]);
}

void pve_parse(struct lxc_parser *p, uint32_t file, const char *text, size_t len)
{
	struct pve v = { .p = p };

	p->c->is_pve = true;
	v.id = number_of(p->c->files.v[file].name);
	read_lines(&v, file, text, len);
	defaults(&v);
	/* of a key that stands twice the last line counts */
	for (size_t i = 0; i < v.len; i++) {
		if (v.v[i].row && !is_used(&v, &v.v[i]))
			parse_set_fate(p, v.v[i].pos, LXC_LINE_IGNORED, "line %u sets it again",
				       pve_find(&v, v.v[i].key)->pos.line);
	}
	for (const struct pve_row *row = pve_rows; row->key; row++)
		run_row(&v, row);
	pve_implied(&v);
	raw_lines(&v);
	for (size_t i = 0; i < v.len; i++) {
		free(v.v[i].key);
		free(v.v[i].value);
	}
	free(v.v);
	free(v.id);
	free(v.section);
}
