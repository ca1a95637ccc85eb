/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/report.h"

#include <errno.h>
#include <stdarg.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "lxc/keys.h"
#include "lxc/report_internal.h"

static const struct {
	const char *word;
	const char *colour;
} verdicts[] = {
	[LXC_V_NONE] = { "open", "\033[31m" },
	[LXC_V_KEPT] = { "kept", "\033[32m" },
	[LXC_V_OVERRIDDEN] = { "overridden", "\033[2m" },
	[LXC_V_CHANGED] = { "changed", "\033[33m" },
	[LXC_V_DROPPED] = { "dropped", "\033[35m" },
	[LXC_V_UNMAPPED] = { "not mapped", "\033[35m" },
	[LXC_V_REFUSED] = { "refused", "\033[31m" },
};

#define VERDICTS ARRAY_SIZE(verdicts)

const char *report_verdict_word(enum lxc_verdict v)
{
	return verdicts[v].word;
}

const char *report_verdict_colour(enum lxc_verdict v)
{
	return verdicts[v].colour;
}

/* --- making --- */

/* What the parser decided already. */
static void init_row(const struct lxc_config *c, const struct lxc_line *l, struct report_row *row)
{
	const char *by = model_file_name(&c->files, l->by);

	switch (l->fate) {
	case LXC_LINE_LIVE:
		break;
	case LXC_LINE_REPLACED:
		row->verdict = LXC_V_OVERRIDDEN;
		strv_addf(&row->notes, "replaced by %s:%u", by, l->by.line);
		break;
	case LXC_LINE_CLEARED:
		row->verdict = LXC_V_OVERRIDDEN;
		strv_addf(&row->notes, "cleared by %s:%u", by, l->by.line);
		break;
	case LXC_LINE_CLEARS:
		row->verdict = LXC_V_KEPT;
		strv_add(&row->notes, "clears what was set before");
		break;
	case LXC_LINE_CONSUMED:
		row->verdict = LXC_V_KEPT;
		break;
	case LXC_LINE_IGNORED:
	case LXC_LINE_MANAGED:
		row->verdict = LXC_V_DROPPED;
		break;
	case LXC_LINE_FAILED:
		row->verdict = LXC_V_REFUSED;
		break;
	}
	if (l->note)
		strv_add(&row->notes, l->note);
}

struct lxc_report *report_new(const struct lxc_config *c)
{
	struct lxc_report *r = xnew(struct lxc_report);

	r->c = c;
	r->rows = xcalloc(c->lines.len + 1, sizeof(*r->rows));
	for (size_t i = 0; i < c->lines.len; i++)
		init_row(c, &c->lines.v[i], &r->rows[i]);
	return r;
}

void report_free(struct lxc_report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->c->lines.len; i++) {
		strv_clear(&r->rows[i].pointers);
		strv_clear(&r->rows[i].notes);
	}
	for (size_t i = 0; i < r->added.len; i++) {
		free(r->added.v[i].pointer);
		free(r->added.v[i].why);
	}
	report_trace_clear(r);
	free(r->rows);
	free(r->added.v);
	free(r);
}

static struct report_row *row_at(const struct lxc_report *r, struct lxc_pos pos)
{
	const struct lxc_line *l = model_line(r->c, pos);

	return l ? &r->rows[l - r->c->lines.v] : NULL;
}

static void add_verdict(struct lxc_report *r, struct lxc_pos pos, enum lxc_verdict v,
			const char *pointer, const char *note)
{
	struct report_row *row = row_at(r, pos);

	if (!row)
		return;
	if (v > row->verdict)
		row->verdict = v;
	if (pointer && !strv_has(&row->pointers, pointer))
		strv_add(&row->pointers, pointer);
	if (!str_empty(note) && !strv_has(&row->notes, note))
		strv_add(&row->notes, note);
}

void report_kept(struct lxc_report *r, struct lxc_pos pos, const char *pointer, const char *note)
{
	add_verdict(r, pos, LXC_V_KEPT, pointer, note);
}

#define FORMAT_NOTE(note, fmt)               \
	do {                                 \
		va_list ap_;                 \
		va_start(ap_, fmt);          \
		note = xvasprintf(fmt, ap_); \
		va_end(ap_);                 \
	} while (0)

void report_changed(struct lxc_report *r, struct lxc_pos pos, const char *pointer, const char *fmt,
		    ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	add_verdict(r, pos, LXC_V_CHANGED, pointer, note);
}

void report_dropped(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	add_verdict(r, pos, LXC_V_DROPPED, NULL, note);
}

void report_unmapped(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	add_verdict(r, pos, LXC_V_UNMAPPED, NULL, note);
}

void report_refused(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	add_verdict(r, pos, LXC_V_REFUSED, NULL, note);
}

void report_added(struct lxc_report *r, const char *pointer, const char *why)
{
	*MODEL_ADD(&r->added) = (struct report_added_value){ xstrdup(pointer), xstrdup(why) };
}

