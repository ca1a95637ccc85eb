/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_FILTER_H
#define HAKO_LINUX_SECCOMP_FILTER_H

/*
 * linux.seccomp -> classic BPF. libseccomp is loaded only here and only in the parent; the child
 * installs bytes (seccomp_listener.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

struct oci_seccomp;

struct seccomp_program {
	void *insns;	    /* struct sock_filter[], heap */
	size_t len;	    /* number of instructions */
	unsigned int flags; /* SECCOMP_FILTER_FLAG_* of the document */
	bool listener;	    /* wants a listener: listenerPath is set, or an action is NOTIFY */
};

enum seccomp_options {
	SECCOMP_FAIL_UNKNOWN = 1, /* run.oci.seccomp_fail_unknown_syscall */
	SECCOMP_HAVE_RECEIVER =
		2,	   /* a listener's receiver is known although listenerPath is not set */
	SECCOMP_BRIEF = 4, /* a second of work at most; for tests */
};

/*
 * Unknown system calls are skipped unless SECCOMP_FAIL_UNKNOWN. System calls newer than any that
 * the document names get ENOSYS instead of a default action that would deny them, so that programs
 * fall back (the rule is described in seccomp_enosys.c). The work has an end (seccomp_bound.h).
 */
int seccomp_filter_build(const struct oci_seccomp *seccomp, int options,
			 struct seccomp_program *ret);
static inline void seccomp_program_clear(struct seccomp_program *program)
{
	free(program->insns);
	program->insns = NULL;
	program->len = 0;
}
/* Is libseccomp built in and to be had? */
bool seccomp_is_available(void);

#endif
