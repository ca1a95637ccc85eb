/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_ENOSYS_H
#define HAKO_LINUX_SECCOMP_ENOSYS_H

/*
 * A profile that allows by name cannot name what the kernel learns later. C libraries try the new
 * system call first and fall back only on ENOSYS, but the profile's default gives them EPERM or
 * kills them. So, as runc does, a few instructions go before the filter: a number above the highest
 * that the profile names, in any rule, gets ENOSYS. Not where the default lets system calls through
 * (allow, log, trace).
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The highest number named for one architecture. */
struct seccomp_last {
	uint32_t audit_arch; /* as in struct seccomp_data; x32 is AUDIT_ARCH_X86_64 */
	bool x32;	     /* nr has bit 30 set */
	uint32_t nr;
};

/* Instructions to go before a filter: heap, *ret_len of them. Pure. */
struct sock_filter *seccomp_enosys_make(const struct seccomp_last *last, size_t n, size_t *ret_len);
/* Does a default action ask for them? action is SECCOMP_RET_* with data. */
bool seccomp_enosys_wanted(uint32_t action);

#endif
