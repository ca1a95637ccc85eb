/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mask.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/resolve.h"
#include "base/str.h"
#include "base/sys.h"

/* The number says which driver, the type that it is a device at all: a link or a file cannot have
 * both (CVE-2025-31133). */
static int check_null(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys("look at '/dev/null'");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return err_code(EINVAL, "'/dev/null' is not the character device 1:3");
	return 0;
}

/*
 * A detached clone survives the change of the root: of a mount that was left behind nothing could
 * be cloned any more.
 */
int mask_open_null(int *ret_fd)
{
	autofd int fd = sys_open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int r = fd;

	if (fd == -ENOSYS || fd == -EPERM) {
		fd = open("/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
		r = fd < 0 ? -errno : fd;
	}
	if (r < 0)
		return err_sys_r(r, "open '/dev/null'");
	r = check_null(fd);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

/* Something that is put on many targets: itself on the first, then clones of what is mounted there
 * (a detached mount could be cloned only since Linux 6.15). */
struct cover {
	int fd;
	bool placed;
	const char *name;
};

struct mask {
	const struct mask_args *args;
	struct cover file;
	struct cover dir;
};

/* Quiet. Where the path is looked up from, and as what. */
static int lookup(const struct mask_args *args, const char *path, struct mount_at *ret)
{
	const char *in_proc = args->proc_fd >= 0 ? str_after(path, "/proc/") : NULL;

	ret->root_fd = in_proc ? args->proc_fd : args->root_fd;
	ret->path = in_proc ? in_proc : path;
	ret->target_fd = resolve_open(ret->root_fd, ret->path, O_PATH);
	return ret->target_fd < 0 ? ret->target_fd : 0;
}

static bool is_missing(int r)
{
	return r == -ENOENT || r == -ENOTDIR;
}

static bool is_repeated(char *const *paths, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (str_eq(paths[k], paths[i]))
			return true;
	}
	return false;
}

/* Calls fn with each path that exists, once. */
static int each_path(struct mask *m, char *const *paths, size_t n, const char *what,
		     int (*fn)(struct mask *m, const struct mount_at *at))
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		autofree char *path = path_clean_absolute(paths[i]);
		struct mount_at at;

		if (is_repeated(paths, i))
			continue;
		if (str_eq(path, "/"))
			return err_code(EINVAL, "%s '%s': not the root itself", what, paths[i]);
		r = lookup(m->args, path, &at);
		if (is_missing(r)) {
			r = 0;
			continue;
		}
		if (r < 0)
			return err_sys_r(r, "%s '%s'", what, path);
		r = fn(m, &at);
		fd_close(&at.target_fd);
		if (r < 0)
			return err_wrap(r, "%s '%s'", what, path);
	}
	return r;
}

/* ---- read-only ---- */

static int make_readonly(struct mask *m, const struct mount_at *at)
{
	static const struct mount_attrs readonly = { .set = MOUNT_ATTR_RDONLY };
	const struct mount_api *api = m->args->api;
	autofd int tree = mount_api_source(api, at->target_fd, "", MOUNT_SOURCE_REC);
	const struct mount_bind bind = { .source_fd = tree,
					 .name = at->path,
					 .attrs = &readonly,
					 .flags = MOUNT_BIND_REC | MOUNT_BIND_KEEP };

	if (tree < 0)
		return err_sys_r(tree, "clone '%s'", at->path);
	return mount_api_bind(api, &bind, at, NULL);
}

/* What shall be writable is cloned before its parents are read-only, and put on top afterwards. */
static int clone_writable(const struct mask_args *args, const char *path, int *ret_fd)
{
	struct mount_at at;
	int r = lookup(args, path, &at);
	int fd;

	*ret_fd = FD_NONE;
	if (r < 0)
		return is_missing(r) ? 0 : err_sys_r(r, "keep '%s' writable", path);
	fd = mount_api_source(args->api, at.target_fd, "", MOUNT_SOURCE_REC);
	fd_close(&at.target_fd);
	if (fd < 0)
		return err_sys_r(fd, "keep '%s' writable", path);
	*ret_fd = fd;
	return 0;
}

