/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/sys.h"

void fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = FD_NONE;
	errno = saved;
}

const char *fd_proc_path(int fd, char buf[FD_PATH_MAX])
{
	snprintf(buf, FD_PATH_MAX, "/proc/self/fd/%d", fd);
	return buf;
}

char *fd_target(int fd)
{
	char link[FD_PATH_MAX], target[PATH_MAX];
	ssize_t n = readlink(fd_proc_path(fd, link), target, sizeof(target));

	/* d_path() of the kernel never gives more than PATH_MAX. */
	return n < 0 ? NULL : xstrndup(target, (size_t) n);
}

int fd_read_full(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		p += n;
		len -= (size_t) n;
	}
	return 0;
}

int fd_write_full(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t) n;
	}
	return 0;
}

int fd_read_all(int fd, size_t max, char **ret, size_t *ret_len)
{
	autofree char *buf = NULL;
	size_t len = 0, cap = 0;

	for (;;) {
		ssize_t n;

		if (cap - len < 2) {
			cap = cap ? cap * 2 : 4096;
			buf = xrealloc(buf, cap);
		}
		n = read(fd, buf + len, cap - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t) n;
		if (len > max)
			return -EFBIG;
	}
	buf[len] = '\0';
	*ret = take_ptr(&buf);
	if (ret_len)
		*ret_len = len;
	return 0;
}

static int copy_by_read(int in, int out)
{
	char buf[16384];

	for (;;) {
		ssize_t n = read(in, buf, sizeof(buf));
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = fd_write_full(out, buf, (size_t) n);
		if (r < 0)
			return r;
	}
}

int fd_copy(int in, int out)
{
	for (;;) {
		ssize_t n = sendfile(out, in, NULL, 0x7ffff000);

		if (n == 0)
			return 0;
		if (n > 0 || errno == EINTR)
			continue;
		/* in may be a pipe or a procfs file; what has been sent has moved both offsets. */
		if (errno == EINVAL || errno == ENOSYS)
			return copy_by_read(in, out);
		return -errno;
	}
}

static int set_flag(int fd, int get, int set, int flag, bool on)
{
	int old = fcntl(fd, get), new;

	if (old < 0)
		return -errno;
	new = on ? old | flag : old & ~flag;
	if (new != old && fcntl(fd, set, new) < 0)
		return -errno;
	return 0;
}

int fd_set_cloexec(int fd, bool on)
{
	return set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

int fd_set_nonblock(int fd, bool on)
{
	return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

bool fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

int fd_dup_above(int fd, int min)
{
	int r = fcntl(fd, F_DUPFD_CLOEXEC, min);

	return r < 0 ? -errno : r;
}

/* The way of kernels before 5.9 (5.11 for marking). A /proc that is not procfs would hide some. */
static int each_above(int first, bool mark)
{
	autofd int dir_fd = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *dir;

	if (dir_fd < 0)
		return -errno;
	if (fd_fs_magic(dir_fd) != PROC_SUPER_MAGIC)
		return -ENOTTY;
	dir = fdopendir(dir_fd);
	if (!dir)
		return -errno;
	take_fd(&dir_fd);
	while ((e = readdir(dir))) {
		int fd;

		if (str_to_int(e->d_name, &fd) < 0 || fd < first || fd == dirfd(dir))
			continue;
		if (mark)
			(void) fd_set_cloexec(fd, true);
		else
			close(fd);
	}
	closedir(dir);
	return 0;
}

static int range_above(int first, bool mark)
{
	if (first < 0)
		return -EBADF;
	if (!sys_missing(SYS_F_CLOSE_RANGE)) {
		int r = sys_close_range((unsigned int) first, ~0U, mark ? CLOSE_RANGE_CLOEXEC : 0);

		/* EINVAL: Linux 5.9 and 5.10 do not know the flag. */
		if (r != -EINVAL && !sys_note(SYS_F_CLOSE_RANGE, r))
			return r;
	}
	return each_above(first, mark);
}

int fd_close_from(int first)
{
	return range_above(first, false);
}

int fd_cloexec_from(int first)
{
	return range_above(first, true);
}

int fd_pipe(int *ret_read, int *ret_write)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = p[0];
	*ret_write = p[1];
	return 0;
}

long fd_fs_magic(int fd)
{
	struct statfs st;

	if (fstatfs(fd, &st) < 0)
		return -errno;
	/* Some magics have bit 31 set: f_type is a signed word where long has 32 bits. */
	return (long) st.f_type;
}

uint64_t fd_mount_id(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 || !(st.stx_mask & STATX_MNT_ID))
		return 0;
	return st.stx_mnt_id;
}

bool fd_same_mount(int a, int b)
{
	uint64_t ia = fd_mount_id(a), ib = fd_mount_id(b);
	struct stat sa, sb;

	if (ia && ib)
		return ia == ib;
	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && sa.st_dev == sb.st_dev;
}
