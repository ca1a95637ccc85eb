/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_apply.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/resolve.h"
#include "base/str.h"
#include "linux/mount_special.h"

#define DIR_MODE  0755
#define FILE_MODE 0644

/*
 * The tmpfs mounted last. Mount points right below it are made with its descriptor, without looking
 * up and walking down the path: /dev/pts, /dev/shm and /dev/mqueue of every container. Nobody else
 * has been in it yet. Any operation elsewhere ends that: it might cover it.
 */
struct fresh {
	int fd;
	const char *path;
};

struct apply {
	const struct mount_apply_args *args;
	size_t op_index;
	struct fresh fresh;
	int proc_fd;
};

static const struct mount_op *current_op(const struct apply *a)
{
	return &a->args->plan->ops[a->op_index];
}

/* ---- targets ---- */

/* The name of path right below dir, or NULL. */
static const char *name_below(const char *path, const char *dir)
{
	const char *rest = dir ? str_after(path, dir) : NULL;

	return rest && rest[0] == '/' && rest[1] && !strchr(rest + 1, '/') ? rest + 1 : NULL;
}

static int make_name(int dir_fd, const char *name, bool dir)
{
	int r = dir ? mkdirat(dir_fd, name, DIR_MODE)
		    : mknodat(dir_fd, name, S_IFREG | FILE_MODE, 0);

	return r < 0 && errno != EEXIST ? -errno : 0;
}

