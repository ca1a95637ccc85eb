/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_root.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/resolve.h"
#include "runtime/launch.h"

#define DIR_MODE  0755
#define FILE_MODE 0644

/* ---- mount points ---- */

/* What is below a file system of the container's own comes with its content, out of the images. */
static bool is_in_images(const struct mount_plan *plan, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (plan->ops[k].kind == MOUNT_OP_FS &&
		    path_is_below(plan->ops[i].destination, plan->ops[k].destination))
			return true;
	}
	return false;
}

static int make_point(int root_fd, const char *path, bool dir)
{
	int fd = resolve_open(root_fd, path, O_PATH);

	if (fd == -ENOENT)
		fd = dir ? resolve_mkdir_p(root_fd, path, DIR_MODE)
			 : resolve_create_file(root_fd, path, FILE_MODE);
	return fd < 0 ? err_sys_r(fd, "open or make the mount point '%s'", path) : fd;
}

/* Bound for as long as mount points are made: those of later mounts may be inside of it. */
static int bind_for_now(const struct mount_api *api, int root_fd, const struct mount_op *op,
			int *ret_fd)
{
	static const struct mount_attrs none;
	autofd int source = mount_api_source(api, AT_FDCWD, op->source, 0), point = FD_NONE;
	struct mount_bind bind = {
		.source_fd = source, .name = op->source, .attrs = &none, .flags = MOUNT_BIND_KEEP
	};
	struct mount_at at = { .root_fd = root_fd, .path = op->destination };
	struct stat st;

	if (source == -ENOENT && op->flags & (MOUNT_OP_OPTIONAL | MOUNT_OP_MASK_MISSING))
		return 0;
	if (source < 0)
		return err_sys_r(source, "open '%s'", op->source);
	if (fstat(source, &st) < 0)
		return err_sys("look at '%s'", op->source);
	point = make_point(root_fd, op->destination, S_ISDIR(st.st_mode));
	if (point < 0)
		return point;
	at.target_fd = point;
	return mount_api_bind(api, &bind, &at, ret_fd);
}

static int make_one(const struct mount_api *api, int root_fd, const struct mount_op *op, int *mount)
{
	int fd;

	if (op->kind == MOUNT_OP_BIND)
		return bind_for_now(api, root_fd, op, mount);
	if (op->kind != MOUNT_OP_FS)
		return 0;
	fd = make_point(root_fd, op->destination, true);
	if (fd < 0)
		return fd;
	fd_close(&fd);
	return 0;
}

static void unmount(int *fd)
{
	char path[FD_PATH_MAX];

	if (*fd >= 0 && umount2(fd_proc_path(*fd, path), MNT_DETACH) < 0)
		err_forgive(-errno, "unmount: gone with the namespace in any case");
	fd_close(fd);
}

static int make_points(const struct mount_api *api, int root_fd, const struct mount_plan *plan)
{
	int *mounts = xnew_n(int, plan->len + 1);
	size_t n = 0;
	int r = 0;

	for (; n < plan->len && r >= 0; n++) {
		mounts[n] = FD_NONE;
		if (!is_in_images(plan, n))
			r = make_one(api, root_fd, &plan->ops[n], &mounts[n]);
	}
	while (n > 0)
		unmount(&mounts[--n]);
	free(mounts);
	return r;
}

/* ---- the root ---- */

char *criu_root_path(const struct launch *l)
{
	autofree char *root = path_make_absolute(l->rt->root);

	return root ? xasprintf("%s/%s/" CRIU_ROOT_DIR, root, l->c.id) : NULL;
}

/* By path: what our descriptors have open is on mounts of the namespace that was left. */
static int reopen_rootfs(const struct launch *l, int *ret_fd)
{
	/* rootfs itself: it is compared with the one that the bundle has open */
	autofd int fd = open(l->bundle.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat now, before;

	if (fd < 0 || fstat(fd, &now) < 0 || fstat(l->bundle.rootfs_fd, &before) < 0)
		return err_sys("open the root file system '%s'", l->bundle.rootfs);
	if (now.st_dev != before.st_dev || now.st_ino != before.st_ino)
		return err_code(EAGAIN, "the root file system '%s' is being replaced",
				l->bundle.rootfs);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* criu wants a root that is a mount, and whose parent is not covered by one. */
static int mount_root(const struct mount_api *api, const struct launch *l, int *ret_fd)
{
	static const struct mount_attrs none;
	autofree char *path = criu_root_path(l);
	autofd int root = FD_NONE, tree = FD_NONE;
	autofd int target = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -errno;
	struct mount_bind bind = { .name = l->bundle.rootfs,
				   .attrs = &none,
				   .flags = MOUNT_BIND_REC | MOUNT_BIND_KEEP };
	const struct mount_at at = { .root_fd = AT_FDCWD, .path = path, .target_fd = target };
	int r;

	if (target < 0)
		return err_sys("open '" CRIU_ROOT_DIR "' in the state directory");
	r = reopen_rootfs(l, &root);
	if (r < 0)
		return r;
	tree = mount_api_source(api, root, "", MOUNT_SOURCE_REC);
	if (tree < 0)
		return err_sys_r(tree, "clone the root file system '%s'", l->bundle.rootfs);
	bind.source_fd = tree;
	return mount_api_bind(api, &bind, &at, ret_fd);
}

/* criu leaves the root's mount as it finds it: the attributes are the configuration's. */
static int limit_root(const struct mount_api *api, const struct launch *l, int root_fd)
{
	const struct rootfs_args *args = &l->plan.rootfs;
	struct mount_attrs attrs = args->attrs ? *args->attrs : (struct mount_attrs){ 0 };

	if (args->readonly)
		attrs.set |= MOUNT_ATTR_RDONLY;
	return attrs.set || attrs.clear ? mount_api_setattr(api, root_fd, l->bundle.rootfs, &attrs)
					: 0;
}

int criu_root_prepare(const struct launch *l)
{
	struct mount_api api = MOUNT_API_INIT;
	autofd int root = FD_NONE;
	int r;

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys("make a mount namespace for criu");
	/* The host's mounts still come in, nothing goes out. */
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys("cut criu's mounts from the host's");
	r = mount_api_open(&api);
	if (r >= 0)
		r = mount_root(&api, l, &root);
	if (r >= 0)
		r = make_points(&api, root, &l->plan.mounts);
	if (r >= 0)
		r = limit_root(&api, l, root);
	mount_api_close(&api);
	return r;
}
