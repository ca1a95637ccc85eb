/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/plan.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "linux/rlimit.h"
#include "linux/sched.h"
#include "linux/sysctl.h"
#include "ocispec.h"
#include "runtime/notify.h"
#include "spec/annotations.h"
#include "spec/bundle.h"

void plan_clear(struct launch_plan *p)
{
	cgroup_plan_free(p->cgroup);
	mount_plan_clear(&p->mounts);
	mount_opts_clear(&p->rootfs_options);
	free(p->notify_dir);
	dev_plan_clear(&p->devices);
	intelrdt_plan_clear(&p->rdt);
	landlock_plan_clear(&p->landlock);
	for (size_t i = 0; i < p->writable_len; i++)
		free(p->writable[i]);
	*p = (struct launch_plan){ 0 };
}

static void tell_notes(enum log_level level, const struct strv *notes)
{
	for (size_t i = 0; i < notes->len; i++)
		log_text(level, notes->v[i]);
}

/* ---- namespaces ---- */

static int plan_namespaces(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;
	int r;

	r = ns_plan_make(x, &p->ns);
	if (r < 0 || !p->ns.created[NS_USER])
		return r;
	if (x->uid_mappings_len || x->gid_mappings_len)
		p->idmap = (struct idmap){ x->uid_mappings, x->uid_mappings_len, x->gid_mappings,
					   x->gid_mappings_len };
	else
		p->idmap = *in->default_idmap;
	return idmap_check(&p->idmap);
}

/* ---- cgroups ---- */

/* Borrowed strings in an array of the caller's. */
static struct cgroup_property *unit_properties(const struct annotations *a)
{
	struct cgroup_property *v = xnew_n(struct cgroup_property, a->properties_len + 1);

	for (size_t i = 0; i < a->properties_len; i++)
		v[i] = (struct cgroup_property){ a->properties[i].name, a->properties[i].value };
	return v;
}

/*
 * Delegation: root of a user namespace can only use a cgroup tree that is his, and what he is shown
 * to write is meant for him. A caller without privilege can only share it, unless that root is
 * himself.
 */
static void plan_cgroup_owner(const struct plan_input *in, struct launch_plan *p,
			      struct cgroup_plan_args *args)
{
	const struct oci_config *c = in->bundle->config;
	bool writable = false;
	uint32_t uid, gid;

	for (size_t i = 0; i < c->mounts_len; i++) {
		const struct oci_mount *m = &c->mounts[i];
		bool ro = false;

		for (size_t k = 0; k < m->options_len; k++)
			ro |= str_eq(m->options[k], "ro");
		writable |= str_eq(m->type, "cgroup") && !ro;
	}
	if (!writable || !p->ns.created[NS_USER] || !p->ns.created[NS_CGROUP] ||
	    !idmap_to_host(p->idmap.uid, p->idmap.uid_len, 0, &uid) ||
	    !idmap_to_host(p->idmap.gid, p->idmap.gid_len, 0, &gid))
		return;
	if (idmap_is_foreign(&p->idmap, in->host)) {
		p->cgroup_lent = true;
		return;
	}
	args->has_owner = true;
	args->owner_uid = uid;
	args->owner_gid = in->host->euid != 0 ? in->host->egid : gid;
}

static int plan_cgroup(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;
	const struct annotations *a = &in->bundle->annotations;
	bool systemd = in->manager == CGROUP_MANAGER_SYSTEMD;
	autofree struct cgroup_property *properties = unit_properties(a);
	struct cgroup_plan_args args = {
		.host = in->cgroups,
		.manager = in->manager,
		.id = in->id,
		.cgroups_path = x ? x->cgroups_path : NULL,
		.resources = x ? x->resources : NULL,
		.rootless = in->rootless,
		.no_device_defaults = a->devices == ANNOTATIONS_DEVICES_NONE,
		.inner = systemd && a->systemd_subgroup ? a->systemd_subgroup
			 : a->cgroup_inner		? a->cgroup_inner
							: a->delegate_cgroup,
		.properties = properties,
		.n_properties = a->properties_len,
	};
	int r;

	plan_cgroup_owner(in, p, &args);
	r = cgroup_plan(&args, &p->cgroup);
	if (r >= 0)
		tell_notes(LOG_L_WARN, &p->cgroup->notes);
	return r;
}

/* ---- mounts ---- */

