/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "base/resolve.h"
#include "base/rlimit.h"
#include "linux/seccomp_filter.h"
#include "linux/sysctl.h"
#include "runtime/check.h"
#include "runtime/launch.h"

/*
 * What the start of a planned container would need of this machine, one probe a topic. Each looks
 * at what the document asks for and at nothing else; none changes anything.
 */

#define TEXT_MAX (4u << 20)

#define host_error(report, ...) check_add((report), CHECK_ERROR, CHECK_HOST, __VA_ARGS__)
#define host_warn(report, ...)	check_add((report), CHECK_WARNING, CHECK_HOST, __VA_ARGS__)

static bool exists(const char *path)
{
	return file_exists_at(AT_FDCWD, path);
}

/* Is word a line of the text, or what stands before a blank in one? */
static bool has_line(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = text; s; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
		if (strncmp(s, word, n) == 0 && (!s[n] || s[n] == '\n' || s[n] == ' '))
			return true;
	}
	return false;
}

/* ---- namespaces ---- */

static bool none_allowed(const struct ns_info *ns)
{
	autofree char *path = xasprintf("/proc/sys/user/max_%s_namespaces", ns->file);
	autofree char *text = NULL;

	return file_read_at(AT_FDCWD, path, 64, &text, NULL) >= 0 && str_eq(str_trim(text), "0");
}

static void probe_namespaces(struct check_report *report, const struct launch *l)
{
	const struct ns_plan *p = &l->plan.ns;
	struct ns_files files = NS_FILES_INIT;
	bool privileged = p->has[NS_USER] || host_has_cap(&l->host, CAP_SYS_ADMIN);

	for (int i = 0; i < NS_COUNT_; i++) {
		autofree char *path = xasprintf("/proc/self/ns/%s", ns_infos[i].file);

		if (!p->has[i])
			continue;
		if (!exists(path))
			host_error(report, "linux.namespaces: this kernel has no %s namespaces",
				   ns_infos[i].name);
		else if (p->created[i] && none_allowed(&ns_infos[i]))
			host_error(report, "linux.namespaces: user.max_%s_namespaces is 0",
				   ns_infos[i].file);
		else if (!privileged)
			host_error(report,
				   "linux.namespaces: a %s namespace needs CAP_SYS_ADMIN, or a "
				   "user namespace beside it",
				   ns_infos[i].name);
	}
	if (ns_enter_open(p, &files) < 0)
		check_add_record(report, CHECK_HOST);
	ns_files_close(&files);
}

/* ---- ids ---- */

/* Does /proc/self/[ug]id_map map all ids of the range, piece by piece? */
static bool is_mapped(const char *own_map, uint64_t first, uint64_t end)
{
	while (first < end) {
		unsigned long long inside, outside, count;
		uint64_t before = first;
		int n = 0;

		for (const char *s = own_map;
		     sscanf(s, "%llu %llu %llu\n%n", &inside, &outside, &count, &n) == 3; s += n) {
			if (first >= inside && first < inside + count)
				first = inside + count;
		}
		if (first == before)
			return false;
	}
	return true;
}

struct id_kind {
	const char *field;
	const char *own_map;
	const char *subid;
	const char *helper;
	int cap;
};
static const struct id_kind uids = { "uidMappings", "/proc/self/uid_map", "/etc/subuid",
				     "newuidmap", CAP_SETUID };
static const struct id_kind gids = { "gidMappings", "/proc/self/gid_map", "/etc/subgid",
				     "newgidmap", CAP_SETGID };

