/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_enosys.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "base/alloc.h"

#define X32_BIT	   0x40000000u
#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

/* Per architecture at most: compare, load, mode, jgt, ret, plus s390's two. */
#define BLOCK_MAX 8

bool seccomp_enosys_wanted(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return false;
	}
	return action != RET_ENOSYS;
}

static bool is_s390(uint32_t arch)
{
	return arch == AUDIT_ARCH_S390 || arch == AUDIT_ARCH_S390X;
}

/*
 * One block. In: A = architecture. A number that is not too high, or an architecture that is not
 * this one, leaves at the block's end with A = architecture again for the next block.
 */
static size_t add_block(struct sock_filter *out, const struct seccomp_last *last)
{
	size_t n = 1; /* [0] is the comparison, whose jump is known last */

	out[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, nr));
	/* Multiplexer of s390: the kernel leaves number 0 where it does not know the real one. */
	if (is_s390(last->audit_arch)) {
		out[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
		out[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS);
	}
	/* The two modes of one architecture; the other one is another block's, or the filter's. */
	if (last->audit_arch == AUDIT_ARCH_X86_64)
		out[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT,
							 last->x32 ? 0 : 2, last->x32 ? 2 : 0);
	out[n++] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last->nr, 0, 1);
	out[n++] = (struct sock_filter) BPF_STMT(BPF_RET | BPF_K, RET_ENOSYS);
	out[n++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						 offsetof(struct seccomp_data, arch));
	out[0] = (struct sock_filter) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, last->audit_arch, 0,
					       n - 1);
	return n;
}

struct sock_filter *seccomp_enosys_make(const struct seccomp_last *last, size_t n, size_t *ret_len)
{
	struct sock_filter *out = xnew_n(struct sock_filter, 1 + n * BLOCK_MAX);
	size_t len = 0;

	out[len++] = (struct sock_filter) BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						   offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < n; i++)
		len += add_block(out + len, &last[i]);
	*ret_len = len;
	return out;
}
