/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "cli/cli.h"
#include "runtime/ps.h"

struct ps_opts {
	const char *format;
};

static const struct opt table[] = {
	{ "format", 'f', OPT_STRING, offsetof(struct ps_opts, format), "FORMAT", "table or json" },
};

static void print_json(const pid_t *pids, size_t n, struct strbuf *out)
{
	strbuf_add_c(out, '[');
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s%d", i ? "," : "", (int) pids[i]);
	strbuf_add(out, "]\n");
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	autostrbuf struct strbuf out = STRBUF_INIT;
	const struct ps_opts *o = opts;
	autofree pid_t *pids = NULL;
	size_t n = 0;
	int r;

	if (o->format && !str_eq(o->format, "table") && !str_eq(o->format, "json"))
		return err_code(EINVAL, "unknown format '%s': table or json", o->format);
	r = ps_list(rt, args[0], &pids, &n);
	if (r < 0)
		return r;
	if (str_eq(o->format, "json"))
		print_json(pids, n, &out);
	else
		r = ps_table(args + 1, pids, n, &out);
	return r < 0 ? r : out_text(strbuf_str(&out));
}

const struct command cmd_ps = {
	.name = "ps",
	.args = "CONTAINER [PS-OPTION...]",
	.summary = "list the processes of a container, as ps(1) does",
	COMMAND_OPTS(table, struct ps_opts),
	.order = OPT_STOP_AT_ARG,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
