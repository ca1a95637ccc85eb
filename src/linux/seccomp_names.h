/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_NAMES_H
#define HAKO_LINUX_SECCOMP_NAMES_H

/* The words of linux.seccomp and their values in the kernel. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lists for `features`, NULL-terminated, static. */
const char *const *seccomp_action_names(void);
const char *const *seccomp_operator_names(void);
const char *const *seccomp_arch_names(void);
const char *const *seccomp_flag_names(void);

/* SECCOMP_RET_* without data; -EINVAL. Quiet, as are the others. */
int seccomp_action_parse(const char *name, uint32_t *ret);
/* Values of libseccomp's enum scmp_compare. */
int seccomp_operator_parse(const char *name, int *ret);
/* "SCMP_ARCH_X86_64" -> "x86_64", the name libseccomp resolves; NULL. */
const char *seccomp_arch_lib_name(const char *name);
/* SECCOMP_FILTER_FLAG_*. */
int seccomp_flag_parse(const char *name, unsigned int *ret);
/* Does the running kernel take the flag? */
bool seccomp_flag_is_supported(const char *name);

#endif
