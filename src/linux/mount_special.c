/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_special.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <search.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

/* Inode of the root directory of every procfs. */
#define PROC_ROOT_INO 1
/*
 * Each level holds descriptors; an image with a deeper tree below a tmpcopyup is not an honest one.
 */
#define DEPTH_MAX 64
#define XATTR_MAX (64 * 1024)

int mount_special_check_proc(int fd, const char *source, const char *destination)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys("look at '%s'", source);
	if (fd_fs_magic(fd) != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INO)
		return err_code(EINVAL, "mount '%s' on '%s': it is not a procfs", source,
				destination);
	return 0;
}

int mount_special_label(int fd, const char *label, const char *path)
{
	/* The descriptor of a new mount is an O_PATH one. */
	autofd int dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys("open the mount on '%s'", path);
	if (fsetxattr(dir, "security.selinux", label, strlen(label), 0) < 0 && errno != ENOTSUP)
		return err_sys("label the mount on '%s'", path);
	return 0;
}

/* ---- tmpcopyup ---- */

/* A file with several names, where its first copy is. */
struct seen {
	ino_t ino;
	char *path; /* below the target */
};

struct copy {
	int to_root;
	dev_t dev;
	const char *path; /* for messages */
	void *seen;	  /* of tsearch(3): an image may have any number of them */
};

struct dir {
	struct copy *copy;
	int to_fd;
	const char *below; /* path of the directory below the root of the copy, "" or "a/b/" */
	int depth;
};

static int copy_dir(struct copy *c, int from_fd, int to_fd, const char *below, int depth);

static int copy_xattr(int from, int to, const char *name)
{
	autofree char *value = xmalloc(XATTR_MAX);
	ssize_t n = fgetxattr(from, name, value, XATTR_MAX);

	if (n < 0)
		return -errno;
	return fsetxattr(to, name, value, (size_t) n, 0) < 0 ? -errno : 0;
}

/*
 * The label of the tmpfs is the mount's business. Attributes that the tmpfs does not take ("user."
 * before Linux 6.6), or that we may not set in a user namespace, are no reason to fail.
 */
static int copy_xattrs(int from, int to)
{
	ssize_t len = flistxattr(from, NULL, 0);
	autofree char *names = NULL;
	int r = 0;

	if (len <= 0)
		return len < 0 && errno != ENOTSUP ? -errno : 0;
	names = xmalloc((size_t) len);
	len = flistxattr(from, names, (size_t) len);
	for (char *name = names; name < names + len && r == 0; name += strlen(name) + 1) {
		if (!str_eq(name, "security.selinux"))
			r = copy_xattr(from, to, name);
		if (r == -ENOTSUP || r == -EPERM || r == -ENODATA)
			r = 0;
	}
	return r;
}

/* An id that the user namespace does not map cannot be given to a file of its tmpfs. */
static int copy_owner_at(int dirfd, const char *name, const struct stat *st)
{
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);

	if (fchownat(dirfd, name, st->st_uid, st->st_gid, flags) < 0 && errno != EINVAL)
		return -errno;
	return 0;
}

