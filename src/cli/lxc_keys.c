/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc.h"
#include "lxc/keys.h"

struct keys_opts {
	bool json, mdoc;
};

static const struct opt table[] = {
	{ "json", 0, OPT_FLAG, offsetof(struct keys_opts, json), NULL, "print JSON" },
	/* for the build, which makes the manual page of it */
	{ "mdoc", 0, OPT_FLAG, offsetof(struct keys_opts, mdoc), NULL, "print hako-lxc-mapping(7)",
	  OPT_HIDDEN },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct keys_opts *o = opts;
	autostrbuf struct strbuf out = STRBUF_INIT;

	(void) rt;
	(void) args;
	if (o->mdoc)
		keys_format_mdoc(&out);
	else if (o->json)
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

static const struct opt explain_table[] = {
	{ "json", 0, OPT_FLAG, offsetof(struct keys_opts, json), NULL, "print JSON" },
};

static int run_explain(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct keys_opts *o = opts;
	autostrbuf struct strbuf out = STRBUF_INIT;

	(void) rt;
	for (; *args; args++) {
		int r;

		if (out.len && !o->json)
			strbuf_add_c(&out, '\n');
		r = keys_explain(*args, o->json, &out);

		if (r < 0)
			return r;
	}
	return out_text(strbuf_str(&out));
}

const struct command lxc_cmd_explain = {
	.name = "explain",
	.args = "KEY|CODE...",
	.summary = "say what a key means, how it combines, and what becomes of it",
	COMMAND_OPTS(explain_table, struct keys_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = -1,
	.run = run_explain,
};