static int restore_writable(const struct mask_args *args, const char *path, int tree_fd)
{
	const struct mount_attrs writable = { .clear = MOUNT_ATTR_RDONLY };
	const struct mount_bind bind = { .source_fd = tree_fd,
					 .name = path,
					 .attrs = &writable,
					 .flags = MOUNT_BIND_REC | MOUNT_BIND_KEEP };
	struct mount_at at;
	int r = lookup(args, path, &at);

	if (r < 0)
		return err_sys_r(r, "keep '%s' writable", path);
	r = mount_api_bind(args->api, &bind, &at, NULL);
	fd_close(&at.target_fd);
	return r;
}

static int apply_readonly(struct mask *m)
{
	const struct mask_args *args = m->args;
	int *kept = args->writable_len ? xnew_n(int, args->writable_len) : NULL;
	size_t n = 0;
	int r = 0;

	for (; n < args->writable_len && r == 0; n++)
		r = clone_writable(args, args->writable[n], &kept[n]);
	if (r == 0)
		r = each_path(m, args->readonly, args->readonly_len, "make read-only",
			      make_readonly);
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && kept[i] >= 0)
			r = restore_writable(args, args->writable[i], kept[i]);
		fd_close(&kept[i]);
	}
	free(kept);
	return r;
}

/* ---- masked ---- */

static int put_cover(const struct mask *m, struct cover *c, const struct mount_at *at)
{
	/* A clone of a host mount may be a peer of it: nothing mounted here may appear there. */
	static const struct mount_attrs alone = { .propagation = { MS_PRIVATE },
						  .propagation_len = 1 };
	static const struct mount_attrs none = { 0 };
	const struct mount_api *api = m->args->api;
	struct mount_bind bind = {
		.source_fd = c->fd, .name = c->name, .attrs = &alone, .flags = MOUNT_BIND_KEEP
	};
	autofd int clone = FD_NONE;
	int r;

	if (c->placed) {
		clone = mount_api_source(api, c->fd, "", 0);
		if (clone < 0)
			return err_sys_r(clone, "clone '%s'", c->name);
		bind.source_fd = clone;
		bind.attrs = &none;
	}
	r = mount_api_bind(api, &bind, at, NULL);
	c->placed = api->detached;
	return r;
}

/* One empty file system for all directories: each of its own would cost a superblock, and a system
 * with many processors has hundreds of them to mask. */
static int cover_dir(struct mask *m, const struct mount_at *at)
{
	static const struct mount_attrs attrs = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
							 MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
	const char *type = m->args->label_type ? m->args->label_type : "context";
	struct mount_fs fs = {
		.type = "tmpfs", .source = "tmpfs", .sb_flags = MS_RDONLY, .attrs = &attrs
	};
	autostrv struct strv data = { 0 };
	int r;

	if (m->dir.fd >= 0)
		return put_cover(m, &m->dir, at);
	if (!str_empty(m->args->label))
		strv_addf(&data, "%s=\"%s\"", type, m->args->label);
	fs.data = data.v;
	fs.data_len = data.len;
	r = mount_api_fs(m->args->api, &fs, at, &m->dir.fd);
	m->dir.placed = r == 0;
	return r;
}

static int cover_path(struct mask *m, const struct mount_at *at)
{
	struct stat st;

	if (fstat(at->target_fd, &st) < 0)
		return err_sys("look at '%s'", at->path);
	return S_ISDIR(st.st_mode) ? cover_dir(m, at) : put_cover(m, &m->file, at);
}

/*
 * Without detached mounts nothing of the host can be bound after the root has changed. The
 * container's own node does as well, once the descriptor has been checked to be that device.
 */
static int own_null(const struct mask_args *args, int *ret_fd)
{
	autofd int fd = resolve_open(args->root_fd, "/dev/null", O_PATH | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return err_sys_r(fd, "open the container's '/dev/null' to mask files");
	r = check_null(fd);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int mask_apply(const struct mask_args *args)
{
	struct mask m = { .args = args,
			  .file = { .fd = args->null_fd, .name = "/dev/null" },
			  .dir = { .fd = FD_NONE, .name = "tmpfs" } };
	autofd int null_fd = FD_NONE;
	int r = apply_readonly(&m);

	if (r == 0 && args->masked_len && !args->api->detached) {
		r = own_null(args, &null_fd);
		m.file.fd = null_fd;
	}
	if (r == 0)
		r = each_path(&m, args->masked, args->masked_len, "mask", cover_path);
	fd_close(&m.dir.fd);
	return r;
}