static enum mount_cgroup_mode mount_mode(const struct cgroup_host *host)
{
	switch (host->mode) {
	case CGROUP_MODE_UNIFIED:
		return MOUNT_CGROUP_V2;
	case CGROUP_MODE_HYBRID:
	case CGROUP_MODE_LEGACY:
		return MOUNT_CGROUP_V1;
	case CGROUP_MODE_NONE:
		break;
	}
	return MOUNT_CGROUP_NONE;
}

static struct mount_cgroup *mount_cgroups(const struct cgroup_plan *cg)
{
	struct mount_cgroup *v = xnew_n(struct mount_cgroup, cg->n_dirs + 1);

	for (size_t i = 0; i < cg->n_dirs; i++)
		v[i] = (struct mount_cgroup){ cg->dirs[i].controllers, cg->dirs[i].mountpoint,
					      cg->dirs[i].path };
	return v;
}

static bool may_lack_cgroup(const struct cgroup_plan *cg)
{
	for (size_t i = 0; i < cg->n_dirs; i++) {
		if (cg->dirs[i].optional)
			return true;
	}
	return false;
}

/* Without SELinux the kernel takes no context= option, and there is nothing to be confined by one.
 */
static void plan_label(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;

	p->mount_label = x && in->selinux ? x->mount_label : NULL;
}

/* Read-only: it is our state directory that it is in. */
static bool plan_notify(const struct plan_input *in, struct launch_plan *p, struct oci_mount *ret)
{
	static char *options[] = { (char *) "bind", (char *) "ro", (char *) "nosuid",
				   (char *) "nodev", (char *) "noexec" };

	if (!in->notify_source || !in->bundle->config->process || !p->ns.has[NS_MNT])
		return false;
	p->notify_dir = in->notify_point ? xstrdup(in->notify_point)
					 : notify_mount_point(in->notify_socket);
	*ret = (struct oci_mount){ .source = (char *) in->notify_source,
				   .destination = p->notify_dir,
				   .options = options,
				   .options_len = ARRAY_SIZE(options) };
	return true;
}

static int plan_mounts(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_config *c = in->bundle->config;
	const struct annotations *a = &in->bundle->annotations;
	autofree struct mount_cgroup *cgroups = mount_cgroups(p->cgroup);
	/* a set: only the keys count */
	struct oci_map optional = { a->mounts_optional_len, a->mounts_optional,
				    a->mounts_optional };
	autofree struct oci_mount *mounts = xnew_n(struct oci_mount, c->mounts_len + 1);
	struct mount_plan_args args = {
		.mounts = mounts,
		.mounts_len = c->mounts_len,
		.bundle = in->bundle->path,
		.userns = p->ns.has[NS_USER],
		.pidns = p->ns.has[NS_PID],
		.cgroupns = p->ns.has[NS_CGROUP],
		.cgroup_mode = mount_mode(in->cgroups),
		.cgroups = cgroups,
		.cgroups_len = p->cgroup->n_dirs,
		.cgroups_may_fail = may_lack_cgroup(p->cgroup),
		.rootfs_propagation = p->rootfs.propagation,
		.label = p->mount_label,
		.label_type = a->mount_context_type,
		.optional = a->mounts_optional ? &optional : NULL,
		.userns_map = p->idmap,
	};
	struct oci_mount notify;
	int r;

	if (c->mounts_len)
		memcpy(mounts, c->mounts, c->mounts_len * sizeof(*mounts));
	if (plan_notify(in, p, &notify))
		mounts[args.mounts_len++] = notify;
	r = mount_plan(&args, &p->mounts);
	if (r >= 0)
		tell_notes(LOG_L_INFO, &p->mounts.notes);
	return r;
}

static int plan_rootfs_idmap(const struct plan_input *in, struct launch_plan *p)
{
	if (!str_eq(in->bundle->annotations.rootfs_idmap, "container"))
		return err_code(
			ENOTSUP,
			"annotations[\"org.hako.rootfs.idmap\"]: only 'container' can be had");
	if (!p->ns.has[NS_USER])
		return err_code(
			EINVAL,
			"annotations[\"org.hako.rootfs.idmap\"]: there is no user namespace");
	p->rootfs_idmap = (struct mount_op){
		.kind = MOUNT_OP_BIND,
		.flags = MOUNT_OP_REC | MOUNT_OP_IDMAP | MOUNT_OP_IDMAP_REC | MOUNT_OP_IDMAP_USERNS,
		.source = in->bundle->rootfs,
		.destination = (char *) "/",
	};
	return 0;
}

