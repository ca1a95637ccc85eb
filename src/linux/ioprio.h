/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_IOPRIO_H
#define HAKO_LINUX_IOPRIO_H

struct oci_io_priority;

/* The value for ioprio_set(2), or -EINVAL: unknown class, priority outside 0…7. Pure. */
int ioprio_plan(const struct oci_io_priority *p);
/* For the caller. */
int ioprio_apply(const struct oci_io_priority *p);

#endif
