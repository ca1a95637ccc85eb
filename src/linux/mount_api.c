/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_api.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/resolve.h"
#include "base/sys.h"
#include "linux/mount_old.h"
#include "linux/mount_plan.h"

#define EMPTY_TO_EMPTY (MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
/* What a remount of a bind mount clears when it is not named; the access time mode stays. */
#define ATTR_FLAGS                                                                      \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW)
/* Superblock flags that only mount(2) can pass on. */
#define SB_OLD_ONLY (MS_SILENT | MS_POSIXACL | MS_I_VERSION)
/*
 * fsconfig(2) takes strings of at most 255 bytes (a lowerdir= of many layers has more), mount(2) a
 * page.
 */
#define FSCONFIG_MAX   255
#define MOUNT_DATA_MAX 4095

/*
 * Calls with arguments that cannot be right: whatever is answered but ENOSYS and EPERM, the call is
 * there. Without CAP_SYS_ADMIN they say EPERM too, and then mount(2) will say it as well.
 */
static void probe(struct mount_api *api)
{
	struct mount_attr nothing = { 0 };

	api->detached = !sys_missing(SYS_F_FSOPEN) && !sys_missing(SYS_F_OPEN_TREE) &&
			!sys_note(SYS_F_FSOPEN, sys_fsopen(NULL, 0)) &&
			!sys_note(SYS_F_FSOPEN, sys_fsconfig(-1, 0, NULL, NULL, 0)) &&
			!sys_note(SYS_F_FSOPEN, sys_fsmount(-1, 0, 0)) &&
			!sys_note(SYS_F_OPEN_TREE, sys_open_tree(-1, "", AT_EMPTY_PATH)) &&
			!sys_note(SYS_F_OPEN_TREE, sys_move_mount(-1, "", -1, "", EMPTY_TO_EMPTY));
	api->setattr =
		!sys_missing(SYS_F_MOUNT_SETATTR) &&
		!sys_note(SYS_F_MOUNT_SETATTR, sys_mount_setattr(-1, "", AT_EMPTY_PATH, &nothing));
}

int mount_api_open(struct mount_api *api)
{
	int fd;

	*api = (struct mount_api) MOUNT_API_INIT;
	probe(api);
	if (api->detached && api->setattr)
		return 0;
	fd = mount_old_open_fds();
	if (fd < 0)
		return err_sys_r(fd, "open '/proc/self/fd'");
	api->fds = fd;
	return 0;
}

void mount_api_close(struct mount_api *api)
{
	fd_close(&api->fds);
}

/* ---- attributes ---- */

static int setattr_call(int fd, bool rec, struct mount_attr *attr)
{
	return sys_mount_setattr(fd, "", AT_EMPTY_PATH | (rec ? AT_RECURSIVE : 0u), attr);
}

/*
 * single: there is no mount below this one, so that the recursive forms mean the same and one call
 * does.
 */
static int new_set_attrs(int fd, const struct mount_attrs *a, bool single)
{
	struct mount_attr rec = { .attr_set = a->rec_set, .attr_clr = a->rec_clear };
	struct mount_attr top = { .attr_set = a->set, .attr_clr = a->clear };
	size_t n = 0;
	int r = 0;

	if (rec.attr_set || rec.attr_clr)
		r = setattr_call(fd, true, &rec);
	if (r < 0)
		return r;
	if (a->propagation_len && (single || !(a->propagation[0] & MS_REC)))
		top.propagation = a->propagation[n++] & ~(unsigned int) MS_REC;
	if (top.attr_set || top.attr_clr || top.propagation)
		r = setattr_call(fd, false, &top);
	for (; n < a->propagation_len && r == 0; n++) {
		struct mount_attr p = { .propagation = a->propagation[n] & ~(unsigned int) MS_REC };

		r = setattr_call(fd, a->propagation[n] & MS_REC, &p);
	}
	return r;
}

