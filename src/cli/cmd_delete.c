/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/delete.h"

struct delete_opts {
	bool force, destroy;
};

static const struct opt table[] = {
	{ "force", 'f', OPT_FLAG, offsetof(struct delete_opts, force), NULL,
	  "kill the container first; an unknown id is no error" },
	{ "destroy", 0, OPT_FLAG, offsetof(struct delete_opts, destroy), NULL,
	  "run its destroy hooks (lxc.hook.destroy), too" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct delete_opts *o = opts;

	return delete_container(rt, args[0],
				(o->force ? DELETE_FORCE : 0) | (o->destroy ? DELETE_DESTROY : 0));
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
