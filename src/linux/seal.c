/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seal.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "ocispec.h"

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* Linux 6.3 */
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* Set across the execution, so that a kernel on which no copy is recognised cannot make us loop. */
#define MARKER "_HAKO_SEALED"

extern char **environ;

/*
 * Two kinds of copy:
 *
 *  - clone: open_tree(2) clones the mount of /proc/self/exe with the file itself as root, the clone
 * is made read-only and executed. When its descriptor is closed (by the execution) the mount
 * belongs to no namespace any more: /proc/PID/exe leads to it, but mount_setattr(2), mount(2) and
 * open_tree(2) refuse mounts that are not of the caller's namespace, so nobody can make it
 * writable, bind it, or reach the file's other mounts through it. Needs CAP_SYS_ADMIN. Nothing is
 * copied, pages are shared.
 *  - memfd: the file's content in memory with all seals. Works for everyone.
 *
 * The first is the default because it is faster; the figures are in the commit that made this file.
 * Neither leaves anything to be cleaned up.
 */

static int clone_exe(void)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };
	autofd int fd = FD_NONE;
	int r;

	fd = sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		return fd;
	r = sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr);
	return r < 0 ? r : take_fd(&fd);
}

static int open_memfd(void)
{
	int fd = memfd_create("hako", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	/* MFD_EXEC is of Linux 6.3, and asked for where vm.memfd_noexec is set */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("hako", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int copy_exe(void)
{
	autofd int fd = FD_NONE, exe = FD_NONE;
	int r;

	exe = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (exe < 0)
		return -errno;
	fd = open_memfd();
	if (fd < 0)
		return fd;
	r = fd_copy(exe, fd);
	if (r < 0)
		return r;
	if (fcntl(fd, F_ADD_SEALS, SEALS | F_SEAL_EXEC) < 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	return take_fd(&fd);
}

static bool is_sealed_memfd(void)
{
	autofd int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int seals = fd < 0 ? -1 : fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}

static bool is_detached_clone(void)
{
	struct statvfs fs;

	return statvfs("/proc/self/exe", &fs) == 0 && fs.f_flag & ST_RDONLY;
}

/*
 * An ordinary start is recognised without a system call: the kernel names what was executed by
 * descriptor "/dev/fd/N". That alone may be anybody's fexecve(3); what the file is shows in its
 * name, which is not a path: a mount whose root is the executable has it at "/".
 */
bool seal_is_protected(void)
{
	const char *executed = (const char *) getauxval(AT_EXECFN);
	char link[PATH_MAX];
	ssize_t n;

	if (!executed || !str_starts(executed, "/dev/fd/"))
		return false;
	n = readlink("/proc/self/exe", link, sizeof(link) - 1);
	if (n < 0)
		return false;
	link[n] = '\0';
	if (strcmp(link, "/") == 0)
		return is_detached_clone();
	return str_starts(link, "/memfd:") && is_sealed_memfd();
}

bool seal_can_skip(const struct oci_id_mapping *uid, size_t n)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0 || st.st_mode & (S_IWGRP | S_IWOTH))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (st.st_uid >= uid[i].host_id && st.st_uid - uid[i].host_id < uid[i].size)
			return false;
	}
	return n > 0;
}

static int execute(int fd, char **argv)
{
	if (setenv(MARKER, "1", 1) < 0)
		return -errno;
	return sys_execveat(fd, "", argv, environ, AT_EMPTY_PATH);
}

/* 0 for "protected", 1 for "to be executed again", or an error. */
static int check_started(void)
{
	if (seal_is_protected()) {
		unsetenv(MARKER);
		/* before Linux 6.14 the name is that of the descriptor */
		proc_set_name("hako");
		return 0;
	}
	if (getenv(MARKER))
		return err_code(EPERM, "protect own executable: the copy is not recognised");
	return 1;
}

int seal_self_by(enum seal_method method, char **argv)
{
	autofd int fd = FD_NONE;
	int r;

	r = check_started();
	if (r <= 0)
		return r;
	if (method != SEAL_MEMFD) {
		fd = clone_exe();
		r = fd < 0 ? fd : execute(fd, argv);
		if (method == SEAL_CLONE)
			return err_sys_r(r, "execute a read-only clone of own executable");
		fd_close(&fd);
	}
	fd = copy_exe();
	if (fd < 0)
		return err_sys_r(fd, "make a sealed copy of own executable");
	r = execute(fd, argv);
	return err_sys_r(r, "execute a sealed copy of own executable");
}

int seal_self(char **argv)
{
	return seal_self_by(SEAL_AUTO, argv);
}
