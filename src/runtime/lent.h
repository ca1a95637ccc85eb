/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_LENT_H
#define HAKO_RUNTIME_LENT_H

/*
 * The cgroup of a container whose ids are not the caller's, who is an ordinary user: it stays his,
 * and the container's root may make cgroups in it by its group, as under LXC. Those are out of his
 * reach, then, but for a user namespace that has the container's ids and his own.
 */

#include <stdbool.h>
#include <sys/types.h>

struct cgroup;
struct container;
struct launch;

/* Shares the container's cgroup with its root, or warns. */
void lent_share(struct launch *l);

/* Is r what the way into such a cgroup says to a caller who is to use lent_enter()? Leaves the
 * record alone. */
bool lent_is_refused(struct launch *l, int r);
/* cgroup_enter() of a cgroup that is the container's. */
int lent_enter(struct launch *l, pid_t pid, int flags);

/* cgroup_remove(), with what the container has made. */
int lent_remove(const struct container *c, const struct cgroup *cg, int timeout_ms);

#endif
