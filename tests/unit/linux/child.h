/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_LINUX_CHILD_H
#define HAKO_TESTS_UNIT_LINUX_CHILD_H

/*
 * What changes a process for good is tried in a child: it returns its finding as exit code, 0 for
 * "as expected". CHILD_CHECK() says where it was not.
 */

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

#define CHILD_SKIP 77

#define CHILD_CHECK(e)                                                                      \
	do {                                                                                \
		if (!(e)) {                                                                 \
			printf("# %s:%d: not true in child: %s (%s; errno %d)\n", __FILE__, \
			       __LINE__, #e, err_get_text(), errno);                        \
			fflush(stdout);                                                     \
			return 1;                                                           \
		}                                                                           \
	} while (0)

/* Exit code, or 128 + signal. */
static inline int child_run(int (*fn)(void *arg), void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(fn(arg));
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The same behind unshare(flags); CHILD_SKIP where that is not allowed. */
struct child_unshared {
	int flags;
	int (*fn)(void *arg);
	void *arg;
};
static inline int child_unshare_entry(void *arg)
{
	struct child_unshared *u = arg;

	if (unshare(u->flags) < 0)
		return CHILD_SKIP;
	return u->fn(u->arg);
}
static inline int child_run_unshared(int flags, int (*fn)(void *arg), void *arg)
{
	struct child_unshared u = { flags, fn, arg };

	return child_run(child_unshare_entry, &u);
}

#define T_CHILD(result)                                                               \
	do {                                                                          \
		int t_child = (result);                                               \
		if (t_child == CHILD_SKIP)                                            \
			t_skip("not allowed here (unshare, or a kernel without it)"); \
		T_EQ(t_child, 0);                                                     \
	} while (0)

#endif
