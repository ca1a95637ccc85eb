/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/err.h"
#include "cli/lxc.h"
#include "cli/lxc_name.h"
#include "runtime/stop.h"

/* As lxc-stop says it of what does not run, be it defined or not. */
#define EXIT_NOT_RUNNING 2
#define TIMEOUT_DEFAULT	 60

struct stop_cmd_opts {
	struct lxc_name_opts lxc;
	bool reboot, nowait, nolock, nokill, kill;
	const char *timeout;
};

#define O(member) offsetof(struct stop_cmd_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE(struct stop_cmd_opts, lxc),
	{ "reboot", 'r', OPT_FLAG, O(reboot), NULL, "ask it to start again" },
	{ "nowait", 'W', OPT_FLAG, O(nowait), NULL, "only ask" },
	{ "timeout", 't', OPT_STRING, O(timeout), "SECONDS",
	  "how long it has before it is killed (60, -1 = no limit)" },
	{ "kill", 'k', OPT_FLAG, O(kill), NULL, "kill it at once, and remove what is left" },
	{ "nokill", 0, OPT_FLAG, O(nokill), NULL, "leave it alone if it does not end in time" },
	{ "nolock", 0, OPT_FLAG, O(nolock), NULL, "no effect: asking needs no lock" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct stop_cmd_opts *o = opts;
	struct stop_opts stop = { .reboot = o->reboot,
				  .kill = o->kill,
				  .no_kill = o->nokill,
				  .no_wait = o->nowait };
	int r, seconds = TIMEOUT_DEFAULT;
	const char *name;

	r = lxc_name_take(&o->lxc, args, &name, &args);
	if (r < 0)
		return r;
	if (o->kill && (o->reboot || o->nokill))
		return err_code(EINVAL, "--kill excludes --reboot and --nokill");
	if (o->timeout && (str_to_int(o->timeout, &seconds) < 0 || seconds > 1000000))
		return err_code(EINVAL, "--timeout: '%s' is no number of seconds", o->timeout);
	stop.timeout_ms = seconds < 0 ? STOP_NO_TIMEOUT : seconds * 1000;
	r = lxc_name_running(rt, &o->lxc, name);
	if (r >= 0)
		r = stop_container(rt, name, &stop);
	return r == -ESRCH || r == -ENOENT ? cli_fail(EXIT_NOT_RUNNING) : r;
}

const struct command lxc_cmd_stop = {
	.name = "stop",
	.args = "[NAME]",
	.summary = "ask a container to end or to reboot, or kill it",
	COMMAND_OPTS(table, struct stop_cmd_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
