/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/intelrdt.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"

#define FILE_MAX 65536

/* Trimmed, heap; NULL when there is none. */
static char *read_text(const struct intelrdt *rdt, const char *dir, const char *name)
{
	autofree char *path = xasprintf("%s/%s", dir, name), *text = NULL;

	if (file_read_at(rdt->root_fd, path, FILE_MAX, &text, NULL) < 0)
		return NULL;
	return xstrdup(str_trim(text));
}

static void add_key(struct strbuf *b, const char *key)
{
	const char *s = strbuf_str(b);

	if (*s && !strchr("{[", s[strlen(s) - 1]))
		strbuf_add_c(b, ',');
	strbuf_addf(b, "\"%s\":", key);
}

/* A file that is missing or no number ("Unavailable", "Error") is left out. */
static void add_number(const struct intelrdt *rdt, const char *dir, const char *name,
		       struct strbuf *b)
{
	autofree char *text = read_text(rdt, dir, name);
	uint64_t n;

	if (!text || str_to_u64(text, &n) < 0)
		return;
	add_key(b, name);
	strbuf_addf(b, "%llu", (unsigned long long) n);
}

/* ---- what can be allocated, and what is ---- */

struct resource {
	const char *dir, *info, *text, *schema, *prefix;
	const char *numbers[5];
};

static const struct resource resources[] = {
	{ "info/L3",
	  "l3_cache_info",
	  "cbm_mask",
	  "l3_cache_schema",
	  "L3:",
	  { "min_cbm_bits", "num_closids" } },
	{ "info/MB",
	  "mem_bw_info",
	  NULL,
	  "mem_bw_schema",
	  "MB:",
	  { "bandwidth_gran", "delay_linear", "min_bandwidth", "num_closids" } },
};

static void add_info(const struct intelrdt *rdt, const struct resource *x, struct strbuf *b)
{
	autofree char *text = x->text ? read_text(rdt, x->dir, x->text) : NULL;

	add_key(b, x->info);
	strbuf_add_c(b, '{');
	if (text) {
		add_key(b, x->text);
		strbuf_add_json(b, text);
	}
	for (size_t i = 0; x->numbers[i]; i++)
		add_number(rdt, x->dir, x->numbers[i], b);
	strbuf_add_c(b, '}');
}

static void add_schema(const struct intelrdt *rdt, const char *clos, const struct resource *x,
		       const char *suffix, struct strbuf *b)
{
	autofree char *text = read_text(rdt, clos, "schemata"), *key = NULL;
	autostrv struct strv lines = { NULL, 0 };

	if (!text)
		return;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		const char *line = str_trim(lines.v[i]);

		if (!str_starts(line, x->prefix))
			continue;
		key = xasprintf("%s%s", x->schema, suffix);
		add_key(b, key);
		strbuf_add_json(b, line);
		return;
	}
}

/* ---- what was measured ---- */

static int note_domain(void *arg, int dirfd, const char *name)
{
	(void) dirfd;
	if (str_starts(name, "mon_L3_"))
		strv_add(arg, name);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

struct measure {
	const char *key;
	const char *files[3];
};

static const struct measure measures[] = {
	{ "mbm_stats", { "mbm_total_bytes", "mbm_local_bytes" } },
	{ "cmt_stats", { "llc_occupancy" } },
};

/* One object for each cache, in the order of their names. */
static void add_measure(const struct intelrdt *rdt, const char *dir, const struct strv *domains,
			const struct measure *m, struct strbuf *b)
{
	autostrbuf struct strbuf all = STRBUF_INIT;
	bool any = false;

	for (size_t i = 0; i < domains->len; i++) {
		autofree char *path = xasprintf("%s/%s", dir, domains->v[i]);
		autostrbuf struct strbuf one = STRBUF_INIT;

		strbuf_add_c(&one, '{');
		for (size_t k = 0; m->files[k]; k++)
			add_number(rdt, path, m->files[k], &one);
		any |= !str_eq(strbuf_str(&one), "{");
		strbuf_addf(&all, "%s%s}", i ? "," : "", strbuf_str(&one));
	}
	if (!any)
		return;
	add_key(b, m->key);
	strbuf_addf(b, "[%s]", strbuf_str(&all));
}

char *intelrdt_stat_json(const struct intelrdt *rdt, const struct intelrdt_plan *plan)
{
	autofree char *dir = xasprintf("%s/mon_data", plan->monitor ? plan->monitor : plan->clos);
	autostrbuf struct strbuf b = STRBUF_INIT;
	autostrv struct strv domains = { NULL, 0 };

	strbuf_add_c(&b, '{');
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		if (!file_exists_at(rdt->root_fd, resources[i].dir))
			continue;
		add_info(rdt, &resources[i], &b);
		add_schema(rdt, ".", &resources[i], "_root", &b);
		add_schema(rdt, plan->clos, &resources[i], "", &b);
	}
	(void) file_each_at(rdt->root_fd, dir, note_domain, &domains); /* there may be no monitor */
	if (domains.len)
		qsort(domains.v, domains.len, sizeof(*domains.v), by_name);
	for (size_t i = 0; i < ARRAY_SIZE(measures); i++)
		add_measure(rdt, dir, &domains, &measures[i], &b);
	strbuf_add_c(&b, '}');
	return strbuf_take(&b);
}
