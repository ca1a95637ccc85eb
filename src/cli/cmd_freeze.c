/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/freeze.h"

static int run_pause(const struct runtime_opts *rt, const void *opts, char **args)
{
	(void) opts;
	return pause_container(rt, args[0]);
}

static int run_resume(const struct runtime_opts *rt, const void *opts, char **args)
{
	(void) opts;
	return resume_container(rt, args[0]);
}

const struct command cmd_pause = {
	.name = "pause",
	.args = "CONTAINER",
	.summary = "stop all processes of a container where they are",
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run_pause,
};

const struct command cmd_resume = {
	.name = "resume",
	.args = "CONTAINER",
	.summary = "let the processes of a paused container go on",
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run_resume,
};