/* root.path is where it goes then: a directory in the container's mount namespace only. */
static int plan_rootfs_tree(const struct plan_input *in, struct launch_plan *p)
{
	const struct annotations *a = &in->bundle->annotations;
	struct rootfs_tree *t = &p->rootfs_tree;

	t->overlay = a->rootfs_overlay;
	t->image = a->rootfs_source;
	if (!rootfs_tree_wanted(t)) {
		if (p->rootfs_options.data.len)
			return err_code(
				EINVAL,
				"annotations[\"org.hako.rootfs.options\"]: '%s' is no option "
				"of a directory",
				p->rootfs_options.data.v[0]);
		return 0;
	}
	if (t->overlay && t->image)
		return err_code(EINVAL, "annotations[\"org.hako.rootfs.source\"]: there is an "
					"overlay already");
	if (a->rootfs_idmap)
		return err_code(ENOTSUP, "annotations[\"org.hako.rootfs.idmap\"]: for a directory "
					 "only");
	if (!p->ns.created[NS_MNT])
		return err_code(EINVAL,
				"annotations[\"org.hako.rootfs.%s\"]: needs a mount "
				"namespace of the container's own",
				t->overlay ? "overlay" : "source");
	t->data = p->rootfs_options.data.v;
	t->data_len = p->rootfs_options.data.len;
	t->sb_flags = p->rootfs_options.sb_set;
	t->readonly = p->rootfs_options.attrs.set & MOUNT_ATTR_RDONLY;
	t->user = !in->host->initial_userns || in->host->euid != 0;
	p->tree_by_init = in->host->euid != 0 && p->ns.created[NS_USER];
	return 0;
}

static int plan_rootfs(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_config *c = in->bundle->config;
	const struct annotations *a = &in->bundle->annotations;
	struct rootfs_args *args = &p->rootfs;
	autostrv struct strv options = { NULL, 0 };
	int r;

	*args = (struct rootfs_args){
		.path = in->bundle->rootfs,
		.enter = in->no_pivot ? ROOTFS_MOVE : ROOTFS_PIVOT,
		.readonly = c->root && c->root->readonly,
		.tree_fd = FD_NONE,
	};
	if (!p->ns.has[NS_MNT])
		args->enter = ROOTFS_CHROOT;
	if (a->rootfs_options) {
		strv_split(&options, a->rootfs_options, ",");
		mount_opts_parse(options.v, options.len, &p->rootfs_options);
		args->attrs = &p->rootfs_options.attrs;
	}
	r = plan_rootfs_tree(in, p);
	if (r >= 0 && a->rootfs_idmap)
		r = plan_rootfs_idmap(in, p);
	if (r < 0)
		return r;
	args->shared_inside = a->rootfs_shared;
	if (c->linux && c->linux->rootfs_propagation &&
	    mount_opts_propagation(c->linux->rootfs_propagation, &args->propagation) < 0)
		return err_code(EINVAL, "linux.rootfsPropagation: unknown value '%s'",
				c->linux->rootfs_propagation);
	return 0;
}

/* Nodes that a user namespace may not make: who starts us may, with the owners that the container's
 * ids are on the host. Without an owner of its own a node is the host's. */
static bool plan_outside(const struct idmap *map, struct dev_plan *plan)
{
	bool any = false;

	for (size_t i = 0; i < plan->len; i++) {
		struct dev_node *n = &plan->nodes[i];

		n->outside = n->asked && n->type != S_IFIFO &&
			     idmap_to_host(map->uid, map->uid_len, n->uid, &n->host_uid) &&
			     idmap_to_host(map->gid, map->gid_len, n->gid, &n->host_gid);
		any |= n->outside;
	}
	return any;
}

/*
 * A bind mount over /dev brings a directory that is somebody else's: nothing is made in it. Without
 * a mount namespace nothing is made either, it would be the image's for good.
 */
static int plan_devices(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;
	const struct annotations *a = &in->bundle->annotations;
	int r;

	p->make_devices = !a->no_autodev && !p->mounts.dev_bound && p->ns.has[NS_MNT];
	p->bind_devices = p->ns.has[NS_USER];
	r = dev_plan(x ? x->devices : NULL, x ? x->devices_len : 0, true, &p->devices);
	if (r >= 0 && p->make_devices && p->ns.created[NS_USER] && in->host->initial_userns &&
	    host_has_cap(in->host, CAP_MKNOD) && host_has_cap(in->host, CAP_SYS_ADMIN))
		p->serve_devices = plan_outside(&p->idmap, &p->devices);
	return r;
}