static int open_fresh(int dir_fd, const char *name, bool dir)
{
	int r = make_name(dir_fd, name, dir), fd;

	if (r < 0)
		return r;
	fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* /proc, /sys and /dev must be what they seem: behind a link planted there, labels, masks and nodes
 * would end up in another place than meant (CVE-2019-19921, CVE-2026-41579). */
static int open_plain_dir(int root_fd, const char *path)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	autofree char *name = NULL;
	autofd int parent = FD_NONE;
	int fd = resolve_open(root_fd, path, flags);
	int r;

	if (fd != -ENOENT)
		return fd;
	r = resolve_parent(root_fd, path, true, &parent, &name);
	if (r == 0)
		r = make_name(parent, name, true);
	if (r < 0)
		return r;
	fd = openat(parent, name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int is_dir(int fd, bool *ret)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = S_ISDIR(st.st_mode);
	return 0;
}

/* Quiet. source_fd: what kind of target to make when there is none; FD_NONE: a directory. */
static int find_target(struct apply *a, int source_fd)
{
	const struct mount_op *op = current_op(a);
	const char *name = name_below(op->destination, a->fresh.path);
	int root_fd = a->args->root_fd, r, fd;
	bool dir = true;

	if (op->flags & MOUNT_OP_PLAIN_DIR)
		return open_plain_dir(root_fd, op->destination);
	if (!name) {
		fd = resolve_open(root_fd, op->destination,
				  O_PATH | (op->flags & MOUNT_OP_DEST_NOFOLLOW ? O_NOFOLLOW : 0));
		if (fd != -ENOENT)
			return fd;
	}
	r = source_fd < 0 ? 0 : is_dir(source_fd, &dir);
	if (r < 0)
		return r;
	if (name)
		return open_fresh(a->fresh.fd, name, dir);
	return dir ? resolve_mkdir_p(root_fd, op->destination, DIR_MODE)
		   : resolve_create_file(root_fd, op->destination, FILE_MODE);
}

static int open_target(struct apply *a, int source_fd, struct mount_at *ret)
{
	const struct mount_op *op = current_op(a);
	int fd = find_target(a, source_fd);

	if ((fd == -ENOTDIR || fd == -ELOOP) && (op->flags & MOUNT_OP_PLAIN_DIR))
		return err_code(ENOTDIR,
				"mount '%s': filesystem '%s' must be mounted on ordinary "
				"directory, and '%s' is none",
				op->source, op->fstype ? op->fstype : "bind", op->destination);
	if (fd < 0)
		return err_sys_r(fd, "open or make the mount point '%s'", op->destination);
	*ret = (struct mount_at){ .root_fd = a->args->root_fd,
				  .path = op->destination,
				  .target_fd = fd };
	return 0;
}

/* ---- binds ---- */

static int no_tree(const struct mount_op *op)
{
	return err_code(ENOTSUP, "map the ids of '%s' for '%s': nobody to ask", op->source,
			op->destination);
}

/*
 * A clone of the source: ours if we may, else the parent's, who is outside of our user namespace.
 * EINVAL is the kernel's word for a tree that hides something below a mount locked to it.
 */
static int open_tree(struct apply *a, int *ret_fd)
{
	const struct mount_apply_args *args = a->args;
	const struct mount_op *op = current_op(a);
	int flags = (op->flags & MOUNT_OP_REC ? MOUNT_SOURCE_REC : 0) |
		    (op->flags & MOUNT_OP_SRC_NOFOLLOW ? MOUNT_SOURCE_NOFOLLOW : 0);
	int fd;

	if ((op->flags & MOUNT_OP_IDMAP) && !args->host_tree)
		return no_tree(op);
	if ((op->flags & MOUNT_OP_IDMAP) || args->away)
		return args->host_tree(args->arg, a->op_index, ret_fd);
	/* host path: a source */
	fd = mount_api_source(args->api, AT_FDCWD, op->source, flags);
	if ((fd == -EACCES || fd == -EPERM || fd == -EINVAL) && args->host_tree)
		return args->host_tree(args->arg, a->op_index, ret_fd);
	if (fd < 0)
		return err_sys_r(fd, "open '%s' to mount it on '%s'", op->source, op->destination);
	*ret_fd = fd;
	return 0;
}

static int bind_tree(struct apply *a, int tree_fd, int *ret_fd)
{
	const struct mount_op *op = current_op(a);
	struct mount_bind bind = { .source_fd = tree_fd, .name = op->source, .attrs = &op->attrs };
	struct mount_at at;
	int r = open_target(a, tree_fd, &at);

	if (r < 0)
		return r;
	bind.flags = (op->flags & MOUNT_OP_REC ? MOUNT_BIND_REC : 0u) |
		     (op->flags & MOUNT_OP_KEEP_ATTRS ? MOUNT_BIND_KEEP : 0u);
	r = mount_api_bind(a->args->api, &bind, &at, ret_fd);
	fd_close(&at.target_fd);
	return r;
}

/* copy-symlink: 1 when the source is a link, which is then made anew. */
static int copy_symlink(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	char text[PATH_MAX];
	/* host path: a source */
	ssize_t n = readlink(op->source, text, sizeof(text) - 1);
	autofree char *name = NULL;
	autofd int parent = FD_NONE;
	int r;

	if (n < 0)
		return errno == EINVAL ? 0 : err_sys("read the link '%s'", op->source);
	text[n] = '\0';
	r = resolve_parent(a->args->root_fd, op->destination, true, &parent, &name);
	if (r == 0 && symlinkat(text, parent, name) < 0 && errno != EEXIST)
		r = -errno;
	return r < 0 ? err_sys_r(r, "make the link '%s'", op->destination) : 1;
}

/* What is at the destination otherwise, the host's tree perhaps, must not show instead. */
static int mask_missing(struct apply *a)
{
	static const struct mount_attrs attrs = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
							 MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC };
	const char *const data[] = { "mode=755" };
	const struct mount_fs fs = { .type = "tmpfs",
				     .source = "tmpfs",
				     .attrs = &attrs,
				     .data = (char *const *) data,
				     .data_len = ARRAY_SIZE(data) };
	struct mount_at at;
	int r = open_target(a, FD_NONE, &at);

	if (r < 0)
		return r;
	r = mount_api_fs(a->args->api, &fs, &at, NULL);
	fd_close(&at.target_fd);
	return r;
}

