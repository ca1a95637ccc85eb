/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/kill.h"

struct kill_opts {
	bool all;
};

static const struct opt table[] = {
	{ "all", 'a', OPT_FLAG, offsetof(struct kill_opts, all), NULL,
	  "signal every process of the container" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct kill_opts *o = opts;

	return kill_container(rt, args[0], args[1] ? args[1] : "SIGTERM", o->all);
}

const struct command cmd_kill = {
	.name = "kill",
	.args = "CONTAINER [SIGNAL]",
	.summary = "send a signal (SIGTERM) to a container",
	COMMAND_OPTS(table, struct kill_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 2,
	.run = run,
};
