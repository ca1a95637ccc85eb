/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rootfs_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/loop.h"
#include "ocispec.h"

/* ---- a file system context ---- */

/* The kernel's words, "e text" a line, behind the message. */
static int failed(int r, int context, const char *what)
{
	char line[512];
	ssize_t n = context < 0 ? 0 : read(context, line, sizeof(line) - 1);

	if (r == -ENOSYS || r == -ENODEV)
		return err_code(ENOTSUP, "%s: the kernel cannot (%s)", what,
				r == -ENOSYS ? "Linux 5.2 can" : "no such file system");
	if (n <= 2 || line[0] != 'e')
		return err_sys_r(r, "%s", what);
	line[n - (line[n - 1] == '\n')] = '\0';
	return err_code(-r, "%s: %s: %s", what, err_describe(-r), line + 2);
}

static int set_string(int context, const char *key, const char *value)
{
	return sys_fsconfig(context, FSCONFIG_SET_STRING, key, value, 0);
}

static int set_options(int context, const struct rootfs_tree *t)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} flags[] = {
		{ MS_SYNCHRONOUS, "sync" },
		{ MS_DIRSYNC, "dirsync" },
		{ MS_LAZYTIME, "lazytime" },
	};
	int r = t->readonly ? sys_fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags) && r == 0; i++) {
		if (t->sb_flags & flags[i].flag)
			r = sys_fsconfig(context, FSCONFIG_SET_FLAG, flags[i].name, NULL, 0);
	}
	for (size_t i = 0; i < t->data_len && r == 0; i++) {
		const char *eq = strchr(t->data[i], '=');
		autofree char *key = eq ? xstrndup(t->data[i], (size_t) (eq - t->data[i])) : NULL;

		r = eq ? set_string(context, key, eq + 1)
		       : sys_fsconfig(context, FSCONFIG_SET_FLAG, t->data[i], NULL, 0);
	}
	return r;
}

static int finish(int context, int *ret_fd)
{
	int r = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);

	if (r == 0)
		r = sys_fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (r < 0)
		return r;
	*ret_fd = r;
	return 0;
}

/* ---- overlay ---- */

/* The layers, held open: what is checked is what is mounted. */
struct layers {
	int *lower;
	size_t n;
	int upper, work;
};

static void layers_clear(struct layers *l)
{
	for (size_t i = 0; i < l->n; i++)
		fd_close(&l->lower[i]);
	free(l->lower);
	fd_close(&l->upper);
	fd_close(&l->work);
}

static int open_layer(const char *path, int *ret_fd)
{
	*ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys("open the layer '%s'", path) : 0;
}

/* A directory of its own is what the container sees as "/": it looks like the layer below. */
static int make_upper(const char *path, int lower)
{
	autofd int fd = FD_NONE;
	struct stat st;
	int r;

	if (fstat(lower, &st) < 0)
		return err_sys("look at the layer below '%s'", path);
	r = file_mkdir_p(path, 0755);
	if (r < 0)
		return err_sys_r(r, "make the layer '%s'", path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, st.st_mode & 07777) < 0)
		return err_sys("set owner and mode of the layer '%s'", path);
	return 0;
}

static int open_upper(const struct oci_overlay *o, struct layers *l)
{
	int r = 0;

	if (!o->upper)
		return 0;
	if (access(o->upper, F_OK) < 0 && errno == ENOENT)
		r = make_upper(o->upper, l->lower[0]);
	if (r < 0)
		return r;
	r = file_mkdir_p(o->work, 0755);
	if (r < 0)
		return err_sys_r(r, "make the directory '%s'", o->work);
	r = open_layer(o->upper, &l->upper);
	return r < 0 ? r : open_layer(o->work, &l->work);
}

static int open_layers(const struct oci_overlay *o, struct layers *l)
{
	*l = (struct layers){ .upper = FD_NONE, .work = FD_NONE };
	l->lower = xnew_n(int, o->lower_len);
	for (; l->n < o->lower_len; l->n++) {
		int r = open_layer(o->lower[l->n], &l->lower[l->n]);

		if (r < 0)
			return r;
	}
	return open_upper(o, l);
}

/* Linux 6.13 takes descriptors, one layer at a time. */
static int set_fds(int context, const struct layers *l)
{
	int r = 0;

	for (size_t i = 0; i < l->n && r == 0; i++)
		r = sys_fsconfig(context, FSCONFIG_SET_FD, "lowerdir+", NULL, l->lower[i]);
	if (r == 0 && l->upper >= 0)
		r = sys_fsconfig(context, FSCONFIG_SET_FD, "upperdir", NULL, l->upper);
	if (r == 0 && l->work >= 0)
		r = sys_fsconfig(context, FSCONFIG_SET_FD, "workdir", NULL, l->work);
	return r;
}

