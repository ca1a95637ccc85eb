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
/*
 * linux.cgroupsPath for systemd, "SLICE:PREFIX:NAME" (NULL or "" = ":hako:ID") → the slice, the
 * name of the scope, and the path of its cgroup below root, systemd's own. user: of a user's
 * manager. An empty slice is the usual one, an empty prefix none; in the unit's name bytes systemd
 * has no use for become "\xNN". -EINVAL for other forms, with a text.
 */
struct cgpath_scope {
	char *slice;
	char *unit;
	char *path;
};
int cgpath_scope_plan(const char *cgroups_path, const char *id, const char *root, bool user,
		      struct cgpath_scope *ret);
void cgpath_scope_clear(struct cgpath_scope *scope);

/* Texts of cgroup_plan_refs() and back: "systemd-user:UNIT", "systemd-system:UNIT" (NULL: another
 * text, which leaves *ret_user alone), and those for directories. */
char *cgpath_unit_format(const char *unit, bool user);
const char *cgpath_unit_parse(const char *ref, bool *ret_user);
char *cgpath_ref_format(const char *controllers, const char *mountpoint, const char *path);
int cgpath_ref_parse(const char *ref, char **ret_controllers, char **ret_mountpoint,
		     char **ret_path);

#endif
