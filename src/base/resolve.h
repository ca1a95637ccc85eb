/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_RESOLVE_H
#define HAKO_BASE_RESOLVE_H

/*
 * Opening below a directory that somebody else controls (a rootfs, a bundle): every link, absolute
 * or with "..", is resolved as if root_fd were "/". Uses openat2(2) RESOLVE_IN_ROOT |
 * RESOLVE_NO_MAGICLINKS (Linux 5.6). Where that gives ENOSYS or EPERM, or EAGAIN 128 times (any
 * rename on the machine may be the reason), a walk component by component with O_PATH | O_NOFOLLOW
 * and a budget of 40 links, and of 100000 lookups for all ".."; EAGAIN from that means that the
 * path itself is being swapped. Quiet; O_CLOEXEC is added to all flags.
 */

#include <sys/types.h>

/* Opens an existing object. With O_NOFOLLOW a link as the last component is -ELOOP (or, with
 * O_PATH, the link itself). Descriptor or -errno. O_CREAT is not allowed here. */
int resolve_open(int root_fd, const char *path, int flags);
/*
 * The object, made if it is missing, as an O_PATH descriptor. Missing parents become directories of
 * mode 0755; made with mkdirat/mknodat from a descriptor, never through a link that is being
 * planted (a dangling link inside the root is followed and its target made inside the root). The
 * umask applies to all modes.
 */
int resolve_mkdir_p(int root_fd, const char *path, mode_t mode);
int resolve_create_file(int root_fd, const char *path, mode_t mode);
/* The parent directory (made if missing when make_parents) and the last component; for mknodat,
 * symlinkat, unlinkat. ret_name is heap. "/" is -EINVAL. 0 or -errno. */
int resolve_parent(int root_fd, const char *path, int make_parents, int *ret_dir_fd,
		   char **ret_name);
/* Where path leads, as text below the root ("/a/b"), heap, for
 * messages and comparisons; or NULL. */
char *resolve_text(int root_fd, int fd);

/* For tests and --selftest: never use openat2. */
void resolve_force_walk(int on);

#endif
