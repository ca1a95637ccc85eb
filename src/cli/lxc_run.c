/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "cli/lxc.h"
#include "linux/seal.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "runtime/create.h"

struct lxc_run_opts {
	struct lxc_cli_opts lxc;
	bool keep, no_pivot;
	const char *pid_file, *console_socket;
};

#define O(member) offsetof(struct lxc_run_opts, member)
static const struct opt table[] = {
	LXC_CLI_TABLE(struct lxc_run_opts, lxc),
	{ "keep", 0, OPT_FLAG, O(keep), NULL, "do not delete the container when it ends" },
	{ "pid-file", 0, OPT_STRING, O(pid_file), "FILE", "file to write the process id to" },
	{ "console-socket", 0, OPT_STRING, O(console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "no-pivot", 0, OPT_FLAG, O(no_pivot), NULL, "move the root instead of pivot_root(2)" },
};

/* The directory of the configuration is the bundle, as /var/lib/lxc/NAME is the container to LXC;
 * the document is never a file there, so nothing is left whatever ends us. */
static char *directory_of(const char *config)
{
	const char *slash = strrchr(config, '/');

	if (!slash)
		return xstrdup(".");
	return slash == config ? xstrdup("/") : xstrndup(config, (size_t) (slash - config));
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct lxc_run_opts *o = opts;
	struct lxc_cli_opts lxc = o->lxc;
	struct lxc_convert_result result = { 0 };
	autofree char *dir = directory_of(args[0]), *json = NULL;
	int r;

	/* Now, because it executes us again from the beginning. */
	r = seal_self(rt->argv);
	if (r < 0)
		return r;
	if (!lxc.report)
		lxc.report = "none";
	r = lxc_cli_convert(&lxc, args[0], NULL, STDERR_FILENO, &result);
	if (r >= 0) {
		struct run_opts run_opts = {
			.create = { .bundle = dir,
				    .pid_file = o->pid_file,
				    .console_socket = o->console_socket,
				    .no_pivot = o->no_pivot },
			.keep = o->keep,
		};

		json = oci_config_generate(result.oci, 0);
		run_opts.create.config_text = json;
		r = run_container(rt, &run_opts, result.name);
	}
	lxc_convert_clear(&result);
	return r;
}

const struct command lxc_cmd_run = {
	.name = "run",
	.args = "CONFIG",
	.summary = "run the container of an LXC configuration in the foreground",
	COMMAND_OPTS(table, struct lxc_run_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
