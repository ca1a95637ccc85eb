/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_H
#define HAKO_RUNTIME_CRIU_H

/*
 * One run of the criu program: `criu swrk 3` gets a request on a socket and answers it, after
 * notifications that are ours to act on in between. No library: the messages are few (criu_rpc.h),
 * and what answers is the program in any case.
 */

#include <sys/types.h>

#include "base/str.h"
#include "runtime/criu_rpc.h"

struct runtime_opts;

/* Descriptors in criu: the socket, its directories, and from CRIU_FIRST_FD on fds[] of the call. */
enum { CRIU_SOCKET_FD = 3, CRIU_IMAGES_FD = 4, CRIU_WORK_FD = 5, CRIU_FIRST_FD = 6 };

struct criu_call {
	const struct runtime_opts *rt; /* --criu */
	enum criu_type type;
	const char *verb; /* "dump", for messages */
	struct strbuf opts;
	const int *fds; /* given to criu as CRIU_FIRST_FD …; borrowed */
	size_t n_fds;

	/* Absolute: criu opens them itself, for it may be in a mount namespace of its own. */
	const char *image_path;
	const char *work_path;
	int work_fd; /* with its log, for messages */
	const char *log_file;

	void *arg;
	/* In criu's process before it is criu. 0 or -errno recorded; NULL = nothing to do. */
	int (*before)(void *arg);
	/* The process is there and the request is not sent yet: opts may still be added to. */
	int (*spawned)(void *arg, pid_t criu);
	/* A notification; *fd is a descriptor that came with it, or FD_NONE. NULL = none matters.
	 */
	int (*notified)(void *arg, const struct criu_response *n, int *fd);
};

/*
 * 0 and the pid of what was restored (ours to reap when CRIU_OPT_RST_SIBLING was asked for), or
 * -errno recorded, with criu's own reason from its log. criu has ended in either case.
 */
int criu_run(struct criu_call *call, pid_t *ret_pid);

/*
 * The reasons in a log of criu's: its error lines without time, pid and place in its source, at
 * most four, joined by "; ". Heap, NULL when there are none. Pure.
 */
char *criu_log_reason(const char *text);

/* "soft", "full", "strict", "ignore": the number of --manage-cgroups-mode; -EINVAL recorded. */
int criu_cgroup_mode(const char *name);

#endif
