/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/update.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/store.h"

/* ---- merge ---- */

static void drop_zero(bool zero, bool *has)
{
	if (zero)
		*has = false;
}

static void drop_empty(char **s)
{
	if (str_empty(*s))
		free_ptr(s), *s = NULL;
}

static void drop_memory_zeros(struct oci_memory *m)
{
	/* The old limit of the sum would need a limit of its part. */
	if (m->limit == -1 && !m->swap) {
		m->swap = -1;
		m->has_swap = true;
	}
	drop_zero(!m->limit, &m->has_limit);
	drop_zero(!m->reservation, &m->has_reservation);
	drop_zero(!m->swap, &m->has_swap);
	drop_zero(!m->kernel, &m->has_kernel);
	drop_zero(!m->kernel_tcp, &m->has_kernel_tcp);
}

static void drop_cpu_zeros(struct oci_cpu *c)
{
	drop_zero(!c->shares, &c->has_shares);
	drop_zero(!c->quota, &c->has_quota);
	drop_zero(!c->period, &c->has_period);
	drop_zero(!c->realtime_runtime, &c->has_realtime_runtime);
	drop_zero(!c->realtime_period, &c->has_realtime_period);
	drop_empty(&c->cpus);
	drop_empty(&c->mems);
}

/* An array that is there replaces, even by nothing. */
#define DROP_EMPTY_LIST(list, len)                        \
	do {                                              \
		if (!(len))                               \
			free_ptr(&(list)), (list) = NULL; \
	} while (0)

static void drop_io_zeros(struct oci_block_io *b)
{
	drop_zero(!b->weight, &b->has_weight);
	drop_zero(!b->leaf_weight, &b->has_leaf_weight);
	DROP_EMPTY_LIST(b->weight_device, b->weight_device_len);
	DROP_EMPTY_LIST(b->throttle_read_bps_device, b->throttle_read_bps_device_len);
	DROP_EMPTY_LIST(b->throttle_write_bps_device, b->throttle_write_bps_device_len);
	DROP_EMPTY_LIST(b->throttle_read_iops_device, b->throttle_read_iops_device_len);
	DROP_EMPTY_LIST(b->throttle_write_iops_device, b->throttle_write_iops_device_len);
}

/* In a copy: rules of devices are not the business of an update (CRI sends "deny all" with each).
 */
static void drop_devices(struct oci_resources *r)
{
	for (size_t i = 0; i < r->devices_len; i++)
		oci_device_rule_clear(&r->devices[i]);
	r->devices_len = 0;
	DROP_EMPTY_LIST(r->devices, r->devices_len);
}

void update_merge(struct oci_resources *resources, const struct oci_resources *changes)
{
	auto_call(oci_resources_free) struct oci_resources *c = oci_resources_clone(changes);

	if (c->memory)
		drop_memory_zeros(c->memory);
	if (c->cpu)
		drop_cpu_zeros(c->cpu);
	if (c->block_io)
		drop_io_zeros(c->block_io);
	drop_devices(c);
	DROP_EMPTY_LIST(c->hugepage_limits, c->hugepage_limits_len);
	if (c->network)
		DROP_EMPTY_LIST(c->network->priorities, c->network->priorities_len);
	oci_resources_merge(resources, c);
}

/* ---- apply ---- */

static int plan(const struct container *c, const struct cgroup *cg, const struct oci_config *config,
		struct cgroup_plan **ret)
{
	struct cgroup_host host = { 0 };
	struct cgroup_plan_args args = {
		.host = &host,
		.id = c->id,
		.cgroups_path = config->linux->cgroups_path,
		.resources = config->linux->resources,
		.skip_devices = true,
	};
	int r;

	r = cgroup_manager_parse(c->status->cgroup_manager, &args.manager);
	if (r >= 0 && args.manager != CGROUP_MANAGER_DISABLED)
		r = cgroup_host_probe(&host);
	if (r >= 0 && args.manager == CGROUP_MANAGER_SYSTEMD)
		r = cgroup_host_probe_systemd(&host, cg->unit_user);
	if (r >= 0)
		r = cgroup_plan(&args, ret);
	cgroup_host_clear(&host);
	return r;
}

static int apply(const struct container *c, const struct oci_config *config)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r;

	r = container_open_cgroup(c, &cg);
	if (r >= 0)
		r = plan(c, &cg, config, &p);
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->notes.len; i++)
		log_warn("%s", p->notes.v[i]);
	if (p->writes.len && !cgroup_exists(&cg))
		return err_code(ENOENT, "there is no cgroup");
	return cgroup_update(&cg, p);
}

static int save(const struct container *c, const struct oci_config *config)
{
	autofree char *json = oci_config_generate(config, 0);

	return store_replace_config(c->dir_fd, json, strlen(json));
}

static int update_all(const struct container *c, struct oci_config *config,
		      const struct update *changes)
{
	autofree char *old = NULL;
	int r;

	update_merge(config->linux->resources, changes->resources);
	r = rdt_update(c, config, &changes->rdt, &old);
	if (r >= 0)
		r = apply(c, config);
	if (r < 0)
		rdt_update_undo(c, config, old);
	return r < 0 ? r : save(c, config);
}

static int update(const struct container *c, const struct update *changes)
{
	auto_call(oci_config_free) struct oci_config *config = NULL;
	int r = container_load_config(c, &config);

	if (r < 0)
		return r;
	/* By the allocator that the document is freed with. */
	if (!config->linux)
		config->linux = xnew(struct oci_linux);
	if (!config->linux->resources)
		config->linux->resources = xnew(struct oci_resources);
	return update_all(c, config, changes);
}

int update_container(const struct runtime_opts *rt, const char *id, const struct update *changes)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r;

	r = container_open(rt, id, CONTAINER_LOCK, &c);
	if (r < 0)
		return r;
	if (c.pidfd < 0)
		return err_code(ESRCH,
				"cannot update container '%s': container not running (it is %s)",
				id, container_state_name(c.state));
	r = update(&c, changes);
	return r < 0 ? err_wrap(r, "update container '%s'", id) : 0;
}