static int apply_bind(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	bool proc = op->flags & MOUNT_OP_SOURCE_PROC;
	autofd int tree = FD_NONE;
	int r = 0;

	if (op->flags & MOUNT_OP_COPY_SYMLINK)
		r = copy_symlink(a);
	if (r != 0)
		return r < 0 ? r : 0;
	r = open_tree(a, &tree);
	if (r == -ENOENT && (op->flags & MOUNT_OP_MASK_MISSING)) {
		err_forgive(r, "mask '%s'", op->destination);
		return mask_missing(a);
	}
	if (r == 0 && proc)
		r = mount_special_check_proc(tree, op->source, op->destination);
	if (r < 0)
		return r;
	if (proc)
		fd_close(&a->proc_fd);
	return bind_tree(a, tree, proc ? &a->proc_fd : NULL);
}

/* ---- file systems ---- */

static bool data_has(const struct strv *data, const char *prefix)
{
	for (size_t i = 0; i < data->len; i++) {
		if (str_starts(data->v[i], prefix))
			return true;
	}
	return false;
}

static int mount_fs(struct apply *a, const struct mount_at *at, int *ret_fd)
{
	const struct mount_op *op = current_op(a);
	struct mount_fs fs = { .type = op->fstype,
			       .source = op->source,
			       .data = op->data.v,
			       .data_len = op->data.len,
			       .sb_flags = op->sb_set,
			       .attrs = &op->attrs };
	autostrv struct strv data = { 0 };
	struct stat st;

	if (op->flags & MOUNT_OP_INHERIT_MODE) {
		if (fstat(at->target_fd, &st) < 0)
			return err_sys("look at '%s'", op->destination);
		for (size_t i = 0; i < op->data.len; i++)
			strv_add(&data, op->data.v[i]);
		strv_addf(&data, "mode=%o", st.st_mode & 07777);
		fs.data = data.v;
		fs.data_len = data.len;
	}
	return mount_api_fs(a->args->api, &fs, at, ret_fd);
}

/*
 * The host's tree in place of a file system that our user namespace does not own. All of it gets
 * the attributes: a cgroup file system below /sys must not stay writable because only the top is
 * not.
 */
static int mount_alternative(struct apply *a, const struct mount_at *at, int *ret_fd)
{
	const struct mount_op *op = current_op(a);
	struct mount_attrs attrs = op->attrs;
	struct mount_bind bind = { .name = op->alternative,
				   .attrs = &attrs,
				   .flags = MOUNT_BIND_REC | MOUNT_BIND_KEEP };
	/* host path: a source */
	autofd int tree =
		mount_api_source(a->args->api, AT_FDCWD, op->alternative, MOUNT_SOURCE_REC);

	if (tree < 0)
		return err_sys_r(tree, "open '%s' to mount it on '%s'", op->alternative,
				 op->destination);
	/* What is cleared may be locked, and is not worth to fail for. */
	attrs.rec_set |= attrs.set;
	attrs.set = attrs.clear = attrs.rec_clear = 0;
	if (attrs.rec_set & MOUNT_ATTR__ATIME)
		attrs.rec_set &= ~(uint64_t) MOUNT_ATTR__ATIME;
	bind.source_fd = tree;
	return mount_api_bind(a->args->api, &bind, at, ret_fd);
}

