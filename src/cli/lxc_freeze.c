/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc.h"
#include "cli/lxc_name.h"
#include "runtime/freeze.h"

struct freeze_opts {
	struct lxc_name_opts lxc;
};

static const struct opt table[] = { LXC_NAME_TABLE(struct freeze_opts, lxc) };

static int act(int (*fn)(const struct runtime_opts *, const char *), const struct runtime_opts *rt,
	       const void *opts, char **args)
{
	const struct freeze_opts *o = opts;
	const char *name;
	int r = lxc_name_take(&o->lxc, args, &name, &args);

	if (r >= 0)
		r = lxc_name_running(rt, &o->lxc, name);
	return r < 0 ? r : fn(rt, name);
}

static int freeze(const struct runtime_opts *rt, const void *opts, char **args)
{
	return act(pause_container, rt, opts, args);
}

static int unfreeze(const struct runtime_opts *rt, const void *opts, char **args)
{
	return act(resume_container, rt, opts, args);
}

const struct command lxc_cmd_freeze = {
	.name = "freeze",
	.args = "[NAME]",
	.summary = "stop all processes of a container where they are",
	COMMAND_OPTS(table, struct freeze_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = freeze,
};

const struct command lxc_cmd_unfreeze = {
	.name = "unfreeze",
	.args = "[NAME]",
	.summary = "let the processes of a frozen container go on",
	COMMAND_OPTS(table, struct freeze_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = unfreeze,
};
