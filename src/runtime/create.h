/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CREATE_H
#define HAKO_RUNTIME_CREATE_H

/* The commands that make containers. */

#include <stdbool.h>

struct launch;
struct notify;
struct runtime_opts;

/* What `create` and `run` share. Strings are borrowed. */
struct create_opts {
	const char *bundle;	 /* NULL = the current directory */
	const char *config;	 /* NULL = config.json */
	const char *config_text; /* the document itself, instead of a file */
	bool system;		 /* adapted to run an init: spec/system.h */
	const char *console_socket;
	const char *pid_file; /* relative to the caller's directory, not to the bundle */
	const char *pidfd_socket;
	bool no_pivot;
	bool no_new_keyring;
	int preserve_fds;
	bool dry_run; /* for the command line: dry_run.h instead of the functions below */
};

struct run_opts {
	struct create_opts create;
	bool detach;
	bool keep;
	bool no_subreaper;
};

/* Leaves a container whose init waits to be started, or nothing at all. 0 or -errno recorded. */
int create_container(const struct runtime_opts *rt, const struct create_opts *opts, const char *id);

/*
 * Create, start and, unless detached, wait: returns the exit status of the program (0 when
 * detached), or -errno recorded. The container is deleted at the end unless keep or detach is
 * given.
 */
int run_container(const struct runtime_opts *rt, const struct run_opts *opts, const char *id);

/* The foreground half of it, for restore too. */
struct run_way {
	int (*make)(struct launch *l, const char *id); /* brings the container up */
	/* starts its program; NULL: it runs already */
	int (*begin)(struct launch *l, struct notify *notify);
	int *report; /* a supervisor's (supervise.h), or NULL */
};
/* *ret_again (false before): the container has ended and wants to be run once more. */
int run_in_front(struct launch *l, const struct run_opts *opts, const char *id,
		 const struct run_way *way, bool *ret_again);

#endif
