/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_ROOTFS_H
#define HAKO_LINUX_ROOTFS_H

/*
 * The root file system: made a mount of its own, entered, made read-only. In the container's mount
 * namespace, in this order, with mounts, devices and hooks between the first and the second.
 * Reporting.
 */

#include "linux/mount_api.h"

enum rootfs_enter {
	ROOTFS_PIVOT,  /* pivot_root; the old root is gone afterwards */
	ROOTFS_MOVE,   /* --no-pivot, for a root on an initramfs: mount moved to "/", then chroot */
	ROOTFS_CHROOT, /* no mount namespace of our own: nothing is mounted, only chroot */
};

struct rootfs_args {
	const char *path; /* absolute host path of the root directory */
	enum rootfs_enter enter;
	unsigned int propagation; /* linux.rootfsPropagation as MS_* flags; 0 = absent */
	bool shared_inside;	  /* shared on top of that, as LXC's: new peers, none on the host */
	bool readonly;
	const struct mount_attrs *attrs; /* of the root mount (org.hako.rootfs.options), or NULL */
	int tree_fd;			 /* detached, made by the parent (idmapped), or FD_NONE */
};

/* All mounts of this namespace get events of the host and send none. */
int rootfs_make_slaves(void);
/*
 * Cuts mount events from us to the host (everything becomes a slave; with propagation "shared" only
 * the mount the root directory is on becomes private, so that shared binds still reach the host),
 * and binds the root directory, with what is mounted below it, onto itself. *ret_root_fd: its root,
 * O_PATH.
 */
int rootfs_prepare(const struct mount_api *api, const struct rootfs_args *args, int *ret_root_fd);
/* Makes it "/" and the working directory "/". No host mount can be reached by path afterwards. */
int rootfs_enter(const struct mount_api *api, const struct rootfs_args *args, int root_fd);
/*
 * Last: propagation of "/" as configured, read-only if wanted; all other attributes stay. root_fd
 * is that of rootfs_prepare().
 */
int rootfs_finish(const struct mount_api *api, const struct rootfs_args *args, int root_fd);

#endif
