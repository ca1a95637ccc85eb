/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/netdevs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "linux/netdev.h"
#include "ocispec.h"
#include "runtime/launch.h"
#include "runtime/store.h"

/* ---- the state file ---- */

/* Borrows the strings of the status file. */
static void from_status(const struct oci_moved_device *m, struct netdev *ret)
{
	*ret = (struct netdev){ .name = m->name,
				.inside = m->inside,
				.up = m->up,
				.config = { m->config, m->config_len } };
}

static void to_status(struct netdev *dev, struct oci_moved_device *ret)
{
	ret->config_len = dev->config.len;
	ret->config = strv_take(&dev->config);
	ret->name = take_ptr(&dev->name);
	ret->inside = take_ptr(&dev->inside);
	ret->up = dev->up;
	ret->has_up = true;
}

/* ---- the namespace is kept ---- */

static char *pin_path(int dir_fd)
{
	char dir[FD_PATH_MAX];

	return xasprintf("%s/" STORE_NETNS, fd_proc_path(dir_fd, dir));
}

static int pin(const struct container *c, int ns_fd)
{
	autofree char *path = pin_path(c->dir_fd);
	char source[FD_PATH_MAX];
	autofd int fd = FD_NONE;

	fd = openat(c->dir_fd, STORE_NETNS, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0 || mount(fd_proc_path(ns_fd, source), path, NULL, MS_BIND, NULL) < 0)
		return err_sys("keep the network namespace of container '%s'", c->id);
	return 0;
}

static void unpin(const struct container *c)
{
	autofree char *path = pin_path(c->dir_fd);

	if (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		err_warn(err_sys("let go the network namespace"), "container '%s'", c->id);
	(void) unlinkat(c->dir_fd, STORE_NETNS, 0);
}

/* ---- in ---- */

static int look_at_all(struct launch *l, struct netdev_sides *sides)
{
	const struct oci_net_device_map *map = l->bundle.config->linux->net_devices;
	struct oci_status *s = l->c.status;

	s->net_devices = xnew_n(struct oci_moved_device, map->len);
	for (size_t i = 0; i < map->len; i++) {
		const char *inside = map->values[i].name;
		struct netdev dev = {
			.name = xstrdup(map->keys[i]),
			.inside = xstrdup(str_empty(inside) ? map->keys[i] : inside),
		};
		int r = netdev_look(sides, &dev);

		if (r >= 0)
			to_status(&dev, &s->net_devices[s->net_devices_len++]);
		netdev_clear(&dev);
		if (r < 0)
			return err_wrap(r, "linux.netDevices[\"%s\"]", map->keys[i]);
	}
	return 0;
}

static int undo_move(void *arg)
{
	struct launch *l = arg;

	netdevs_give_back(&l->c);
	return 0;
}

static int move_all(struct launch *l, struct netdev_sides *sides)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < l->c.status->net_devices_len; i++) {
		struct netdev dev;

		from_status(&l->c.status->net_devices[i], &dev);
		log_debug("network device '%s' becomes '%s'", dev.name, dev.inside);
		r = netdev_give(sides, &dev);
	}
	return r;
}

int netdevs_move(struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;
	autofree char *path = xasprintf("/proc/%d/ns/net", (int) l->pid);
	autonetdev struct netdev_sides sides = NETDEV_SIDES_INIT;
	autofd int ns_fd = FD_NONE;
	int r;

	if (!x || !x->net_devices || !x->net_devices->len)
		return 0;
	ns_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (ns_fd < 0)
		return err_sys("open the container's network namespace");
	r = netdev_open(ns_fd, &sides);
	if (r >= 0)
		r = look_at_all(l, &sides);
	if (r < 0)
		return r;
	/* Known to delete before anything happens. */
	r = store_write_status(l->c.dir_fd, l->c.status);
	if (r >= 0)
		r = pin(&l->c, ns_fd);
	if (r < 0)
		return r;
	undo_add(&l->undo, "give network devices back", undo_move, l);
	return move_all(l, &sides);
}

/* ---- back ---- */

static int open_pinned(const struct container *c, int *ret_fd)
{
	autofd int fd = openat(c->dir_fd, STORE_NETNS, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fd_fs_magic(fd) != NSFS_MAGIC)
		return err_code(ENOENT, "its network namespace is not to be seen from here");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int give_all_back(const struct container *c)
{
	autonetdev struct netdev_sides sides = NETDEV_SIDES_INIT;
	autofd int ns_fd = FD_NONE;
	int r = open_pinned(c, &ns_fd);

	if (r >= 0)
		r = netdev_open(ns_fd, &sides);
	for (size_t i = 0; r >= 0 && i < c->status->net_devices_len; i++) {
		struct netdev dev;
		int r2;

		from_status(&c->status->net_devices[i], &dev);
		r2 = netdev_take_back(&sides, &dev);
		if (r2 < 0)
			err_warn(r2, "container '%s'", c->id);
	}
	return r;
}

void netdevs_give_back(const struct container *c)
{
	int r;

	if (c->status && !c->status->net_devices_len)
		return;
	r = c->status ? give_all_back(c) : 0;
	if (r < 0)
		err_warn(r, "network devices of container '%s' are left to the kernel", c->id);
	unpin(c);
}
