/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_PS_H
#define HAKO_RUNTIME_PS_H

/* The processes of a container, and what ps(1) says of them. */

#include <stddef.h>
#include <sys/types.h>

struct runtime_opts;
struct strbuf;

/* The pids in a container's cgroup and below, ascending, heap; none for one that has stopped. 0 or
 * -errno recorded. */
int ps_list(const struct runtime_opts *rt, const char *id, pid_t **ret, size_t *ret_len);

/*
 * Runs ps with the options (NULL-terminated; none: -ef) and gives its output without the processes
 * that are not among pids. 0 or -errno recorded.
 */
int ps_table(char *const *options, const pid_t *pids, size_t n, struct strbuf *out);

/*
 * Pure part of it: the heading of a table of ps, and the lines whose column PID is one of pids.
 * -EINVAL recorded for a table without such a column.
 */
int ps_filter(const char *table, const pid_t *pids, size_t n, struct strbuf *out);

#endif
