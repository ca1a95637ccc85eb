/* SPDX-License-Identifier: Apache-2.0 */
/* From the values of config.json back to the lines. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/report_internal.h"
#include "ocispec.h"

/* What LXC does when no line speaks, and neither did the mapping. */
static const struct {
	const char *pointer;
	const char *why;
} defaults[] = {
	{ "/ociVersion", "the version of the specification that is written" },
	{ "/process/terminal", "LXC gives init a console" },
	{ "/process/user", "LXC runs init as root without supplementary groups" },
	{ "/process/cwd", "LXC starts init in /" },
	{ "/process/capabilities", "LXC edits the bounding set; exec gives root what is in it" },
	{ "/process/noNewPrivileges", "LXC's default" },
	{ "/hostname", "the name that Proxmox gives a container" },
	{ "/root", "a part of the root file system" },
	{ "/hooks", "what LXC does before and after init, as hooks" },
	{ "/linux/namespaces", "namespaces that LXC always makes" },
	{ "/linux/cgroupsPath", "where LXC puts a container" },
	{ "/linux/resources/devices", "a runtime that is given no list adds its own" },
	{ "/linux/resources", "no limit" },
	{ "/linux/maskedPaths", "LXC masks nothing" },
	{ "/linux/readonlyPaths", "LXC makes nothing read-only by itself" },
	{ "/annotations/org.hako.source", "what the bundle was made from" },
	{ "/annotations/org.hako.mounts.optional", "the destinations of optional mounts" },
	{ "/annotations/org.hako.tty.max", "the terminals that Proxmox gives a container" },
	{ "/annotations/org.hako.signal.halt", "LXC chooses by what init blocks" },
	{ "/mounts", "file systems that LXC makes by itself" },
};

/* The longest pointer that leads to a value decides; claims of one pointer are neighbours. */
static int compare_claims(const void *x, const void *y)
{
	const struct report_claim *a = x, *b = y;
	int r = strcmp(a->pointer, b->pointer);

	/* a line's own word comes first */
	if (r == 0)
		r = (a->why != NULL) - (b->why != NULL);
	return r ? r : a->line < b->line ? -1 : a->line > b->line;
}

static void collect(struct lxc_report *r)
{
	struct report_claim *v;
	size_t n = 0, max = r->added.len;

	for (size_t i = 0; i < r->c->lines.len; i++)
		max += r->rows[i].pointers.len;
	v = r->claims.v = xcalloc(max + 1, sizeof(*v));
	for (size_t i = 0; i < r->c->lines.len; i++) {
		for (size_t k = 0; k < r->rows[i].pointers.len; k++)
			v[n++] = (struct report_claim){
				.pointer = xstrdup(r->rows[i].pointers.v[k]),
				.line = i,
			};
	}
	for (size_t i = 0; i < r->added.len; i++)
		v[n++] = (struct report_claim){
			.pointer = xstrdup(r->added.v[i].pointer),
			.why = r->added.v[i].why,
		};
	qsort(v, n, sizeof(*v), compare_claims);
	r->claims.len = n;
}

/* The first claim of a pointer, or NULL. */
static struct report_claim *find_claim(const struct lxc_report *r, const char *pointer)
{
	size_t low = 0, high = r->claims.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(r->claims.v[middle].pointer, pointer) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->claims.len && str_eq(r->claims.v[low].pointer, pointer) ? &r->claims.v[low]
										: NULL;
}

/* Index of the default that explains the value, or -1. */
static int find_default(const char *pointer)
{
	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++) {
		const char *rest = str_after(pointer, defaults[i].pointer);

		if (rest && (!*rest || *rest == '/'))
			return (int) i;
	}
	return -1;
}

static void add_claimed(struct lxc_report *r, struct report_claim *c)
{
	if (c->listed)
		return;
	c->listed = true;
	*MODEL_ADD(&r->values) = (struct report_value){ .claim = c };
}

struct trace {
	struct lxc_report *r;
	bool listed[ARRAY_SIZE(defaults)];
};

static void add_default(struct trace *t, const char *pointer)
{
	int i = find_default(pointer);

	if (i >= 0 && t->listed[i])
		return;
	if (i >= 0)
		t->listed[i] = true;
	*MODEL_ADD(&t->r->values) = (struct report_value){
		.pointer = xstrdup(i >= 0 ? defaults[i].pointer : pointer),
		.why = i >= 0 ? defaults[i].why : "",
	};
}

