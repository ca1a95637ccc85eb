/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "linux/intelrdt.h"
#include "ocispec.h"

void intelrdt_plan_clear(struct intelrdt_plan *plan)
{
	free(plan->clos);
	free(plan->monitor);
	free(plan->schemata);
	*plan = (struct intelrdt_plan){ NULL };
}

static void add_line(struct strbuf *b, const char *line, size_t len)
{
	if (!len)
		return;
	strbuf_add_n(b, line, len);
	strbuf_add_c(b, '\n');
}

/* memBwSchema is the line for MB; one in l3CacheSchema, which may hold several, gives way. */
static void add_cache_lines(struct strbuf *b, const struct oci_intel_rdt *rdt)
{
	const char *s = rdt->l3_cache_schema;

	while (s && *s) {
		size_t len = strcspn(s, "\n");

		if (str_empty(rdt->mem_bw_schema) || !str_starts(s, "MB:"))
			add_line(b, s, len);
		s += len + (s[len] == '\n');
	}
}

/* One write, for the kernel takes all lines of it or none. */
static char *make_schemata(const struct oci_intel_rdt *rdt)
{
	struct strbuf b = STRBUF_INIT;

	add_cache_lines(&b, rdt);
	if (rdt->mem_bw_schema)
		add_line(&b, rdt->mem_bw_schema, strlen(rdt->mem_bw_schema));
	for (size_t i = 0; i < rdt->schemata_len; i++)
		add_line(&b, rdt->schemata[i], strlen(rdt->schemata[i]));
	return b.len ? strbuf_take(&b) : NULL;
}

/* What the root directory has beside classes. */
static bool is_reserved(const char *name)
{
	return str_eq(name, "info") || str_eq(name, "mon_groups") || str_eq(name, "mon_data");
}

int intelrdt_plan(const struct oci_intel_rdt *rdt, const char *id, struct intelrdt_plan *ret)
{
	const char *name = str_empty(rdt->clos_id) ? id : rdt->clos_id;
	struct intelrdt_plan p = { .schemata = make_schemata(rdt) };

	p.own = str_empty(rdt->clos_id) && (p.schemata || !rdt->enable_monitoring);
	p.make = p.own || (!str_empty(rdt->clos_id) && p.schemata);
	if (str_eq(name, "/") || (str_empty(rdt->clos_id) && !p.own)) {
		name = ".";
		p.make = false;
	}
	if (is_reserved(name)) {
		intelrdt_plan_clear(&p);
		return err_code(EINVAL, "linux.intelRdt: '%s' is no name for a class of service",
				name);
	}
	p.clos = xstrdup(name);
	if (rdt->enable_monitoring)
		p.monitor = xasprintf("%s/mon_groups/%s", name, id);
	*ret = p;
	return 0;
}