static int set_attrs(const struct mount_api *api, int fd, const struct mount_attrs *a, bool single)
{
	return api->setattr ? new_set_attrs(fd, a, single)
			    : mount_old_set_attrs(api->fds, fd, a, single);
}

/*
 * One by one, for those that the kernel has locked: in a user namespace a mount that came from
 * outside keeps its restrictions.
 */
static int clear_unlocked(const struct mount_api *api, int fd, uint64_t bits)
{
	for (uint64_t bit = 1; bit <= bits; bit <<= 1) {
		struct mount_attrs one = { .clear = bits & bit };
		int r = one.clear ? set_attrs(api, fd, &one, true) : 0;

		if (r < 0 && r != -EPERM)
			return r;
	}
	return 0;
}

static int reset_attrs(const struct mount_api *api, int fd, const struct mount_attrs *a,
		       bool single)
{
	struct mount_attrs all = *a;
	struct statvfs vfs;
	int r;

	all.clear |= ATTR_FLAGS & ~(a->set | a->rec_set);
	r = set_attrs(api, fd, &all, single);
	/* EINVAL: an attribute that this kernel does not know (nosymfollow, Linux 5.14). */
	if (r != -EPERM && r != -EINVAL)
		return r;
	r = set_attrs(api, fd, a, single);
	if (r < 0)
		return r;
	if (fstatvfs(fd, &vfs) < 0)
		return -errno;
	return clear_unlocked(api, fd,
			      all.clear & ~a->clear & ATTR_FLAGS &
				      mount_attr_from_statvfs(vfs.f_flag));
}

static int report_attrs(int r, const char *path)
{
	if (r == -ENOSYS)
		return err_code(ENOTSUP,
				"set recursive attributes of the mounts on '%s': "
				"needs Linux 5.12",
				path);
	return err_sys_r(r, "set attributes of the mount on '%s'", path);
}

int mount_api_setattr(const struct mount_api *api, int fd, const char *path,
		      const struct mount_attrs *attrs)
{
	int r = set_attrs(api, fd, attrs, false);

	return r < 0 ? report_attrs(r, path) : 0;
}

int mount_api_reset_attrs(const struct mount_api *api, int fd, const char *path,
			  const struct mount_attrs *attrs)
{
	int r = reset_attrs(api, fd, attrs, false);

	return r < 0 ? report_attrs(r, path) : 0;
}

/* ---- file systems ---- */

/* What the kernel has to say about a context: lines "e <text>", "w <text>", one for each read. */
static char *context_messages(int fd)
{
	struct strbuf out = STRBUF_INIT;
	char line[512];
	ssize_t n;

	while ((n = read(fd, line, sizeof(line))) > 0) {
		size_t len = (size_t) n;

		if (line[len - 1] == '\n')
			len--;
		if (len > 2 && line[0] == 'e' && line[1] == ' ') {
			strbuf_add(&out, out.len ? "; " : ": ");
			strbuf_add_n(&out, line + 2, len - 2);
		}
	}
	return strbuf_take(&out);
}

/* SELinux labels are quoted for mount(2), where a comma ends an option; here they come alone. */
static char *config_value(const char *value)
{
	size_t n = strlen(value);

	return n >= 2 && value[0] == '"' && value[n - 1] == '"' ? xstrndup(value + 1, n - 2)
								: xstrdup(value);
}

static int config_data(int fd, char *const *data, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const char *eq = strchr(data[i], '=');
		autofree char *key = eq ? xstrndup(data[i], (size_t) (eq - data[i])) : NULL;
		autofree char *value = eq ? config_value(eq + 1) : NULL;

		r = eq ? sys_fsconfig(fd, FSCONFIG_SET_STRING, key, value, 0)
		       : sys_fsconfig(fd, FSCONFIG_SET_FLAG, data[i], NULL, 0);
	}
	return r;
}

