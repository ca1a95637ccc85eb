/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_INIT_ENV_H
#define HAKO_RUNTIME_INIT_ENV_H

struct launch;

/*
 * The program's environment, NULL-terminated, heap: process.env with the last of duplicates
 * winning, HOME from the container's /etc/passwd when it is missing or empty, LISTEN_FDS and
 * LISTEN_PID for passed sockets.
 */
char **init_env_make(const struct launch *l, int root_fd);

#endif
