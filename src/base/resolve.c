/* SPDX-License-Identifier: Apache-2.0 */
#include "base/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"

#define MAX_LINKS 40 /* as the kernel, MAXSYMLINKS */
#define MAX_RACES 128
/* Each ".." costs the depth that it is at: no more than a moment, however deep a tree is and
 * however often links lead down and up in it. */
#define MAX_LOOKUPS 100000

static bool force_walk;

void resolve_force_walk(int on)
{
	force_walk = on;
}

/* What the walk does with a name that is not there. */
enum make { MAKE_NOTHING, MAKE_DIR, MAKE_FILE };

/*
 * The walk never asks the kernel for ".." or for a link: a name is opened in the directory reached
 * so far, a link is replaced by its text, and ".." goes back to the root to come down again. So
 * nothing that is renamed or planted meanwhile can lead it out of the root.
 */
struct walk {
	int root_fd;
	int cur;	  /* the directory reached */
	struct strv done; /* its path: plain names */
	char *text;	  /* owns what is left to do */
	const char *todo;
	int links;
	int lookups;
	int flags; /* of the final object; O_PATH when something is made */
	enum make make;
	mode_t mode; /* of the final object made */
};

static int open_dir(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void set_cur(struct walk *w, int fd)
{
	fd_close(&w->cur);
	w->cur = fd;
}

/* Comes down from the root along the first n names of what is done. */
static int walk_back_to(struct walk *w, size_t n)
{
	autofd int fd = openat(w->root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < n; i++) {
		int next;

		if (w->lookups++ >= MAX_LOOKUPS)
			return -ELOOP;
		next = open_dir(fd, w->done.v[i]);
		/* It was a directory a moment ago. */
		if (next == -ENOENT || next == -ENOTDIR || next == -ELOOP)
			return -EAGAIN;
		if (next < 0)
			return next;
		fd_close(&fd);
		fd = next;
	}
	while (w->done.len > n) {
		free(w->done.v[--w->done.len]);
		w->done.v[w->done.len] = NULL;
	}
	set_cur(w, take_fd(&fd));
	return 0;
}

/* Magic links of procfs look like text but jump (RESOLVE_NO_MAGICLINKS): all of its links are, but
 * those in its top directory (self, mounts, net). */
static bool is_magic_place(int dir_fd)
{
	struct stat st;

	return fd_fs_magic(dir_fd) == PROC_SUPER_MAGIC &&
	       (fstat(dir_fd, &st) < 0 || st.st_ino != 1);
}

/* Puts the text of the link before the rest of the path. */
static int follow_link(struct walk *w, int link_fd)
{
	char target[PATH_MAX];
	char *text;
	ssize_t n;

	if (w->links++ >= MAX_LINKS || is_magic_place(w->cur))
		return -ELOOP;
	n = readlinkat(link_fd, "", target, sizeof(target));
	if (n < 0)
		return -errno;
	if (n == sizeof(target))
		return -ENAMETOOLONG;
	if (n == 0)
		return -ENOENT;
	text = xasprintf("%.*s%s", (int) n, target, w->todo);
	free(w->text);
	w->text = text;
	w->todo = text;
	return *text == '/' ? walk_back_to(w, 0) : 0;
}

/* Makes the missing name. Neither call follows a link, whoever puts one there first. */
static int make_name(struct walk *w, const char *name, bool last, bool want_dir)
{
	int r;

	if (w->make == MAKE_NOTHING)
		return -ENOENT;
	if (w->make == MAKE_FILE && last) {
		if (want_dir)
			return -EISDIR;
		r = mknodat(w->cur, name, S_IFREG | w->mode, 0);
	} else {
		r = mkdirat(w->cur, name, last ? w->mode : 0755);
	}
	return r < 0 && errno != EEXIST ? -errno : 0;
}

/* The final object with the caller's flags. It was not a link when the walk looked at it. */
static int open_last(struct walk *w, const char *name, int seen_fd)
{
	int fd;

	if ((w->flags & (O_PATH | O_DIRECTORY)) == O_PATH)
		return fcntl(seen_fd, F_DUPFD_CLOEXEC, 0);
	fd = openat(w->cur, name, w->flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ELOOP ? -EAGAIN : -errno;
}

static int check_made(const struct walk *w, const struct stat *st)
{
	if (w->make == MAKE_DIR && !S_ISDIR(st->st_mode))
		return -ENOTDIR;
	if (w->make == MAKE_FILE && S_ISDIR(st->st_mode))
		return -EISDIR;
	return 0;
}

/* One plain name. Returns 1 with *ret_fd set when it was the last, 0 to go on, or -errno. */
static int step_name(struct walk *w, const char *name, int *ret_fd)
{
	/* A slash behind the last name asks for a directory, and for following a link. */
	bool want_dir = *w->todo == '/';
	bool last = w->todo[strspn(w->todo, "/")] == '\0';
	autofd int fd = FD_NONE;
	struct stat st;
	int r;

	if (last && !want_dir && (w->flags & O_NOFOLLOW)) {
		fd = openat(w->cur, name, w->flags | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		*ret_fd = take_fd(&fd);
		return 1;
	}
	for (int tries = 0; fd < 0; tries++) {
		fd = openat(w->cur, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			break;
		if (errno != ENOENT)
			return -errno;
		if (tries >= MAX_RACES)
			return -EAGAIN;
		r = make_name(w, name, last, want_dir);
		if (r < 0)
			return r;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return follow_link(w, fd);
	if ((!last || want_dir) && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (!last) {
		strv_add(&w->done, name);
		set_cur(w, take_fd(&fd));
		return 0;
	}
	r = check_made(w, &st);
	if (r == 0)
		r = open_last(w, name, fd);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 1;
}

/* Nothing is left: the object is the directory reached. */
static int open_reached(struct walk *w)
{
	int fd;

	if (w->make == MAKE_FILE)
		return -EISDIR;
	fd = openat(w->cur, ".", w->flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The kernel asks for search permission for "." and ".." too. */
static int check_search(int dir_fd)
{
	int fd = open_dir(dir_fd, ".");

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int step(struct walk *w, int *ret_fd)
{
	autofree char *name = NULL;
	size_t n;
	int r;

	w->todo += strspn(w->todo, "/");
	n = strcspn(w->todo, "/");
	if (n == 0) {
		r = open_reached(w);
		if (r < 0)
			return r;
		*ret_fd = r;
		return 1;
	}
	name = xstrndup(w->todo, n);
	w->todo += n;
	if (!str_eq(name, ".") && !str_eq(name, ".."))
		return step_name(w, name, ret_fd);
	r = check_search(w->cur);
	if (r == 0 && name[1] && w->done.len)
		r = walk_back_to(w, w->done.len - 1);
	return r;
}

static int walk_once(int root_fd, const char *path, int flags, enum make make, mode_t mode)
{
	struct walk w = {
		.root_fd = root_fd, .cur = FD_NONE, .flags = flags, .make = make, .mode = mode
	};
	int fd = FD_NONE;
	int r = walk_back_to(&w, 0);

	w.text = xstrdup(path);
	w.todo = w.text;
	while (r == 0)
		r = step(&w, &fd);
	fd_close(&w.cur);
	strv_clear(&w.done);
	free(w.text);
	return r < 0 ? r : fd;
}

static int walk(int root_fd, const char *path, int flags, enum make make, mode_t mode)
{
	int r = -EAGAIN;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	for (int i = 0; i < MAX_RACES && r == -EAGAIN; i++)
		r = walk_once(root_fd, path, flags, make, mode);
	return r;
}

static int in_root(int root_fd, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int) flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int r = -EAGAIN;

	/* EAGAIN: somebody renamed or mounted, anywhere, while the kernel went through "..". */
	for (int i = 0; i < MAX_RACES && r == -EAGAIN; i++)
		r = sys_openat2(root_fd, path, &how);
	return r;
}

int resolve_open(int root_fd, const char *path, int flags)
{
	int r;

	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)))
		return -EINVAL;
	if (force_walk || sys_missing(SYS_F_OPENAT2))
		return walk(root_fd, path, flags, MAKE_NOTHING, 0);
	r = in_root(root_fd, path, flags);
	/* Somebody who renames all the time must not keep us from starting: the walk never asks for
	 * "..", so renames elsewhere are nothing to it. */
	if (r == -EAGAIN)
		return walk(root_fd, path, flags, MAKE_NOTHING, 0);
	if (r != -ENOSYS && r != -EPERM)
		return r;
	/* EPERM can also be about the file (immutable, O_NOATIME): then the root can be opened. */
	if (r == -EPERM) {
		autofd int probe = in_root(root_fd, ".", O_PATH | O_DIRECTORY);

		if (!sys_note(SYS_F_OPENAT2, probe))
			return r;
	} else {
		sys_note(SYS_F_OPENAT2, r);
	}
	return walk(root_fd, path, flags, MAKE_NOTHING, 0);
}

int resolve_mkdir_p(int root_fd, const char *path, mode_t mode)
{
	int r = resolve_open(root_fd, path, O_PATH | O_DIRECTORY);

	return r == -ENOENT ? walk(root_fd, path, O_PATH | O_DIRECTORY, MAKE_DIR, mode) : r;
}

int resolve_create_file(int root_fd, const char *path, mode_t mode)
{
	autofd int fd = resolve_open(root_fd, path, O_PATH);
	struct stat st;

	if (fd == -ENOENT)
		return walk(root_fd, path, O_PATH, MAKE_FILE, mode);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? -EISDIR : take_fd(&fd);
}

int resolve_parent(int root_fd, const char *path, int make_parents, int *ret_dir_fd,
		   char **ret_name)
{
	const char *it = path, *part, *last = NULL;
	autofree char *parent = NULL;
	size_t n, last_len = 0;
	int fd;

	while ((n = path_next(&it, &part))) {
		last = part;
		last_len = n;
	}
	if (!last || (last_len == 2 && last[0] == '.' && last[1] == '.'))
		return -EINVAL;
	/* "./": a parent that is empty or all slashes is the root itself. */
	parent = xasprintf("./%.*s", (int) (last - path), path);
	fd = make_parents ? resolve_mkdir_p(root_fd, parent, 0755)
			  : resolve_open(root_fd, parent, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return fd;
	*ret_dir_fd = fd;
	*ret_name = xstrndup(last, last_len);
	return 0;
}

char *resolve_text(int root_fd, int fd)
{
	autofree char *root = fd_target(root_fd), *target = fd_target(fd);
	const char *rest;

	if (!root || !target || !path_is_below(target, root))
		return NULL;
	rest = str_eq(root, "/") ? target : target + strlen(root);
	return xstrdup(*rest ? rest : "/");
}