static int copy_times_at(int dirfd, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	return utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* Owner first: changing it clears the setuid bits. */
static int copy_meta(int from, int to, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r = copy_owner_at(to, "", st);

	if (r == 0 && fchmod(to, st->st_mode & 07777) < 0)
		r = -errno;
	if (r == 0)
		r = copy_xattrs(from, to);
	if (r == 0 && futimens(to, times) < 0)
		r = -errno;
	return r;
}

/* It may have become another since it was looked at, a device even: nothing keeps us from those
 * yet, and to open one may have effects. */
static int open_file(int from_dir, const char *name, const struct stat *st)
{
	autofd int seen = openat(from_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char link[FD_PATH_MAX];
	struct stat now;
	int fd;

	if (seen < 0 || fstat(seen, &now) < 0)
		return -errno;
	if (!S_ISREG(now.st_mode) || now.st_ino != st->st_ino)
		return -ESTALE;
	/* host path: the very file, by the host's /proc/self/fd */
	fd = open(fd_proc_path(seen, link), O_RDONLY | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int copy_file(int from_dir, int to_dir, const char *name, const struct stat *st)
{
	autofd int from = open_file(from_dir, name, st);
	autofd int to = FD_NONE;
	int r;

	if (from < 0)
		return from;
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return -errno;
	r = fd_copy(from, to);
	return r < 0 ? r : copy_meta(from, to, st);
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(from_dir, name, text, sizeof(text) - 1);
	int r;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (symlinkat(text, to_dir, name) < 0)
		return -errno;
	r = copy_owner_at(to_dir, name, st);
	return r < 0 ? r : copy_times_at(to_dir, name, st);
}

static int copy_node(int to_dir, const char *name, const struct stat *st)
{
	int r;

	if (mknodat(to_dir, name, st->st_mode & (S_IFMT | 07777), st->st_rdev) < 0)
		return -errno;
	r = copy_owner_at(to_dir, name, st);
	if (r == 0 && fchmodat(to_dir, name, st->st_mode & 07777, 0) < 0)
		r = -errno;
	return r < 0 ? r : copy_times_at(to_dir, name, st);
}

static int copy_subdir(struct dir *d, int from_dir, const char *name, const struct stat *st)
{
	autofd int from = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autofree char *below = xasprintf("%s%s/", d->below, name);
	autofd int to = FD_NONE;
	struct stat now;
	int r;

	if (from < 0 || fstat(from, &now) < 0)
		return -errno;
	if (now.st_ino != st->st_ino)
		return -ESTALE;
	if (mkdirat(d->to_fd, name, 0700) < 0)
		return -errno;
	/* A mount point: what is mounted there is mounted, the directory stays empty. */
	if (now.st_dev != d->copy->dev)
		return 0;
	to = openat(d->to_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -errno;
	r = copy_dir(d->copy, from, to, below, d->depth + 1);
	return r < 0 ? r : copy_meta(from, to, st);
}

static int by_inode(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return (x->ino > y->ino) - (x->ino < y->ino);
}

static void seen_free(void *arg)
{
	struct seen *s = arg;

	free(s->path);
	free(s);
}

/* 1 when the file has been linked to its first copy. */
static int copy_hard_link(struct dir *d, const char *name, const struct stat *st)
{
	struct copy *c = d->copy;
	struct seen *s, **known;

	if (st->st_nlink < 2)
		return 0;
	known = tfind(&(struct seen){ .ino = st->st_ino }, &c->seen, by_inode);
	if (known)
		return linkat(c->to_root, (*known)->path, d->to_fd, name, 0) < 0 ? -errno : 1;
	s = xnew(struct seen);
	*s = (struct seen){ .ino = st->st_ino, .path = xasprintf("%s%s", d->below, name) };
	if (!tsearch(s, &c->seen, by_inode)) {
		seen_free(s);
		return -ENOMEM;
	}
	return 0;
}

static int copy_entry(void *arg, int from_dir, const char *name)
{
	struct dir *d = arg;
	struct stat st;
	int r;

	if (fstatat(from_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys("copy '%s/%s%s'", d->copy->path, d->below, name);
	if (S_ISDIR(st.st_mode)) {
		r = copy_subdir(d, from_dir, name, &st);
	} else {
		r = copy_hard_link(d, name, &st);
		if (r == 1)
			return 0;
		if (r == 0)
			r = S_ISREG(st.st_mode)	  ? copy_file(from_dir, d->to_fd, name, &st)
			    : S_ISLNK(st.st_mode) ? copy_link(from_dir, d->to_fd, name, &st)
						  : copy_node(d->to_fd, name, &st);
	}
	if (r < 0 && !err_is_set())
		return err_sys_r(r, "copy '%s/%s%s'", d->copy->path, d->below, name);
	return r;
}

static int copy_dir(struct copy *c, int from_fd, int to_fd, const char *below, int depth)
{
	struct dir d = { .copy = c, .to_fd = to_fd, .below = below, .depth = depth };

	if (depth > DEPTH_MAX)
		return -ELOOP;
	return file_each_at(from_fd, ".", copy_entry, &d);
}

int mount_special_copy_up(int from_fd, int to_fd, bool root_owner, const char *path)
{
	autofd int to = openat(to_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy c = { .to_root = to, .path = path };
	struct stat st;
	int r = 0;

	if (to < 0 || fstat(from_fd, &st) < 0)
		return err_sys("copy '%s' into the tmpfs on it", path);
	c.dev = st.st_dev;
	if (root_owner)
		r = copy_owner_at(to, "", &st);
	if (r == 0)
		r = copy_dir(&c, from_fd, to, "", 0);
	tdestroy(c.seen, seen_free);
	if (r < 0 && !err_is_set())
		return err_sys_r(r, "copy '%s' into the tmpfs on it", path);
	return r;
}
