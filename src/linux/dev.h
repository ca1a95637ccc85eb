/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_DEV_H
#define HAKO_LINUX_DEV_H

/*
 * Device nodes and the usual links in the container's /dev. Reporting. Everything is made by
 * descriptor inside the root; a /dev that is a symbolic link is refused (it may lead to a directory
 * of somebody else's, and these nodes are made by root).
 */

#include <stdbool.h>
#include <sys/types.h>

#include "linux/mount_api.h"
#include "ocispec.h"

struct dev_node {
	char *path;		   /* below the rootfs; clean, begins with '/' */
	mode_t type;		   /* S_IFCHR, S_IFBLK, S_IFIFO */
	mode_t mode;		   /* permission bits */
	unsigned int major, minor; /* 0 for a fifo */
	uid_t uid;		   /* as the container sees it */
	gid_t gid;
	bool asked;	/* owner or mode are linux.devices' */
	bool outside;	/* dev_outside.h: made for us with these, on the host's side */
	uid_t host_uid; /* the owner there */
	gid_t host_gid;
};

struct dev_plan {
	struct dev_node *nodes;
	size_t len;
};

/*
 * PURE: null, zero, full, random, urandom and tty (unless !defaults), then linux.devices; one that
 * has the path of an earlier one replaces it. Types c, u, b, p. -EINVAL with "linux.devices[N]: …"
 * for a type, number or path that cannot be.
 */
int dev_plan(const struct oci_device *devices, size_t n, bool defaults, struct dev_plan *ret);
void dev_plan_clear(struct dev_plan *plan);

struct dev_args {
	const struct mount_api *api;
	int root_fd;
	const struct dev_plan *plan;
	/*
	 * Bind the host's nodes instead of making new ones (a user namespace may not mknod). Also
	 * done, node by node, when mknod is refused with EPERM. Host nodes are at the same path;
	 * type and number are checked. uid, gid and mode are then the host's.
	 */
	bool bind;
	int outside_fd; /* what dev_outside_make() gave, FD_NONE when there is none; borrowed */
	bool links; /* fd, stdin, stdout, stderr, core (with a host that has /proc/kcore), ptmx */
};
/*
 * Before the root is changed. An existing node of the right type and number is kept as it is (it
 * may be the host's, bound there by mounts[]); anything else that is in the way is an error, except
 * for a ptmx, which is replaced.
 */
int dev_apply(const struct dev_args *args);

#endif
