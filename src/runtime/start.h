/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_START_H
#define HAKO_RUNTIME_START_H

struct runtime_opts;
struct container;
struct notify;

/* `start`. 0 or -errno recorded. */
int start_container(const struct runtime_opts *rt, const char *id);

/*
 * notify NULL: returns when the container has said that it is ready, if its creator is to be
 * notified. Else *notify is for the caller to relay from.
 *
 * The same for a container at hand, whose init waits at the other end of sock (consumed): tells it
 * to go on and returns when it executed its program, or with the reason why it did not. Then
 * poststart hooks: when one fails, the container is killed and removed, as runtime-spec 1.3 says.
 */
int start_init(struct container *c, int *sock, struct notify *notify);

/* The first half of it, for any process that waits so: START, and until it has executed. c is whose
 * start-host hooks are run when init asks for that; NULL for one that has none. */
int start_program(const struct container *c, int *sock);

#endif
