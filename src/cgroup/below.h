/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_BELOW_H
#define HAKO_CGROUP_BELOW_H

/*
 * Where below its container's cgroup a process goes. After cgroup_open() and before anything that
 * enters: cgroup_fd(), cgroup_entry_open(), cgroup_enter().
 */

#include <sys/types.h>

struct cgroup;

/*
 * Chooses a path of directories that exist, in the hierarchy of one v1 controller or in all (NULL).
 * Errors: "bad sub cgroup path: …" (".."), "unknown controller …", "adding pid to cgroups: …".
 */
int cgroup_select_below(struct cgroup *cg, const char *controller, const char *below);
/*
 * In the cgroup2 hierarchy: where process pid is, which must be in the container's cgroup or below.
 */
int cgroup_select_as(struct cgroup *cg, pid_t pid);

#endif
