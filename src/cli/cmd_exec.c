/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/exec.h"

#define O(member) offsetof(struct exec_opts, member)
static const struct opt table[] = {
	{ "tty", 't', OPT_FLAG, O(tty), NULL, "give the command a terminal" },
	{ "detach", 'd', OPT_FLAG, O(detach), NULL, "return when the command is started" },
	{ "env", 'e', OPT_STRV, O(env), "NAME=VALUE", "set a variable (may be repeated)" },
	{ "user", 'u', OPT_STRING, O(user), "UID[:GID]", "run as this user and group" },
	{ "additional-gids", 'g', OPT_STRV, O(additional_gids), "GID",
	  "add a group (may be repeated)" },
	{ "cwd", 0, OPT_STRING, O(cwd), "DIR", "working directory" },
	{ "cap", 'c', OPT_STRV, O(caps), "CAP", "add a capability (may be repeated)" },
	{ "no-new-privs", 0, OPT_FLAG, O(no_new_privs), NULL,
	  "never gain privileges by executing" },
	{ "apparmor", 0, OPT_STRING, O(apparmor), "PROFILE", "AppArmor profile" },
	{ "process-label", 0, OPT_STRING, O(label), "LABEL", "SELinux label" },
	{ "process", 'p', OPT_STRING, O(process), "FILE",
	  "JSON document with the process, - is stdin" },
	{ "pid-file", 0, OPT_STRING, O(create.pid_file), "FILE",
	  "file to write the process id to" },
	{ "console-socket", 0, OPT_STRING, O(create.console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "pidfd-socket", 0, OPT_STRING, O(create.pidfd_socket), "PATH",
	  "socket that gets a pidfd" },
	{ "preserve-fds", 0, OPT_INT, O(create.preserve_fds), "N",
	  "pass N more descriptors from 3 on" },
	{ "cgroup", 0, OPT_STRV, O(cgroups), "[CTRL:]PATH", "cgroup below the container's" },
	{ "ignore-paused", 0, OPT_FLAG, O(ignore_paused), NULL,
	  "in a paused container: wait for resume" },
};

/* What cannot be started is not told from a program's status by engines unless it is this one. */
#define EXIT_NOT_STARTED 255

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	struct exec_opts o = *(const struct exec_opts *) opts;
	int r;

	o.args = args + 1;
	r = exec_container(rt, &o, args[0]);
	return r < 0 ? cli_fail(EXIT_NOT_STARTED) : r;
}

const struct command cmd_exec = {
	.name = "exec",
	.args = "CONTAINER [COMMAND [ARGUMENT...]]",
	.summary = "execute a command in a running container",
	COMMAND_OPTS(table, struct exec_opts),
	.order = OPT_STOP_AT_ARG,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