/* RFC 6901: "~" is ~0 and "/" is ~1 inside a reference token. */
static void add_escaped(struct strbuf *b, const char *s)
{
	for (; *s; s++) {
		if (*s == '~')
			strbuf_add(b, "~0");
		else if (*s == '/')
			strbuf_add(b, "~1");
		else
			strbuf_add_c(b, *s);
	}
}

char *report_pointer(const char *fmt, ...)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		if (str_starts(fmt, "%s")) {
			add_escaped(&b, va_arg(ap, const char *));
			fmt += 2;
		} else if (str_starts(fmt, "%zu")) {
			strbuf_addf(&b, "%zu", va_arg(ap, size_t));
			fmt += 3;
		} else {
			fmt += str_starts(fmt, "%%");
			strbuf_add_c(&b, *fmt++);
		}
	}
	va_end(ap);
	return strbuf_take(&b);
}

/* --- closing the account --- */

static void refuse_lines_with_errors(struct lxc_report *r, const struct lxc_diag *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->v[i].severity == LXC_SEV_ERROR)
			add_verdict(r, d->v[i].pos, LXC_V_REFUSED, NULL, NULL);
	}
}

/* Which lines have a warning or an error already; heap. */
static bool *warned_lines(const struct lxc_report *r, const struct lxc_diag *d)
{
	bool *warned = xcalloc(r->c->lines.len + 1, sizeof(*warned));

	for (size_t i = 0; i < d->len; i++) {
		const struct report_row *row = row_at(r, d->v[i].pos);

		if (row && d->v[i].severity != LXC_SEV_INFO)
			warned[row - r->rows] = true;
	}
	return warned;
}

/* A line that is not carried is never without a warning; strict mode makes it an error. */
static void warn_unmapped(const struct lxc_line *l, const struct report_row *row,
			  struct lxc_diag *d)
{
	diag_add(d, "LXC-W002", l->pos, l->name, "not carried by this version");
	if (row->notes.len)
		diag_hint(d, "%s", row->notes.v[row->notes.len - 1]);
}

/* A line that held several values: what became of it when a later one ended some, or all. */
static void tell_ended(const struct lxc_report *r, const struct lxc_line *l, struct report_row *row)
{
	const char *word = l->by_fate == LXC_LINE_REPLACED ? "replaced" : "cleared";

	if (l->by_fate == LXC_LINE_LIVE)
		return;
	strv_addf(&row->notes, "%s%s by %s:%u", row->verdict == LXC_V_NONE ? "" : "partly ", word,
		  model_file_name(&r->c->files, l->by), l->by.line);
	if (row->verdict == LXC_V_NONE)
		row->verdict = LXC_V_OVERRIDDEN;
}

int report_finish(struct lxc_report *r, struct lxc_diag *d)
{
	autofree bool *warned = warned_lines(r, d);
	const struct lxc_line *lost = NULL;

	refuse_lines_with_errors(r, d);
	for (size_t i = 0; i < r->c->lines.len; i++) {
		const struct lxc_line *l = &r->c->lines.v[i];
		struct report_row *row = &r->rows[i];

		if (row->verdict == LXC_V_NONE && l->key && l->key->support == LXC_REPORTED)
			row->verdict = LXC_V_UNMAPPED;
		tell_ended(r, l, row);
		if (row->verdict == LXC_V_NONE && !lost)
			lost = l;
		if (row->verdict == LXC_V_UNMAPPED && !warned[i])
			warn_unmapped(l, row, d);
	}
	/* the new warnings are errors under strict */
	refuse_lines_with_errors(r, d);
	if (!lost)
		return 0;
	return err_code(EPROTO, "%s:%u: %s: the conversion does not account for this line",
			model_file_name(&r->c->files, lost->pos), lost->pos.line, lost->name);
}

enum lxc_verdict report_verdict(const struct lxc_report *r, struct lxc_pos pos)
{
	const struct report_row *row = row_at(r, pos);

	return row ? row->verdict : LXC_V_NONE;
}

void report_counts(const struct lxc_report *r, size_t counts[LXC_V_REFUSED + 1])
{
	memset(counts, 0, VERDICTS * sizeof(*counts));
	for (size_t i = 0; i < r->c->lines.len; i++)
		counts[r->rows[i].verdict]++;
}

/* --- text --- */

static void join(struct strbuf *out, const char *before, const struct strv *v, const char *between,
		 const char *after)
{
	for (size_t i = 0; i < v->len; i++) {
		autofree char *text = diag_printable(v->v[i]);

		strbuf_addf(out, "%s%s", i ? between : before, text);
	}
	if (v->len)
		strbuf_add(out, after);
}

