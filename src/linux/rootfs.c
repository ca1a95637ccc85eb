/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"

#define MOUNTINFO_MAX (64u << 20)

/* ---- prepare ---- */

/* mount(2) changes the propagation of mounts only, so this goes up until it meets one. */
static int make_parent_private(const char *path)
{
	autofree char *at = path_clean(path);

	/* host path: the mount above the root */
	while (mount(NULL, at, NULL, MS_PRIVATE, NULL) < 0) {
		char *slash = strrchr(at, '/');

		if (errno != EINVAL || !slash || str_eq(at, "/"))
			return err_sys("make the mount above '%s' private", path);
		slash[slash == at] = '\0';
	}
	return 0;
}

/*
 * Nothing that is mounted or unmounted from now on may reach the host. Slaves, not private mounts:
 * what the host unmounts meanwhile goes away here too, and is not held busy by us. A kernel that
 * made a mount namespace for a new user namespace has done that already; it costs one call to know.
 */
int rootfs_make_slaves(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys("make the mounts of the host slaves");
	return 0;
}

static int cut_from_host(const struct rootfs_args *args)
{
	return args->propagation & MS_SHARED ? make_parent_private(args->path)
					     : rootfs_make_slaves();
}

/* Mounting on itself makes it a mount, as pivot_root(2) demands. */
static int bind_detached(const struct mount_api *api, const struct rootfs_args *args, int *ret_fd)
{
	/* rootfs itself: nothing in it has been looked at */
	autofd int tree = args->tree_fd >= 0
				  ? fd_dup_above(args->tree_fd, 0)
				  : mount_api_source(api, AT_FDCWD, args->path, MOUNT_SOURCE_REC);
	int r;

	if (tree < 0)
		return err_sys_r(tree, "open the root directory '%s'", args->path);
	r = sys_move_mount(tree, "", AT_FDCWD, args->path,
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
	if (r < 0)
		return err_sys_r(r, "bind the root directory '%s'", args->path);
	*ret_fd = take_fd(&tree);
	return 0;
}

static int bind_old(const struct mount_api *api, const struct rootfs_args *args, int *ret_fd)
{
	const struct mount_attrs none = { 0 };
	autofd int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* rootfs itself: this is how the descriptor is made */
	autofd int dir = open(args->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct mount_at at = { .root_fd = host, .path = args->path, .target_fd = dir };
	const struct mount_bind bind = { .source_fd = dir,
					 .name = args->path,
					 .attrs = &none,
					 .flags = MOUNT_BIND_REC | MOUNT_BIND_KEEP };

	if (host < 0 || dir < 0)
		return err_sys("open the root directory '%s'", args->path);
	if (args->tree_fd >= 0)
		return err_code(
			ENOTSUP,
			"put a tree of its own on the root directory '%s': needs Linux 5.12",
			args->path);
	return mount_api_bind(api, &bind, &at, ret_fd);
}

/* What can be done before there are mounts in it. Read-only has to wait: mount points are made. */
static int early_attrs(const struct mount_api *api, const struct rootfs_args *args, int root_fd)
{
	struct mount_attrs attrs = { 0 };

	if (args->attrs)
		attrs = *args->attrs;
	attrs.set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
	attrs.rec_set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
	attrs.propagation_len = 0;
	if (args->propagation & MS_PRIVATE)
		attrs.propagation[attrs.propagation_len++] = args->propagation;
	return mount_api_setattr(api, root_fd, "/", &attrs);
}

int rootfs_prepare(const struct mount_api *api, const struct rootfs_args *args, int *ret_root_fd)
{
	autofd int fd = FD_NONE;
	int r;

	if (args->enter == ROOTFS_CHROOT) {
		/* rootfs itself: this is how the descriptor is made */
		fd = open(args->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return err_sys("open the root directory '%s'", args->path);
		*ret_root_fd = take_fd(&fd);
		return 0;
	}
	r = cut_from_host(args);
	if (r == 0)
		r = api->detached ? bind_detached(api, args, &fd) : bind_old(api, args, &fd);
	if (r == 0)
		r = early_attrs(api, args, fd);
	if (r == 0)
		*ret_root_fd = take_fd(&fd);
	return r;
}

/* ---- enter ---- */

/*
 * pivot_root(".", ".") puts the old root on top of the new one, and umount2(".") takes the topmost
 * mount there, pivot_root(2): no directory for the old root is needed. The old mounts are slaves,
 * so unmounting them is our own business; with "shared" they have to become slaves first.
 */
static int enter_pivot(const struct rootfs_args *args, int root_fd)
{
	autofd int old = FD_NONE;
	int r;

	if (args->propagation & MS_SHARED) {
		old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (old < 0)
			return err_sys("open the old root");
	}
	if (fchdir(root_fd) < 0)
		return err_sys("change to the root directory '%s'", args->path);
	r = sys_pivot_root(".", ".");
	if (r == -EINVAL)
		return err_code(EINVAL,
				"make '%s' the root: invalid argument (a host that runs "
				"from an initramfs needs --no-pivot)",
				args->path);
	if (r < 0)
		return err_sys_r(r, "make '%s' the root", args->path);
	if (old >= 0 && (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_REC | MS_SLAVE, NULL) < 0))
		return err_sys("make the old root a slave");
	if (umount2(".", MNT_DETACH) < 0)
		return err_sys("unmount the old root");
	if (old >= 0 && fchdir(root_fd) < 0)
		return err_sys("change to the new root");
	return 0;
}

/*
 * A root that has only been covered leaves the host's mounts in the namespace. A procfs or sysfs of
 * the host that nothing hides would permit a user namespace inside to mount a full one of its own.
 */
static int hide_kernel_mount(void *arg, const struct mountinfo *m)
{
	const char *root = arg;

	if ((!str_eq(m->fstype, "proc") && !str_eq(m->fstype, "sysfs")) ||
	    path_is_below(m->mountpoint, root))
		return 0;
	/* host path: of the mount table */
	if (umount2(m->mountpoint, MNT_DETACH) == 0)
		return 0;
	/* Locked, in a user namespace: something has to be in front of it. */
	if (errno != EINVAL && errno != EPERM)
		return err_sys("unmount the host's '%s'", m->mountpoint);
	/* host path: the same */
	if (mount("tmpfs", m->mountpoint, "tmpfs", MS_RDONLY, NULL) < 0)
		return err_sys("cover the host's '%s'", m->mountpoint);
	return 0;
}

static int enter_move(const struct rootfs_args *args, int root_fd)
{
	autofree char *text = NULL, *root = fd_target(root_fd);
	int r = file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL);

	if (r < 0)
		return err_sys_r(r, "read the mounts");
	if (!root)
		return err_sys("find the root directory '%s'", args->path);
	r = mountinfo_each(text, hide_kernel_mount, root);
	if (r < 0)
		return err_is_set() ? r : err_sys_r(r, "read the mounts");
	if (fchdir(root_fd) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return err_sys("move '%s' to '/'", args->path);
	if (chroot(".") < 0 || chdir("/") < 0)
		return err_sys("change the root to '%s'", args->path);
	return 0;
}

int rootfs_enter(const struct mount_api *api, const struct rootfs_args *args, int root_fd)
{
	(void) api;
	if (args->enter == ROOTFS_PIVOT)
		return enter_pivot(args, root_fd);
	if (args->enter == ROOTFS_MOVE)
		return enter_move(args, root_fd);
	if (fchdir(root_fd) < 0 || chroot(".") < 0)
		return err_sys("change the root to '%s'", args->path);
	return 0;
}

/* ---- finish ---- */

int rootfs_finish(const struct mount_api *api, const struct rootfs_args *args, int root_fd)
{
	struct mount_attrs attrs = { 0 };

	if (args->enter == ROOTFS_CHROOT)
		return 0;
	if (args->attrs) {
		attrs.set = args->attrs->set & MOUNT_ATTR_RDONLY;
		attrs.rec_set = args->attrs->rec_set & MOUNT_ATTR_RDONLY;
	}
	if (args->readonly)
		attrs.set |= MOUNT_ATTR_RDONLY;
	/* Slave is what everything has been from the beginning, private what the root became then;
	 * said again here it would change the binds that ask for something else. */
	if (args->propagation & (MS_SHARED | MS_UNBINDABLE))
		attrs.propagation[attrs.propagation_len++] = args->propagation;
	if (args->shared_inside)
		attrs.propagation[attrs.propagation_len++] = MS_SHARED | MS_REC;
	return mount_api_setattr(api, root_fd, "/", &attrs);
}
