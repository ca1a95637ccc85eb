/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SPAWN_H
#define HAKO_RUNTIME_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct spawn {
	uint64_t flags; /* CLONE_NEW*, CLONE_PARENT */
	int cgroup_fd;	/* where the process shall begin, or FD_NONE */
	int pidfd;	/* out: its pidfd, owned by the caller */
	bool in_cgroup; /* out: it began there */
};

/*
 * fork(2) with namespaces: 0 in the child, its pid in the parent, or -errno (quiet). By clone3(2);
 * on hosts without (ENOSYS, or EPERM from a filter around us) by clone(2), outside the cgroup.
 */
pid_t spawn_process(struct spawn *s);

/* In the child: signals that our caller ignored or blocked would stay so in the program. */
void spawn_reset_signals(void);

#endif
