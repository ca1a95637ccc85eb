/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/audit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/audit_internal.h"

static const struct {
	const char *name;
	const char *colour;
} severities[] = {
	[AUDIT_NOTE] = { "note", "\033[2m" },
	[AUDIT_LOW] = { "low", "\033[36m" },
	[AUDIT_MEDIUM] = { "medium", "\033[33m" },
	[AUDIT_HIGH] = { "high", "\033[31m" },
};

static const char *const areas[] = {
	[AUDIT_SECURITY] = "security",
	[AUDIT_LANGUAGE] = "language",
	[AUDIT_VERSION] = "version",
};

/* --- the list --- */

static void finding_clear(struct audit_finding *f)
{
	free(f->container);
	free(f->file);
	free(f->key);
	free(f->text);
	free(f->fix);
}

void audit_clear(struct audit *a)
{
	for (size_t i = 0; i < a->len; i++)
		finding_clear(&a->v[i]);
	free(a->v);
	*a = (struct audit){ 0 };
}

static struct audit_finding *add(struct audit *out, const struct audit_subject *s,
				 enum audit_severity severity, struct lxc_pos pos)
{
	struct audit_finding *f = MODEL_ADD(out);
	const char *file =
		pos.line && s->config ? model_file_name(&s->config->files, pos) : s->file;

	f->severity = severity;
	f->container = diag_printable(s->name);
	f->file = diag_printable(file);
	f->line = pos.line;
	f->order = s->order;
	out->counts[severity]++;
	return f;
}

void audit_add(struct audit_run *a, enum audit_severity severity, const char *id,
	       struct lxc_pos pos, const char *key, const char *fmt, ...)
{
	struct audit_finding *f = add(a->out, a->s, severity, pos);
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	f->id = id;
	f->key = key ? diag_printable(key) : NULL;
	f->text = diag_printable(text);
}

void audit_fix(struct audit_run *a, const char *fmt, ...)
{
	struct audit_finding *f = &a->out->v[a->out->len - 1];
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	free(f->fix);
	f->fix = diag_printable(text);
}

void audit_area(struct audit_run *a, enum audit_area area)
{
	a->out->v[a->out->len - 1].area = area;
}

void audit_fix_either(struct audit_run *a, const char *lxc, const char *pve)
{
	audit_fix(a, "%s", a->c->is_pve ? pve : lxc);
}

/* --- diagnostics as findings --- */

/*
 * What a diagnostic says of LXC's reading of a line belongs here. What only a conversion loses does
 * not, nor what the audit says in its own words with a severity.
 */
static bool is_lint(const struct lxc_diag_entry *e)
{
	static const char *const numbers[] = {
		"002", "101", "102", "103", "104", "105", "107", "210", "211", "220",
		"250", "251", "252", "255", "282", "320", "321", "333", "337", "401",
		"402", "503", "504", "505", "603", "604", "605", "606", "608", "609",
	};
	static const char *const covered[] = { "330", "331", "332", "338", "221" };
	const char *number = e->code + strlen("LXC-W");

	for (size_t i = 0; i < ARRAY_SIZE(covered); i++) {
		if (str_eq(number, covered[i]))
			return false;
	}
	/* "LXC-E002" is an unknown key, "LXC-W002" one that is not carried, also under --strict */
	if (str_eq(number, "002"))
		return e->severity == LXC_SEV_ERROR && !e->promoted;
	if (e->severity == LXC_SEV_ERROR && !e->promoted)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (str_eq(number, numbers[i]))
			return true;
	}
	return false;
}

static void add_diagnostics(const struct audit_subject *s, struct audit *out)
{
	static const enum audit_severity grave[] = {
		[LXC_SEV_INFO] = AUDIT_NOTE,
		[LXC_SEV_WARN] = AUDIT_LOW,
		[LXC_SEV_ERROR] = AUDIT_HIGH,
	};

	for (size_t i = 0; s->diag && i < s->diag->len; i++) {
		const struct lxc_diag_entry *e = &s->diag->v[i];
		struct audit_finding *f;

		if (!is_lint(e))
			continue;
		f = add(out, s, grave[e->severity], e->pos);
		/* the entry knows its file even when there is no configuration to ask */
		if (e->file) {
			free(f->file);
			f->file = xstrdup(e->file);
		}
		memcpy(f->id_text, e->code, sizeof(f->id_text));
		f->area = AUDIT_LANGUAGE;
		f->key = e->key ? xstrdup(e->key) : NULL;
		f->text = xstrdup(e->text);
		f->fix = e->hint ? xstrdup(e->hint) : NULL;
	}
}

