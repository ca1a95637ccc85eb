/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_CGPATH_H
#define HAKO_CGROUP_CGPATH_H

/* Where a container's cgroup is. PURE. */

#include <stddef.h>

#include "cgroup/cgroup.h"

/*
 * linux.cgroupsPath (NULL or "" = the id, relative) → clean path below the mount point. An absolute
 * one is that path; a relative one is below base, our own cgroup or its parent. ".." and "/" are
 * -EINVAL.
 */
int cgpath_plan(const char *cgroups_path, const char *id, const char *base, char **ret);
/* Parent of our own cgroup, where a relative path begins on v2. Heap. */
char *cgpath_parent(const char *own);
/* Text of cgroup_plan_refs() and back. */
char *cgpath_ref_format(const char *controllers, const char *mountpoint, const char *path);
int cgpath_ref_parse(const char *ref, char **ret_controllers, char **ret_mountpoint,
		     char **ret_path);

#endif
