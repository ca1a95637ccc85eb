/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_STAT_H
#define HAKO_CGROUP_STAT_H

/* What a container uses, and word of it having been short of memory. */

#include <stdint.h>

#include "cgroup/cgroup.h"

/*
 * One line of JSON as runc's `events` has it under "data": cpu, memory, pids, blkio, hugetlb, and
 * rdma with the names of its cgroup library, from whichever version has the controller. What the
 * kernel does not tell is left out. Heap.
 */
char *cgroup_stat_json(const struct cgroup *cg);

/* A watch for the OOM killer at work. fd FD_NONE: there is no memory controller. */
struct cgroup_oom {
	int fd;	      /* to be polled for `events` */
	short events; /* of poll(2) */
	int control;  /* v1: memory.oom_control */
	uint64_t seen;
};
int cgroup_oom_open(const struct cgroup *cg, struct cgroup_oom *ret);
/* Is there something new? 1 or 0; a cgroup that is gone has no news. */
int cgroup_oom_check(struct cgroup_oom *oom);
void cgroup_oom_close(struct cgroup_oom *oom);
#define autooom __attribute__((cleanup(cgroup_oom_close)))

#endif
