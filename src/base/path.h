/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_PATH_H
#define HAKO_BASE_PATH_H

/* Pure work on path text; no file is looked at. Below a rootfs never use these to build a path for
 * a system call: base/resolve.h opens there. */

#include <stdbool.h>
#include <stddef.h>

/* Removes duplicate slashes, "." parts and a trailing slash; ".." is kept. Heap. "" gives ".". */
char *path_clean(const char *path);
/* Additionally folds ".." lexically, never above "/" (the form for a destination in a rootfs): the
 * result begins with '/' whatever the input. Heap. */
char *path_clean_absolute(const char *path);
/* "a/b" with exactly one slash; an absolute b is appended, not substituted. Heap. */
char *path_join(const char *a, const char *b);
/* b itself if absolute, else a/b. Heap. */
char *path_resolve_text(const char *a, const char *b);
/* getcwd()-based absolute form, cleaned, links untouched. Heap, or NULL with errno. */
char *path_make_absolute(const char *path);
/* The last component of a clean path, in place; "" for "/". */
const char *path_base(const char *path);
/* Is any component ".."? */
bool path_has_dotdot(const char *path);
/* Is path equal to dir or below it? Both clean and absolute. */
bool path_is_below(const char *path, const char *dir);

/*
 * Walks the components: const char *it = path; while ((n = path_next(&it, &part))) ... part[0..n).
 * Slashes and "." are skipped; returns 0 at the end.
 */
size_t path_next(const char **it, const char **ret_part);

#endif
