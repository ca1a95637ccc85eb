/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/diag.h"

#include <stdarg.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

/* A hostile file could earn one error per line; nobody reads more than this. */
#define DIAG_MAX_ERRORS	 1000
#define DIAG_MAX_ENTRIES 20000
/* How far back an equal entry is looked for. */
#define DIAG_TWIN_WINDOW 64

static void entry_clear(struct lxc_diag_entry *e)
{
	free(e->file);
	free(e->key);
	free(e->text);
	free(e->hint);
}

void diag_clear(struct lxc_diag *d)
{
	for (size_t i = 0; i < d->len; i++)
		entry_clear(&d->v[i]);
	free(d->v);
	d->v = NULL;
	d->len = d->errors = d->warnings = 0;
	d->files = NULL;
}

/* Input ends up in terminals: what could steer one, or is no UTF-8, is shown as \xNN. */
char *diag_printable(const char *s)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	bool utf8 = str_is_utf8(s, strlen(s));

	for (const unsigned char *p = (const unsigned char *) s; *p; p++) {
		/* C1 controls are C2 80 .. C2 9F in UTF-8 */
		bool c1 = *p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;

		if (*p < 0x20 || *p == 0x7f || (*p >= 0x80 && !utf8))
			strbuf_addf(&b, "\\x%02x", *p);
		else if (c1)
			strbuf_addf(&b, "\\x%02x", *++p);
		else
			strbuf_add_c(&b, (char) *p);
	}
	return strbuf_take(&b);
}

static bool has_twin(const struct lxc_diag *d, const struct lxc_diag_entry *e)
{
	size_t first = d->len > DIAG_TWIN_WINDOW ? d->len - DIAG_TWIN_WINDOW : 0;

	for (size_t i = d->len; i-- > first;) {
		const struct lxc_diag_entry *o = &d->v[i];

		if (strcmp(o->code, e->code) == 0 && lxc_pos_eq(o->pos, e->pos) &&
		    str_eq(o->key, e->key) && strcmp(o->text, e->text) == 0)
			return true;
	}
	return false;
}

static enum lxc_severity severity_of(const struct lxc_diag *d, char letter)
{
	switch (letter) {
	case 'E':
		return LXC_SEV_ERROR;
	case 'W':
		return d->strict ? LXC_SEV_ERROR : LXC_SEV_WARN;
	default:
		return LXC_SEV_INFO;
	}
}

int diag_add(struct lxc_diag *d, const char *code, struct lxc_pos pos, const char *key,
	     const char *fmt, ...)
{
	struct lxc_diag_entry e = { .pos = pos, .severity = severity_of(d, code[4]) };
	int r = e.severity == LXC_SEV_ERROR ? -EINVAL : 0;
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	snprintf(e.code, sizeof(e.code), "%s", code);
	e.promoted = e.severity == LXC_SEV_ERROR && code[4] == 'W';
	if (e.promoted)
		e.code[4] = 'E';
	e.text = diag_printable(text);
	e.key = key ? diag_printable(key) : NULL;
	if (has_twin(d, &e) || d->errors >= DIAG_MAX_ERRORS ||
	    (d->len >= DIAG_MAX_ENTRIES && e.severity != LXC_SEV_ERROR)) {
		entry_clear(&e);
		return r;
	}
	if (e.severity == LXC_SEV_ERROR && d->errors + 1 == DIAG_MAX_ERRORS) {
		free(e.text);
		e.text = xstrdup("too many errors; the rest is not shown");
	}
	if (pos.line && d->files)
		e.file = diag_printable(model_file_name(d->files, pos));
	d->errors += e.severity == LXC_SEV_ERROR;
	d->warnings += e.severity == LXC_SEV_WARN;
	*MODEL_ADD(d) = e;
	return r;
}

void diag_hint(struct lxc_diag *d, const char *fmt, ...)
{
	autofree char *hint = NULL;
	struct lxc_diag_entry *e;
	va_list ap;

	/* behind the limit the last entry is about the limit */
	if (d->len == 0 || d->errors >= DIAG_MAX_ERRORS)
		return;
	va_start(ap, fmt);
	hint = xvasprintf(fmt, ap);
	va_end(ap);
	e = &d->v[d->len - 1];
	free(e->hint);
	e->hint = diag_printable(hint);
}

int diag_result(const struct lxc_diag *d)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	if (d->errors == 0)
		return 0;
	for (size_t i = 0; i < d->len; i++) {
		if (d->v[i].severity != LXC_SEV_ERROR)
			continue;
		diag_format(&d->v[i], false, &b);
		break;
	}
	if (d->errors > 1)
		strbuf_addf(&b, " (and %zu more)", d->errors - 1);
	return err_code(EINVAL, "%s", strbuf_str(&b));
}

void diag_format(const struct lxc_diag_entry *e, bool with_code, struct strbuf *out)
{
	static const char *const words[] = { "note: ", "warning: ", "" };

	if (e->file)
		strbuf_addf(out, "%s:%u: ", e->file, e->pos.line);
	strbuf_add(out, words[e->severity]);
	if (e->key)
		strbuf_addf(out, "%s: ", e->key);
	strbuf_add(out, e->text);
	if (e->hint)
		strbuf_addf(out, " (%s)", e->hint);
	if (with_code)
		strbuf_addf(out, " [%s]", e->code);
}

static int compare_place(const void *a, const void *b)
{
	const struct lxc_diag_entry *x = *(const struct lxc_diag_entry *const *) a;
	const struct lxc_diag_entry *y = *(const struct lxc_diag_entry *const *) b;

	if (x->pos.file != y->pos.file)
		return x->pos.file < y->pos.file ? -1 : 1;
	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	return x < y ? -1 : x > y; /* same array: keeps the order in which they were added */
}

/* Pointers to the entries in the order of the input; heap. */
static const struct lxc_diag_entry **sorted(const struct lxc_diag *d)
{
	const struct lxc_diag_entry **v = xcalloc(d->len + 1, sizeof(*v));

	for (size_t i = 0; i < d->len; i++)
		v[i] = &d->v[i];
	qsort(v, d->len, sizeof(*v), compare_place);
	return v;
}

void diag_format_all(const struct lxc_diag *d, struct strbuf *out)
{
	autofree const struct lxc_diag_entry **v = sorted(d);

	for (size_t i = 0; i < d->len; i++) {
		diag_format(v[i], true, out);
		strbuf_add_c(out, '\n');
	}
}

static void add_member(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json(out, value);
}

void diag_format_json(const struct lxc_diag *d, struct strbuf *out)
{
	static const char *const words[] = { "info", "warning", "error" };
	autofree const struct lxc_diag_entry **v = sorted(d);

	strbuf_add_c(out, '[');
	for (size_t i = 0; i < d->len; i++) {
		const struct lxc_diag_entry *e = v[i];

		strbuf_addf(out, "%s\n  {\"code\":\"%s\",\"severity\":\"%s\"", i ? "," : "",
			    e->code, words[e->severity]);
		if (e->file) {
			add_member(out, "file", e->file);
			strbuf_addf(out, ",\"line\":%u", e->pos.line);
		}
		add_member(out, "key", e->key);
		add_member(out, "text", e->text);
		add_member(out, "hint", e->hint);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, d->len ? "\n]" : "]");
}
