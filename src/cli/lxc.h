/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_H
#define HAKO_CLI_LXC_H

/* What the commands below `hako lxc` share. */

#include "cli/cli.h"
#include "lxc/convert.h"

extern const struct command lxc_cmd_check, lxc_cmd_convert, lxc_cmd_explain, lxc_cmd_keys,
	lxc_cmd_run;

/* Options of every command that reads a configuration. */
struct lxc_cli_opts {
	const char *name, *report, *include_root;
	struct strv defines;
	bool exact, strict;
};
/* clang-format off */
#define LXC_CLI_TABLE(type, member)                                                               \
	{ "name", 'n', OPT_STRING, offsetof(type, member.name), "NAME", "name of the container" }, \
	{ "report", 0, OPT_STRING, offsetof(type, member.report), "FORMAT",                       \
	  "text, json or none" },                                                                 \
	{ "exact", 0, OPT_FLAG, offsetof(type, member.exact), NULL,                               \
	  "what LXC does, mistakes included" },                                                   \
	{ "strict", 0, OPT_FLAG, offsetof(type, member.strict), NULL, "warnings are errors" },    \
	{ "include-root", 0, OPT_STRING, offsetof(type, member.include_root), "DIR",              \
	  "look up what the configuration names below DIR" },                                     \
	{ "define", 's', OPT_STRV, offsetof(type, member.defines), "KEY=VALUE",                   \
	  "a line after the file" }
/* clang-format on */

/*
 * Converts config (to a bundle if output is given) and prints the report to fd. 0, or -errno
 * recorded; *ret is filled as far as things went and to be cleared by the caller.
 */
int lxc_cli_convert(const struct lxc_cli_opts *o, const char *config, const char *output,
		    int report_fd, struct lxc_convert_result *ret);

#endif
