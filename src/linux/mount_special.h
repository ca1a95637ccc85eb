/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_SPECIAL_H
#define HAKO_LINUX_MOUNT_SPECIAL_H

/* What some file systems need around the plain mount. Reporting. */

#include <stdbool.h>

/*
 * Copies the content of a directory into a fresh tmpfs: files, directories, links as links, hard
 * links, nodes, with owners, modes, times and extended attributes; with root_owner also the owner
 * of the directory itself. Nothing outside of from_fd is read and no other file system below it is
 * entered. path is for messages.
 */
int mount_special_copy_up(int from_fd, int to_fd, bool root_owner, const char *path);

/* Is fd the root directory of a procfs? 0, or -EINVAL with "… is not a procfs". */
int mount_special_check_proc(int fd, const char *source, const char *destination);

/* Sets an SELinux label on the root of a mount that takes no context= option (mqueue). */
int mount_special_label(int fd, const char *label, const char *path);

#endif
