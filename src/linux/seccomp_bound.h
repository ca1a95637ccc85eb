/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_BOUND_H
#define HAKO_LINUX_SECCOMP_BOUND_H

/*
 * Work of libseccomp that may not come to an end. Where two rules of a call overlap in several
 * arguments it (2.5.4 and 2.6 at least) links a level of its tree to itself and follows it for
 * ever: "keyctl: a1 != 0, a4 < 0x8000000000000000" and the same with 0x7fffffffffffffff do. The
 * work is done in a process of its own, with a limit of CPU time, which also keeps what it forgets
 * to free.
 */

#include <stddef.h>

struct seccomp_program;

/* What is being done, for the message; written by the worker before each step. */
struct seccomp_step {
	size_t rule;   /* linux.seccomp.syscalls[rule] */
	char name[64]; /* its system call; empty = all of them */
};

typedef int (*seccomp_work_fn)(void *arg, struct seccomp_step *step, struct seccomp_program *ret);

/* fn(arg) in a child: its program, or its error. -EINVAL recorded with rule and call when it takes
 * more than that many seconds of CPU time, or crashes. */
int seccomp_bound_run(seccomp_work_fn fn, void *arg, unsigned int seconds,
		      struct seccomp_program *ret);

#endif
