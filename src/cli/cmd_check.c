/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/check.h"

struct check_opts {
	const char *bundle, *config;
	bool json;
};

#define O(member) offsetof(struct check_opts, member)
static const struct opt table[] = {
	{ "bundle", 'b', OPT_STRING, O(bundle), "DIR", "the bundle (current directory)" },
	{ "config", 'f', OPT_STRING, O(config), "FILE", "configuration instead of config.json" },
	{ "json", 0, OPT_FLAG, O(json), NULL, "print one JSON object instead of lines" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct check_opts *o = opts;
	struct check_report report = { 0 };
	autostrbuf struct strbuf out = STRBUF_INIT;
	int r, status;

	(void) args;
	check_bundle(rt, o->bundle, o->config, &report);
	if (o->json)
		check_format_json(&report, &out);
	else
		check_format_text(&report, &out);
	status = report.errors ? 1 : 0;
	check_report_clear(&report);
	r = out_text(strbuf_str(&out));
	return r < 0 ? r : status;
}

const struct command cmd_check = {
	.name = "check",
	.args = "",
	.summary = "say what is wrong with a bundle, and whether this host can run it",
	COMMAND_OPTS(table, struct check_opts),
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
