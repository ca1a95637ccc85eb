/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_names.h"

#include <errno.h>
#include <linux/seccomp.h>

#include "base/alloc.h"
#include "base/sys.h"
#include "base/table.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 5.19 */
#endif

static const struct name_value actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
};

static const struct name_value operators[] = {
	{ "SCMP_CMP_EQ", 4 }, { "SCMP_CMP_GE", 5 }, { "SCMP_CMP_GT", 6 },
	{ "SCMP_CMP_LE", 3 }, { "SCMP_CMP_LT", 2 }, { "SCMP_CMP_MASKED_EQ", 7 },
	{ "SCMP_CMP_NE", 1 },
};

static const struct name_value flags[] = {
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
};

/* Sorted by name; the second word is libseccomp's. */
static const struct {
	const char *name;
	const char *lib;
} archs[] = {
	{ "SCMP_ARCH_AARCH64", "aarch64" },
	{ "SCMP_ARCH_ARM", "arm" },
	{ "SCMP_ARCH_LOONGARCH64", "loongarch64" },
	{ "SCMP_ARCH_M68K", "m68k" },
	{ "SCMP_ARCH_MIPS", "mips" },
	{ "SCMP_ARCH_MIPS64", "mips64" },
	{ "SCMP_ARCH_MIPS64N32", "mips64n32" },
	{ "SCMP_ARCH_MIPSEL", "mipsel" },
	{ "SCMP_ARCH_MIPSEL64", "mipsel64" },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32" },
	{ "SCMP_ARCH_PARISC", "parisc" },
	{ "SCMP_ARCH_PARISC64", "parisc64" },
	{ "SCMP_ARCH_PPC", "ppc" },
	{ "SCMP_ARCH_PPC64", "ppc64" },
	{ "SCMP_ARCH_PPC64LE", "ppc64le" },
	{ "SCMP_ARCH_RISCV64", "riscv64" },
	{ "SCMP_ARCH_S390", "s390" },
	{ "SCMP_ARCH_S390X", "s390x" },
	{ "SCMP_ARCH_SH", "sh" },
	{ "SCMP_ARCH_SHEB", "sheb" },
	{ "SCMP_ARCH_X32", "x32" },
	{ "SCMP_ARCH_X86", "x86" },
	{ "SCMP_ARCH_X86_64", "x86_64" },
};

#define DEFINE_NAMES(function, table)                            \
	const char *const *function(void)                        \
	{                                                        \
		static const char *names[ARRAY_SIZE(table) + 1]; \
                                                                 \
		for (size_t i = 0; i < ARRAY_SIZE(table); i++)   \
			names[i] = table[i].name;                \
		return names;                                    \
	}
DEFINE_NAMES(seccomp_action_names, actions)
DEFINE_NAMES(seccomp_operator_names, operators)
DEFINE_NAMES(seccomp_arch_names, archs)
DEFINE_NAMES(seccomp_flag_names, flags)

int seccomp_action_parse(const char *name, uint32_t *ret)
{
	int64_t value;

	if (!name || !TABLE_FIND(actions, name, &value))
		return -EINVAL;
	*ret = value;
	return 0;
}

int seccomp_operator_parse(const char *name, int *ret)
{
	int64_t value;

	if (!name || !TABLE_FIND(operators, name, &value))
		return -EINVAL;
	*ret = value;
	return 0;
}

const char *seccomp_arch_lib_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		if (strcmp(archs[i].name, name) == 0)
			return archs[i].lib;
	}
	return NULL;
}

int seccomp_flag_parse(const char *name, unsigned int *ret)
{
	int64_t value;

	if (!name || !TABLE_FIND(flags, name, &value))
		return -EINVAL;
	*ret = value;
	return 0;
}

/* Flags are checked before the program is read: EFAULT for one that is known. */
bool seccomp_flag_is_supported(const char *name)
{
	unsigned int flag;

	if (seccomp_flag_parse(name, &flag) < 0)
		return false;
	/* has a meaning, and is accepted, only beside a listener */
	if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER, flag, NULL) == -EFAULT;
}
