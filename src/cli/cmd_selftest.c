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

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct selftest_opts *o = opts;
	struct selftest_report report = { 0 };
	autostrbuf struct strbuf out = STRBUF_INIT;
	int r, status;

	(void) rt;
	(void) args;
	r = selftest_run(&report);
	if (o->json)
		selftest_format_json(&report, &out);
	else
		selftest_format_text(&report, &out);
	status = report.failed ? 1 : 0;
	selftest_report_clear(&report);
	if (r < 0)
		return r;
	r = out_text(strbuf_str(&out));
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
