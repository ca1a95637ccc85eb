/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_INIT_H
#define HAKO_RUNTIME_INIT_H

/* The container's init: sets the container up from inside (init.c), waits for START, and becomes
 * the program (init_start.c). */

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/fd.h"
#include "linux/mount_api.h"

struct launch;

/* What the steps hand on to each other. */
struct init {
	struct launch *l;
	int root_fd;	     /* the rootfs: where mounts go, and after the pivot "/" */
	int procfs_fd;	     /* private procfs */
	int mounted_proc_fd; /* root of the procfs at /proc, or FD_NONE */
	int null_fd;	     /* the host's /dev/null, checked */
	int landlock_fd;     /* ruleset of the program, or FD_NONE */
	struct mount_api mount_api;
	pid_t host_pid;		  /* our pid as the runtime sees it */
	char **env;		  /* of the program */
	char *exec_path;	  /* what will be executed; NULL without a process */
	char *hook_state_created; /* JSON for startContainer hooks */
	char *seccomp_message;	  /* for the agent */
};

#define INIT_INIT(launch)                                                               \
	{                                                                               \
		.l = (launch), .root_fd = FD_NONE, .procfs_fd = FD_NONE,                \
		.mounted_proc_fd = FD_NONE, .null_fd = FD_NONE, .landlock_fd = FD_NONE, \
		.mount_api = MOUNT_API_INIT,                                            \
	}

struct init_step {
	const char *name;		       /* in debug lines */
	bool (*wanted)(const struct init *in); /* NULL = always */
	int (*run)(struct init *in);
};

/* Runs those that are wanted, up to the first that fails. */
int init_run_steps(struct init *in, const struct init_step *v, size_t n);

__attribute__((noreturn)) void init_main(struct launch *l);

/* Runs the steps; 0 or -errno recorded with the step named. */
int init_setup(struct init *in);
/* Waits for START and executes the program; returns only on failure: -errno recorded. */
int init_start(struct init *in);

#endif
