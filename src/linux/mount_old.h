/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_OLD_H
#define HAKO_LINUX_MOUNT_OLD_H

/*
 * mount(2) on descriptors, for mount_api.c: what it does where the mount API of Linux 5.2 and
 * mount_setattr(2) of 5.12 are not to be had. Quiet.
 */

#include "linux/mount_api.h"

/* The caller's /proc/self/fd, O_PATH, checked to be on a procfs. Descriptor or -errno. */
int mount_old_open_fds(void);

struct mount_old {
	const char *source; /* NULL: the object of source_fd */
	int source_fd;
	int target_fd;
	const char *type;
	unsigned long flags;
	const char *data;
};
/* fds: of mount_old_open_fds(); opened for the call when it is FD_NONE. */
int mount_old_call(int fds, const struct mount_old *m);

/*
 * The root of the mount that has just been put on the target: the descriptor of the target still is
 * what lies below it, so the path is resolved again. Somebody may have exchanged a component
 * meanwhile, so it is checked to be another mount than the target's; for a bind, to be its source
 * (source_fd, else FD_NONE); for a directory, to be in the same place. -ESTALE if not.
 */
int mount_old_reopen(const struct mount_at *at, int source_fd, int *ret_fd);

/*
 * Attributes by remounting, which replaces all of them at once: those that stay are named too.
 * single: nothing is mounted below, so that recursive attributes are plain ones; -ENOSYS otherwise.
 */
int mount_old_set_attrs(int fds, int fd, const struct mount_attrs *a, bool single);

#endif
