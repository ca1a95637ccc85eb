/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_EXEC_H
#define HAKO_RUNTIME_EXEC_H

/* Another program in an existing container. */

#include <stdbool.h>

#include "base/str.h"
#include "runtime/create.h"

struct runtime_opts;
struct oci_process;
struct launch;

enum exec_elevate {
	EXEC_ELEVATE_CAPS = 1,	 /* the caller's capabilities */
	EXEC_ELEVATE_CGROUP = 2, /* the caller's cgroup */
	EXEC_ELEVATE_LSM = 4,	 /* no label, no system call filter */
	EXEC_ELEVATE_ALL = 7,
};

/* Strings are borrowed. */
struct exec_opts {
	struct create_opts create; /* console_socket, pid_file, pidfd_socket, preserve_fds */
	char *const *args;	   /* the command; empty with process */
	const char *process;	   /* file with the process, "-" = standard input */
	bool tty;
	bool detach;
	bool no_new_privs;
	bool ignore_paused;
	int elevated; /* enum exec_elevate: what does not confine it */
	int namespaces; /* CLONE_NEW* to enter; 0 = all that the container has */
	const char *user; /* "UID[:GID]" */
	const char *cwd;
	const char *apparmor;
	const char *label; /* of SELinux */
	const char *personality; /* a domain of linux.personality */
	const char *pty_log;	 /* file that gets a copy of what comes from the terminal */
	bool remount; /* without the container's mounts: /proc and /sys of its namespaces */
	struct strv env;
	struct strv additional_gids;
	struct strv caps;
	struct strv cgroups; /* "[CONTROLLER[,CONTROLLER]:]PATH" */
};

/*
 * Runs it: returns its exit status (0 when detached), or -errno recorded when it could not be
 * started.
 */
int exec_container(const struct runtime_opts *rt, const struct exec_opts *opts, const char *id);

/*
 * Pure: the process to execute. file is the document of opts->process or NULL.
 *  - Without a file: the container's own process with the command, and what options change of it.
 *  - With one: the file; what confines and is not in it (capabilities, labels, no_new_privs,
 *    limits, scheduling) is as for the container's process, and options change that, too.
 * 0 or -EINVAL recorded.
 */
int exec_process_make(const struct oci_process *container, const struct oci_process *file,
		      const struct exec_opts *opts, struct oci_process **ret);

/* The process behind the namespaces (exec_child.c). */
__attribute__((noreturn)) void exec_child_main(struct launch *l);

#endif
