/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/mounts.h"

static int run_add(const struct runtime_opts *rt, const void *opts, char **args)
{
	(void) opts;
	return mounts_change(rt, args[0], args[1], MOUNTS_ADD);
}

static int run_remove(const struct runtime_opts *rt, const void *opts, char **args)
{
	(void) opts;
	return mounts_change(rt, args[0], args[1], MOUNTS_REMOVE);
}

static const struct command cmd_add = {
	.name = "add",
	.args = "CONTAINER FILE",
	.summary = "add mounts to a running container",
	.order = OPT_ANYWHERE,
	.min_args = 2,
	.max_args = 2,
	.run = run_add,
};

static const struct command cmd_remove = {
	.name = "remove",
	.args = "CONTAINER FILE",
	.summary = "remove mounts from a running container",
	.order = OPT_ANYWHERE,
	.min_args = 2,
	.max_args = 2,
	.run = run_remove,
};

static const struct command *const commands[] = { &cmd_add, &cmd_remove, NULL };

const struct command cmd_mounts = {
	.name = "mounts",
	.args = "COMMAND [ARGUMENT...]",
	.summary = "change the mounts of a running container",
	.sub = commands,
};
