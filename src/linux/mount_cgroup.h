/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_CGROUP_H
#define HAKO_LINUX_MOUNT_CGROUP_H

#include "linux/mount_plan.h"

/*
 * PURE, a part of mount_plan(): a mount of type cgroup or cgroup2 → operations. model has what they
 * have in common (index, destination, source, attributes, data, flags); it stays the caller's.
 *
 *   cgroup2, cgroup namespace   cgroup2, whose root is then the container's cgroup
 *   cgroup2, none               a bind of the container's cgroup
 *   v1 and hybrid               a tmpfs with one mount for each hierarchy, the same way, "unified"
 *                               for cgroup2, and links for controllers that share a hierarchy
 *
 * A container without a cgroup of its own sees what there is, read-only: it would be the caller's.
 * A bind whose source is missing is an empty directory (CVE-2023-25809: never what lies below).
 */
void mount_cgroup_plan(const struct mount_plan_args *args, const struct mount_op *model,
		       struct mount_plan *plan);

/* Appends an operation with a deep copy of what model has; for mount_plan.c and mount_cgroup.c. */
struct mount_op *mount_plan_add(struct mount_plan *plan, const struct mount_op *model);

#endif
