/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CONTAINER_H
#define HAKO_RUNTIME_CONTAINER_H

/* An existing container as a command finds it: its state file, its process, its state right now. */

#include <stdbool.h>

#include "base/fd.h"
#include "runtime/hooks.h"

struct oci_status;
struct oci_config;
struct cgroup;
struct state_info;

/* Whether cgroups that cannot be had may be missing, when nothing is to be limited. */
enum rootless { ROOTLESS_AUTO, ROOTLESS_YES, ROOTLESS_NO };

/* What global options say, for every command. */
struct runtime_opts {
	const char *root; /* state root */
	bool root_is_default;
	const char *cgroup_manager; /* "cgroupfs", "systemd", "disabled" */
	enum rootless rootless;
	const char *criu; /* the program for checkpoint and restore; NULL = criu on PATH */
	char **argv; /* the whole command line, for executing ourselves again */
};

enum container_state {
	CONTAINER_CREATING,
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_STOPPED,
};

struct container {
	char *id;
	int root_fd;
	int dir_fd;
	int pidfd;		   /* of init; FD_NONE when it has ended */
	struct oci_status *status; /* NULL: the state file is missing or damaged (only with
				      CONTAINER_BROKEN_OK) */
	enum container_state state;
};
#define CONTAINER_INIT                                                   \
	{                                                                \
		NULL, FD_NONE, FD_NONE, FD_NONE, NULL, CONTAINER_STOPPED \
	}

/* No command waits longer for another one, or for processes to end. */
#define CONTAINER_LOCK_MS 10000
#define CONTAINER_EXIT_MS 10000

enum container_open_flags {
	CONTAINER_LOCK = 1,	 /* take the container's lock, hold it until container_clear() */
	CONTAINER_BROKEN_OK = 2, /* a missing or damaged state file is not an error */
};

/* The ids of all, sorted, NULL-terminated, the caller's: an empty list where no state directory has
 * been made yet, unless the caller named one. 0 or -errno recorded. */
int container_list(const struct runtime_opts *rt, char ***ret);
/* 0 or -errno recorded ("container 'x' does not exist"). *ret must be CONTAINER_INIT. */
int container_open(const struct runtime_opts *rt, const char *id, int flags, struct container *ret);
/* Refreshes state and pidfd from the process, the start socket and the freezer. */
int container_refresh(struct container *c);
void container_clear(struct container *c);
#define autocontainer __attribute__((cleanup(container_clear)))

const char *container_state_name(enum container_state s);
/* init's pid as seen here, 0 when it has ended. */
int container_pid(const struct container *c);
/* The configuration saved at create. 0 or -errno recorded. */
int container_load_config(const struct container *c, struct oci_config **ret);
/* Fills *ret with borrowed pointers, for the writers of spec/state.h. */
void container_state_info(const struct container *c, struct state_info *ret);
/* Runs a stage of the saved configuration's hooks, which are told the given state. 0 or -errno
 * recorded. */
int container_run_hooks(const struct container *c, enum hook_stage stage,
			enum container_state told);
/* Its cgroup as recorded in the state file. 0 or -errno recorded. */
int container_open_cgroup(const struct container *c, struct cgroup *ret);

#endif
