/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/create.h"

#define O(member) offsetof(struct create_opts, member)
static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, O(bundle), "DIR", "the bundle (current directory)" },
	{ "config", 'f', OPT_STRING, O(config), "FILE", "configuration instead of config.json" },
	{ "console-socket", 0, OPT_STRING, O(console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "pid-file", 0, OPT_STRING, O(pid_file), "FILE", "file to write the process id to" },
	{ "pidfd-socket", 0, OPT_STRING, O(pidfd_socket), "PATH",
	  "socket that gets a pidfd of init" },
	{ "no-pivot", 0, OPT_FLAG, O(no_pivot), NULL, "move the root instead of pivot_root(2)" },
	{ "no-new-keyring", 0, OPT_FLAG, O(no_new_keyring), NULL,
	  "keep the caller's session keyring" },
	{ "preserve-fds", 0, OPT_INT, O(preserve_fds), "N", "pass N more descriptors from 3 on" },
	{ "system", 0, OPT_FLAG, O(system), NULL,
	  "run an init as LXC does; the bundle may be a root file system" },
	{ "dry-run", 0, OPT_FLAG, O(dry_run), NULL, "print the plan as JSON and do nothing" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct create_opts *o = opts;

	if (o->dry_run)
		return cli_dry_run(rt, &(struct run_opts){ .create = *o, .detach = true }, args[0]);
	return create_container(rt, o, args[0]);
}

const struct command cmd_create = {
	.name = "create",
	.args = "CONTAINER",
	.summary = "create a container from a bundle",
	COMMAND_OPTS(table, struct create_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
