/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/matching.h"
#include "runtime/kill.h"

struct kill_opts {
	bool all, regex;
};

static const struct opt table[] = {
	{ "all", 'a', OPT_FLAG, offsetof(struct kill_opts, all), NULL,
	  "signal every process of the container" },
	{ "regex", 'r', OPT_FLAG, offsetof(struct kill_opts, regex), NULL,
	  "CONTAINER is a regular expression: all whose id it matches" },
};

struct request {
	const char *signal;
	bool all;
};

static int kill_one(const struct runtime_opts *rt, const char *id, const void *arg)
{
	const struct request *q = arg;

	return kill_container(rt, id, q->signal, q->all);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct kill_opts *o = opts;
	const struct request q = { args[1] ? args[1] : "SIGTERM", o->all };

	return o->regex ? matching_each(rt, args[0], kill_one, &q) : kill_one(rt, args[0], &q);
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
