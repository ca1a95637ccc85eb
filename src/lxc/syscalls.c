/* SPDX-License-Identifier: Apache-2.0 */
/* Names and numbers of system calls, taken from the kernel's headers at build time. */
#include <asm/unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/table.h"
#include "lxc/seccomp_profile.h"

static const struct name_value syscalls[] = {
#define SYSCALL(name) { #name, __NR_##name },
#include "src/lxc/syscalls.inc"
#undef SYSCALL
};

const char *lxc_syscall_name(void *arg, unsigned nr)
{
	(void) arg;
	return TABLE_NAME(syscalls, (int64_t) nr);
}

bool lxc_syscall_known(void *arg, const char *name)
{
	int64_t nr;

	(void) arg;
	return TABLE_FIND(syscalls, name, &nr);
}

const char *lxc_syscall_machine(void)
{
#if defined __x86_64__
	return "x86_64";
#elif defined __i386__
	return "i686";
#elif defined __aarch64__
	return "aarch64";
#elif defined __arm__
	return "armv7l";
#elif defined __powerpc64__ && defined __LITTLE_ENDIAN__
	return "ppc64le";
#elif defined __powerpc64__
	return "ppc64";
#elif defined __s390x__
	return "s390x";
#elif defined __loongarch64
	return "loongarch64";
#elif defined __riscv && __riscv_xlen == 64
	return "riscv64";
#else
	return "";
#endif
}
