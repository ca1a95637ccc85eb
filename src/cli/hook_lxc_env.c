/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/hook.h"
#include "ocispec.h"

struct lxc_env_opts {
	const char *hook;
};

static const struct opt table[] = {
	{ "hook", 0, OPT_STRING, offsetof(struct lxc_env_opts, hook), "TYPE",
	  "the hook that LXC would run: pre-start, mount, ..." },
};

static int set_env(const char *name, const char *value)
{
	return setenv(name, value, 1) < 0 ? err_sys("set '%s'", name) : 0;
}

/* Hooks of these run in the container's namespaces, where LXC tells no pid. */
static bool is_inside(const char *hook)
{
	return str_eq(hook, "pre-mount") || str_eq(hook, "mount") || str_eq(hook, "autodev");
}

/* What LXC knows only once the container lives, or has ended. */
static int set_state(const struct oci_state *state, const char *hook)
{
	autofree char *pid = xasprintf("%u", state->pid);
	int r = 0;

	if (state->pid && !is_inside(hook))
		r = set_env("LXC_PID", pid);
	if (r >= 0 && str_eq(state->status, "stopped"))
		r = set_env("LXC_TARGET", "stop");
	return r;
}

/* Version 0 of hooks gets the container and the moment as arguments, version 1 in variables. */
static int tell_hook(const char *hook, struct strbuf *line)
{
	const char *version = getenv("LXC_HOOK_VERSION"), *name = getenv("LXC_NAME");
	int r;

	if (!str_eq(version, "1")) {
		strbuf_addf(line, " '%s' 'lxc' '%s'", name ? name : "", hook);
		return 0;
	}
	r = set_env("LXC_HOOK_TYPE", hook);
	return r < 0 ? r : set_env("LXC_HOOK_SECTION", "lxc");
}

/* LXC gives its hooks nothing to read. */
static int empty_stdin(void)
{
	autofd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		return err_sys("open '/dev/null' as standard input");
	return 0;
}

/* A hook of LXC is a line for the shell; its words may stand apart here. */
static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	autostrbuf struct strbuf line = STRBUF_INIT;
	const struct lxc_env_opts *o = opts;
	struct oci_state *state = NULL;
	int r;

	(void) rt;
	r = hook_state_read(&state);
	if (r < 0)
		return r;
	r = set_state(state, o->hook);
	oci_state_free(state);
	if (r >= 0)
		r = empty_stdin();
	strbuf_add(&line, "exec");
	for (; *args; args++)
		strbuf_addf(&line, " %s", *args);
	if (r >= 0 && o->hook)
		r = tell_hook(o->hook, &line);
	if (r < 0)
		return r;
	execl("/bin/sh", "sh", "-c", strbuf_str(&line), (char *) NULL);
	return err_sys("execute '/bin/sh'");
}

const struct command hook_cmd_lxc_env = {
	.name = "lxc-env",
	.args = "-- COMMAND...",
	.summary = "run a hook of LXC with what LXC tells it at run time",
	COMMAND_OPTS(table, struct lxc_env_opts),
	.order = OPT_STOP_AT_ARG,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
