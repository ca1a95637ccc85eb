/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_APPLY_H
#define HAKO_LINUX_MOUNT_APPLY_H

/*
 * Carries a mount plan out, in the container's mount namespace, before the root is changed: sources
 * are host paths and have to be still visible. Reporting.
 */

#include "linux/mount_api.h"
#include "linux/mount_plan.h"

struct mount_apply_args {
	const struct mount_api *api;
	int root_fd; /* of rootfs_prepare() */
	const struct mount_plan *plan;
	/*
	 * Asks the parent for the tree of plan->ops[op_index]: for an idmapped mount, and for a
	 * source that this process may not open or clone by itself (a user namespace, EACCES,
	 * EPERM, EINVAL for a tree with locked mounts). 0 or -errno with the error recorded. NULL:
	 * there is nobody to ask; an idmapped mount is then -ENOTSUP.
	 */
	int (*host_tree)(void *arg, size_t op_index, int *ret_tree_fd);
	void *arg;
	bool away; /* sources are paths of a host that is not to be seen from here: always ask */
};

/*
 * All operations in order, with at most five descriptors open at a time. *ret_proc_fd (may be NULL)
 * is the root of the procfs that was mounted at /proc, the caller's, or FD_NONE: for mask_apply()
 * and for sysctls, which then cannot be led elsewhere.
 */
int mount_apply(const struct mount_apply_args *args, int *ret_proc_fd);

/*
 * Makes read-only what had to stay writable until now (MOUNT_OP_LATE_RO): nodes in /dev, mount
 * points inside of a tmpfs. After all mounts and devices; before or after the root is changed.
 */
int mount_apply_late(const struct mount_api *api, int root_fd, const struct mount_plan *plan);

#endif
