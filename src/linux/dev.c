/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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
#include "linux/dev_outside.h"

/* dev_t of the kernel: 12 bits and 20 bits. */
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff
#define NODE_MODE 0666

/* ---- plan ---- */

static const struct {
	const char *path;
	unsigned int major, minor;
} defaults[] = {
	{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },	   { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

static void plan_add(struct dev_plan *plan, const char *path, const struct dev_node *node)
{
	struct dev_node *n = NULL;

	for (size_t i = 0; i < plan->len && !n; i++) {
		if (str_eq(plan->nodes[i].path, path))
			n = &plan->nodes[i];
	}
	if (!n) {
		plan->nodes = xreallocarray(plan->nodes, plan->len + 1, sizeof(*plan->nodes));
		n = &plan->nodes[plan->len++];
		n->path = NULL;
	}
	free(n->path);
	*n = *node;
	n->path = xstrdup(path);
}

static int parse_type(const char *type, mode_t *ret)
{
	if (str_eq(type, "c") || str_eq(type, "u"))
		*ret = S_IFCHR;
	else if (str_eq(type, "b"))
		*ret = S_IFBLK;
	else if (str_eq(type, "p"))
		*ret = S_IFIFO;
	else
		return -EINVAL;
	return 0;
}

static int plan_device(struct dev_plan *plan, const struct oci_device *d, size_t index)
{
	autofree char *path = path_clean_absolute(d->path ? d->path : "");
	struct dev_node n = { .mode = NODE_MODE };

	if (str_eq(path, "/") || str_eq(path, "/dev"))
		return err_code(EINVAL, "linux.devices[%zu]: '%s' is no path for a device", index,
				d->path ? d->path : "");
	if (parse_type(d->type, &n.type) < 0)
		return err_code(EINVAL, "linux.devices[%zu]: type '%s' is none of c, u, b, p",
				index, d->type ? d->type : "");
	if (n.type != S_IFIFO) {
		if (!d->has_major || !d->has_minor || d->major < 0 || d->major > MAJOR_MAX ||
		    d->minor < 0 || d->minor > MINOR_MAX)
			return err_code(EINVAL,
					"linux.devices[%zu]: '%s' needs a major number of "
					"0 to %d and a minor number of 0 to %d",
					index, path, MAJOR_MAX, MINOR_MAX);
		n.major = (unsigned int) d->major;
		n.minor = (unsigned int) d->minor;
	}
	/* Engines copy st_mode, with the type in it. */
	if (d->has_file_mode)
		n.mode = d->file_mode & 07777;
	n.uid = d->has_uid ? d->uid : 0;
	n.gid = d->has_gid ? d->gid : 0;
	n.asked = d->has_file_mode || d->has_uid || d->has_gid;
	plan_add(plan, path, &n);
	return 0;
}

int dev_plan(const struct oci_device *devices, size_t n, bool with_defaults, struct dev_plan *ret)
{
	int r = 0;

	*ret = (struct dev_plan){ 0 };
	for (size_t i = 0; with_defaults && i < ARRAY_SIZE(defaults); i++) {
		const struct dev_node node = { .type = S_IFCHR,
					       .mode = NODE_MODE,
					       .major = defaults[i].major,
					       .minor = defaults[i].minor };

		plan_add(ret, defaults[i].path, &node);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = plan_device(ret, &devices[i], i);
	if (r < 0)
		dev_plan_clear(ret);
	return r;
}

void dev_plan_clear(struct dev_plan *plan)
{
	for (size_t i = 0; i < plan->len; i++)
		free(plan->nodes[i].path);
	free(plan->nodes);
	*plan = (struct dev_plan){ 0 };
}

/* ---- apply ---- */

struct apply {
	const struct dev_args *args;
	int dev_fd;
};

/* Where a node goes: its directory, and its name there. */
struct place {
	int dir_fd;
	int own_fd; /* dir_fd when it has to be closed */
	const char *name;
	char *own_name;
};

static void place_clear(struct place *p)
{
	fd_close(&p->own_fd);
	free(p->own_name);
}

static int place_of(const struct apply *a, const struct dev_node *n, struct place *ret)
{
	const char *name = str_after(n->path, "/dev/");
	int r;

	*ret = (struct place){ .dir_fd = a->dev_fd, .own_fd = FD_NONE, .name = name };
	if (name && !strchr(name, '/'))
		return 0;
	r = resolve_parent(a->args->root_fd, n->path, true, &ret->own_fd, &ret->own_name);
	if (r < 0)
		return err_sys_r(r, "make the directory of '%s'", n->path);
	ret->dir_fd = ret->own_fd;
	ret->name = ret->own_name;
	return 0;
}

static bool is_node(const struct stat *st, const struct dev_node *n)
{
	return (st->st_mode & S_IFMT) == n->type &&
	       (n->type == S_IFIFO || st->st_rdev == makedev(n->major, n->minor));
}

static const char *type_name(mode_t type)
{
	return type == S_IFBLK ? "block device" : type == S_IFIFO ? "fifo" : "character device";
}

static int wrong_node(const char *whose, const struct dev_node *n)
{
	if (n->type == S_IFIFO)
		return err_code(EEXIST, "%s'%s' is not a fifo", whose, n->path);
	return err_code(EEXIST, "%s'%s' is not the %s %u:%u", whose, n->path, type_name(n->type),
			n->major, n->minor);
}

/* Type and number, of the very object and not of what a link leads to: a number alone is not enough
 * (CVE-2026-88265). A right one is left alone, it may be the host's (a bind mount). */
static int check_existing(const struct place *p, const struct dev_node *n)
{
	struct stat st;

	if (fstatat(p->dir_fd, p->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys("look at '%s'", n->path);
	return is_node(&st, n) ? 0 : wrong_node("", n);
}

/* 0, 1 when we may not make nodes here, or -errno. */
static int make_node(const struct place *p, const struct dev_node *n)
{
	if (mknodat(p->dir_fd, p->name, n->type | n->mode, makedev(n->major, n->minor)) < 0) {
		if (errno == EEXIST)
			return check_existing(p, n);
		return errno == EPERM ? 1 : err_sys("make the device '%s'", n->path);
	}
	if ((n->uid || n->gid) &&
	    fchownat(p->dir_fd, p->name, n->uid, n->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys("set the owner of '%s'", n->path);
	return 0;
}

/* A file to mount on; what is there already is used if it is a file or that node. */
static int bind_target(const struct place *p, const struct dev_node *n, int *ret_fd)
{
	autofd int fd = FD_NONE;
	struct stat st;

	if (mknodat(p->dir_fd, p->name, S_IFREG | 0644, 0) < 0 && errno != EEXIST)
		return err_sys("make '%s' to mount on", n->path);
	fd = openat(p->dir_fd, p->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys("open '%s' to mount on", n->path);
	if (!S_ISREG(st.st_mode) && !is_node(&st, n))
		return wrong_node("", n);
	*ret_fd = take_fd(&fd);
	return 0;
}

/* source: the node, from the host or made for us. */
static int bind_source(const struct apply *a, const struct place *p, const struct dev_node *n,
		       int source)
{
	/*
	 * Should it be a peer of the host's mount, what the container mounts on it would appear
	 * there.
	 */
	static const struct mount_attrs alone = { .propagation = { MS_PRIVATE },
						  .propagation_len = 1 };
	const struct mount_api *api = a->args->api;
	autofd int target = FD_NONE;
	struct mount_bind bind = {
		.source_fd = source, .name = n->path, .attrs = &alone, .flags = MOUNT_BIND_KEEP
	};
	struct mount_at at = { .root_fd = a->args->root_fd, .path = n->path };
	struct stat st;
	int r;

	if (fstat(source, &st) < 0)
		return err_sys("look at the host's '%s'", n->path);
	if (!is_node(&st, n))
		return wrong_node("the host's ", n);
	r = bind_target(p, n, &target);
	if (r < 0)
		return r;
	at.target_fd = target;
	return mount_api_bind(api, &bind, &at, NULL);
}

static int bind_node(const struct apply *a, const struct place *p, size_t index)
{
	const struct dev_node *n = &a->args->plan->nodes[index];
	bool outside = n->outside && a->args->outside_fd >= 0;
	autofd int source = FD_NONE;
	char name[24];

	snprintf(name, sizeof(name), "%zu", index);
	/* host path: the node to bind, checked by type and number */
	source = mount_api_source(a->args->api, outside ? a->args->outside_fd : AT_FDCWD,
				  outside ? name : n->path, MOUNT_SOURCE_NOFOLLOW);
	if (source < 0)
		return err_sys_r(source, "open the host's '%s'", n->path);
	return bind_source(a, p, n, source);
}

static int apply_node(const struct apply *a, size_t index)
{
	const struct dev_node *n = &a->args->plan->nodes[index];
	struct place p;
	int r = place_of(a, n, &p);

	if (r < 0)
		return r;
	/* A fifo is no device: everybody may make one. */
	r = a->args->bind && n->type != S_IFIFO ? 1 : make_node(&p, n);
	if (r == 1)
		r = bind_node(a, &p, index);
	place_clear(&p);
	return r;
}

static const struct {
	const char *name;
	const char *text;
} links[] = {
	{ "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" },
};

static int make_link(int dev_fd, const char *name, const char *text)
{
	if (symlinkat(text, dev_fd, name) < 0 && errno != EEXIST)
		return err_sys("make the link '/dev/%s'", name);
	return 0;
}

/* A ptmx of the image or of the host's devtmpfs would open terminals of another devpts. One that is
 * a mount point is somebody's decision. */
static int make_ptmx(int dev_fd)
{
	static const char text[] = "pts/ptmx";
	char old[sizeof(text) + 1];
	ssize_t n;

	if (symlinkat(text, dev_fd, "ptmx") == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys("make the link '/dev/ptmx'");
	n = readlinkat(dev_fd, "ptmx", old, sizeof(old));
	if (n == sizeof(text) - 1 && memcmp(old, text, sizeof(text) - 1) == 0)
		return 0;
	if (unlinkat(dev_fd, "ptmx", 0) < 0)
		return errno == EBUSY ? 0 : err_sys("replace '/dev/ptmx'");
	if (symlinkat(text, dev_fd, "ptmx") < 0)
		return err_sys("make the link '/dev/ptmx'");
	return 0;
}

static int apply_links(int dev_fd)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(links) && r == 0; i++)
		r = make_link(dev_fd, links[i].name, links[i].text);
	if (r == 0 && access("/proc/kcore", F_OK) == 0)
		r = make_link(dev_fd, "core", "/proc/kcore");
	return r < 0 ? r : make_ptmx(dev_fd);
}

static int open_dev(int root_fd, int *ret_fd)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = resolve_open(root_fd, "dev", flags);

	if (fd == -ENOENT) {
		if (mkdirat(root_fd, "dev", 0755) < 0 && errno != EEXIST)
			return err_sys("make '/dev'");
		fd = openat(root_fd, "dev", flags);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd == -ENOTDIR || fd == -ELOOP)
		return err_code(ENOTDIR, "make devices: '/dev' of the root file system must be an "
					 "ordinary directory");
	if (fd < 0)
		return err_sys_r(fd, "open '/dev'");
	*ret_fd = fd;
	return 0;
}

int dev_apply(const struct dev_args *args)
{
	autofd int dev_fd = FD_NONE;
	struct apply a = { .args = args };
	int r = open_dev(args->root_fd, &dev_fd);
	mode_t mask;

	if (r < 0)
		return r;
	a.dev_fd = dev_fd;
	if (args->outside_fd >= 0)
		r = dev_outside_attach(args->outside_fd, dev_fd);
	mask = umask(0);
	for (size_t i = 0; i < args->plan->len && r == 0; i++)
		r = apply_node(&a, i);
	umask(mask);
	if (args->outside_fd >= 0 && r == 0)
		r = dev_outside_detach(args->outside_fd, dev_fd);
	return r == 0 && args->links ? apply_links(dev_fd) : r;
}
