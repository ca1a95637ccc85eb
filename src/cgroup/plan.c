/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "cgroup/cgpath.h"
#include "cgroup/cgroup.h"
#include "cgroup/res.h"
#include "cgroup/systemd_props.h"

/* ---- devices ---- */

int cgroup_device_policy(const struct oci_device_rule *rules, size_t n, bool with_defaults,
			 struct dev_policy *ret)
{
	autofree struct dev_entry *entries = n ? xnew_n(struct dev_entry, n) : NULL;
	autodev_policy struct dev_policy policy;
	int r;

	dev_policy_init(&policy);
	for (size_t i = 0; i < n; i++) {
		entries[i] = (struct dev_entry){
			.allow = rules[i].allow,
			.type = rules[i].type,
			.major = rules[i].has_major ? rules[i].major : DEV_ANY,
			.minor = rules[i].has_minor ? rules[i].minor : DEV_ANY,
			.access = rules[i].access,
		};
	}
	r = dev_policy_add(&policy, entries, n);
	if (r < 0)
		return err_wrap(r, "linux.resources.devices");
	if (with_defaults)
		dev_policy_add_defaults(&policy);
	*ret = policy;
	dev_policy_init(&policy);
	return 0;
}

static int plan_devices(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	const struct oci_resources *res = args->resources;
	autodev_policy struct dev_policy simple;
	bool v1 = false;
	int r;

	dev_policy_init(&simple);
	r = cgroup_device_policy(res ? res->devices : NULL, res ? res->devices_len : 0,
				 !args->no_device_defaults, &plan->devices);
	if (r < 0)
		return r;
	/* Without privilege the kernel refuses both the program and the making of nodes. */
	if (args->skip_devices || args->rootless || !plan->n_dirs)
		return 0;
	plan->has_devices = true;
	for (size_t i = 0; i < plan->n_dirs; i++)
		v1 |= res_list_has(plan->dirs[i].controllers, "devices");
	if (*plan->dirs[0].controllers) {
		if (!v1)
			return err_code(ENOTSUP, "controller `devices` is not available: device "
						 "rules cannot be enforced");
		return dev_policy_v1_lines(&plan->devices, &plan->v1_devices);
	}
	dev_policy_simplify(&plan->devices, &simple);
	if (!simple.len && simple.default_allow)
		return 0;
	return dev_prog_compile(&simple, &plan->prog);
}

/* ---- limits ---- */

static const struct cgroup_hierarchy *find_v1(const struct cgroup_host *host,
					      const char *controller)
{
	for (size_t i = 0; i < host->len; i++) {
		if (*host->at[i].controllers && res_list_has(host->at[i].controllers, controller))
			return &host->at[i];
	}
	return NULL;
}

static const char *where(const struct cgroup_host *host)
{
	return host->len ? host->at[0].mountpoint : "/sys/fs/cgroup";
}

static bool has_v2(const struct cgroup_host *host)
{
	return host->len && !*host->at[0].controllers;
}

/* From whichever version has the controller. */
static int plan_group(struct cgroup_plan *plan, const struct cgroup_plan_args *args,
		      enum res_group group)
{
	const struct res_group_info *info = &res_groups[group];
	const struct cgroup_host *host = args->host;
	struct res_out out = { &plan->writes, &plan->notes, info->v1, false };

	if (find_v1(host, info->v1))
		return res_v1_group(args->resources, group, &out);
	/* No such controller in v2 at all: on a pure v2 host that is a note, not a lack of this
	 * host. */
	if (host->mode == CGROUP_MODE_UNIFIED && !info->v2) {
		out.v2 = true;
		return res_v2_group(args->resources, group, &out);
	}
	if (!has_v2(host) || !info->v2 || !res_list_has(host->v2_controllers, info->v2))
		return err_code(ENOTSUP,
				"controller `%s` is not available under %s (needed for %s)",
				has_v2(host) && info->v2 ? info->v2 : info->v1, where(host),
				info->field);
	out.controller = info->v2;
	out.v2 = true;
	return res_v2_group(args->resources, group, &out);
}

/* A controller is in one of the two versions only. */
static int check_unified_place(const struct oci_map *unified, const struct cgroup_host *host)
{
	for (size_t i = 0; i < unified->len; i++) {
		const char *key = unified->keys[i];
		autofree char *name = xstrndup(key, strcspn(key, "."));
		const struct cgroup_hierarchy *v1 =
			find_v1(host, str_eq(name, "io") ? "blkio" : name);

		if (v1 && *name && !res_list_has(host->v2_controllers, name))
			return err_code(EINVAL,
					"invalid configuration: linux.resources.unified: '%s' "
					"needs controller `%s` in cgroup v2, which is not "
					"available under %s: this host has it in v1, at %s",
					key, name, where(host), v1->mountpoint);
	}
	return 0;
}