static void text_line(const struct lxc_report *r, size_t i, bool colour, struct strbuf *out)
{
	const struct lxc_line *l = &r->c->lines.v[i];
	const struct report_row *row = &r->rows[i];
	autofree char *name = diag_printable(l->name);
	autofree char *value = diag_printable(l->value ? l->value : "");
	autofree char *file = diag_printable(model_file_name(&r->c->files, l->pos));
	const char *assign = r->c->is_pve ? ":" : " =";

	strbuf_addf(out, "%s:%u: %s%-10s%s %s", file, l->pos.line,
		    colour ? verdicts[row->verdict].colour : "", verdicts[row->verdict].word,
		    colour ? "\033[0m" : "", name);
	if (l->value)
		strbuf_addf(out, "%s%s%s", assign, *value ? " " : "", value);
	join(out, " -> ", &row->pointers, ", ", "");
	join(out, " (", &row->notes, "; ", ")");
	strbuf_add_c(out, '\n');
}

static void text_summary(const struct lxc_report *r, const struct lxc_diag *d, struct strbuf *out)
{
	size_t counts[VERDICTS];
	const char *comma = "";

	report_counts(r, counts);
	strbuf_addf(out, "%zu line%s: ", r->c->lines.len, r->c->lines.len == 1 ? "" : "s");
	for (size_t v = LXC_V_KEPT; v < VERDICTS; v++) {
		if (!counts[v])
			continue;
		strbuf_addf(out, "%s%zu %s", comma, counts[v], verdicts[v].word);
		comma = ", ";
	}
	strbuf_addf(out, "; %zu error%s, %zu warning%s\n", d->errors, d->errors == 1 ? "" : "s",
		    d->warnings, d->warnings == 1 ? "" : "s");
}

void report_format_text(const struct lxc_report *r, const struct lxc_diag *d, bool colour,
			struct strbuf *out)
{
	for (size_t i = 0; i < r->c->lines.len; i++)
		text_line(r, i, colour, out);
	for (size_t i = 0; i < r->added.len; i++)
		strbuf_addf(out, "%sadded%s %s (%s)\n", colour ? "\033[36m" : "",
			    colour ? "\033[0m" : "", r->added.v[i].pointer, r->added.v[i].why);
	diag_format_all(d, out);
	text_summary(r, d, out);
}

/* --- JSON --- */

static void json_strings(struct strbuf *out, const char *name, const struct strv *v)
{
	strbuf_addf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < v->len; i++) {
		strbuf_add(out, i ? "," : "");
		strbuf_add_json(out, v->v[i]);
	}
	strbuf_add_c(out, ']');
}

static void json_files(const struct lxc_report *r, struct strbuf *out)
{
	const struct lxc_files *files = &r->c->files;

	strbuf_add(out, "{\n\"files\":[");
	for (size_t i = 0; i < files->len; i++) {
		strbuf_addf(out, "%s\n  {\"name\":", i ? "," : "");
		strbuf_add_json(out, files->v[i].name);
		if (files->v[i].from.line)
			strbuf_addf(out, ",\"includedBy\":{\"file\":%u,\"line\":%u}",
				    files->v[i].from.file, files->v[i].from.line);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, "\n],\n");
}

static void json_line(const struct lxc_report *r, size_t i, struct strbuf *out)
{
	const struct lxc_line *l = &r->c->lines.v[i];

	strbuf_addf(out, "%s\n  {\"file\":%u,\"line\":%u,\"%s\":", i ? "," : "", l->pos.file,
		    l->pos.line, l->value ? "key" : "text");
	strbuf_add_json(out, l->name);
	if (l->value) {
		strbuf_add(out, ",\"value\":");
		strbuf_add_json(out, l->value);
	}
	strbuf_add(out, ",\"verdict\":");
	strbuf_add_json(out, verdicts[r->rows[i].verdict].word);
	json_strings(out, "pointers", &r->rows[i].pointers);
	json_strings(out, "notes", &r->rows[i].notes);
	strbuf_add_c(out, '}');
}

static void json_summary(const struct lxc_report *r, const struct lxc_diag *d, struct strbuf *out)
{
	size_t counts[VERDICTS];

	report_counts(r, counts);
	strbuf_addf(out, ",\n\"summary\":{\"lines\":%zu", r->c->lines.len);
	for (size_t v = LXC_V_KEPT; v < VERDICTS; v++)
		strbuf_addf(out, ",\"%s\":%zu", verdicts[v].word, counts[v]);
	strbuf_addf(out, ",\"errors\":%zu,\"warnings\":%zu}\n}\n", d->errors, d->warnings);
}

void report_format_json(const struct lxc_report *r, const struct lxc_diag *d, struct strbuf *out)
{
	json_files(r, out);
	strbuf_add(out, "\"lines\":[");
	for (size_t i = 0; i < r->c->lines.len; i++)
		json_line(r, i, out);
	strbuf_add(out, "\n],\n\"added\":[");
	for (size_t i = 0; i < r->added.len; i++) {
		strbuf_addf(out, "%s\n  {\"pointer\":", i ? "," : "");
		strbuf_add_json(out, r->added.v[i].pointer);
		strbuf_add(out, ",\"why\":");
		strbuf_add_json(out, r->added.v[i].why);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, "\n]");
	report_format_values(r, out);
	strbuf_add(out, ",\n\"diagnostics\":");
	diag_format_json(d, out);
	json_summary(r, d, out);
}
