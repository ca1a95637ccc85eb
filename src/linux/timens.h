/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_TIMENS_H
#define HAKO_LINUX_TIMENS_H

/* Clock offsets of a new time namespace, time_namespaces(7). */

#include <sys/types.h>

struct oci_time_offsets;

/* Text for /proc/PID/timens_offsets, heap; -EINVAL for nanoseconds of a second or more. Pure. */
int timens_format(const struct oci_time_offsets *offsets, char **ret);
/* The process has unshared its time namespace and nobody is in it yet. */
int timens_write(pid_t pid, const struct oci_time_offsets *offsets);

#endif
