/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/dev_outside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sys.h"

#define PLACE ".hako-devices" /* while nodes are bound */

/* ---- outside ---- */

static int make_mount(int *ret_fd)
{
	autofd int context = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);
	int r = context < 0 ? context : 0;

	/* the container's root has to pass, and is nobody here */
	if (r == 0)
		r = sys_fsconfig(context, FSCONFIG_SET_STRING, "mode", "0711", 0);
	if (r == 0)
		r = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r == 0)
		r = sys_fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	if (r < 0)
		return err_sys_r(r, "make a file system for the container's devices");
	*ret_fd = r;
	return 0;
}

static int make_node(int dir, size_t index, const struct dev_node *n)
{
	char name[24];

	snprintf(name, sizeof(name), "%zu", index);
	if (mknodat(dir, name, n->type | n->mode, makedev(n->major, n->minor)) < 0)
		return err_sys("make the device '%s'", n->path);
	if (fchownat(dir, name, n->host_uid, n->host_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys("set the owner of '%s'", n->path);
	return 0;
}

int dev_outside_make(const struct dev_plan *plan, int *ret_fd)
{
	autofd int fd = FD_NONE;
	int r = make_mount(&fd);
	mode_t mask;

	if (r < 0)
		return r;
	mask = umask(0);
	for (size_t i = 0; i < plan->len && r == 0; i++) {
		if (plan->nodes[i].outside)
			r = make_node(fd, i, &plan->nodes[i]);
	}
	umask(mask);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

/* ---- inside ---- */

/* Only what is attached can be bound from (before Linux 6.15). */
int dev_outside_attach(int fd, int dev_fd)
{
	int r;

	if (mkdirat(dev_fd, PLACE, 0700) < 0 && errno != EEXIST)
		return err_sys("make '/dev/" PLACE "'");
	r = sys_move_mount(fd, "", dev_fd, PLACE, MOVE_MOUNT_F_EMPTY_PATH);
	if (r < 0)
		return err_sys_r(r, "attach the container's devices");
	return 0;
}

int dev_outside_detach(int fd, int dev_fd)
{
	char path[FD_PATH_MAX];

	if (umount2(fd_proc_path(fd, path), MNT_DETACH) < 0)
		return err_sys("detach the container's devices");
	if (unlinkat(dev_fd, PLACE, AT_REMOVEDIR) < 0)
		return err_sys("remove '/dev/" PLACE "'");
	return 0;
}
