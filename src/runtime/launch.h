/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_LAUNCH_H
#define HAKO_RUNTIME_LAUNCH_H

/*
 * One container being made: parent and child see the same struct, the child as the copy it got from
 * clone3(2). Steps, in order; each but the first is undone by launch_abort() if a later one fails:
 *
 *	launch_begin      nothing but ourselves
 *	launch_load       bundle, facts, plan                          nothing outside is touched
 *	launch_reserve    id taken, intent on disk
 *	launch_prepare    namespace files, seccomp program, console socket, hooks; cgroup made
 *	launch_spawn      clone3; the child goes to child_main()
 *	launch_setup      serve() until init is ready
 *	launch_commit     state file says "created", pid file written
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "linux/host.h"
#include "linux/ns_enter.h"
#include "linux/seccomp_filter.h"
#include "linux/userns_fd.h"
#include "runtime/container.h"
#include "runtime/create.h"
#include "runtime/hooks.h"
#include "runtime/plan.h"
#include "runtime/undo.h"
#include "spec/bundle.h"

struct launch;
struct lines;

/* What differs between a container's init and a process that joins it later (exec.c). */
struct launch_kind {
	const char *who; /* in messages and in the log */
	/* The child undumpable before it joins anything? Else when its id maps are written. */
	bool joins;
	/* On HELLO: cgroups, limits and what else must be done from outside. */
	int (*confine)(struct launch *l);
	/* On READY: what would have been in the way of setting up. NULL = nothing. */
	int (*ready)(struct launch *l);
	/* The process behind the namespaces; does not return. */
	void (*main)(struct launch *l);
};

struct launch {
	const struct launch_kind *kind;
	const struct runtime_opts *rt;
	const struct create_opts *opts;
	bool detached;	   /* create, run -d */
	bool can_supervise; /* run -d */
	bool wait_on_sync; /* run: START comes on the sync socket, no start socket is made */
	/* Who hears what the container says of itself, and where it has the directory for that;
	 * borrowed. NULL = nobody; the place that belongs to the socket. */
	const char *notify_socket, *notify_point;

	struct bundle bundle;
	struct host_facts host;
	struct cgroup_host cgroups;
	struct idmap default_idmap;
	struct launch_plan plan;
	struct container c; /* state file, directory */
	struct undo undo;

	struct ns_files ns_files;
	struct cgroup cgroup;
	struct cgroup_entry cgroup_entry;
	struct hooks hooks;
	struct seccomp_program seccomp;
	int seccomp_agent;	      /* connected, or FD_NONE */
	struct userns_fds userns_fds; /* for idmapped mounts */
	int console_socket;	      /* connected, or FD_NONE */
	int tty_master;		      /* of a terminal that we relay */
	struct lines *lines;	      /* terminals that others may attach to, borrowed; or NULL */
	char *container_ttys;	      /* in the child: "pts/1 pts/2" */
	int start_socket;	      /* listening */
	int preserved;		      /* descriptors 3 … that the program gets */
	int listen_fds;		      /* how many of them are socket activation's */

	int sync;	  /* our end: the parent's, or in the child the child's */
	pid_t child;	  /* first process: init itself, or the middle one */
	pid_t pid;	  /* init, once it has said hello */
	int pidfd;	  /* of init; before the hello, of child */
	bool remount;	  /* exec without the container's mounts: /proc and /sys of its kind */
	bool enter_lent;  /* the cgroup is the container's own: lent_enter() */
	bool in_cgroup;	  /* clone3 put it there */
	bool hooks_begun; /* a hook of createRuntime or before has run */
};

/* All members empty but for the options; the kind is a container's init. */
void launch_init(struct launch *l, const struct runtime_opts *rt, const struct create_opts *opts);
/*
 * What enters namespaces of somebody else's making does it from a copy of our binary that cannot be
 * written to (which executes us again), with nothing open that is not meant. 0 or -errno recorded.
 */
int launch_begin(struct launch *l);
extern const struct launch_kind launch_of_init;
int launch_load(struct launch *l, const char *id);
/* Its halves: the bundle, with what only the host can say of it; the plan, for a bundle that is
 * open and an id that is set. */
int launch_load_bundle(struct launch *l, const char *id);
int launch_plan(struct launch *l);
int launch_reserve(struct launch *l);
int launch_prepare(struct launch *l);
int launch_spawn(struct launch *l);
int launch_setup(struct launch *l);
int launch_commit(struct launch *l);
/* All but the first two; on failure everything is undone. 0 or -errno recorded. */
int launch_make(struct launch *l);
/* The same behind launch_load(). */
int launch_run(struct launch *l, const char *id);
/* Parts of the steps, for other kinds: hooks before anything is there; the seccomp program and its
 * agent; the console socket; the cgroups; the pid file and the pidfd socket. */
int launch_run_pre_start(struct launch *l);
int launch_prepare_seccomp(struct launch *l);
int launch_prepare_console(struct launch *l);
int launch_prepare_cgroup(struct launch *l);
int launch_announce(struct launch *l);
/* Closes and frees; undoes nothing. */
void launch_clear(struct launch *l);
#define autolaunch __attribute__((cleanup(launch_clear)))

/* For the requests of the child (serve.c). */
int launch_write_idmap(struct launch *l);
int launch_write_timens(struct launch *l);
int launch_adopt_init(struct launch *l, pid_t pid);
/* The limits of one process: rlimits, score of the out-of-memory killer, scheduling policy. */
int launch_limit(struct launch *l);
/* The OCI state for hooks, heap. */
char *launch_hook_state(const struct launch *l, const char *status);

#endif