/* proc:mixed of LXC: read-only but for what belongs to the container's network namespace. */
static void plan_writable(const struct plan_input *in, struct launch_plan *p)
{
	const struct annotations *a = &in->bundle->annotations;

	if (a->proc_mixed)
		p->writable[p->writable_len++] = xstrdup("/proc/sys/net");
	if (a->sys_mixed)
		p->writable[p->writable_len++] = xstrdup("/sys/devices/virtual/net");
}

/* ---- process ---- */

const char *plan_attendance(const struct annotations *a, bool warn)
{
	const struct {
		bool wanted;
		const char *name;
	} all[] = {
		{ a->console_buffer, "console.buffer" }, { a->console_logfile, "console.logfile" },
		{ a->console_path, "console.path" },	 { a->ephemeral, "ephemeral" },
		{ a->pdeath, "pdeath" },		 { a->reboot_restart, "reboot" },
		{ a->tty_max, "tty.max" },
	};
	const char *any = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i].wanted)
			any = all[i].name;
		if (all[i].wanted && warn)
			log_warn("annotations[\"org.hako.%s\"]: no effect, as nobody stays "
				 "with the container: use hako run",
				 all[i].name);
	}
	return any;
}

static int plan_terminal(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_process *proc = in->bundle->config->process;
	const struct annotations *a = &in->bundle->annotations;

	bool alone = in->detached && !in->can_supervise;

	p->supervised = plan_attendance(a, alone) && in->detached && in->can_supervise;
	p->terminal = proc && proc->terminal;
	p->relay_terminal = p->terminal && !in->console_socket && !p->supervised;
	p->ttys = alone ? 0 : a->tty_max;
	if (p->relay_terminal && in->detached)
		return err_code(EINVAL, "process.terminal is true and nobody stays to relay it: "
					"give --console-socket, or set it to false");
	if (!p->terminal && in->console_socket)
		return err_code(EINVAL,
				"--console-socket is of no use: process.terminal is not set");
	return 0;
}

static int plan_process(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_config *c = in->bundle->config;
	const struct oci_process *proc = c->process;
	int r;

	p->has_process = proc;
	r = plan_terminal(in, p);
	if (r < 0)
		return r;
	if (c->linux) {
		r = sysctl_check(c->linux->sysctl, ns_plan_flags(&p->ns), c->domainname);
		if (r < 0)
			return r;
	}
	p->new_keyring =
		!in->no_new_keyring && in->bundle->annotations.keyring == ANNOTATIONS_KEYRING_NEW;
	if (!proc)
		return 0;
	if (in->bundle->annotations.apparmor_generate && str_empty(proc->apparmor_profile))
		return err_code(EINVAL, "annotations[\"org.hako.apparmor.generate\"]: "
					"process.apparmorProfile does not name the profile");
	p->labels = (struct lsm_labels){ proc->apparmor_profile, proc->selinux_label,
					 in->bundle->annotations.selinux_keyring };
	caps_plan(proc->capabilities, 0, &p->caps);
	r = landlock_plan(in->bundle->annotations.landlock, &p->landlock);
	if (r < 0)
		return r;
	r = rlimit_check(proc->rlimits, proc->rlimits_len);
	if (r >= 0 && proc->scheduler)
		r = sched_policy_check(proc->scheduler);
	return r;
}

static int plan_network(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;

	if (x && x->net_devices && x->net_devices->len && in->rootless)
		return err_code(EPERM, "linux.netDevices: the host's network devices are not ours "
				       "to move (rootless)");
	p->net_devices = x ? x->net_devices : NULL;
	return 0;
}

static int plan_rdt(const struct plan_input *in, struct launch_plan *p)
{
	const struct oci_linux *x = in->bundle->config->linux;

	if (!x || !x->intel_rdt)
		return 0;
	if (in->rootless)
		return err_code(EPERM, "linux.intelRdt: the host's classes of service are not ours "
				       "to make (rootless)");
	return intelrdt_plan(x->intel_rdt, in->id, &p->rdt);
}

int plan_make(const struct plan_input *in, struct launch_plan *ret)
{
	static int (*const parts[])(const struct plan_input *, struct launch_plan *) = {
		plan_network, plan_namespaces, plan_cgroup,  plan_rootfs,
		plan_mounts,  plan_devices,    plan_process, plan_rdt,
	};
	int r = 0;

	plan_label(in, ret);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(parts); i++)
		r = parts[i](in, ret);
	if (r < 0)
		return r;
	plan_writable(in, ret);
	ret->pid_namespace_shared = !ret->ns.created[NS_PID];
	return 0;
}