void audit_container(const struct audit_subject *s, struct audit *out)
{
	static void (*const parts[])(struct audit_run * a) = {
		audit_confinement, audit_devices, audit_mounts, audit_limits, audit_lines,
	};
	struct audit_run a = { .s = s, .c = s->config, .out = out };

	out->refused += !s->config;
	if (s->config) {
		a.privileged = !s->config->idmap.len && !s->config->ns_share[LXC_NS_USER].s;
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			parts[i](&a);
	}
	add_diagnostics(s, out);
}

/* --- printing --- */

const char *audit_severity_name(enum audit_severity severity)
{
	return severities[severity].name;
}

int audit_severity_parse(const char *name, enum audit_severity *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++) {
		if (!str_eq(name, severities[i].name))
			continue;
		*ret = (enum audit_severity) i;
		return 0;
	}
	return -EINVAL;
}

int audit_worst(const struct audit *a)
{
	for (int i = AUDIT_SEVERITIES - 1; i >= 0; i--) {
		if (a->counts[i])
			return i;
	}
	return -1;
}

static const char *id_of(const struct audit_finding *f)
{
	return f->id ? f->id : f->id_text;
}

static int compare(const void *x, const void *y)
{
	const struct audit_finding *a = *(const struct audit_finding *const *) x;
	const struct audit_finding *b = *(const struct audit_finding *const *) y;
	int r;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	r = strcmp(a->file, b->file);
	if (r == 0 && a->line != b->line)
		r = a->line < b->line ? -1 : 1;
	return r ? r : a < b ? -1 : a > b; /* same array: the order of adding */
}

/* Pointers to the findings, container by container, the gravest first; heap. */
static const struct audit_finding **sorted(const struct audit *a)
{
	const struct audit_finding **v = xcalloc(a->len + 1, sizeof(*v));

	for (size_t i = 0; i < a->len; i++)
		v[i] = &a->v[i];
	qsort(v, a->len, sizeof(*v), compare);
	return v;
}

static void text_finding(const struct audit_finding *f, bool colour, struct strbuf *out)
{
	strbuf_add(out, f->file);
	if (f->line)
		strbuf_addf(out, ":%u", f->line);
	strbuf_addf(out, ": %s%s%s: ", colour ? severities[f->severity].colour : "",
		    severities[f->severity].name, colour ? "\033[0m" : "");
	if (f->key)
		strbuf_addf(out, "%s: ", f->key);
	strbuf_addf(out, "%s [%s]\n", f->text, id_of(f));
	if (f->fix)
		strbuf_addf(out, "\tfix: %s\n", f->fix);
}

void audit_format_text(const struct audit *a, enum audit_severity least, size_t containers,
		       bool colour, struct strbuf *out)
{
	autofree const struct audit_finding **v = sorted(a);

	for (size_t i = 0; i < a->len; i++) {
		if (v[i]->severity >= least)
			text_finding(v[i], colour, out);
	}
	strbuf_addf(out, "%zu %s: ", containers, containers == 1 ? "container" : "containers");
	for (size_t i = AUDIT_SEVERITIES; i-- > 0;)
		strbuf_addf(out, "%zu %s%s", a->counts[i], severities[i].name, i ? ", " : "\n");
}

static void json_member(struct strbuf *out, const char *name, const char *value)
{
	if (!value)
		return;
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json(out, value);
}

void audit_format_json(const struct audit *a, enum audit_severity least, size_t containers,
		       struct strbuf *out)
{
	autofree const struct audit_finding **v = sorted(a);
	const char *comma = "";

	strbuf_add(out, "{\n\"findings\":[");
	for (size_t i = 0; i < a->len; i++) {
		const struct audit_finding *f = v[i];

		if (f->severity < least)
			continue;
		strbuf_addf(out, "%s\n  {\"container\":", comma);
		strbuf_add_json(out, f->container);
		json_member(out, "severity", severities[f->severity].name);
		json_member(out, "area", areas[f->area]);
		json_member(out, "id", id_of(f));
		json_member(out, "file", f->file);
		if (f->line)
			strbuf_addf(out, ",\"line\":%u", f->line);
		json_member(out, "key", f->key);
		json_member(out, "text", f->text);
		json_member(out, "fix", f->fix);
		strbuf_add_c(out, '}');
		comma = ",";
	}
	strbuf_addf(out, "\n],\n\"summary\":{\"containers\":%zu,\"refused\":%zu", containers,
		    a->refused);
	for (size_t i = AUDIT_SEVERITIES; i-- > 0;)
		strbuf_addf(out, ",\"%s\":%zu", severities[i].name, a->counts[i]);
	strbuf_add(out, "}\n}\n");
}
