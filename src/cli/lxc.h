/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_H
#define HAKO_CLI_LXC_H

/* What the commands below `hako lxc` share. */

#include "base/fd.h"
#include "cli/cli.h"
#include "lxc/convert.h"

extern const struct command lxc_cmd_check, lxc_cmd_convert, lxc_cmd_diff, lxc_cmd_explain,
	lxc_cmd_from_oci, lxc_cmd_keys, lxc_cmd_run;
/* on containers by name: */
extern const struct command lxc_cmd_attach, lxc_cmd_console, lxc_cmd_freeze, lxc_cmd_info,
	lxc_cmd_ls, lxc_cmd_start, lxc_cmd_stop, lxc_cmd_unfreeze, lxc_cmd_units, lxc_cmd_wait;

/* Options of every command that reads a configuration. */
struct lxc_cli_opts {
	const char *name, *report, *include_root, *target, *lxcpath, *cwd, *idmap, *idmap_file;
	const char *mountpoint; /* no option: where a root is mounted when there is no bundle */
	struct strv defines, allow, volumes;
	bool exact, strict, host_root, add_path, late_devices, apparmor, execute;
};
/* clang-format off */
#define LXC_CLI_TABLE(type, member)                                                               \
	{ "name", 'n', OPT_STRING, offsetof(type, member.name), "NAME", "name of the container" }, \
	{ "report", 0, OPT_STRING, offsetof(type, member.report), "FORMAT",                       \
	  "text, json or none" },                                                                 \
	{ "exact", 0, OPT_FLAG, offsetof(type, member.exact), NULL,                               \
	  "what LXC does, mistakes included" },                                                   \
	{ "strict", 0, OPT_FLAG, offsetof(type, member.strict), NULL, "warnings are errors" },    \
	{ "target", 0, OPT_STRING, offsetof(type, member.target), "RUNTIME",                       \
	  "hako (default), or generic: any OCI runtime" },                                        \
	{ "allow", 0, OPT_STRV, offsetof(type, member.allow), "KEY",                              \
	  "convert without this key, though security needs it" },                                 \
	{ "host-root", 0, OPT_FLAG, offsetof(type, member.host_root), NULL,                       \
	  "without lxc.rootfs.path, take the root of the host" },                                 \
	{ "add-path", 0, OPT_FLAG, offsetof(type, member.add_path), NULL,                         \
	  "set a PATH, which LXC does not" },                                                     \
	{ "late-devices", 0, OPT_FLAG, offsetof(type, member.late_devices), NULL,                 \
	  "look devices up when the container is made" },                                         \
	{ "execute", 0, OPT_FLAG, offsetof(type, member.execute), NULL,                           \
	  "run lxc.execute.cmd, as lxc-execute does" },                                           \
	{ "apparmor", 0, OPT_FLAG, offsetof(type, member.apparmor), NULL,                         \
	  "generate AppArmor profiles even if this host has no AppArmor" },                       \
	{ "lxcpath", 'P', OPT_STRING, offsetof(type, member.lxcpath), "DIR",                      \
	  "where LXC keeps its containers (/var/lib/lxc)" },                                      \
	{ "cwd", 0, OPT_STRING, offsetof(type, member.cwd), "DIR",                                \
	  "where relative paths start (the directory of the configuration)" },                    \
	{ "idmap", 0, OPT_STRING, offsetof(type, member.idmap), "auto",                           \
	  "without lxc.idmap, give the container ids of its own" },                               \
	{ "idmap-file", 0, OPT_STRING, offsetof(type, member.idmap_file), "FILE",                 \
	  "where that is remembered (/var/lib/hako/idmaps)" },                                    \
	{ "volume", 0, OPT_STRV, offsetof(type, member.volumes), "VOLUME=PATH",                   \
	  "where a volume of Proxmox is mounted" },                                               \
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

/* A range that was written to the registry, which is locked until it is known to be used. */
struct lxc_cli_ids {
	int dir;
	char *file;
	char *before; /* its text; NULL: there was no file */
};
#define LXC_CLI_IDS_INIT { .dir = FD_NONE }

/*
 * --idmap auto: adds lines of lxc.idmap for the container, if it has none. 0 or -errno recorded.
 * The second takes the range back unless it is kept; it may be called always.
 */
int lxc_cli_idmap(const struct lxc_cli_opts *o, const char *config, const char *name,
		  struct strv *defines, struct lxc_cli_ids *ret);
void lxc_cli_idmap_end(struct lxc_cli_ids *ids, bool keep);

#endif
