/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/selftest.h"

struct selftest_opts {
	bool json;
};

#define O(member) offsetof(struct selftest_opts, member)
static const struct opt table[] = {
	{ "json", 0, OPT_FLAG, O(json), NULL, "print one JSON object instead of lines" },
};

/* A line at a time: it takes its time. That it could not be printed is said at the end. */
static void print_line(const struct selftest_report *report)
{
	autostrbuf struct strbuf line = STRBUF_INIT;

	selftest_format_line(report, &line);
	(void) out_text(strbuf_str(&line));
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct selftest_opts *o = opts;
	struct selftest_report report = { .progress = o->json ? NULL : print_line };
	autostrbuf struct strbuf end = STRBUF_INIT;
	int r, status;

	(void) rt;
	(void) args;
	r = selftest_run(&report);
	if (o->json)
		selftest_format_json(&report, &end);
	else
		selftest_format_sum(&report, &end);
	status = report.failed ? 1 : 0;
	selftest_report_clear(&report);
	if (r < 0)
		return r;
	r = out_text(strbuf_str(&end));
	return r < 0 ? r : status;
}

const struct command cmd_selftest = {
	.name = "selftest",
	.args = "",
	.summary = "try hostile containers on this host, harmlessly",
	COMMAND_OPTS(table, struct selftest_opts),
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
