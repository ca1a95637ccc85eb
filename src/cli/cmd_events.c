/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "cli/cli.h"
#include "runtime/events.h"

struct events_args {
	bool stats;
	const char *interval;
};

#define E(member) offsetof(struct events_args, member)
static const struct opt table[] = {
	{ "stats", 0, OPT_FLAG, E(stats), NULL, "print statistics once" },
	{ "interval", 0, OPT_STRING, E(interval), "TIME",
	  "between two statistics, 5s if not given" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct events_args *a = opts;
	struct events_opts o = { .emit = out_text };
	const char *interval = a->interval ? a->interval : "5s";

	if (str_to_duration(interval, &o.interval_ns) < 0 || !o.interval_ns)
		return err_code(EINVAL, "option --interval: '%s' is not a time such as 500ms or 5s",
				interval);
	if (a->stats)
		o.interval_ns = 0;
	return watch_container(rt, args[0], &o);
}

const struct command cmd_events = {
	.name = "events",
	.args = "CONTAINER",
	.summary = "print what a container uses, and when it is out of memory",
	COMMAND_OPTS(table, struct events_args),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
