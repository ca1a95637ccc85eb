/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/create.h"

#define O(member) offsetof(struct run_opts, member)
static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, O(create.bundle), "DIR", "the bundle (current directory)" },
	{ "config", 'f', OPT_STRING, O(create.config), "FILE",
	  "configuration instead of config.json" },
	{ "detach", 'd', OPT_FLAG, O(detach), NULL, "return when the container is started" },
	{ "keep", 0, OPT_FLAG, O(keep), NULL, "do not delete the container when it ends" },
	{ "console-socket", 0, OPT_STRING, O(create.console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "pid-file", 0, OPT_STRING, O(create.pid_file), "FILE",
	  "file to write the process id to" },
	{ "pidfd-socket", 0, OPT_STRING, O(create.pidfd_socket), "PATH",
	  "socket that gets a pidfd of init" },
	{ "no-pivot", 0, OPT_FLAG, O(create.no_pivot), NULL,
	  "move the root instead of pivot_root(2)" },
	{ "no-new-keyring", 0, OPT_FLAG, O(create.no_new_keyring), NULL,
	  "keep the caller's session keyring" },
	{ "no-subreaper", 0, OPT_FLAG, O(no_subreaper), NULL,
	  "do not reap what the container leaves behind" },
	{ "preserve-fds", 0, OPT_INT, O(create.preserve_fds), "N",
	  "pass N more descriptors from 3 on" },
	{ "system", 0, OPT_FLAG, O(create.system), NULL,
	  "run an init as LXC does; the bundle may be a root file system" },
	{ "dry-run", 0, OPT_FLAG, O(create.dry_run), NULL,
	  "print the plan as JSON and do nothing" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct run_opts *o = opts;

	return o->create.dry_run ? cli_dry_run(rt, o, args[0]) : run_container(rt, o, args[0]);
}

const struct command cmd_run = {
	.name = "run",
	.args = "CONTAINER",
	.summary = "create and start a container, and wait for it",
	COMMAND_OPTS(table, struct run_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
