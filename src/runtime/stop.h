/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_STOP_H
#define HAKO_RUNTIME_STOP_H

/* A running container asked to end, or to start again, in the words of its init. */

#include <stdbool.h>

struct runtime_opts;

#define STOP_NO_TIMEOUT (-1)

struct stop_opts {
	bool reboot;	/* start again instead */
	bool kill;	/* at once, without asking */
	bool no_kill;	/* a container that does not end in time is left alone: an error */
	bool no_wait;	/* only ask */
	int timeout_ms; /* before it is killed; STOP_NO_TIMEOUT = as long as it takes */
};

/*
 * 0 when it has ended and nothing of it is left (or, with reboot, runs again; with no_wait, was
 * asked). -ESRCH recorded when it does not run. Whether its supervisor still lives makes no
 * difference.
 */
int stop_container(const struct runtime_opts *rt, const char *id, const struct stop_opts *opts);

#endif
