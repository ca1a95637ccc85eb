/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_ROOTFS_TREE_H
#define HAKO_LINUX_ROOTFS_TREE_H

/*
 * A root file system that is not a directory of the host: an overlay of several, or the image of a
 * disk. Made as a detached mount, so nothing of it is to be seen on the host, and all of it goes
 * with the container's last process. Linux 5.2. Reporting.
 */

#include <stdbool.h>
#include <stddef.h>

struct oci_overlay;

struct rootfs_tree {
	const struct oci_overlay *overlay; /* or */
	const char *image;		   /* a file with a file system in it; both NULL: none */
	char *const *data;		   /* options for the file system, "key" or "key=value" */
	size_t data_len;
	unsigned int sb_flags; /* MS_* of the superblock */
	bool readonly;
	bool user; /* an overlay made in a user namespace: its marks are user.* attributes */
};

static inline bool rootfs_tree_wanted(const struct rootfs_tree *t)
{
	return t->overlay || t->image;
}

/* *ret_fd is the detached mount's root. A missing upper or work directory is made, the upper one
 * with owner and mode of the topmost lower one. */
int rootfs_tree_make(const struct rootfs_tree *tree, int *ret_fd);

/* The type of file system in the first bytes of an image, or NULL. Pure; wants
 * ROOTFS_TREE_HEAD bytes for all it knows. */
#define ROOTFS_TREE_HEAD 0x10048
const char *rootfs_tree_detect(const unsigned char *head, size_t len);

#endif
