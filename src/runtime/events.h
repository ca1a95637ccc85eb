/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_EVENTS_H
#define HAKO_RUNTIME_EVENTS_H

#include <stdint.h>

struct runtime_opts;

struct events_opts {
	uint64_t interval_ns; /* between two statistics; 0 = once, and that is all */
	/* Gets each event as a line of JSON. 0 or -errno recorded. */
	int (*emit)(const char *line);
};

/*
 * Statistics of a container at each interval, and word of it running out of memory, until its init
 * has ended. 0 or -errno recorded.
 */
int watch_container(const struct runtime_opts *rt, const char *id, const struct events_opts *opts);

#endif