static bool is_on_path(const char *program)
{
	autostrv struct strv dirs = { 0 };
	const char *path = getenv("PATH");

	strv_split(&dirs, path ? path : "/usr/bin:/bin", ":");
	for (size_t i = 0; i < dirs.len; i++) {
		autofree char *file = path_join(dirs.v[i], program);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

/* Without privilege a helper writes the map, and allows what the administrator has given out. */
static void probe_subids(struct check_report *report, const struct launch *l,
			 const struct id_kind *kind, const struct oci_id_mapping *m, size_t n)
{
	uint32_t own = kind == &uids ? l->host.euid : l->host.egid, start = 0, count = 0;
	const struct passwd *pw = getpwuid(l->host.euid);
	autofree char *text = NULL;

	if (n == 1 && m->size == 1 && m->host_id == own)
		return;
	if (!is_on_path(kind->helper)) {
		host_error(report, "linux.%s: needs %s, which is not on PATH", kind->field,
			   kind->helper);
		return;
	}
	if (file_read_at(AT_FDCWD, kind->subid, TEXT_MAX, &text, NULL) >= 0)
		(void) idmap_subid_find(text, pw ? pw->pw_name : NULL, l->host.euid, &start,
					&count);
	for (size_t i = 0; i < n; i++) {
		uint64_t end = (uint64_t) m[i].host_id + m[i].size;

		if (m[i].size == 1 && m[i].host_id == own)
			continue;
		if (m[i].host_id < start || end > (uint64_t) start + count)
			host_warn(report, "linux.%s[%zu]: not within the first range of %s",
				  kind->field, i, kind->subid);
	}
}

static void probe_map(struct check_report *report, const struct launch *l,
		      const struct id_kind *kind, const struct oci_id_mapping *m, size_t n)
{
	autofree char *own = NULL;

	if (!host_has_cap(&l->host, kind->cap)) {
		probe_subids(report, l, kind, m, n);
		return;
	}
	if (file_read_at(AT_FDCWD, kind->own_map, TEXT_MAX, &own, NULL) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t end = (uint64_t) m[i].host_id + m[i].size;

		if (!is_mapped(own, m[i].host_id, end))
			host_error(report,
				   "linux.%s[%zu]: ids %u to %llu are not mapped in our own user "
				   "namespace",
				   kind->field, i, m[i].host_id, (unsigned long long) end - 1);
	}
}

static void probe_process_ids(struct check_report *report, const struct launch *l)
{
	const struct oci_process *p = l->bundle.config->process;
	const struct oci_user *u = p ? p->user : NULL;
	const struct idmap *map = &l->plan.idmap;
	uint32_t id;

	if (!u)
		return;
	if (!idmap_to_host(map->uid, map->uid_len, u->uid, &id))
		host_error(report, "process.user.uid: %u is not mapped in the user namespace",
			   u->uid);
	if (!idmap_to_host(map->gid, map->gid_len, u->gid, &id))
		host_error(report, "process.user.gid: %u is not mapped in the user namespace",
			   u->gid);
	for (size_t i = 0; i < u->additional_gids_len; i++) {
		if (!idmap_to_host(map->gid, map->gid_len, u->additional_gids[i], &id))
			host_error(report,
				   "process.user.additionalGids[%zu]: %u is not mapped in the "
				   "user namespace",
				   i, u->additional_gids[i]);
	}
}

static void probe_ids(struct check_report *report, const struct launch *l)
{
	const struct idmap *map = &l->plan.idmap;

	if (!l->plan.ns.created[NS_USER])
		return;
	probe_map(report, l, &uids, map->uid, map->uid_len);
	probe_map(report, l, &gids, map->gid, map->gid_len);
	probe_process_ids(report, l);
}

/* ---- files ---- */

static void probe_source(struct check_report *report, const struct mount_op *op)
{
	int flags = AT_NO_AUTOMOUNT;
	struct stat st;

	if (op->flags & (MOUNT_OP_SRC_NOFOLLOW | MOUNT_OP_COPY_SYMLINK))
		flags |= AT_SYMLINK_NOFOLLOW;
	if (fstatat(AT_FDCWD, op->source, &st, flags) < 0)
		check_add(report,
			  op->flags & (MOUNT_OP_OPTIONAL | MOUNT_OP_MASK_MISSING) ? CHECK_NOTE
										  : CHECK_ERROR,
			  CHECK_HOST, "mounts[%zu].source: '%s': %s", op->index, op->source,
			  err_describe(errno));
}

/* "nodev\tproc" and "\text4"; a file system in user space has a part of its own behind a dot. */
static bool has_filesystem(const char *filesystems, const char *type)
{
	size_t n = strcspn(type, ".");
	autofree char *line = xasprintf("\t%.*s\n", (int) n, type);

	return strstr(filesystems, line) != NULL;
}

/* Its sources are the container's cgroups, which are made at start. */
static bool is_cgroup_mount(const struct launch *l, size_t index)
{
	const char *type = l->bundle.config->mounts[index].type;

	return str_eq(type, "cgroup") || str_eq(type, "cgroup2");
}

static void probe_mounts(struct check_report *report, const struct launch *l)
{
	const struct mount_plan *p = &l->plan.mounts;
	autofree char *filesystems = NULL;

	if (file_read_at(AT_FDCWD, "/proc/filesystems", TEXT_MAX, &filesystems, NULL) < 0)
		filesystems = NULL;
	for (size_t i = 0; i < p->notes.len; i++)
		check_add(report, CHECK_NOTE, CHECK_CONFIG, "%s", p->notes.v[i]);
	for (size_t i = 0; i < p->len; i++) {
		const struct mount_op *op = &p->ops[i];

		if (is_cgroup_mount(l, op->index))
			continue;
		if (op->kind == MOUNT_OP_BIND && op->source)
			probe_source(report, op);
		else if (op->kind == MOUNT_OP_FS && filesystems && !op->alternative &&
			 !has_filesystem(filesystems, op->fstype))
			host_warn(report,
				  "mounts[%zu].type: the kernel has no '%s' now; a module may "
				  "bring it",
				  op->index, op->fstype);
	}
}

/* Is there such a program in the root as it lies there, before mounts and hooks? */
static bool has_program(const struct launch *l, const char *dir, const char *name)
{
	autofree char *path = path_resolve_text(dir, name);
	autofd int fd = resolve_open(l->bundle.rootfs_fd, path, O_PATH);

	return fd >= 0;
}

static void probe_program(struct check_report *report, const struct launch *l)
{
	const struct oci_process *p = l->bundle.config->process;
	autostrv struct strv dirs = { 0 };
	const char *path;
	bool found = false;

	if (!p || !p->args_len || l->bundle.rootfs_fd < 0 ||
	    rootfs_tree_wanted(&l->plan.rootfs_tree))
		return;
	path = env_get(p->env, "PATH");
	if (strchr(p->args[0], '/'))
		strv_add(&dirs, p->cwd ? p->cwd : "/");
	else
		strv_split(&dirs, path ? path : "/usr/local/bin:/usr/bin:/bin", ":");
	for (size_t i = 0; i < dirs.len && !found; i++)
		found = has_program(l, dirs.v[i], p->args[0]);
	if (!found)
		host_warn(report,
			  "process.args[0]: '%s' is not in the root filesystem; a mount or a hook "
			  "may bring it",
			  p->args[0]);
}

static void probe_hooks(struct check_report *report, const struct launch *l)
{
	const struct oci_hooks *h = l->bundle.config->hooks;

	if (!h)
		return;
	/* startContainer is left out: its programs are those of the container. */
	const struct {
		const char *name;
		const struct oci_hook *v;
		size_t n;
	} stages[] = {
		{ "prestart", h->prestart, h->prestart_len },
		{ "createRuntime", h->create_runtime, h->create_runtime_len },
		{ "createContainer", h->create_container, h->create_container_len },
		{ "poststart", h->poststart, h->poststart_len },
		{ "poststop", h->poststop, h->poststop_len },
	};

	for (size_t s = 0; s < ARRAY_SIZE(stages); s++) {
		for (size_t i = 0; i < stages[s].n; i++) {
			if (access(stages[s].v[i].path, X_OK) < 0)
				host_error(report, "hooks.%s[%zu].path: '%s': %s", stages[s].name,
					   i, stages[s].v[i].path, err_describe(errno));
		}
	}
}

/* Where nodes cannot be made the host's are bound, so they have to be there. */
static void probe_devices(struct check_report *report, const struct launch *l)
{
	const struct dev_plan *p = &l->plan.devices;

	if (!l->plan.make_devices || (!l->plan.bind_devices && host_has_cap(&l->host, CAP_MKNOD)))
		return;
	for (size_t i = 0; i < p->len; i++) {
		const struct dev_node *d = &p->nodes[i];
		struct stat st;

		if (d->type == S_IFIFO || d->outside)
			continue;
		if (stat(d->path, &st) < 0 || (st.st_mode & S_IFMT) != d->type ||
		    st.st_rdev != makedev(d->major, d->minor))
			host_error(report,
				   "linux.devices: '%s' cannot be made here, and the host has no "
				   "such device to lend",
				   d->path);
	}
}

/* ---- cgroups ---- */

static bool lacks_controller(const char *dir, const char *need)
{
	autofree char *file = path_join(dir, "cgroup.controllers"), *have = NULL;
	autostrv struct strv wanted = { 0 }, there = { 0 };

	if (file_read_at(AT_FDCWD, file, TEXT_MAX, &have, NULL) < 0)
		return false;
	strv_split(&wanted, need, " ");
	strv_split(&there, have, " \n");
	for (size_t i = 0; i < wanted.len; i++) {
		if (!strv_has(&there, wanted.v[i]))
			return true;
	}
	return false;
}

/* The container's cgroup is made below the nearest one that exists. */
static void probe_cgroups(struct check_report *report, const struct launch *l)
{
	const struct cgroup_plan *p = l->plan.cgroup;

	for (size_t i = 0; p->manager == CGROUP_MANAGER_CGROUPFS && i < p->n_dirs; i++) {
		const struct cg_dir *d = &p->dirs[i];
		autofree char *path = path_join(d->mountpoint, d->path);
		size_t top = strlen(d->mountpoint);

		while (strlen(path) > top && !exists(path))
			*strrchr(path, '/') = '\0';
		if (d->optional)
			continue;
		if (access(path, W_OK | X_OK) < 0)
			host_error(report, "linux.cgroupsPath: cannot make a cgroup in '%s': %s",
				   path, err_describe(errno));
		else if (*d->need && lacks_controller(path, d->need))
			host_error(report, "linux.resources: '%s' does not have all of: %s", path,
				   d->need);
	}
	if (p->manager == CGROUP_MANAGER_SYSTEMD && !exists("/run/systemd/system"))
		host_error(report, "linux.cgroupsPath: this machine was not started by systemd");
}

/* ---- security ---- */

static void probe_labels(struct check_report *report, const struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;
	const char *profile = l->plan.labels.apparmor;
	autofree char *profiles = NULL;

	if (lsm_wanted(&l->plan.labels) && lsm_check(&l->plan.labels) < 0)
		check_add_record(report, CHECK_HOST);
	else if (!str_empty(profile) && !str_eq(profile, "unconfined") && !strstr(profile, "//&") &&
		 file_read_at(AT_FDCWD, "/sys/kernel/security/apparmor/profiles", TEXT_MAX,
			      &profiles, NULL) >= 0 &&
		 !has_line(profiles, profile))
		host_error(report, "process.apparmorProfile: '%s' is not loaded", profile);
	if (x && !str_empty(x->mount_label) && !lsm_selinux_is_enabled())
		host_warn(report, "linux.mountLabel: SELinux is not enabled, mounts get no label");
}

static void probe_seccomp(struct check_report *report, const struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;
	const struct annotations *a = &l->bundle.annotations;
	struct seccomp_program program = { 0 };
	const char *receiver;
	struct stat st;
	int options = a->seccomp_fail_unknown_syscall ? SECCOMP_FAIL_UNKNOWN : 0;

	if (!x || !x->seccomp || !l->plan.has_process)
		return;
	if (!seccomp_is_available()) {
		host_error(report, "linux.seccomp: libseccomp is not to be had");
		return;
	}
	receiver = x->seccomp->listener_path ? x->seccomp->listener_path : a->seccomp_receiver;
	if (receiver)
		options |= SECCOMP_HAVE_RECEIVER;
	if (seccomp_filter_build(x->seccomp, options, &program) < 0)
		check_add_record(report, CHECK_HOST);
	else if (program.listener && (stat(receiver, &st) < 0 || !S_ISSOCK(st.st_mode)))
		host_error(report, "linux.seccomp.listenerPath: nobody listens at '%s'", receiver);
	seccomp_program_clear(&program);
}

/* The root of a new user namespace has them all; otherwise ours are the limit. The warnings are
 * those of a start. */
static void probe_capabilities(struct check_report *report, const struct launch *l)
{
	struct caps_sets sets = l->plan.caps;
	uint64_t bounding = 0;

	(void) report;
	if (l->plan.ns.has[NS_USER])
		return;
	for (int cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap) == 1)
			bounding |= UINT64_C(1) << cap;
	}
	caps_limit(&sets, bounding, l->host.caps);
}

