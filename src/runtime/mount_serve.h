/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_MOUNT_SERVE_H
#define HAKO_RUNTIME_MOUNT_SERVE_H

#include <stdint.h>

struct launch;
struct sync_msg;

/* The index that asks for the root file system, with mapped ids. */
#define MOUNT_SERVE_ROOTFS UINT32_MAX
/* The one that asks for device nodes with owners of the container. */
#define MOUNT_SERVE_DEVICES (UINT32_MAX - 1)

/* Answers MOUNT: the tree of a mount that init may not make by itself, idmapped if the plan says
 * so. */
int mount_serve(struct launch *l, struct sync_msg *m);

#endif
