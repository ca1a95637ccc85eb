/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_cgroup.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

static void set_text(char **p, char *text)
{
	free(*p);
	*p = text;
}

static void set_readonly(struct mount_op *op)
{
	op->attrs.set |= MOUNT_ATTR_RDONLY;
	op->attrs.clear &= ~(uint64_t) MOUNT_ATTR_RDONLY;
}

static const struct mount_cgroup *find_v2(const struct mount_plan_args *args)
{
	for (size_t i = 0; i < args->cgroups_len; i++) {
		if (str_empty(args->cgroups[i].controllers))
			return &args->cgroups[i];
	}
	return NULL;
}

/* The host path of the container's cgroup. */
static char *own_path(const struct mount_cgroup *cg)
{
	autofree char *joined = path_join(cg->mountpoint, cg->path);

	return path_clean(joined);
}

static void add_bind(const struct mount_op *model, const struct mount_cgroup *cg,
		     struct mount_plan *plan, const char *destination)
{
	struct mount_op *op = mount_plan_add(plan, model);

	op->kind = MOUNT_OP_BIND;
	op->flags |= MOUNT_OP_MASK_MISSING;
	set_text(&op->fstype, NULL);
	set_text(&op->source, own_path(cg));
	set_text(&op->destination, xstrdup(destination));
	strv_clear(&op->data);
	if (!(op->attrs.set | op->attrs.clear | op->attrs.rec_set | op->attrs.rec_clear))
		op->flags |= MOUNT_OP_KEEP_ATTRS;
}

static struct mount_op *add_fs(const struct mount_op *model, struct mount_plan *plan,
			       const char *fstype, const char *destination)
{
	struct mount_op *op = mount_plan_add(plan, model);

	op->kind = MOUNT_OP_FS;
	set_text(&op->fstype, xstrdup(fstype));
	set_text(&op->destination, xstrdup(destination));
	return op;
}

static void plan_v2(const struct mount_plan_args *args, const struct mount_op *model,
		    struct mount_plan *plan)
{
	const struct mount_cgroup *own = find_v2(args);
	struct mount_op *op;

	if (own && !args->cgroupns) {
		add_bind(model, own, plan, model->destination);
		return;
	}
	op = add_fs(model, plan, "cgroup2", model->destination);
	if (!own || args->cgroups_may_fail)
		set_readonly(op);
	if (args->userns)
		op->alternative = own ? own_path(own) : xstrdup("/sys/fs/cgroup");
}

/* The mount directory is called like its controllers, in the order of the host: "cpu,cpuacct". */
static void add_links(const struct mount_op *model, const struct mount_cgroup *cg,
		      struct mount_plan *plan, const char *name)
{
	autostrv struct strv parts = { 0 };

	strv_split(&parts, cg->controllers, ",");
	for (size_t i = 0; i < parts.len; i++) {
		struct mount_op *op;

		if (str_eq(parts.v[i], name) || strchr(parts.v[i], '='))
			continue;
		op = mount_plan_add(plan, model);
		op->kind = MOUNT_OP_SYMLINK;
		set_text(&op->fstype, NULL);
		set_text(&op->source, xstrdup(name));
		set_text(&op->destination, path_join(model->destination, parts.v[i]));
		op->attrs = (struct mount_attrs){ 0 };
		strv_clear(&op->data);
	}
}

static void add_hierarchy(const struct mount_plan_args *args, const struct mount_op *model,
			  const struct mount_cgroup *cg, struct mount_plan *plan)
{
	bool v2 = str_empty(cg->controllers);
	const char *name = v2 ? "unified" : path_base(cg->mountpoint);
	autofree char *destination = path_join(model->destination, name);
	struct mount_op *op;

	if (!args->cgroupns) {
		add_bind(model, cg, plan, destination);
	} else {
		op = add_fs(model, plan, v2 ? "cgroup2" : "cgroup", destination);
		if (args->cgroups_may_fail)
			set_readonly(op);
		strv_clear(&op->data);
		strv_split(&op->data, cg->controllers, ",");
		/* A hierarchy with a name and no controllers has to say that it has none. */
		if (str_starts(cg->controllers, "name="))
			strv_add(&op->data, "none");
		if (args->userns)
			op->alternative = own_path(cg);
	}
	if (!v2)
		add_links(model, cg, plan, name);
}

static void plan_v1(const struct mount_plan_args *args, const struct mount_op *model,
		    struct mount_plan *plan)
{
	const uint64_t safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	bool readonly = (model->attrs.set & MOUNT_ATTR_RDONLY) || args->cgroups_len == 0;
	struct mount_op *top = add_fs(model, plan, "tmpfs", model->destination);

	set_text(&top->source, xstrdup("tmpfs"));
	strv_clear(&top->data);
	strv_add(&top->data, "mode=755");
	top->attrs.set |= safe;
	top->attrs.set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
	top->attrs.clear &= ~safe;
	top->flags |= readonly ? MOUNT_OP_LATE_RO : 0u;
	for (size_t i = 0; i < args->cgroups_len; i++)
		add_hierarchy(args, model, &args->cgroups[i], plan);
}

void mount_cgroup_plan(const struct mount_plan_args *args, const struct mount_op *model,
		       struct mount_plan *plan)
{
	bool wants_v2 = args->cgroup_mode == MOUNT_CGROUP_V2 ||
			(str_eq(model->fstype, "cgroup2") && find_v2(args));

	if (args->cgroup_mode == MOUNT_CGROUP_NONE)
		strv_addf(&plan->notes,
			  "mounts[%zu]: the host has no cgroup file system: '%s' is empty",
			  model->index, model->destination);
	if (wants_v2)
		plan_v2(args, model, plan);
	else
		plan_v1(args, model, plan);
}
