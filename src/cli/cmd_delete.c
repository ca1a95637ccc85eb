/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/matching.h"
#include "runtime/delete.h"

struct delete_opts {
	bool force, destroy, regex;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_FLAG, offsetof(struct delete_opts, force), NULL,
	  "kill the container first; an unknown id is no error" },
	{ "regex", 'r', OPT_FLAG, offsetof(struct delete_opts, regex), NULL,
	  "CONTAINER is a regular expression: all whose id it matches" },
	{ "destroy", 0, OPT_FLAG, offsetof(struct delete_opts, destroy), NULL,
	  "run its destroy hooks (lxc.hook.destroy), too" },
};

static int delete_one(const struct runtime_opts *rt, const char *id, const void *arg)
{
	return delete_container(rt, id, *(const int *) arg);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct delete_opts *o = opts;
	const int flags = (o->force ? DELETE_FORCE : 0) | (o->destroy ? DELETE_DESTROY : 0);

	return o->regex ? matching_each(rt, args[0], delete_one, &flags)
			: delete_container(rt, args[0], flags);
}

const struct command cmd_delete = {
	.name = "delete",
	.args = "CONTAINER",
	.summary = "remove a stopped container and what it holds",
	COMMAND_OPTS(table, struct delete_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
