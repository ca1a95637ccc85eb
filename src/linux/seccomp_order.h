/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_ORDER_H
#define HAKO_LINUX_SECCOMP_ORDER_H

/*
 * The order in which libseccomp is given the conditions of a system call. It keeps each level of
 * its tree sorted, and where a rule comes to a level by two ways (the halves of "a > 5" both lead
 * to the next argument) puts what is new into it twice. At the end of a level the second time
 * finds the first; before an entry it links the level to itself, and the next walk has no end. So
 * each rule comes behind those that it has to stand behind. This is a second try: what it makes of
 * the order of a document is known to the field. PURE.
 */

#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

#define SECCOMP_ARGS_MAX 6

/* A rule of the document for one of its names; one condition of it, where any of them is enough. */
struct seccomp_alternative {
	int nr;
	uint32_t action;
	const char *name;
	size_t rule; /* linux.seccomp.syscalls[rule] */
	unsigned int n;
	struct scmp_arg_cmp args[SECCOMP_ARGS_MAX];
};

/*
 * Rules of one call that have one action change places among themselves, when one of them has
 * several conditions: nothing else depends on their order. Where actions differ the order of the
 * document stays, as it may say which wins.
 */
void seccomp_order(struct seccomp_alternative *v, size_t len);

#endif