/* An older one takes names in one string of at most 255 bytes: those of the descriptors are short
 * and have no character that would need to be escaped. */
static int set_names(int context, const struct layers *l)
{
	autostrbuf struct strbuf lower = STRBUF_INIT;
	char name[FD_PATH_MAX];
	int r;

	for (size_t i = 0; i < l->n; i++)
		strbuf_addf(&lower, "%s%s", i ? ":" : "", fd_proc_path(l->lower[i], name));
	r = set_string(context, "lowerdir", strbuf_str(&lower));
	if (r == 0 && l->upper >= 0)
		r = set_string(context, "upperdir", fd_proc_path(l->upper, name));
	if (r == 0 && l->work >= 0)
		r = set_string(context, "workdir", fd_proc_path(l->work, name));
	return r;
}

static int mount_overlay(const struct rootfs_tree *t, const struct layers *l,
			 int (*set_layers)(int context, const struct layers *l), int *ret_fd)
{
	autofd int context = sys_fsopen("overlay", FSOPEN_CLOEXEC);
	int r = context < 0 ? context : 0;

	if (r == 0)
		r = set_string(context, "source", "overlay");
	if (r == 0)
		r = set_layers(context, l);
	if (r == -EINVAL && set_layers == set_fds)
		return -ENOSYS;
	if (r == 0 && t->user)
		r = sys_fsconfig(context, FSCONFIG_SET_FLAG, "userxattr", NULL, 0);
	if (r == 0)
		r = set_options(context, t);
	if (r == 0)
		r = finish(context, ret_fd);
	return r < 0 ? failed(r, context, "mount the overlay of the root file system") : 0;
}

static int make_overlay(const struct rootfs_tree *t, int *ret_fd)
{
	struct layers l;
	int r = open_layers(t->overlay, &l);

	if (r >= 0)
		r = mount_overlay(t, &l, set_fds, ret_fd);
	if (r == -ENOSYS && !err_is_set())
		r = mount_overlay(t, &l, set_names, ret_fd);
	layers_clear(&l);
	return r;
}

/* ---- image ---- */

const char *rootfs_tree_detect(const unsigned char *head, size_t len)
{
	static const struct {
		const char *type;
		size_t at;
		const char *magic;
		size_t magic_len;
	} known[] = {
		{ "ext4", 0x438, "\x53\xef", 2 }, /* 2 and 3, too */
		{ "xfs", 0, "XFSB", 4 },
		{ "btrfs", 0x10040, "_BHRfS_M", 8 },
		{ "squashfs", 0, "hsqs", 4 },
		{ "erofs", 0x400, "\xe2\xe1\xf5\xe0", 4 },
		{ "f2fs", 0x400, "\x10\x20\xf5\xf2", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].at + known[i].magic_len <= len &&
		    memcmp(head + known[i].at, known[i].magic, known[i].magic_len) == 0)
			return known[i].type;
	}
	return NULL;
}

static int open_image(const struct rootfs_tree *t, int *ret_fd, const char **ret_type)
{
	autofree unsigned char *head = xmalloc(ROOTFS_TREE_HEAD);
	autofd int fd = FD_NONE;
	struct stat st;
	ssize_t n;

	fd = open(t->image, (t->readonly ? O_RDONLY : O_RDWR) | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys("open the image '%s'", t->image);
	if (!S_ISREG(st.st_mode))
		return err_code(EINVAL, "the image '%s' is no regular file", t->image);
	n = pread(fd, head, ROOTFS_TREE_HEAD, 0);
	if (n < 0)
		return err_sys("read the image '%s'", t->image);
	*ret_type = rootfs_tree_detect(head, (size_t) n);
	if (!*ret_type)
		return err_code(
			EINVAL,
			"the image '%s' has none of the file systems ext2 to 4, xfs, btrfs, "
			"squashfs, erofs, f2fs",
			t->image);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int make_image(const struct rootfs_tree *t, int *ret_fd)
{
	autofree char *what = xasprintf("mount the image '%s'", t->image);
	autofd int image = FD_NONE, dev = FD_NONE, context = FD_NONE;
	char name[LOOP_NAME_MAX];
	const char *type;
	int r = open_image(t, &image, &type);

	if (r >= 0)
		r = loop_attach(image, t->image, t->readonly, &dev, name);
	if (r < 0)
		return r;
	context = sys_fsopen(type, FSOPEN_CLOEXEC);
	r = context < 0 ? context : set_string(context, "source", name);
	if (r == 0)
		r = set_options(context, t);
	if (r == 0)
		r = finish(context, ret_fd);
	return r < 0 ? failed(r, context, what) : 0;
}

int rootfs_tree_make(const struct rootfs_tree *tree, int *ret_fd)
{
	return tree->overlay ? make_overlay(tree, ret_fd) : make_image(tree, ret_fd);
}
