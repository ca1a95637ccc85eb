/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/file.h"

/*
 * Removing a tree that somebody else filled. One descriptor at a time, whatever the depth: down by
 * name with O_NOFOLLOW, up by "..", which must lead to the directory that we came from.
 */

/* Where a directory is. A bind mount of the same file system differs by the mount only. */
struct place {
	uint32_t dev_major, dev_minor;
	uint64_t ino;
	uint64_t mnt; /* 0 before Linux 5.8 */
};

struct level {
	struct place at;
	char *name; /* of the directory below that is being emptied */
};

struct walk {
	int fd;
	struct place at;
	struct level *up;
	size_t depth;
};

static int place_of(int fd, struct place *ret)
{
	struct statx stx;
	struct stat st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &stx) == 0) {
		*ret = (struct place){ .dev_major = stx.stx_dev_major,
				       .dev_minor = stx.stx_dev_minor,
				       .ino = stx.stx_ino,
				       .mnt = stx.stx_mask & STATX_MNT_ID ? stx.stx_mnt_id : 0 };
		return 0;
	}
	/* The C library stands in for ENOSYS, not for the EPERM of a filter around us. */
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct place){ .dev_major = major(st.st_dev),
			       .dev_minor = minor(st.st_dev),
			       .ino = st.st_ino };
	return 0;
}

static bool same_mount(const struct place *a, const struct place *b)
{
	return a->dev_major == b->dev_major && a->dev_minor == b->dev_minor && a->mnt == b->mnt;
}

static int open_dir(int dirfd, const char *name, struct place *ret_at)
{
	autofd int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = place_of(fd, ret_at);
	return r < 0 ? r : take_fd(&fd);
}

/* Unlinks whatever it is. -ENOTEMPTY: a directory to be emptied first. */
static int remove_name(int dirfd, const char *name)
{
	int saved;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	saved = errno;
	if (saved != EISDIR && saved != EPERM)
		return -saved;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == EEXIST)
		return -ENOTEMPTY;
	/* Then EPERM was about the file: immutable, or in somebody's sticky directory. */
	return errno == ENOTDIR ? -saved : -errno;
}

/* Stops at the first directory that is not empty: *arg gets its name. */
static int remove_entry(void *arg, int dirfd, const char *name)
{
	char **full = arg;
	int r = remove_name(dirfd, name);

	if (r != -ENOTEMPTY)
		return r;
	*full = xstrdup(name);
	return 1;
}

static int walk_down(struct walk *w, char *name)
{
	struct place at;
	int fd = open_dir(w->fd, name, &at);

	/* It was swapped for something else since: the next look at
	 * the directory above shows what. */
	if (fd == -ENOTDIR || fd == -ELOOP || fd == -ENOENT) {
		free(name);
		return 0;
	}
	if (fd >= 0 && !same_mount(&at, &w->at)) {
		fd_close(&fd);
		fd = -EXDEV;
	}
	if (fd < 0) {
		free(name);
		return fd;
	}
	w->up = xreallocarray(w->up, w->depth + 1, sizeof(*w->up));
	w->up[w->depth++] = (struct level){ .at = w->at, .name = name };
	fd_close(&w->fd);
	w->fd = fd;
	w->at = at;
	return 0;
}

static int walk_up(struct walk *w)
{
	struct level *level = &w->up[w->depth - 1];
	autofree char *name = level->name;
	struct place at;
	int fd, r;

	w->depth--;
	fd = open_dir(w->fd, "..", &at);
	if (fd < 0)
		return fd;
	fd_close(&w->fd);
	w->fd = fd;
	/* The directory has been moved away while we were in it. */
	if (at.ino != level->at.ino || !same_mount(&at, &level->at))
		return -ESTALE;
	w->at = at;
	r = remove_name(fd, name);
	/* Somebody still fills it: it is emptied again. */
	return r == -ENOTEMPTY ? 0 : r;
}

static int empty_tree(struct walk *w)
{
	for (;;) {
		char *name = NULL;
		int r = file_each_at(w->fd, ".", remove_entry, &name);

		if (r > 0)
			r = walk_down(w, name);
		else if (r == 0 && w->depth == 0)
			return 0;
		else if (r == 0)
			r = walk_up(w);
		if (r < 0)
			return r;
	}
}

int file_remove_tree_at(int dirfd, const char *path)
{
	struct walk w = { .fd = FD_NONE };
	autofd int parent = FD_NONE;
	struct place above;
	int r = remove_name(dirfd, path);

	if (r != -ENOTEMPTY)
		return r;
	w.fd = open_dir(dirfd, path, &w.at);
	if (w.fd < 0)
		return w.fd;
	/* ".." of the root of a mount is where it is mounted. */
	parent = open_dir(w.fd, "..", &above);
	if (parent < 0)
		r = parent;
	else if (!same_mount(&above, &w.at))
		r = -EXDEV;
	else
		r = empty_tree(&w);
	while (w.depth)
		free(w.up[--w.depth].name);
	free(w.up);
	fd_close(&w.fd);
	return r < 0 ? r : remove_name(dirfd, path);
}
