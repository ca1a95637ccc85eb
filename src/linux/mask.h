/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MASK_H
#define HAKO_LINUX_MASK_H

/* Masked and read-only paths. Reporting. */

#include "linux/mount_api.h"

/*
 * The host's /dev/null, checked to be the character device 1:3: a detached clone of it, or O_PATH
 * where that is not to be had. In the container's mount namespace, before the root is changed: the
 * container's own is under the control of its image.
 */
int mask_open_null(int *ret_fd);

struct mask_args {
	const struct mount_api *api;
	int root_fd; /* "/" of the container */
	/*
	 * Root of the procfs at /proc (of mount_apply()), or FD_NONE: paths below /proc are looked
	 * up from it, so that they are found although somebody moves the mount point away.
	 */
	int proc_fd;
	int null_fd;	     /* of mask_open_null(); needed when masked has anything */
	char *const *masked; /* linux.maskedPaths */
	size_t masked_len;
	char *const *readonly; /* linux.readonlyPaths */
	size_t readonly_len;
	/*
	 * Paths below a read-only one that stay as they are (org.hako.proc.mixed: /proc/sys/net).
	 */
	char *const *writable;
	size_t writable_len;
	const char *label;	/* linux.mountLabel for the tmpfs over directories, or NULL */
	const char *label_type; /* "context" when NULL */
};

/*
 * Read-only first, then masked. A file is covered by null_fd, a directory by one empty read-only
 * tmpfs that all of them share. Missing paths are skipped, a path that is named twice counts once,
 * "/" is refused. The flags a read-only path's mount has (nosuid, …) stay.
 */
int mask_apply(const struct mask_args *args);

#endif
