/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_LAUNCH_H
#define HAKO_CLI_LXC_LAUNCH_H

/* From an LXC configuration to a running container, for `lxc run` and `lxc start`. */

#include "cli/lxc.h"

struct lxc_launch {
	struct lxc_cli_opts lxc;
	char **command;		 /* instead of lxc.init.cmd; NULL or empty: none */
	const char *console;	 /* instead of lxc.console.path */
	const char *console_log; /* instead of lxc.console.logfile */
	const char *pid_file, *console_socket;
	bool keep, no_pivot, detach;
};

/* Before anything else: executes us again from a sealed copy. 0 or -errno recorded. */
int lxc_launch_begin(const struct runtime_opts *rt);
/*
 * Converts and runs. The document is kept in the state directory only; the bundle is the directory
 * of the configuration. What is left of a former run under that name (its supervisor was killed) is
 * removed first. The exit status of the program, 0 when detached, or -errno recorded.
 */
int lxc_launch(const struct runtime_opts *rt, const struct lxc_launch *o, const char *config);

#endif
