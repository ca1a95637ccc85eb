/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/resolve.h"
#include "base/sys.h"

/* Inode of a procfs's root directory: PROC_ROOT_INO of include/linux/proc_ns.h. */
#define PROC_ROOT_INO 1

/* Quiet. */
static int open_private(int flags)
{
	autofd int fs = FD_NONE;
	int r;

	fs = sys_fsopen("proc", FSOPEN_CLOEXEC);
	if (fs < 0)
		return fs;
	if (flags & PROCFS_PIDS_ONLY) {
		r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "subset", "pid", 0);
		if (r == 0)
			r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "hidepid", "ptraceable", 0);
		if (r < 0 && r != -EINVAL)
			return r;
	}
	r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0)
		return r;
	return sys_fsmount(fs, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

static int check_is_procfs_root(int fd)
{
	struct stat st;

	if (fd_fs_magic(fd) != PROC_SUPER_MAGIC || fstat(fd, &st) < 0 || st.st_ino != PROC_ROOT_INO)
		return err_code(EINVAL, "'/proc' is not the root of a proc file system");
	return 0;
}

int procfs_open(int flags)
{
	autofd int fd = FD_NONE;
	int r;

	/* EPERM without CAP_SYS_ADMIN, or where a user namespace sees no procfs without something
	 * over it. */
	fd = open_private(flags);
	if (fd >= 0)
		return take_fd(&fd);
	fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys("open '/proc'");
	r = check_is_procfs_root(fd);
	return r < 0 ? r : take_fd(&fd);
}

/*
 * Without openat2: what was reached must be of this very mount. That it is of this procfs is not
 * enough, another of its files may be mounted on the one that is meant. Looked at before it is
 * opened.
 */
static int open_checked(int procfs_fd, const char *path, int flags)
{
	autofd int parent = FD_NONE, seen = FD_NONE, fd = FD_NONE;
	autofree char *name = NULL;
	int r = resolve_parent(procfs_fd, path, false, &parent, &name);

	if (r < 0)
		return r;
	seen = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (seen < 0)
		return -errno;
	if (!fd_same_mount(procfs_fd, parent) || !fd_same_mount(procfs_fd, seen))
		return -EXDEV;
	fd = openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd_same_mount(procfs_fd, fd) ? take_fd(&fd) : -EXDEV;
}

int procfs_open_at(int procfs_fd, const char *path, int flags)
{
	/* thread-self is a link (no magic one) and has to be followed */
	struct open_how how = {
		.flags = (unsigned int) (flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (!sys_missing(SYS_F_OPENAT2)) {
		fd = sys_openat2(procfs_fd, path, &how);
		if (fd >= 0 || (fd != -ENOSYS && fd != -EPERM))
			return fd;
	}
	return open_checked(procfs_fd, path, flags);
}

int procfs_write_at(int procfs_fd, const char *path, const char *text)
{
	autofd int fd = FD_NONE;
	size_t len = strlen(text);
	ssize_t n;

	fd = procfs_open_at(procfs_fd, path, O_WRONLY);
	if (fd < 0)
		return fd;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t) n == len ? 0 : -EIO;
}