static int plan_unified(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	struct res_out out = { &plan->writes, &plan->notes, "", true };
	const struct oci_map *unified = args->resources->unified;
	const struct cgroup_host *host = args->host;
	int r;

	if (!unified || !unified->len)
		return 0;
	if (!has_v2(host))
		return err_code(EINVAL, "invalid configuration: linux.resources.unified needs "
					"cgroup v2, which this host lacks");
	r = check_unified_place(unified, host);
	return r < 0 ? r : res_unified(unified, host->v2_controllers, where(host), &out);
}

static void plan_memory_check(struct cgroup_plan *plan, const struct oci_resources *res)
{
	const struct oci_memory *m = res->memory;

	if (!m || !m->check_before_update)
		return;
	if (m->limit > 0)
		plan->check_limit = m->limit;
	if (m->swap > 0)
		plan->check_memsw = m->swap;
}

static int plan_limits(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	int r;

	plan->check_limit = plan->check_memsw = -1;
	if (!args->resources)
		return 0;
	for (int group = 0; group < RES_COUNT_; group++) {
		if (!res_wants(args->resources, group))
			continue;
		r = plan_group(plan, args, group);
		if (r < 0)
			return r;
	}
	plan_memory_check(plan, args->resources);
	/* Last: what is said in the kernel's own words wins. */
	return plan_unified(plan, args);
}

/* ---- directories ---- */

/* Is a limit written into this hierarchy? */
static bool is_written(const struct cgroup_plan *plan, const char *controllers)
{
	for (size_t i = 0; i < plan->writes.len; i++) {
		const struct cg_write *w = &plan->writes.v[i];

		if (w->v2 ? !*controllers
			  : *controllers && res_list_has(controllers, w->controller))
			return true;
	}
	return false;
}

/* The controllers of all v2 writes, each once. */
static char *v2_needs(const struct cgroup_plan *plan)
{
	autostrbuf struct strbuf need = STRBUF_INIT;

	for (size_t i = 0; i < plan->writes.len; i++) {
		const struct cg_write *w = &plan->writes.v[i];
		autofree char *name = xstrndup(w->file, strcspn(w->file, "."));

		if (!w->v2 || str_eq(name, "cgroup") || res_list_has(strbuf_str(&need), name))
			continue;
		strbuf_addf(&need, "%s%s", need.len ? " " : "", name);
	}
	return strbuf_take(&need);
}

static int plan_path(const struct cgroup_plan_args *args, const struct cgroup_hierarchy *h,
		     const struct cgpath_scope *scope, char **ret)
{
	bool pure = args->host->mode == CGROUP_MODE_UNIFIED;
	autofree char *base = NULL;

	if (scope) {
		*ret = xstrdup(scope->path);
		return 0;
	}
	base = pure ? cgpath_parent(h->own) : xstrdup(h->own);
	return cgpath_plan(args->cgroups_path, args->id, base, ret);
}

static int plan_dir(struct cgroup_plan *plan, const struct cgroup_plan_args *args,
		    const struct cgroup_hierarchy *h, const struct cgpath_scope *scope)
{
	bool v2 = !*h->controllers, written = is_written(plan, h->controllers);
	bool ours = args->host->mode == CGROUP_MODE_UNIFIED && !scope;
	autofree char *need = NULL;
	struct cg_dir *dir;
	char *path;
	int r;

	if (!v2 && args->lean && !written)
		return 0;
	r = plan_path(args, h, scope, &path);
	if (r < 0)
		return r;
	need = v2 ? v2_needs(plan) : xstrdup("");
	plan->dirs = xreallocarray(plan->dirs, plan->n_dirs + 1, sizeof(*plan->dirs));
	dir = &plan->dirs[plan->n_dirs++];
	*dir = (struct cg_dir){
		.controllers = xstrdup(h->controllers),
		.mountpoint = xstrdup(h->mountpoint),
		.path = path,
		/* All, for whoever reads statistics; on a hybrid host that is what v1 is for, and
		 * systemd switches on itself what it accounts. */
		.enable = xstrdup(v2 && ours ? args->host->v2_controllers : need),
		.optional = args->rootless && !written && !scope && str_empty(args->cgroups_path),
	};
	dir->need = take_ptr(&need);
	return 0;
}

