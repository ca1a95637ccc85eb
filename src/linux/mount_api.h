/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_API_H
#define HAKO_LINUX_MOUNT_API_H

/*
 * Mounting by descriptors. Each verb places something on a target that is held open, never on a
 * path, so nobody can exchange the target between check and use:
 *
 *   Linux 5.2   fsopen, fsmount, open_tree make the mount detached, move_mount places it;
 *   Linux 5.12  mount_setattr gives it its attributes while it is still detached;
 *   else        (also when a seccomp filter around us refuses these) mount(2) on /proc/self/fd/N;
 *               the new mount is reopened by its path and checked to be the one meant.
 *
 * move_mount lands exactly on the object that the target descriptor holds, so only the last way
 * needs the check afterwards. Reporting (base/err.h); messages name source and destination, and
 * carry what the kernel wrote about a file system's options.
 */

#include <stddef.h>

#include "base/fd.h"
#include "linux/mount_opts.h"

struct mount_op;

/* How to mount in this process. Make it while the host's /proc is still to be seen. */
struct mount_api {
	bool detached; /* fsopen, open_tree and move_mount are to be had */
	bool setattr;  /* mount_setattr is */
	int fds;       /* the host's /proc/self/fd, O_PATH; FD_NONE when nothing is missing */
};
#define MOUNT_API_INIT                \
	{                             \
		false, false, FD_NONE \
	}

/*
 * Asks the kernel once (sys_missing/sys_note of base/sys.h remember), opens fds if it is needed.
 * Call it again after a fork: /proc/self is the caller's own.
 */
int mount_api_open(struct mount_api *api);
void mount_api_close(struct mount_api *api);

/*
 * Where a mount goes. target_fd is an O_PATH descriptor of the object; (root_fd, path) is how it
 * was found and how it is found again when there is no mount API. path is in messages, too.
 */
struct mount_at {
	int root_fd;
	const char *path;
	int target_fd;
};

struct mount_fs {
	const char *type;
	const char *source; /* NULL = none */
	char *const *data;  /* "key" or "key=value" */
	size_t data_len;
	unsigned int sb_flags; /* MS_* of the superblock */
	const struct mount_attrs *attrs;
};

/*
 * Mounts a new file system. *ret_fd (NULL: not wanted) is its root, usable as a directory
 * descriptor.
 */
int mount_api_fs(const struct mount_api *api, const struct mount_fs *fs, const struct mount_at *at,
		 int *ret_fd);

enum mount_source_flags {
	MOUNT_SOURCE_REC = 1,
	MOUNT_SOURCE_NOFOLLOW = 2,
};
/*
 * Opens what is to be bound: a detached clone of the tree at (dirfd, path), or just the object
 * where that is not to be had. path "" with a descriptor of the object itself is allowed. QUIET
 * (-errno), because callers have other ways to get a tree.
 */
int mount_api_source(const struct mount_api *api, int dirfd, const char *path, int flags);
/*
 * Puts what mount_api_source() (or a host) gave on the target, with attributes. name is the source
 * in messages. keep: attributes that are not named stay as the source has them; otherwise they are
 * cleared (but for the access time mode) unless the kernel has them locked. One that is named and
 * locked is -EPERM. The source stays the caller's; it is the mount afterwards.
 */
enum mount_bind_flags {
	MOUNT_BIND_REC = 1,
	MOUNT_BIND_KEEP = 2,
};
struct mount_bind {
	int source_fd;
	const char *name;
	unsigned int flags; /* enum mount_bind_flags */
	const struct mount_attrs *attrs;
};
int mount_api_bind(const struct mount_api *api, const struct mount_bind *bind,
		   const struct mount_at *at, int *ret_fd);

/*
 * Changes attributes and propagation of the mount whose root fd is (EINVAL else). path is for
 * messages.
 */
int mount_api_setattr(const struct mount_api *api, int fd, const char *path,
		      const struct mount_attrs *attrs);
/* The same with mount_api_bind()'s rule for attributes that are not named. */
int mount_api_reset_attrs(const struct mount_api *api, int fd, const char *path,
			  const struct mount_attrs *attrs);
/* Sets and clears MS_* flags of the superblock and gives it new options. */
struct mount_reconfigure {
	unsigned int sb_set;
	unsigned int sb_clear;
	char *const *data;
	size_t data_len;
};
int mount_api_reconfigure(const struct mount_api *api, int fd, const char *path,
			  const struct mount_reconfigure *what);

/*
 * For whoever has the rights on the host (the parent): the tree of a bind operation, detached,
 * idmapped by userns_fd when the operation asks for it (FD_NONE otherwise). Attributes and place
 * are the child's business. -ENOTSUP when the kernel has no mount_setattr.
 */
int mount_api_host_tree(const struct mount_op *op, int userns_fd, int *ret_tree_fd);
/* Likewise a file system, whose source and options are looked up here: with its attributes, without
 * its propagation. */
int mount_api_host_fs(const struct mount_op *op, int *ret_tree_fd);

#endif
