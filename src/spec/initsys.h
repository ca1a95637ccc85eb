/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_INITSYS_H
#define HAKO_SPEC_INITSYS_H

/* Which init a root file system has, and how one asks it to end. */

#include <sys/types.h>

struct initsys {
	const char *name; /* of the program that /sbin/init is: "systemd", "busybox" */
	int halt;	  /* signal that ends it and the container */
	int reboot;	  /* signal that ends it and has it started again */
};

/*
 * Looks where kernels and LXC look for it, below root_fd. ret_path (may be NULL) gets the path to
 * execute, a static string, NULL when there is no init. Never NULL: an unknown or missing init has
 * LXC's own signals.
 */
const struct initsys *initsys_find(int root_fd, const char **ret_path);
/*
 * The same of a running init: one that blocks SIGRTMIN+3 takes it by signalfd, as systemd does, and
 * means the same by it; else what initsys_find() says.
 */
const struct initsys *initsys_of_process(pid_t pid, int root_fd);

#endif
