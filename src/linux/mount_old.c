/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_old.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/resolve.h"

int mount_old_open_fds(void)
{
	autofd int fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fd_fs_magic(fd) == PROC_SUPER_MAGIC ? take_fd(&fd) : -ENOSYS;
}

/*
 * mount(2) takes paths only, and after the root has changed there is no "/proc" to trust: so the
 * working directory becomes the host's /proc/self/fd for the moment, where a number is a magic link
 * to exactly the object of that descriptor.
 */
int mount_old_call(int fds, const struct mount_old *m)
{
	char source[16], target[16];
	autofd int opened = FD_NONE, cwd = FD_NONE;
	int r = 0;

	if (fds < 0) {
		opened = mount_old_open_fds();
		if (opened < 0)
			return opened;
		fds = opened;
	}
	cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (cwd < 0 || fchdir(fds) < 0)
		return -errno;
	snprintf(source, sizeof(source), "%d", m->source_fd);
	snprintf(target, sizeof(target), "%d", m->target_fd);
	/* host path: descriptors in the host's /proc/self/fd */
	if (mount(m->source ? m->source : source, target, m->type, m->flags, m->data) < 0)
		r = -errno;
	if (fchdir(cwd) < 0 && r == 0)
		r = -errno;
	return r;
}

static bool same_object(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* From the root of a mount ".." goes to the parent of the mount point. */
static bool same_parent(int a, int b)
{
	struct stat sa, sb;

	return fstatat(a, "..", &sa, 0) == 0 && fstatat(b, "..", &sb, 0) == 0 &&
	       same_object(&sa, &sb);
}

int mount_old_reopen(const struct mount_at *at, int source_fd, int *ret_fd)
{
	autofd int fd = resolve_open(at->root_fd, at->path, O_PATH);
	struct stat st, want;
	uint64_t id;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || fstat(source_fd < 0 ? fd : source_fd, &want) < 0)
		return -errno;
	id = fd_mount_id(fd);
	if ((id && id == fd_mount_id(at->target_fd)) || !same_object(&st, &want) ||
	    (S_ISDIR(st.st_mode) && !same_parent(fd, at->target_fd)))
		return -ESTALE;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int remount(int fds, int fd, uint64_t set, uint64_t clear)
{
	struct mount_old m = { .source = "none", .target_fd = fd };
	struct statvfs vfs;

	if (fstatvfs(fd, &vfs) < 0)
		return -errno;
	m.flags = MS_REMOUNT | MS_BIND |
		  mount_attr_to_ms((mount_attr_from_statvfs(vfs.f_flag) & ~clear) | set);
	return mount_old_call(fds, &m);
}

int mount_old_set_attrs(int fds, int fd, const struct mount_attrs *a, bool single)
{
	bool rec = a->rec_set || a->rec_clear;
	int r = 0;

	if (rec && !single)
		return -ENOSYS;
	if (rec || a->set || a->clear)
		r = remount(fds, fd, (a->rec_set & ~a->clear) | a->set,
			    (a->rec_clear & ~a->set) | a->clear);
	for (size_t i = 0; i < a->propagation_len && r == 0; i++) {
		struct mount_old m = { .source = "none",
				       .target_fd = fd,
				       .flags = a->propagation[i] };

		r = mount_old_call(fds, &m);
	}
	return r;
}