static int fill_fs(const struct mount_op *op, const struct mount_at *at, int fd)
{
	autofd int below = FD_NONE;
	int r = 0;

	if (op->flags & MOUNT_OP_LABEL_ROOT)
		r = mount_special_label(fd, op->label, op->destination);
	if (r < 0 || !(op->flags & MOUNT_OP_COPY_UP))
		return r;
	below = openat(at->target_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (below < 0)
		return err_sys("open '%s' to copy it", op->destination);
	return mount_special_copy_up(below, fd,
				     !data_has(&op->data, "uid=") && !data_has(&op->data, "gid="),
				     op->destination);
}

/* Keeps the descriptors that later operations or the caller have a use for. */
static void keep_fs(struct apply *a, int *fd)
{
	const struct mount_op *op = current_op(a);

	if (str_eq(op->destination, "/proc")) {
		fd_close(&a->proc_fd);
		a->proc_fd = take_fd(fd);
	} else if (str_eq(op->fstype, "tmpfs") && !(op->flags & MOUNT_OP_COPY_UP) &&
		   !name_below(op->destination, a->fresh.path)) {
		fd_close(&a->fresh.fd);
		a->fresh = (struct fresh){ .fd = take_fd(fd), .path = op->destination };
	}
}

static int apply_fs(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	autofd int fd = FD_NONE;
	struct mount_at at;
	int r = open_target(a, FD_NONE, &at);

	if (r < 0)
		return r;
	r = mount_fs(a, &at, &fd);
	if (r == -EPERM && op->alternative) {
		err_forgive(r, "take the host's '%s' instead", op->alternative);
		r = mount_alternative(a, &at, &fd);
	}
	if (r == 0)
		r = fill_fs(op, &at, fd);
	fd_close(&at.target_fd);
	if (r == 0)
		keep_fs(a, &fd);
	return r;
}

/* ---- the rest ---- */

static int apply_remount(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	const struct mount_api *api = a->args->api;
	struct mount_reconfigure what = { .sb_set = op->sb_set,
					  .sb_clear = op->sb_clear,
					  .data = op->data.v,
					  .data_len = op->data.len };
	autofd int fd = resolve_open(a->args->root_fd, op->destination, O_PATH);
	int r = 0;

	if (fd < 0)
		return err_sys_r(fd, "open '%s' to remount it", op->destination);
	if (op->flags & MOUNT_OP_SUPERBLOCK)
		r = mount_api_reconfigure(api, fd, op->destination, &what);
	return r < 0 ? r : mount_api_reset_attrs(api, fd, op->destination, &op->attrs);
}

static int apply_symlink(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	autofree char *name = NULL;
	autofd int parent = FD_NONE;
	int r = resolve_parent(a->args->root_fd, op->destination, true, &parent, &name);

	if (r == 0 && symlinkat(op->source, parent, name) < 0 && errno != EEXIST)
		r = -errno;
	return r < 0 ? err_sys_r(r, "make the link '%s'", op->destination) : 0;
}

static int (*const apply_kind[])(struct apply *a) = {
	[MOUNT_OP_FS] = apply_fs,
	[MOUNT_OP_BIND] = apply_bind,
	[MOUNT_OP_REMOUNT] = apply_remount,
	[MOUNT_OP_SYMLINK] = apply_symlink,
};

static int apply_op(struct apply *a)
{
	const struct mount_op *op = current_op(a);
	int r;

	if (a->fresh.fd >= 0 && !name_below(op->destination, a->fresh.path)) {
		fd_close(&a->fresh.fd);
		a->fresh.path = NULL;
	}
	r = apply_kind[op->kind](a);
	if (r < 0 && (op->flags & MOUNT_OP_OPTIONAL)) {
		err_forgive(r, "optional mount on '%s'", op->destination);
		r = 0;
	}
	return r;
}

int mount_apply(const struct mount_apply_args *args, int *ret_proc_fd)
{
	struct apply a = { .args = args, .fresh = { .fd = FD_NONE }, .proc_fd = FD_NONE };
	/* The modes of mount points that we make are meant. */
	mode_t mask = umask(0);
	int r = 0;

	for (; a.op_index < args->plan->len && r == 0; a.op_index++)
		r = apply_op(&a);
	umask(mask);
	fd_close(&a.fresh.fd);
	if (r == 0 && ret_proc_fd)
		*ret_proc_fd = take_fd(&a.proc_fd);
	fd_close(&a.proc_fd);
	return r;
}

int mount_apply_late(const struct mount_api *api, int root_fd, const struct mount_plan *plan)
{
	const struct mount_attrs readonly = { .set = MOUNT_ATTR_RDONLY };
	int r = 0;

	for (size_t i = 0; i < plan->len && r == 0; i++) {
		const struct mount_op *op = &plan->ops[i];
		autofd int fd = FD_NONE;

		if (!(op->flags & MOUNT_OP_LATE_RO))
			continue;
		fd = resolve_open(root_fd, op->destination, O_PATH);
		if (fd == -ENOENT && (op->flags & MOUNT_OP_OPTIONAL))
			continue;
		r = fd < 0 ? err_sys_r(fd, "open '%s' to make it read-only", op->destination)
			   : mount_api_setattr(api, fd, op->destination, &readonly);
	}
	return r;
}
