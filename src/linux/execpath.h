/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_EXECPATH_H
#define HAKO_LINUX_EXECPATH_H

/*
 * Finding the program, after pivot_root: paths are the container's. Engines turn the words into
 * exit codes (126, 127), so they are those of runc.
 */

/*
 * What execvp(3) would execute: args[0] as it is when it has a slash, else the first hit in PATH of
 * env (a NULL-terminated array; without PATH the usual directories). Heap in *ret. Errors: exec:
 * "x": executable file not found in $PATH        -ENOENT exec: "/x": stat /x: no such file or
 * directory       -ENOENT exec: "/x": permission denied                        -EACCES exec: "/x":
 * is a directory                           -EISDIR
 */
int execpath_find(const char *file, char *const env[], char **ret);
/* Records the failure of execve(2) itself: "exec /x: no such file or directory"; returns -code. */
int execpath_failed(const char *path, int code);

#endif
