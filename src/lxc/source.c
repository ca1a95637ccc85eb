/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/resolve.h"
#include "lxc/access.h"

void source_clear(struct source *s)
{
	free(s->text);
	s->text = NULL;
	s->len = 0;
}

char *source_resolve(const char *cwd, const char *path, bool *ret_relative)
{
	autofree char *joined = NULL;
	autofree char *clean = NULL;
	bool slash = str_ends(path, "/");

	*ret_relative = *path != '/';
	joined = *ret_relative ? path_resolve_text(cwd, path) : xstrdup(path);
	clean = path_clean(joined);
	if (slash && !str_eq(clean, "/"))
		return xasprintf("%s/", clean);
	return take_ptr(&clean);
}

/* Below include_root every path counts from there, and one that spells the prefix out is the same.
 */
static int open_in_root(const char *root, const char *path, int flags)
{
	autofree char *clean_root = path_make_absolute(root);
	autofd int root_fd = FD_NONE;

	if (!clean_root)
		return -errno;
	root_fd = open(clean_root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	if (path_is_below(path, clean_root))
		path += strlen(clean_root);
	return resolve_open(root_fd, *path ? path : "/", flags);
}

static int open_once(const struct lxc_access *access, const char *path, int flags)
{
	int fd;

	if (access->root)
		return open_in_root(access->root, path, flags);
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

static bool is_plain(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

/* -EINVAL for what is neither a file nor a directory. Quiet. */
static int open_plain(const struct lxc_access *access, const char *path)
{
	autofd int seen = open_once(access, path, O_PATH | O_CLOEXEC);
	autofd int fd = FD_NONE;

	if (seen < 0)
		return seen;
	if (!is_plain(seen))
		return -EINVAL;
	fd = open_once(access, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 || is_plain(fd) ? take_fd(&fd) : -EINVAL;
}

int source_open(const struct lxc_access *access, const char *path)
{
	struct access_saved saved;
	int fd;

	if (access->none)
		return err_code(EPERM, "open '%s': files are not allowed here", path);
	fd = access_enter(access, &saved);
	if (fd >= 0)
		fd = open_plain(access, path);
	access_leave(&saved);
	if (fd == -EINVAL)
		return err_code(EINVAL, "'%s' is not a regular file", path);
	if (fd == -EACCES && access->as_owner)
		return err_sys_r(fd, "open '%s' as user %u, whose configuration names it", path,
				 (unsigned int) access->uid);
	if (fd < 0 && access->root)
		return err_sys_r(fd, "open '%s' inside '%s'", path, access->root);
	return fd < 0 ? err_sys_r(fd, "open '%s'", path) : fd;
}

int source_read_fd(int fd, const char *path, size_t max, struct source *ret)
{
	struct source s = { 0 };
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return err_sys("look at '%s'", path);
	r = fd_read_all(fd, max, &s.text, &s.len);
	if (r == -EFBIG)
		return err_code(EFBIG, "'%s' is larger than %zu KiB", path, max >> 10);
	if (r < 0)
		return err_sys_r(r, "read '%s'", path);
	s.dev = st.st_dev;
	s.ino = st.st_ino;
	*ret = s;
	return 0;
}

int source_read(const struct lxc_access *access, const char *path, size_t max, struct source *ret)
{
	autofd int fd = source_open(access, path);

	if (fd < 0)
		return fd;
	return source_read_fd(fd, path, max, ret);
}

int source_read_main(const char *path, struct source *ret)
{
	struct lxc_access access = { 0 };
	struct access_saved saved;
	autofd int fd = FD_NONE;
	struct stat st;
	int r;

	/* Who made the link chose the file. Those of /dev/fd and /proc are ours. */
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		access_set_owner(&access, &st);
	r = access_enter(&access, &saved);
	if (r < 0)
		return err_sys_r(r, "open '%s' as its owner", path);
	/* A pipe is fine (process substitution); a fifo that nobody writes to must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	r = fd < 0 ? -errno : 0;
	access_leave(&saved);
	if (r < 0 || fstat(fd, &st) < 0)
		return err_sys_r(r < 0 ? r : -errno, "open '%s'", path);
	if (S_ISREG(st.st_mode))
		access_set_owner(&access, &st);
	(void) fd_set_nonblock(fd, false);
	r = source_read_fd(fd, path, SOURCE_MAX_FILE, ret);
	if (r == 0)
		ret->access = access;
	return r;
}

/* LXC's rule: ends in ".conf" and has something before it; hidden files count. */
static int keep_conf(void *arg, int dirfd, const char *name)
{
	struct strv *names = arg;

	(void) dirfd;
	if (strlen(name) > strlen(".conf") && str_ends(name, ".conf"))
		strv_add(names, name);
	return 0;
}

static int compare_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

int source_list_dir(int fd, struct strv *ret)
{
	int r = file_each_at(fd, ".", keep_conf, ret);

	if (r < 0)
		return err_sys_r(r, "list directory");
	if (ret->len > 1)
		qsort(ret->v, ret->len, sizeof(*ret->v), compare_bytes);
	return 0;
}