static void trace_value(void *arg, const char *pointer, const char *text)
{
	struct trace *t = arg;
	struct lxc_report *r = t->r;
	autofree char *at = xstrdup(pointer);
	struct report_claim *best = NULL;

	(void) text;
	while (*at) {
		struct report_claim *c = find_claim(r, at);

		/* whoever leads to something did not point nowhere */
		if (c)
			c->used = true;
		best = best ? best : c;
		*strrchr(at, '/') = '\0';
	}
	if (best)
		add_claimed(r, best);
	else
		add_default(t, pointer);
}

static void forget_unused(struct lxc_report *r)
{
	for (size_t i = 0; i < r->c->lines.len; i++) {
		struct strv *v = &r->rows[i].pointers;
		size_t kept = 0;

		for (size_t k = 0; k < v->len; k++) {
			const struct report_claim *c = find_claim(r, v->v[k]);

			if (c && c->used)
				v->v[kept++] = v->v[k];
			else
				free(v->v[k]);
		}
		if (v->v)
			v->v[kept] = NULL;
		v->len = kept;
	}
}

void report_trace(struct lxc_report *r, const struct oci_config *oci)
{
	struct trace t = { .r = r };

	collect(r);
	ocispec_walk(&oci_config_desc, oci, trace_value, &t);
	forget_unused(r);
}

void report_trace_clear(struct lxc_report *r)
{
	for (size_t i = 0; i < r->claims.len; i++)
		free(r->claims.v[i].pointer);
	for (size_t i = 0; i < r->values.len; i++)
		free(r->values.v[i].pointer);
	free(r->claims.v);
	free(r->values.v);
}

void report_sources(const struct lxc_report *r, const char *pointer, struct strbuf *out)
{
	const struct report_claim *end = r->claims.v + r->claims.len, *first = NULL;
	autofree char *at = xstrdup(pointer);

	while (*at && !first) {
		first = find_claim(r, at);
		*strrchr(at, '/') = '\0';
	}
	for (const struct report_claim *c = first; c && c < end; c++) {
		const struct lxc_line *l = &r->c->lines.v[c->line];
		autofree char *file = diag_printable(model_file_name(&r->c->files, l->pos));

		if (c->why || !str_eq(c->pointer, first->pointer))
			break;
		strbuf_addf(out, "%s%s:%u", c == first ? "" : ", ", file, l->pos.line);
	}
}

const char *report_unexplained(const struct lxc_report *r)
{
	for (size_t i = 0; i < r->values.len; i++) {
		if (r->values.v[i].why && !*r->values.v[i].why)
			return r->values.v[i].pointer;
	}
	return NULL;
}

static void json_claims(const struct lxc_report *r, const struct report_claim *first,
			struct strbuf *out)
{
	const struct report_claim *end = r->claims.v + r->claims.len;
	const char *comma = "";

	if (first->why) {
		strbuf_add(out, ",\"default\":");
		strbuf_add_json(out, first->why);
		return;
	}
	strbuf_add(out, ",\"lines\":[");
	for (const struct report_claim *c = first; c < end; c++) {
		const struct lxc_line *l = &r->c->lines.v[c->line];

		if (c->why || !str_eq(c->pointer, first->pointer))
			break;
		strbuf_addf(out, "%s{\"file\":%u,\"line\":%u}", comma, l->pos.file, l->pos.line);
		comma = ",";
	}
	strbuf_add_c(out, ']');
}

void report_format_values(const struct lxc_report *r, struct strbuf *out)
{
	if (!r->values.len)
		return;
	strbuf_add(out, ",\n\"values\":[");
	for (size_t i = 0; i < r->values.len; i++) {
		const struct report_value *v = &r->values.v[i];

		strbuf_addf(out, "%s\n  {\"pointer\":", i ? "," : "");
		strbuf_add_json(out, v->claim ? v->claim->pointer : v->pointer);
		if (v->claim) {
			json_claims(r, v->claim, out);
		} else {
			strbuf_add(out, ",\"default\":");
			strbuf_add_json(out, v->why);
		}
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, "\n]");
}
