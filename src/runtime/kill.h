/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_KILL_H
#define HAKO_RUNTIME_KILL_H

#include <stdbool.h>

struct runtime_opts;
struct container;
struct cgroup;

/* `kill`: signal as text ("KILL", "SIGKILL", "9"). 0 or -errno recorded. */
int kill_container(const struct runtime_opts *rt, const char *id, const char *signal, bool all);

/*
 * Kills every process that the container has left in its cgroup cg, init first of all, and waits
 * until init is gone (at most CONTAINER_EXIT_MS). For delete, and for what has failed to start.
 */
int kill_everything(const struct container *c, const struct cgroup *cg);

#endif
