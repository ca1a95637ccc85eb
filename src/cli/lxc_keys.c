/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc.h"
#include "lxc/keys.h"

struct keys_opts {
	bool json;
};

static const struct opt table[] = {
	{ "json", 0, OPT_FLAG, offsetof(struct keys_opts, json), NULL, "print JSON" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct keys_opts *o = opts;
	autostrbuf struct strbuf out = STRBUF_INIT;

	(void) rt;
	(void) args;
	if (o->json)
		keys_format_json(&out);
	else
		keys_format_text(&out);
	return out_text(strbuf_str(&out));
}

const struct command lxc_cmd_keys = {
	.name = "keys",
	.args = "",
	.summary = "list every LXC key and what becomes of it",
	COMMAND_OPTS(table, struct keys_opts),
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
