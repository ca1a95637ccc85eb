/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SCHED_H
#define HAKO_LINUX_SCHED_H

/* Scheduling policy and CPU affinity of one process, sched(7). */

#include <stddef.h>
#include <sys/types.h>

struct oci_scheduler;

/* Names, ranges, and which parameters a policy takes; in words, as the kernel only says EINVAL.
 * Pure. */
int sched_policy_check(const struct oci_scheduler *s);
/* Checks, then sets it (0 = the caller). */
int sched_policy_apply(pid_t pid, const struct oci_scheduler *s);

/*
 * A core scheduling cookie of its own for the caller's thread group and all its children to come:
 * no other program runs beside them on a core (prctl(2), PR_SCHED_CORE). Without SMT there is
 * nothing to share, and nothing is done; a kernel without core scheduling is an error.
 */
int sched_core_create(void);
/* The cookie of a process that has one, for the caller; the same when there is none to be had. */
int sched_core_share(pid_t pid);

/* As many CPUs as a mask of ours has. */
#define SCHED_CPUS_MAX	 8192
#define SCHED_MASK_LONGS (SCHED_CPUS_MAX / (8 * sizeof(unsigned long)))

/* A list such as "0-3,7" (blanks allowed, "" is the empty mask). Pure. */
int sched_affinity_parse(const char *text, unsigned long mask[SCHED_MASK_LONGS]);
/* Sets the affinity to a list; NULL or "" leaves it. */
int sched_affinity_apply(pid_t pid, const char *text);
/* All CPUs that the cgroup's cpuset allows, whatever the caller's affinity was. */
int sched_affinity_reset(pid_t pid);

#endif
