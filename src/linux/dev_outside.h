/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_DEV_OUTSIDE_H
#define HAKO_LINUX_DEV_OUTSIDE_H

/*
 * Nodes for a container with a user namespace, which may not make any: a process with the rights
 * makes them on a file system of their own, with owners that the container's ids are mapped to, and
 * the container's init binds them. Reporting.
 */

#include "linux/dev.h"

/* Makes them, each under its number in the plan. *ret_fd: the mount, which is nowhere yet. */
int dev_outside_make(const struct dev_plan *plan, int *ret_fd);

/* In the container: while it is attached below its /dev, nodes can be bound from it. */
int dev_outside_attach(int fd, int dev_fd);
int dev_outside_detach(int fd, int dev_fd);

#endif
