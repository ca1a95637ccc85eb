/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/reverse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "lxc/reverse_internal.h"

/* --- the account --- */

static struct lxc_reverse_row *find_row(const struct lxc_reverse_result *out, const char *pointer)
{
	for (size_t i = 0; i < out->rows.len; i++) {
		if (str_eq(out->rows.v[i].pointer, pointer))
			return &out->rows.v[i];
	}
	return NULL;
}

static void account(struct reverse *r, const char *pointer, enum lxc_verdict verdict,
		    unsigned int line, const char *note)
{
	struct lxc_reverse_row *row = find_row(r->out, pointer);
	autofree char *number = xasprintf("%u", line);

	if (!row) {
		row = MODEL_ADD(&r->out->rows);
		row->pointer = xstrdup(pointer);
	}
	if (verdict > row->verdict)
		row->verdict = verdict;
	if (line && !strv_has(&row->lines, number))
		strv_add(&row->lines, number);
	if (!str_empty(note) && !strv_has(&row->notes, note))
		strv_add(&row->notes, note);
}

#define FORMAT_NOTE(note, fmt)               \
	do {                                 \
		va_list ap_;                 \
		va_start(ap_, fmt);          \
		note = xvasprintf(fmt, ap_); \
		va_end(ap_);                 \
	} while (0)

void reverse_kept(struct reverse *r, const char *pointer, unsigned int line, const char *note)
{
	account(r, pointer, LXC_V_KEPT, line, note);
}

void reverse_changed(struct reverse *r, const char *pointer, unsigned int line, const char *fmt,
		     ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	account(r, pointer, LXC_V_CHANGED, line, note);
}

void reverse_dropped(struct reverse *r, const char *pointer, const char *fmt, ...)
{
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	account(r, pointer, r->opts->strict ? LXC_V_REFUSED : LXC_V_DROPPED, 0, note);
}

void reverse_lost(struct reverse *r, const char *pointer, const char *fmt, ...)
{
	bool allowed = r->opts->allow && strv_has(r->opts->allow, pointer);
	autofree char *note = NULL;

	FORMAT_NOTE(note, fmt);
	account(r, pointer, allowed ? LXC_V_DROPPED : LXC_V_REFUSED, 0, note);
}

/* --- writing --- */

/* The value as LXC reads it back: blanks at the ends and a pair of quotes around all of it go. */
static bool needs_quotes(const char *s)
{
	size_t len = strlen(s);

	if (strchr(" \t", s[0]) || strchr(" \t", s[len - 1]))
		return true;
	return len > 1 && (s[0] == '"' || s[0] == '\'') && s[0] == s[len - 1];
}

static bool can_be_written(const char *s)
{
	for (const char *p = s; *p; p++) {
		if (((unsigned char) *p < 0x20 && *p != '\t') || *p == 0x7f)
			return false;
	}
	return *s && str_is_utf8(s, strlen(s));
}

unsigned int reverse_set(struct reverse *r, const char *pointer, const char *key, const char *fmt,
			 ...)
{
	autofree char *value = NULL;
	const char *quote;

	FORMAT_NOTE(value, fmt);
	if (!can_be_written(key) || !can_be_written(value) || strpbrk(key, "= \t")) {
		reverse_lost(r, pointer,
			     *value ? "a control character cannot stand in LXC's language"
				    : "an empty value would clear the key");
		return 0;
	}
	quote = needs_quotes(value) ? "\"" : "";
	strbuf_addf(&r->config, "%s = %s%s%s\n", key, quote, value, quote);
	reverse_kept(r, pointer, ++r->lines, NULL);
	return r->lines;
}

bool reverse_has_row(const struct reverse *r, const char *pointer)
{
	return find_row(r->out, pointer);
}

const char *reverse_annotation(const struct reverse *r, const char *name)
{
	return oci_map_get(r->oci->annotations, name);
}

/* --- in the order of the document --- */

struct order {
	struct reverse *r;
	struct lxc_reverse_row *v;
	size_t len;
};

static void list_row(struct order *o, struct lxc_reverse_row *row)
{
	if (row->listed)
		return;
	row->listed = true;
	o->v = xreallocarray(o->v, o->len + 1, sizeof(*o->v));
	o->v[o->len++] = *row;
}

/* The longest pointer that leads to the value speaks for it. */
static void order_value(void *arg, const char *pointer, const char *text)
{
	struct order *o = arg;
	autofree char *at = xstrdup(pointer);

	(void) text;
	while (*at) {
		struct lxc_reverse_row *row = find_row(o->r->out, at);

		if (row) {
			list_row(o, row);
			return;
		}
		*strrchr(at, '/') = '\0';
	}
	reverse_dropped(o->r, pointer, "LXC has no key for it");
	list_row(o, &o->r->out->rows.v[o->r->out->rows.len - 1]);
}

static void row_clear(struct lxc_reverse_row *row)
{
	free(row->pointer);
	strv_clear(&row->lines);
	strv_clear(&row->notes);
}

/* Also drops what speaks for nothing, such as a default that is not written. */
static void put_in_order(struct reverse *r)
{
	struct order o = { .r = r };

	ocispec_walk(&oci_config_desc, r->oci, order_value, &o);
	for (size_t i = 0; i < r->out->rows.len; i++) {
		if (!r->out->rows.v[i].listed)
			row_clear(&r->out->rows.v[i]);
	}
	free(r->out->rows.v);
	r->out->rows.v = o.v;
	r->out->rows.len = o.len;
	for (size_t i = 0; i < o.len; i++)
		r->out->counts[o.v[i].verdict]++;
}

