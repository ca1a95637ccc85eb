/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SERVE_H
#define HAKO_RUNTIME_SERVE_H

struct launch;

/*
 * The parent's side of setting a container up: answers the requests of the child until init says
 * that it is ready. What may be asked when, and how often, is the table in serve.c; a message that
 * is not allowed ends the container. 0, or -errno with the reason recorded: the child's own, or
 * "died before 'ready'" with how it ended. The child still exists then; the caller kills it.
 */
int serve(struct launch *l);

#endif
