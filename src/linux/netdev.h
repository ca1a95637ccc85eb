/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_NETDEV_H
#define HAKO_LINUX_NETDEV_H

/*
 * linux.netDevices: network devices of the host that a container gets for its lifetime. A device
 * loses its addresses and routes, and comes down, when it changes its network namespace; what it
 * had is read before and set again behind the move, in both directions. What it is on the way back
 * is what it was on the way in: the container may have given it other addresses meanwhile, and
 * those are none of the host's.
 */

#include <stdbool.h>

#include "base/str.h"
#include "linux/netlink.h"

struct netdev {
	char *name;   /* on the host */
	char *inside; /* in the container */
	bool up;      /* on the host, before */
	/* Permanent addresses of global scope, then routes: netdev_config_*(), opaque. */
	struct strv config;
};
void netdev_clear(struct netdev *dev);

/* The host's network namespace (the caller's) and the container's. */
struct netdev_sides {
	int host_fd, inside_fd; /* the namespaces */
	struct netlink host, inside;
};
#define NETDEV_SIDES_INIT                                    \
	{                                                    \
		FD_NONE, FD_NONE, NETLINK_INIT, NETLINK_INIT \
	}
/* inside_fd is borrowed. 0 or -errno recorded. */
int netdev_open(int inside_fd, struct netdev_sides *ret);
void netdev_close(struct netdev_sides *sides);
#define autonetdev __attribute__((cleanup(netdev_close)))

/* -ENOTSUP recorded for a device that has a phy80211, with which alone it could move. */
int netdev_refuse_wireless(const char *name);

/*
 * Looks at the device `name` (its alternative names count, name becomes the first one) and fills up
 * and config; refuses a name that the container's namespace has already. Changes nothing.
 */
int netdev_look(struct netdev_sides *sides, struct netdev *dev);
/* Moves it, gives it the name `inside`, addresses and routes, and brings it up. A route that cannot
 * be had there (its gateway is behind another device) is a warning. */
int netdev_give(struct netdev_sides *sides, const struct netdev *dev);
/* The way back. -ENODEV when the container's namespace has it no more. */
int netdev_take_back(struct netdev_sides *sides, const struct netdev *dev);

/* ---- addresses and routes (netdev_config.c) ---- */

int netdev_config_read(struct netlink *nl, uint32_t index, struct strv *ret);
/* Sets those of one kind: RTM_NEWADDR, for which the device may be down, or RTM_NEWROUTE. from and
 * to are the device's names there and here: the label of an address begins with it. */
struct netdev_config_args {
	uint32_t index;
	const char *from, *to;
};
int netdev_config_set(struct netlink *nl, const struct strv *config, uint16_t type,
		      const struct netdev_config_args *args);

#endif
