/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/container.h"
#include "spec/state.h"

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	autocontainer struct container c = CONTAINER_INIT;
	struct state_info info;
	autofree char *text = NULL;
	int r;

	(void) opts;
	r = container_open(rt, args[0], 0, &c);
	if (r < 0)
		return r;
	container_state_info(&c, &info);
	text = state_command_json(&info);
	return out_text(text);
}

const struct command cmd_state = {
	.name = "state",
	.args = "CONTAINER",
	.summary = "print the state of a container as JSON",
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
