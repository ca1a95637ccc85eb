/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_BOOTID_H
#define HAKO_LINUX_BOOTID_H

/* A boot id of the container's own: programs that tell one boot from the next (journald, above all)
 * would take a restarted container for one that never stopped. */

#include "linux/mount_api.h"

/*
 * Mounts a random id over /proc/sys/kernel/random/boot_id, from a file in /dev. As in LXC it is a
 * courtesy: without a tmpfs of the container's own at /dev, or without /proc, nothing is done.
 * root_fd is the rootfs, before or after it is entered.
 */
int bootid_apply(const struct mount_api *api, int root_fd);

#endif