/* ---- the rest ---- */

static void probe_limits(struct check_report *report, const struct launch *l)
{
	const struct oci_process *p = l->bundle.config->process;
	bool may_raise = l->host.initial_userns && host_has_cap(&l->host, CAP_SYS_RESOURCE);

	for (size_t i = 0; p && !may_raise && i < p->rlimits_len; i++) {
		const struct oci_rlimit *r = &p->rlimits[i];
		struct rlimit have;

		if (getrlimit(rlimit_parse(r->type), &have) == 0 && r->hard > have.rlim_max)
			host_error(report,
				   "process.rlimits[%zu].hard: %s cannot be raised above %llu "
				   "without CAP_SYS_RESOURCE",
				   i, r->type, (unsigned long long) have.rlim_max);
	}
}

static void probe_sysctls(struct check_report *report, const struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;

	for (size_t i = 0; x && x->sysctl && i < x->sysctl->len; i++) {
		autofree char *name = sysctl_path(x->sysctl->keys[i]);
		autofree char *path = name ? path_join("/proc/sys", name) : NULL;

		if (path && !exists(path))
			host_warn(report, "linux.sysctl[\"%s\"]: there is no '%s' here",
				  x->sysctl->keys[i], path);
	}
}

static void probe_interfaces(struct check_report *report, const struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;

	if (x && x->intel_rdt && !exists("/sys/fs/resctrl/schemata"))
		host_error(report, "linux.intelRdt: resctrl is not mounted at /sys/fs/resctrl");
	for (size_t i = 0; x && x->net_devices && i < x->net_devices->len; i++) {
		autofree char *path = path_join("/sys/class/net", x->net_devices->keys[i]);

		if (!exists(path))
			host_error(report,
				   "linux.netDevices[\"%s\"]: no such interface in our network "
				   "namespace",
				   x->net_devices->keys[i]);
	}
}

void check_host(struct check_report *report, const struct launch *l)
{
	static void (*const probes[])(struct check_report *, const struct launch *) = {
		probe_namespaces, probe_ids,	      probe_mounts,  probe_program,
		probe_hooks,	  probe_devices,      probe_cgroups, probe_labels,
		probe_seccomp,	  probe_capabilities, probe_limits,  probe_sysctls,
		probe_interfaces,
	};

	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		probes[i](report, l);
}
