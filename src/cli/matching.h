/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_MATCHING_H
#define HAKO_CLI_MATCHING_H

/* --regex of kill and delete: one command for many containers. */

struct runtime_opts;

/*
 * Calls one() for each container in whose id the extended regular expression matches. One that
 * fails is a warning and the others follow; then it is -ECANCELED, recorded. None is no error.
 */
int matching_each(const struct runtime_opts *rt, const char *expression,
		  int (*one)(const struct runtime_opts *rt, const char *id, const void *arg),
		  const void *arg);

#endif
