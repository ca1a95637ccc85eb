/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_NOTIFY_H
#define HAKO_RUNTIME_CRIU_NOTIFY_H

/*
 * A container with a notify socket (notify.h) has its path in the environment of its processes and
 * the directory among its mounts: both come back as they were, whatever NOTIFY_SOCKET is at
 * restore. So the images say where the directory is mounted.
 */

/* point NULL = it has none. 0 or -errno recorded. */
int criu_notify_save(int image_fd, const char *point);
/* *ret is heap, or NULL for none. 0 or -errno recorded. */
int criu_notify_load(int image_fd, char **ret);

#endif