static const struct {
	unsigned int flag;
	const char *set;
	const char *clear;
} sb_names[] = {
	{ MS_RDONLY, "ro", "rw" },
	{ MS_SYNCHRONOUS, "sync", "async" },
	{ MS_DIRSYNC, "dirsync", NULL },
	{ MS_MANDLOCK, "mand", "nomand" },
	{ MS_LAZYTIME, "lazytime", "nolazytime" },
};

static int config_sb_flags(int fd, unsigned int set, unsigned int clear)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sb_names) && r == 0; i++) {
		if (set & sb_names[i].flag)
			r = sys_fsconfig(fd, FSCONFIG_SET_FLAG, sb_names[i].set, NULL, 0);
		else if ((clear & sb_names[i].flag) && sb_names[i].clear)
			r = sys_fsconfig(fd, FSCONFIG_SET_FLAG, sb_names[i].clear, NULL, 0);
	}
	return r;
}

static const char *fs_name(const struct mount_fs *fs)
{
	return fs->source ? fs->source : fs->type;
}

static int report_fs(int r, int context_fd, const struct mount_fs *fs, const char *path)
{
	autofree char *text = context_fd < 0 ? xstrdup("") : context_messages(context_fd);

	if (r == -ENODEV && !*text)
		return err_code(ENODEV, "mount '%s' on '%s': the kernel has no file system '%s'",
				fs_name(fs), path, fs->type);
	return err_code(-r, "mount '%s' on '%s': %s%s", fs_name(fs), path, err_describe(-r), text);
}

/* Attributes that fsmount(2) takes: recursive ones mean the same, there is nothing below. */
static uint64_t new_mount_attrs(const struct mount_attrs *a)
{
	uint64_t set = (a->rec_set & ~a->clear) | a->set;

	/* An access time mode named by the plain form excludes that of the recursive one. */
	return a->clear & MOUNT_ATTR__ATIME
		       ? (set & ~(uint64_t) MOUNT_ATTR__ATIME) | (a->set & MOUNT_ATTR__ATIME)
		       : set;
}

/* Quiet: why not is in the context. */
static int fs_configure(const struct mount_fs *fs, int context, int *ret_fd)
{
	int fd, r;

	r = fs->source ? sys_fsconfig(context, FSCONFIG_SET_STRING, "source", fs->source, 0) : 0;
	if (r == 0)
		r = config_data(context, fs->data, fs->data_len);
	if (r == 0)
		r = config_sb_flags(context, fs->sb_flags, 0);
	if (r == 0)
		r = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (r < 0)
		return r;
	fd = sys_fsmount(context, FSMOUNT_CLOEXEC, (unsigned int) new_mount_attrs(fs->attrs));
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* target_fd FD_NONE: it stays detached. */
static int fs_detached(const struct mount_fs *fs, const char *path, int target_fd, int *ret_fd)
{
	autofd int context = sys_fsopen(fs->type, FSOPEN_CLOEXEC);
	autofd int fd = FD_NONE;
	int r;

	if (context < 0)
		return report_fs(context, FD_NONE, fs, path);
	r = fs_configure(fs, context, &fd);
	if (r == 0 && target_fd >= 0)
		r = sys_move_mount(fd, "", target_fd, "", EMPTY_TO_EMPTY);
	if (r < 0)
		return report_fs(r, context, fs, path);
	*ret_fd = take_fd(&fd);
	return 0;
}

static char *join_data(char *const *data, size_t n)
{
	struct strbuf out = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_add_c(&out, ',');
		strbuf_add(&out, data[i]);
	}
	strbuf_add(&out, "");
	return strbuf_take(&out);
}

