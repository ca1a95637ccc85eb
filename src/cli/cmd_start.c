/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/start.h"

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	(void) opts;
	return start_container(rt, args[0]);
}

const struct command cmd_start = {
	.name = "start",
	.args = "CONTAINER",
	.summary = "execute the program of a created container",
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
