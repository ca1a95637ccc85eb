/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_SECCOMP_PROFILE_H
#define HAKO_LXC_SECCOMP_PROFILE_H

/*
 * LXC's seccomp profile language, versions 1 and 2, to linux.seccomp. Pure: text in, document out.
 * A rule that LXC refuses stops the conversion; one that LXC skips without a word is honoured in
 * intent mode where its meaning is plain, and always named.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lxc/notes.h"

struct lxc_seccomp_opts {
	bool exact;
	const char *machine;	   /* as uname(2) says: decides architectures and sections */
	const char *listener_path; /* for "notify"; NULL: nobody would answer */
	const char *listener_metadata;
	/* The name of a system call of that machine, or NULL; for version 1 and to know typos. */
	const char *(*syscall_name)(void *arg, unsigned nr);
	bool (*syscall_known)(void *arg, const char *name);
	void *arg;
};

struct oci_seccomp;

/* The document (heap), or NULL when a note refuses. Lines of notes count from 1. */
struct oci_seccomp *lxc_seccomp_parse(const char *text, size_t len,
				      const struct lxc_seccomp_opts *opts, struct lxc_notes *notes);

/* The system calls of the machine hako was built for, as the kernel's headers name them. */
const char *lxc_syscall_name(void *arg, unsigned nr);
bool lxc_syscall_known(void *arg, const char *name);
/* "x86_64", ...: the machine of that table. */
const char *lxc_syscall_machine(void);

#endif