static int fs_old(const struct mount_api *api, const struct mount_fs *fs, const struct mount_at *at,
		  int *ret_fd)
{
	autofree char *data = join_data(fs->data, fs->data_len);
	struct mount_old m = {
		.source = fs_name(fs), .target_fd = at->target_fd, .type = fs->type, .data = data
	};
	int r;

	m.flags = fs->sb_flags | mount_attr_to_ms(new_mount_attrs(fs->attrs));
	if (strlen(data) > MOUNT_DATA_MAX)
		return report_fs(-E2BIG, FD_NONE, fs, at->path);
	r = mount_old_call(api->fds, &m);
	if (r == 0)
		r = mount_old_reopen(at, FD_NONE, ret_fd);
	return r < 0 ? report_fs(r, FD_NONE, fs, at->path) : 0;
}

static bool needs_old(const struct mount_fs *fs)
{
	for (size_t i = 0; i < fs->data_len; i++) {
		if (strlen(fs->data[i]) > FSCONFIG_MAX)
			return true;
	}
	return fs->sb_flags & SB_OLD_ONLY;
}

int mount_api_fs(const struct mount_api *api, const struct mount_fs *fs, const struct mount_at *at,
		 int *ret_fd)
{
	struct mount_attrs propagation = *fs->attrs;
	autofd int fd = FD_NONE;
	int r;

	r = api->detached && !needs_old(fs) ? fs_detached(fs, at->path, at->target_fd, &fd)
					    : fs_old(api, fs, at, &fd);
	if (r < 0)
		return r;
	propagation.set = propagation.clear = propagation.rec_set = propagation.rec_clear = 0;
	r = set_attrs(api, fd, &propagation, true);
	if (r < 0)
		return report_attrs(r, at->path);
	if (ret_fd)
		*ret_fd = take_fd(&fd);
	return 0;
}

