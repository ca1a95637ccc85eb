/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_NS_ENTER_H
#define HAKO_LINUX_NS_ENTER_H

/*
 * Carries out an ns_plan. The parent opens and checks the namespace files, so that a wrong path
 * fails before anything exists; the child walks the steps. Neither forks: when plan.middle is set
 * the caller forks init after ns_enter_run().
 */

#include <sys/types.h>

#include "linux/ns_plan.h"

/* Descriptors of the namespaces to join; FD_NONE where there is none. */
struct ns_files {
	int fds[NS_COUNT_];
	int pidfd; /* exec: the container's init */
	pid_t pid; /* its number, for kernels before 5.8 whose setns does not take a pidfd; 0 = no
		      fallback */
};
#define NS_FILES_INIT                                                                         \
	{                                                                                     \
		{ -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF, -EBADF }, -EBADF, 0 \
	}

/*
 * Opens plan->path[…]. A file that is no namespace, or one of another type, is -EINVAL with the
 * path named. A path that leads to the caller's own user namespace stays FD_NONE (setns(2) refuses
 * it). On failure everything is closed.
 */
int ns_enter_open(const struct ns_plan *plan, struct ns_files *ret);
void ns_files_close(struct ns_files *files);

enum ns_request { NS_REQ_IDMAP, NS_REQ_TIMENS };

/*
 * In the child. request is called in the middle of the list and returns 0 once the parent has
 * written /proc/PID/{uid,gid}_map (idmap_write) or /proc/PID/timens_offsets (timens_write) of the
 * caller. The process must be dumpable until then when the parent is not root: the files' owner
 * depends on it.
 */
int ns_enter_run(const struct ns_plan *plan, const struct ns_files *files,
		 int (*request)(void *arg, enum ns_request what), void *arg);

/*
 * CLONE_NEW* of the namespaces that the process does not share with the caller (by /proc/PID/ns),
 * for ns_plan_exec(). Flags or -errno.
 */
int ns_enter_diff(pid_t pid);

#endif
