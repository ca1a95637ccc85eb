/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_DRY_RUN_H
#define HAKO_RUNTIME_DRY_RUN_H

struct run_opts;
struct runtime_opts;

/*
 * What `create` (detach set) or `run` would do with these options, as one JSON object on a line;
 * heap. Goes as far as planning, so nothing is touched. 0 or -errno recorded.
 */
int dry_run_json(const struct runtime_opts *rt, const struct run_opts *opts, const char *id,
		 char **ret);

#endif