static int first_refused(const struct lxc_reverse_result *out)
{
	autostrbuf struct strbuf text = STRBUF_INIT;

	for (size_t i = 0; i < out->rows.len; i++) {
		const struct lxc_reverse_row *row = &out->rows.v[i];

		if (row->verdict != LXC_V_REFUSED)
			continue;
		strbuf_addf(&text, "%s: %s", row->pointer,
			    row->notes.len ? row->notes.v[row->notes.len - 1] : "refused");
		if (out->counts[LXC_V_REFUSED] > 1)
			strbuf_addf(&text, " (and %zu more)", out->counts[LXC_V_REFUSED] - 1);
		return err_code(EINVAL, "%s", strbuf_str(&text));
	}
	return 0;
}

/* {"name":"web",...} as the conversion writes it. */
char *lxc_reverse_name(const struct oci_config *oci, const struct lxc_reverse_opts *opts)
{
	const char *source = oci_map_get(oci->annotations, "org.hako.source");
	const char *name = source ? str_after(source, "{\"name\":\"") : NULL;

	if (opts->name)
		return xstrdup(opts->name);
	if (name && strcspn(name, "\"\\/") && name[strcspn(name, "\"\\/")] == '"')
		return xstrndup(name, strcspn(name, "\""));
	return xstrdup(*path_base(opts->bundle) ? path_base(opts->bundle) : "lxc");
}

int lxc_reverse(const struct oci_config *oci, const struct lxc_reverse_opts *opts,
		struct lxc_reverse_result *ret)
{
	static void (*const parts[])(struct reverse * r) = {
		reverse_root,  reverse_process, reverse_mounts,
		reverse_linux, reverse_cgroup,	reverse_seccomp,
		reverse_net,   reverse_hooks,	reverse_annotations,
	};
	struct reverse r = { .oci = oci, .opts = opts, .out = ret };

	ret->name = lxc_reverse_name(oci, opts);
	r.name = ret->name;
	strbuf_addf(&r.config, "# from an OCI bundle, for LXC 7\n");
	r.lines = 1;
	reverse_kept(&r, "/ociVersion", 0, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](&r);
	put_in_order(&r);
	ret->config = strbuf_take(&r.config);
	free(r.rootfs);
	return first_refused(ret);
}

void lxc_reverse_clear(struct lxc_reverse_result *result)
{
	for (size_t i = 0; i < result->rows.len; i++)
		row_clear(&result->rows.v[i]);
	free(result->rows.v);
	free(result->name);
	free(result->config);
	free(result->seccomp);
	*result = (struct lxc_reverse_result){ 0 };
}

/* --- printing --- */

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

void lxc_reverse_format_text(const struct lxc_reverse_result *result, bool colour,
			     struct strbuf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < result->rows.len; i++) {
		const struct lxc_reverse_row *row = &result->rows.v[i];
		autofree char *pointer = diag_printable(row->pointer);

		strbuf_addf(out, "%s%-8s%s %s", colour ? report_verdict_colour(row->verdict) : "",
			    report_verdict_word(row->verdict), colour ? "\033[0m" : "", pointer);
		join(out, " -> config:", &row->lines, ", ", "");
		join(out, " (", &row->notes, "; ", ")");
		strbuf_add_c(out, '\n');
	}
	strbuf_addf(out, "%zu value%s: ", result->rows.len,
		    result->rows.len == 1 ? "" : "s");
	for (size_t v = LXC_V_KEPT; v <= LXC_V_REFUSED; v++) {
		if (!result->counts[v])
			continue;
		strbuf_addf(out, "%s%zu %s", comma, result->counts[v],
			    report_verdict_word((enum lxc_verdict) v));
		comma = ", ";
	}
	strbuf_add_c(out, '\n');
}

void lxc_reverse_format_json(const struct lxc_reverse_result *result, struct strbuf *out)
{
	strbuf_add(out, "{\n\"values\":[");
	for (size_t i = 0; i < result->rows.len; i++) {
		const struct lxc_reverse_row *row = &result->rows.v[i];

		strbuf_addf(out, "%s\n  {\"pointer\":", i ? "," : "");
		strbuf_add_json(out, row->pointer);
		strbuf_addf(out, ",\"verdict\":\"%s\",\"lines\":[",
			    report_verdict_word(row->verdict));
		join(out, "", &row->lines, ",", "");
		strbuf_add(out, "],\"notes\":[");
		for (size_t k = 0; k < row->notes.len; k++) {
			strbuf_add(out, k ? "," : "");
			strbuf_add_json(out, row->notes.v[k]);
		}
		strbuf_add(out, "]}");
	}
	strbuf_addf(out,
		    "\n],\n\"summary\":{\"kept\":%zu,\"changed\":%zu,\"dropped\":%zu,"
		    "\"refused\":%zu}\n}\n",
		    result->counts[LXC_V_KEPT], result->counts[LXC_V_CHANGED],
		    result->counts[LXC_V_DROPPED], result->counts[LXC_V_REFUSED]);
}
