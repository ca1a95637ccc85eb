/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_RLIMIT_H
#define HAKO_LINUX_RLIMIT_H

#include <stddef.h>
#include <sys/types.h>

struct oci_rlimit;

/* Unknown types, a type twice, soft above hard. Pure. */
int rlimit_check(const struct oci_rlimit *limits, size_t n);
/* Sets them for a process (0 = the caller) with prlimit(2); checks first. */
int rlimit_apply(pid_t pid, const struct oci_rlimit *limits, size_t n);

#endif
