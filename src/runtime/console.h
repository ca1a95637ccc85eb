/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CONSOLE_H
#define HAKO_RUNTIME_CONSOLE_H

struct launch;

/*
 * Takes the master of the container's terminal (consumed): sends it to the console socket, or keeps
 * it for the relay of a command in the foreground, or as line 0 of a supervisor. 0 or -errno
 * recorded.
 */
int console_deliver(struct launch *l, int *master);
/* The master of /dev/ttyN (consumed), for who attaches to it. */
int console_deliver_tty(struct launch *l, unsigned int n, int *master);

#endif
