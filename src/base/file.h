/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_FILE_H
#define HAKO_BASE_FILE_H

/* Files at a directory descriptor (AT_FDCWD allowed for paths of the caller's own). Quiet. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whole file, NUL-terminated (ret_len may be NULL); more than max bytes is -EFBIG. 0 or -errno. */
int file_read_at(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len);
/* One write(2) of text to an existing file, as kernel interfaces want it; -EIO when cut short. */
int file_write_at(int dirfd, const char *path, const char *text);
/* Who owns what a user namespace has no id for, unless somebody changed fs.overflowuid. */
#define FILE_OVERFLOW_UID 65534
/* Root, we, or, in a user namespace that does not have the host's root, who stands for him. */
bool file_owner_is_trusted(uid_t uid);
/* Whether nobody else can have made the link at path, or can put another in its place. */
bool file_link_is_trusted(const char *path);
/* To append to, made if missing, where others may have put something first: no link of theirs is
 * followed (-ELOOP), and a fifo that nobody reads is -ENXIO instead of a wait. Descriptor or
 * -errno. */
int file_open_append(const char *path, mode_t mode);
/* Atomic: unique temporary file beside it (O_EXCL), exact mode, rename; FILE_SYNC makes it durable
 * (fsync of the file and of the directory). */
#define FILE_TEMPORARY ".tmp-" /* how its name begins */
enum file_replace_flags { FILE_SYNC = 1 };
int file_replace_at(int dirfd, const char *path, const char *data, size_t len, mode_t mode,
		    int flags);
/* Creates missing directories of path one by one; existing ones may be links. 0 or -errno. */
int file_mkdir_p(const char *path, mode_t mode);
/* Removes path with everything in it; never follows a link at its end or below it, never enters or
 * empties a mount (-EBUSY, -EXDEV). A missing path is success. */
int file_remove_tree_at(int dirfd, const char *path);
bool file_exists_at(int dirfd, const char *path);
/* Calls fn for each entry of the directory but "." and ".." (any order); stops at the first
 * non-zero return, which is returned. dirfd may be O_PATH and keeps its position; fn's is the
 * directory. */
int file_each_at(int dirfd, const char *path, int (*fn)(void *arg, int dirfd, const char *name),
		 void *arg);

#endif
