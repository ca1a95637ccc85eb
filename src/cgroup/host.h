/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_HOST_H
#define HAKO_CGROUP_HOST_H

/* Pure parts of cgroup_host_probe(), for tests. */

#include "cgroup/cgroup.h"

/*
 * Text of /proc/self/cgroup → hierarchies with the mount point they usually have under sysfs
 * ("/sys/fs/cgroup"), cgroup2 first. A line that is not ID:CONTROLLERS:PATH is skipped.
 */
void host_parse_self(const char *text, const char *sysfs, struct cgroup_host *ret);
/*
 * Corrects mount points and own paths from the text of /proc/self/mountinfo and drops hierarchies
 * that are not mounted. A path outside of what is mounted becomes "/".
 */
int host_apply_mountinfo(const char *text, struct cgroup_host *host);
/* Mode by what is left. */
enum cgroup_mode host_mode(const struct cgroup_host *host);

#endif
