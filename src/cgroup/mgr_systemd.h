/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_MGR_SYSTEMD_H
#define HAKO_CGROUP_MGR_SYSTEMD_H

/*
 * Requests to systemd over its bus. libsystemd is loaded at the first one. Each is bounded: ten
 * seconds for the connection, ten for the request and its job; errors name unit and step.
 */

#include <stdbool.h>
#include <sys/types.h>

struct cgroup_plan;
struct systemd_props;

/*
 * Starts the plan's scope around pid. A unit of that name that is left over from a failure is
 * forgotten first. *ret_ours is set in any case: whether the unit there is now, or may be soon, is
 * the one that was asked for.
 */
int mgr_systemd_start(const struct cgroup_plan *plan, pid_t pid, bool *ret_ours);
/* Changes limits of a unit that runs. */
int mgr_systemd_set(const char *unit, bool user, const struct systemd_props *props);
/* Stops it, and makes systemd forget it if it failed. A unit that is gone is no error. */
int mgr_systemd_stop(const char *unit, bool user);

#endif
