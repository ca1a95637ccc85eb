/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_ext.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/resolve.h"
#include "ocispec.h"
#include "runtime/criu.h"
#include "runtime/launch.h"

void criu_ext_fds_close(struct criu_ext_fds *f)
{
	for (size_t i = 0; i < f->n; i++)
		fd_close(&f->fds[i]);
	f->n = 0;
}

static void add_external(struct strbuf *opts, const char *type, const char *key, const char *value)
{
	autofree char *text = xasprintf("%s[%s]:%s", type, key, value);

	criu_add_text(opts, CRIU_OPT_EXTERNAL, text);
}

/* ---- mounts ---- */

/*
 * Where a destination really is: criu knows mount points, not the links that lead there. The end of
 * the path may be missing yet.
 */
static char *mount_point(int root_fd, const char *destination)
{
	autofd int fd = resolve_open(root_fd, destination, O_PATH);
	char *text = fd >= 0 ? resolve_text(root_fd, fd) : NULL;
	const char *name = path_base(destination);
	autofree char *parent = NULL, *above = NULL;

	if (text || str_eq(destination, "/") || name == destination + 1)
		return text ? text : xstrdup(destination);
	above = xstrndup(destination, (size_t) (name - destination) - 1);
	parent = mount_point(root_fd, above);
	return path_join(parent, name);
}

static bool is_file(int root_fd, const char *path)
{
	autofd int fd = resolve_open(root_fd, path, O_PATH);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
}

static int refuse_idmapped(const struct launch *l)
{
	const struct mount_plan *plan = &l->plan.mounts;

	if (l->plan.rootfs_idmap.source)
		return err_code(ENOTSUP, "criu cannot save the idmapped root of container '%s'",
				l->c.id);
	for (size_t i = 0; i < plan->len; i++) {
		if (plan->ops[i].flags & (MOUNT_OP_IDMAP | MOUNT_OP_IDMAP_REC))
			return err_code(ENOTSUP, "mounts[%zu]: criu cannot save idmapped mounts",
					plan->ops[i].index);
	}
	return 0;
}

int criu_ext_dump_mounts(const struct launch *l, int root_fd, struct strbuf *opts)
{
	const struct oci_linux *x = l->bundle.config->linux;
	const struct mount_plan *plan = &l->plan.mounts;
	const struct dev_plan *devices = &l->plan.devices;
	int r = refuse_idmapped(l);

	for (size_t i = 0; r >= 0 && i < plan->len; i++) {
		autofree char *at = NULL;

		if (plan->ops[i].kind != MOUNT_OP_BIND)
			continue;
		at = mount_point(root_fd, plan->ops[i].destination);
		add_external(opts, "mnt", at, at);
	}
	for (size_t i = 0; r >= 0 && i < devices->len; i++)
		add_external(opts, "mnt", devices->nodes[i].path, devices->nodes[i].path);
	for (size_t i = 0; r >= 0 && x && i < x->masked_paths_len; i++) {
		if (is_file(root_fd, x->masked_paths[i]))
			add_external(opts, "mnt", x->masked_paths[i], "/dev/null");
	}
	return r;
}

int criu_ext_restore_mounts(const struct launch *l, struct strbuf *opts)
{
	const struct mount_plan *plan = &l->plan.mounts;
	const struct dev_plan *devices = &l->plan.devices;
	bool null = false;
	int r = refuse_idmapped(l);

	for (size_t i = 0; r >= 0 && i < plan->len; i++) {
		autofree char *at = NULL;

		if (plan->ops[i].kind != MOUNT_OP_BIND)
			continue;
		at = mount_point(l->bundle.rootfs_fd, plan->ops[i].destination);
		add_external(opts, "mnt", at, plan->ops[i].source);
	}
	for (size_t i = 0; r >= 0 && i < devices->len; i++) {
		const char *path = devices->nodes[i].path;

		null = null || str_eq(path, "/dev/null");
		add_external(opts, "mnt", path, path);
	}
	if (r >= 0 && !null)
		add_external(opts, "mnt", "/dev/null", "/dev/null");
	return r;
}

/* ---- namespaces ---- */

static const char *namespace_key(enum ns_type type)
{
	return type == NS_NET ? "extRootNetNS" : type == NS_PID ? "extRootPidNS" : NULL;
}

int criu_ext_dump_namespaces(const struct launch *l, struct strbuf *opts)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		autofree char *path = NULL, *inode = NULL;
		struct stat st;

		if (!l->plan.ns.path[t] || !namespace_key(t))
			continue;
		path = xasprintf("/proc/%d/ns/%s", container_pid(&l->c), ns_infos[t].file);
		if (stat(path, &st) < 0)
			return err_sys("look at '%s'", path);
		inode = xasprintf("%llu", (unsigned long long) st.st_ino);
		add_external(opts, ns_infos[t].file, inode, namespace_key(t));
	}
	return 0;
}

static int inherit_namespace(const char *path, const char *key, struct criu_ext_fds *fds,
			     struct strbuf *opts)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys("open namespace '%s'", path);
	criu_add_numbered(opts, CRIU_OPT_INHERIT_FD, key, CRIU_FIRST_FD + fds->n);
	fds->fds[fds->n++] = fd;
	return 0;
}

int criu_ext_restore_namespaces(const struct launch *l, struct criu_ext_fds *fds,
				struct strbuf *opts)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		const char *path = l->plan.ns.path[t];
		int r = 0;

		if (!path)
			continue;
		if (t == NS_CGROUP || t == NS_MNT)
			return err_code(ENOTSUP, "criu cannot restore into the %s namespace '%s'",
					ns_infos[t].name, path);
		if (namespace_key(t))
			r = inherit_namespace(path, namespace_key(t), fds, opts);
		else
			criu_add_pair(opts, CRIU_OPT_JOIN_NS, ns_infos[t].file, path);
		if (r < 0)
			return r;
	}
	return 0;
}