int mount_api_reconfigure(const struct mount_api *api, int fd, const char *path,
			  const struct mount_reconfigure *what)
{
	autofd int context = FD_NONE;
	autofree char *text = NULL;
	int r;

	if (!api->detached) {
		autofree char *data = join_data(what->data, what->data_len);
		struct mount_old m = { .source = "none",
				       .target_fd = fd,
				       .data = data,
				       .flags = MS_REMOUNT | what->sb_set };

		r = mount_old_call(api->fds, &m);
		return r < 0 ? err_sys_r(r, "remount '%s'", path) : 0;
	}
	context = sys_fspick(fd, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (context < 0)
		return err_sys_r(context, "remount '%s'", path);
	r = config_data(context, what->data, what->data_len);
	if (r == 0)
		r = config_sb_flags(context, what->sb_set, what->sb_clear);
	if (r == 0)
		r = sys_fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
	if (r == 0)
		return 0;
	text = context_messages(context);
	return err_code(-r, "remount '%s': %s%s", path, err_describe(-r), text);
}

/* ---- binds ---- */

int mount_api_source(const struct mount_api *api, int dirfd, const char *path, int flags)
{
	unsigned int how = OPEN_TREE_CLOEXEC | OPEN_TREE_CLONE;
	int fd;

	if (!api->detached) {
		if (!*path)
			return fd_dup_above(dirfd, 0);
		fd = openat(dirfd, path,
			    O_PATH | O_CLOEXEC | (flags & MOUNT_SOURCE_NOFOLLOW ? O_NOFOLLOW : 0));
		return fd < 0 ? -errno : fd;
	}
	how |= flags & MOUNT_SOURCE_REC ? AT_RECURSIVE : 0u;
	how |= flags & MOUNT_SOURCE_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0u;
	return sys_open_tree(dirfd, path, how | (*path ? 0u : AT_EMPTY_PATH));
}

static int bind_attrs(const struct mount_api *api, const struct mount_bind *b, int fd)
{
	bool single = !(b->flags & MOUNT_BIND_REC);

	return b->flags & MOUNT_BIND_KEEP ? set_attrs(api, fd, b->attrs, single)
					  : reset_attrs(api, fd, b->attrs, single);
}

/*
 * Attributes while it is detached: nobody sees the mount without them. Only mount(2) cannot do
 * that.
 */
static int bind_detached(const struct mount_api *api, const struct mount_bind *b,
			 const struct mount_at *at)
{
	int r = api->setattr ? bind_attrs(api, b, b->source_fd) : 0;

	if (r == 0)
		r = sys_move_mount(b->source_fd, "", at->target_fd, "", EMPTY_TO_EMPTY);
	if (r == 0 && !api->setattr)
		r = bind_attrs(api, b, b->source_fd);
	return r;
}

static int bind_old(const struct mount_api *api, const struct mount_bind *b,
		    const struct mount_at *at, int *ret_fd)
{
	struct mount_old m = { .source_fd = b->source_fd,
			       .target_fd = at->target_fd,
			       .flags = MS_BIND | (b->flags & MOUNT_BIND_REC ? MS_REC : 0) };
	autofd int fd = FD_NONE;
	int r = mount_old_call(api->fds, &m);

	if (r == 0)
		r = mount_old_reopen(at, b->source_fd, &fd);
	if (r == 0)
		r = bind_attrs(api, b, fd);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int mount_api_bind(const struct mount_api *api, const struct mount_bind *bind,
		   const struct mount_at *at, int *ret_fd)
{
	autofd int fd = FD_NONE;
	int r;

	if (api->detached)
		r = bind_detached(api, bind, at);
	else
		r = bind_old(api, bind, at, &fd);
	if (r == -ENOSYS)
		return err_code(ENOTSUP, "mount '%s' on '%s': recursive attributes need Linux 5.12",
				bind->name, at->path);
	if (r < 0)
		return err_sys_r(r, "mount '%s' on '%s'", bind->name, at->path);
	if (!ret_fd)
		return 0;
	if (fd < 0)
		fd = fd_dup_above(bind->source_fd, 0);
	if (fd < 0)
		return err_sys_r(fd, "duplicate the descriptor of '%s'", at->path);
	*ret_fd = take_fd(&fd);
	return 0;
}

int mount_api_host_fs(const struct mount_op *op, int *ret_tree_fd)
{
	const struct mount_fs fs = { .type = op->fstype,
				     .source = op->source,
				     .data = op->data.v,
				     .data_len = op->data.len,
				     .sb_flags = op->sb_set,
				     .attrs = &op->attrs };

	if (needs_old(&fs))
		return err_code(ENOTSUP,
				"mount '%s' on '%s': an option is too long for a mount that is "
				"made on the host",
				op->source, op->destination);
	return fs_detached(&fs, op->destination, FD_NONE, ret_tree_fd);
}

int mount_api_host_tree(const struct mount_op *op, int userns_fd, int *ret_tree_fd)
{
	unsigned int how = OPEN_TREE_CLOEXEC | OPEN_TREE_CLONE |
			   (op->flags & MOUNT_OP_REC ? AT_RECURSIVE : 0u) |
			   (op->flags & MOUNT_OP_SRC_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0u);
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP };
	/* host path: a source, in the mount namespace of the parent */
	autofd int tree = sys_open_tree(AT_FDCWD, op->source, how);
	int r = 0;

	if (tree < 0)
		return err_sys_r(tree, "clone the tree at '%s'", op->source);
	if (op->flags & MOUNT_OP_IDMAP) {
		attr.userns_fd = (uint64_t) userns_fd;
		r = setattr_call(tree, op->flags & MOUNT_OP_IDMAP_REC, &attr);
	}
	if (r == -ENOSYS)
		return err_code(ENOTSUP, "map the ids of '%s': needs Linux 5.12", op->source);
	if (r == -EINVAL)
		return err_code(EINVAL,
				"map the ids of '%s': its file system cannot, or they are "
				"mapped already",
				op->source);
	if (r < 0)
		return err_sys_r(r, "map the ids of '%s'", op->source);
	*ret_tree_fd = take_fd(&tree);
	return 0;
}
