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
/* Atomic and durable: unique temporary name (O_EXCL), write, fsync if asked, rename, fsync dir. */
enum file_replace_flags { FILE_SYNC = 1 };
int file_replace_at(int dirfd, const char *name, const char *data, size_t len, mode_t mode, int flags);
/* Creates missing directories of path one by one; existing ones may be links. 0 or -errno. */
int file_mkdir_p(const char *path, mode_t mode);
/* Removes name below dirfd with everything in it; never follows a link, never crosses a mount point.
 * A missing name is success. */
int file_remove_tree_at(int dirfd, const char *name);
bool file_exists_at(int dirfd, const char *path);
/* Calls fn for each entry but "." and ".." (any order); stops at the first non-zero return, which is
 * returned. dirfd is borrowed and need not be readable-positioned. */
int file_each_at(int dirfd, const char *path, int (*fn)(void *arg, int dirfd, const char *name), void *arg);

#endif
