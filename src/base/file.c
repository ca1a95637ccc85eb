/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"

int file_read_at(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len)
{
	autofd int fd = openat(dirfd, path, O_RDONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : fd_read_all(fd, max, ret, ret_len);
}

int file_write_at(int dirfd, const char *path, const char *text)
{
	autofd int fd = openat(dirfd, path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t) n == len ? 0 : -EIO;
}

bool file_owner_is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid() || (geteuid() == 0 && uid == FILE_OVERFLOW_UID);
}

bool file_link_is_trusted(const char *path)
{
	const char *name = strrchr(path, '/');
	autofree char *dir = name ? xstrndup(path, (size_t) (name - path) + 1) : xstrdup(".");
	struct stat link, up;

	if (lstat(path, &link) < 0 || stat(dir, &up) < 0)
		return false;
	return S_ISLNK(link.st_mode) && file_owner_is_trusted(link.st_uid) &&
	       file_owner_is_trusted(up.st_uid) &&
	       (up.st_mode & (S_IWOTH | S_ISVTX)) != S_IWOTH;
}

int file_open_append(const char *path, mode_t mode)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
	autofd int fd = open(path, flags | O_NOFOLLOW, mode);
	int r;

	if (fd < 0 && errno == ELOOP && file_link_is_trusted(path))
		fd = open(path, flags, mode);
	r = fd < 0 ? -errno : fd_set_nonblock(fd, false);
	return r < 0 ? r : take_fd(&fd);
}

/* Opens a new file in dir_fd under a name of its own. */
static int open_temporary(int dir_fd, char **ret_name)
{
	for (unsigned int i = 0; i < 100; i++) {
		autofree char *name = NULL;
		struct timespec now;
		int fd;

		clock_gettime(CLOCK_MONOTONIC, &now);
		name = xasprintf(FILE_TEMPORARY "%d-%lx-%u", (int) getpid(),
				 (unsigned long) now.tv_nsec, i);
		fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd >= 0) {
			*ret_name = take_ptr(&name);
			return fd;
		}
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static int fill_temporary(int fd, const char *data, size_t len, mode_t mode, int flags)
{
	int r = fd_write_full(fd, data, len);

	if (r < 0)
		return r;
	if (fchmod(fd, mode) < 0 || ((flags & FILE_SYNC) && fsync(fd) < 0))
		return -errno;
	return 0;
}

/* The directory that holds the last component, which *ret_name is set to (inside path). */
static int open_parent(int dirfd, const char *path, const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	autofree char *dir = NULL;
	int fd;

	*ret_name = slash ? slash + 1 : path;
	if (!**ret_name || str_eq(*ret_name, ".") || str_eq(*ret_name, ".."))
		return -EINVAL;
	dir = slash ? xstrndup(path, (size_t) (slash - path) + 1) : xstrdup(".");
	fd = openat(dirfd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int file_replace_at(int dirfd, const char *path, const char *data, size_t len, mode_t mode,
		    int flags)
{
	autofd int dir_fd = FD_NONE, fd = FD_NONE;
	autofree char *tmp = NULL;
	const char *name;
	int r;

	dir_fd = open_parent(dirfd, path, &name);
	if (dir_fd < 0)
		return dir_fd;
	fd = open_temporary(dir_fd, &tmp);
	if (fd < 0)
		return fd;
	r = fill_temporary(fd, data, len, mode, flags);
	if (r == 0 && renameat(dir_fd, tmp, dir_fd, name) < 0)
		r = -errno;
	if (r < 0)
		(void) unlinkat(dir_fd, tmp, 0);
	else if ((flags & FILE_SYNC) && fsync(dir_fd) < 0)
		r = -errno;
	return r;
}

int file_mkdir_p(const char *path, mode_t mode)
{
	autofree char *copy = xstrdup(path);
	struct stat st;
	char *p = copy;

	if (!*path)
		return -ENOENT;
	while (*p) {
		char *end, c;

		p += strspn(p, "/");
		end = p + strcspn(p, "/");
		c = *end;
		*end = '\0';
		if (end > p && mkdir(copy, mode) < 0 && errno != EEXIST)
			return -errno;
		*end = c;
		p = end;
	}
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

bool file_exists_at(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, 0) == 0;
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

int file_each_at(int dir_fd, const char *path, int (*fn)(void *arg, int dirfd, const char *name),
		 void *arg)
{
	autofd int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *dir;
	int r = 0;

	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	take_fd(&fd);
	while (r == 0) {
		errno = 0;
		e = readdir(dir);
		if (!e) {
			r = -errno;
			break;
		}
		if (!is_dots(e->d_name))
			r = fn(arg, dirfd(dir), e->d_name);
	}
	closedir(dir);
	return r;
}
