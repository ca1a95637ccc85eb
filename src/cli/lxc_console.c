/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>

#include "base/err.h"
#include "cli/lxc.h"
#include "cli/lxc_name.h"
#include "runtime/line_client.h"

struct console_opts {
	struct lxc_name_opts lxc;
	const char *tty, *escape;
	bool show_log;
};

#define O(member) offsetof(struct console_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE(struct console_opts, lxc),
	{ "tty", 't', OPT_STRING, O(tty), "N",
	  "which tty (0 = the console, -1 = the first that is free, the default)" },
	{ "escape", 'e', OPT_STRING, O(escape), "CHAR", "prefix to leave by, instead of ^a" },
	{ "show-log", 0, OPT_FLAG, O(show_log), NULL,
	  "print what the console said last (lxc.console.buffer.size)" },
};

/* "a", "^a": the control character; -EINVAL. */
static int parse_escape(const char *text)
{
	if (!text)
		return 1;
	if (*text == '^')
		text++;
	if (!isalpha((unsigned char) *text) || text[1])
		return err_code(EINVAL, "--escape: '%s' is neither a letter nor ^ and a letter",
				text);
	return tolower((unsigned char) *text) - 'a' + 1;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct console_opts *o = opts;
	int r, escape, tty = LINE_ANY;
	const char *name;

	r = lxc_name_take(&o->lxc, args, &name, &args);
	if (r >= 0)
		r = lxc_name_running(rt, &o->lxc, name);
	if (r < 0)
		return r;
	if (o->show_log)
		return line_print_log(rt, name);
	if (o->tty && (str_to_int(o->tty, &tty) < 0 || tty < -1))
		return err_code(EINVAL, "--tty: '%s' is no number of a tty", o->tty);
	escape = parse_escape(o->escape);
	return escape < 0 ? escape : line_attach(rt, name, tty, escape);
}

const struct command lxc_cmd_console = {
	.name = "console",
	.args = "[NAME]",
	.summary = "attach to a terminal of a container",
	COMMAND_OPTS(table, struct console_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
