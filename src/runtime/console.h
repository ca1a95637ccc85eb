/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CONSOLE_H
#define HAKO_RUNTIME_CONSOLE_H

struct launch;

/*
 * Takes the master of the container's terminal (consumed): sends it to the console socket, or keeps
 * it for the relay of a command in the foreground. 0 or -errno recorded.
 */
int console_deliver(struct launch *l, int *master);

#endif
