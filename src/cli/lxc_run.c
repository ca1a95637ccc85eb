/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/lxc.h"
#include "cli/lxc_launch.h"
#include "cli/lxc_name.h"

struct run_cmd_opts {
	struct lxc_launch launch;
};

#define O(member) offsetof(struct run_cmd_opts, member)
static const struct opt table[] = {
	LXC_CLI_TABLE(struct run_cmd_opts, launch.lxc),
	{ "keep", 0, OPT_FLAG, O(launch.keep), NULL, "do not delete the container when it ends" },
	{ "pid-file", 0, OPT_STRING, O(launch.pid_file), "FILE",
	  "file to write the process id to" },
	{ "console-socket", 0, OPT_STRING, O(launch.console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "no-pivot", 0, OPT_FLAG, O(launch.no_pivot), NULL,
	  "move the root instead of pivot_root(2)" },
};

/* What looks like a file is one; the rest are names. */
static int find_config(const struct run_cmd_opts *o, const char *arg, char **ret)
{
	if (!strchr(arg, '/') && (o->launch.lxc.lxcpath || access(arg, F_OK) < 0))
		return lxc_name_config(o->launch.lxc.lxcpath, arg, ret);
	*ret = xstrdup(arg);
	return 0;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct run_cmd_opts *o = opts;
	struct lxc_launch launch = o->launch;
	autofree char *config = NULL;
	int r = lxc_launch_begin(rt);

	if (r >= 0)
		r = find_config(o, args[0], &config);
	if (r < 0)
		return r;
	launch.command = args + 1;
	return lxc_launch(rt, &launch, config);
}

const struct command lxc_cmd_run = {
	.name = "run",
	.args = "NAME|CONFIG [-- COMMAND [ARGUMENT...]]",
	.summary = "run the container of an LXC configuration in the foreground",
	COMMAND_OPTS(table, struct run_cmd_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
