/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/rdt.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "linux/intelrdt.h"
#include "ocispec.h"
#include "runtime/launch.h"

#define autoplan __attribute__((cleanup(intelrdt_plan_clear)))

static int undo_make(void *arg)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	struct launch *l = arg;
	int r = intelrdt_open(&rdt);

	return r < 0 ? r : intelrdt_remove(&rdt, &l->plan.rdt, true);
}

int rdt_confine(struct launch *l)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	const struct intelrdt_plan *plan = &l->plan.rdt;
	bool made = false;
	int r;

	if (!plan->clos)
		return 0;
	r = intelrdt_open(&rdt);
	if (r < 0)
		return r;
	r = intelrdt_make(&rdt, plan, &made);
	/* A class that was there before is left alone, a monitoring group of its own is not. */
	if (!made)
		l->plan.rdt.make = false;
	if (made || (r >= 0 && plan->monitor))
		undo_add(&l->undo, "remove the class of service", undo_make, l);
	return r < 0 ? r : intelrdt_enter(&rdt, plan, l->pid);
}

/* -ENOENT without a record: the configuration has none. */
static int open_of(const struct oci_config *config, const char *id, struct intelrdt_plan *plan,
		   struct intelrdt *rdt)
{
	int r;

	if (!config->linux || !config->linux->intel_rdt)
		return -ENOENT;
	r = intelrdt_plan(config->linux->intel_rdt, id, plan);
	return r < 0 ? r : intelrdt_open(rdt);
}

int rdt_follow(struct launch *l)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	autoplan struct intelrdt_plan plan = { NULL };
	int r = open_of(l->bundle.config, l->c.id, &plan, &rdt);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : intelrdt_enter(&rdt, &plan, l->pid);
}

static int remove_of(const struct container *c, const struct oci_config *config)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	autoplan struct intelrdt_plan plan = { NULL };
	int r = open_of(config, c->id, &plan, &rdt);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : intelrdt_remove(&rdt, &plan, false);
}

void rdt_remove(const struct container *c)
{
	auto_call(oci_config_free) struct oci_config *config = NULL;
	int r;

	if (!c->status->intel_rdt)
		return;
	r = container_load_config(c, &config);
	if (r >= 0)
		r = remove_of(c, config);
	if (r < 0)
		err_warn(r, "class of service of container '%s'", c->id);
}

char *rdt_stat_json(const struct container *c)
{
	auto_call(oci_config_free) struct oci_config *config = NULL;
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	autoplan struct intelrdt_plan plan = { NULL };
	int r;

	if (!c->status->intel_rdt)
		return NULL;
	r = container_load_config(c, &config);
	if (r >= 0)
		r = open_of(config, c->id, &plan, &rdt);
	if (r >= 0)
		return intelrdt_stat_json(&rdt, &plan);
	err_forgive(r, "class of service of container '%s'", c->id);
	return NULL;
}

/* ---- update ---- */

static void replace(char **text, const char *by)
{
	if (!by)
		return;
	free(*text);
	*text = xstrdup(by);
}

int rdt_update(const struct container *c, struct oci_config *config,
	       const struct rdt_update *change, char **ret_old)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	autoplan struct intelrdt_plan plan = { NULL };
	struct oci_intel_rdt *x = config->linux ? config->linux->intel_rdt : NULL;
	int r;

	if (!change->l3_cache_schema && !change->mem_bw_schema)
		return 0;
	/* Its processes would have to be found and moved one by one, while they fork. */
	if (!x || (str_empty(x->clos_id) && x->enable_monitoring && !x->schemata_len &&
		   !x->l3_cache_schema && !x->mem_bw_schema))
		return err_code(ENOTSUP, "linux.intelRdt: created without a class of service of "
					 "its own");
	replace(&x->l3_cache_schema, change->l3_cache_schema);
	replace(&x->mem_bw_schema, change->mem_bw_schema);
	r = open_of(config, c->id, &plan, &rdt);
	if (r >= 0 && !plan.schemata)
		return err_code(EINVAL, "linux.intelRdt: the schema is empty");
	return r < 0 ? r : intelrdt_update(&rdt, &plan, ret_old);
}

void rdt_update_undo(const struct container *c, const struct oci_config *config, const char *old)
{
	autointelrdt struct intelrdt rdt = INTELRDT_INIT;
	autoplan struct intelrdt_plan plan = { NULL };
	struct err_saved saved;
	int r;

	if (!old)
		return;
	saved = err_push();
	r = open_of(config, c->id, &plan, &rdt);
	if (r >= 0)
		r = intelrdt_restore(&rdt, &plan, old);
	if (r < 0)
		err_warn(r, "the former schema of container '%s'", c->id);
	err_pop(saved);
}