static int plan_dirs(struct cgroup_plan *plan, const struct cgroup_plan_args *args,
		     const struct cgpath_scope *scope)
{
	for (size_t i = 0; i < args->host->len; i++) {
		int r = plan_dir(plan, args, &args->host->at[i], scope);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the plan ---- */

static int plan_inner(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	int r;

	if (!args->inner)
		return 0;
	r = res_check_word("inner cgroup", args->inner);
	if (r < 0)
		return r;
	plan->inner = xstrdup(args->inner);
	return 0;
}

/* No cgroup is made: then nothing may be asked of one. Device rules are not counted as asking,
 * every template has some. */
static int plan_nothing(const struct cgroup_plan_args *args, const char *why)
{
	for (int group = 0; group < RES_COUNT_; group++) {
		if (res_wants(args->resources, group))
			return err_code(ENOTSUP, "%s needs a cgroup, but %s",
					res_groups[group].field, why);
	}
	if (args->resources && args->resources->unified && args->resources->unified->len)
		return err_code(ENOTSUP, "linux.resources.unified needs a cgroup, but %s", why);
	return 0;
}

/* scope: systemd's place for it, or NULL. */
static int plan_files(struct cgroup_plan *plan, const struct cgroup_plan_args *args,
		      const struct cgpath_scope *scope)
{
	int r;

	plan->mode = args->host->mode;
	plan->has_owner = args->has_owner;
	plan->owner_uid = args->owner_uid;
	plan->owner_gid = args->owner_gid;
	if ((r = plan_inner(plan, args)) < 0 || (r = plan_limits(plan, args)) < 0 ||
	    (r = plan_dirs(plan, args, scope)) < 0)
		return r;
	return plan_devices(plan, args);
}

/* ---- systemd ---- */

static int plan_unit(struct cgroup_plan *plan, const struct cgroup_plan_args *args,
		     const char *slice)
{
	autodev_policy struct dev_policy simple;
	unsigned int version = args->host->systemd_version;

	dev_policy_init(&simple);
	plan->unit_props = xnew(struct systemd_props);
	systemd_props_unit(args->id, slice, plan->mode == CGROUP_MODE_UNIFIED, plan->unit_props);
	plan->limit_props = xnew(struct systemd_props);
	systemd_props_limits(&plan->writes, version, plan->limit_props);
	/* On v1 systemd writes devices.allow again at a daemon-reload. On v2 our program stays, and
	 * a change of properties would have systemd write its coarser limits again. */
	if (plan->has_devices && plan->mode != CGROUP_MODE_UNIFIED) {
		dev_policy_simplify(&plan->devices, &simple);
		plan->device_props = xnew(struct systemd_props);
		systemd_props_devices(&simple, version, plan->device_props);
	}
	for (size_t i = 0; i < args->n_properties; i++) {
		int r = systemd_props_parse(args->properties[i].name, args->properties[i].value,
					    plan->unit_props);

		if (r < 0)
			return r;
	}
	return 0;
}

static int plan_systemd(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	const struct cgroup_host *host = args->host;
	struct cgpath_scope scope = { 0 };
	int r;

	if (!host->systemd_root)
		return err_code(ENOTSUP, "systemd was not asked where its cgroups are");
	r = cgpath_scope_plan(args->cgroups_path, args->id, host->systemd_root, host->systemd_user,
			      &scope);
	if (r >= 0)
		r = plan_files(plan, args, &scope);
	if (r >= 0)
		r = plan_unit(plan, args, scope.slice);
	if (r >= 0) {
		plan->unit = take_ptr(&scope.unit);
		plan->unit_user = host->systemd_user;
	}
	cgpath_scope_clear(&scope);
	return r;
}

/* ---- by manager ---- */

static int plan_by_manager(struct cgroup_plan *plan, const struct cgroup_plan_args *args)
{
	if (args->manager == CGROUP_MANAGER_DISABLED)
		return plan_nothing(args, "the cgroup manager is 'disabled'");
	if (args->host->mode == CGROUP_MODE_NONE)
		return plan_nothing(args, "no cgroup file system is mounted");
	if (args->manager == CGROUP_MANAGER_SYSTEMD)
		return plan_systemd(plan, args);
	return plan_files(plan, args, NULL);
}

int cgroup_plan(const struct cgroup_plan_args *args, struct cgroup_plan **ret)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = xnew(struct cgroup_plan);
	int r;

	plan->manager = args->manager;
	plan->rootless = args->rootless;
	plan->check_limit = plan->check_memsw = -1;
	dev_policy_init(&plan->devices);
	r = plan_by_manager(plan, args);
	if (r < 0)
		return r;
	*ret = take_ptr(&plan);
	return 0;
}

void cgroup_plan_free(struct cgroup_plan *plan)
{
	if (!plan)
		return;
	for (size_t i = 0; i < plan->n_dirs; i++) {
		free(plan->dirs[i].controllers);
		free(plan->dirs[i].mountpoint);
		free(plan->dirs[i].path);
		free(plan->dirs[i].enable);
		free(plan->dirs[i].need);
	}
	free(plan->dirs);
	cg_writes_clear(&plan->writes);
	free(plan->inner);
	free(plan->unit);
	systemd_props_free(plan->unit_props);
	systemd_props_free(plan->limit_props);
	systemd_props_free(plan->device_props);
	dev_policy_clear(&plan->devices);
	dev_prog_clear(&plan->prog);
	strv_clear(&plan->v1_devices);
	strv_clear(&plan->notes);
	free(plan);
}

void cgroup_plan_refs(const struct cgroup_plan *plan, struct strv *ret)
{
	if (plan->unit)
		strv_add_take(ret, cgpath_unit_format(plan->unit, plan->unit_user));
	for (size_t i = 0; i < plan->n_dirs; i++) {
		const struct cg_dir *d = &plan->dirs[i];

		strv_add_take(ret, cgpath_ref_format(d->controllers, d->mountpoint, d->path));
	}
}
