/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_CHECK_H
#define HAKO_LINUX_SECCOMP_CHECK_H

/*
 * A compiled filter against the rules it was made from. libseccomp (2.5.4 at least) forgets, on the
 * way from one alternative about an argument to the next, that it has loaded the other half of it:
 * "a <= 2 or a > 0x100000001" then holds for a = 5. PURE.
 */

#include <stddef.h>
#include <stdint.h>

struct oci_syscall;
struct sock_filter;

struct seccomp_check_rule {
	int nr;
	uint32_t action; /* with data */
	const char *name;
	const struct oci_syscall *rule; /* its conditions */
};

struct seccomp_check {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint32_t default_action;
	const struct sock_filter *insns;
	size_t len;
	const struct seccomp_check_rule *rules;
	size_t n;
};

/*
 * Runs the filter for calls with several alternatives, with the values of their conditions, those
 * beside them, and mixtures of these. -EINVAL recorded with the call named when the filter says
 * what no rule says that holds.
 */
int seccomp_check(const struct seccomp_check *c);
/* What a filter answers; SECCOMP_RET_KILL_PROCESS for one that is none. args: six of them. */
uint32_t seccomp_check_run(const struct sock_filter *insns, size_t len, uint32_t arch, int nr,
			   const uint64_t *args);

#endif
