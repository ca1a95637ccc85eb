/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_NAME_H
#define HAKO_CLI_LXC_NAME_H

/* Containers by name, as LXC's own commands take them: what these commands share. */

#include "cli/cli.h"

struct container;

/* Options of all of them, first in their structs. */
struct lxc_name_opts {
	const char *name, *lxcpath, *logfile, *loglevel, *rcfile;
	bool quiet;
};
/* clang-format off */
#define LXC_NAME_TABLE(type, member) LXC_NAME_TABLE_F(type, member, 0)
/* f: the letter of --rcfile. */
#define LXC_NAME_TABLE_F(type, member, f)                                                         \
	{ "name", 'n', OPT_STRING, offsetof(type, member.name), "NAME", "name of the container" }, \
	{ "rcfile", f, OPT_STRING, offsetof(type, member.rcfile), "FILE",                         \
	  "another configuration" },                                                              \
	LXC_PATH_TABLE(type, member)
#define LXC_PATH_TABLE(type, member)                                                              \
	{ "lxcpath", 'P', OPT_STRING, offsetof(type, member.lxcpath), "DIR",                      \
	  "directory of the containers" },                                                        \
	{ "quiet", 'q', OPT_FLAG, offsetof(type, member.quiet), NULL, "no messages on stderr" },  \
	{ "logfile", 'o', OPT_STRING, offsetof(type, member.logfile), "FILE", "append the log" }, \
	{ "logpriority", 'l', OPT_STRING, offsetof(type, member.loglevel), "LEVEL",               \
	  "what is logged, in LXC's words" }
/* clang-format on */

/* Opens the log that -o and -l ask for. 0 or -errno recorded. */
int lxc_name_log(const struct lxc_name_opts *o);
/*
 * The container meant: -n, else the first argument. *ret_rest are the arguments behind it (a
 * command). 0 or -errno recorded. Opens the log, too, and the file of --rcfile must load.
 */
int lxc_name_take(const struct lxc_name_opts *o, char **args, const char **ret_name,
		  char ***ret_rest);

/* The directory of the containers: -P, lxc.lxcpath of lxc.conf, or the default. Heap. */
char *lxc_name_path(const char *lxcpath);
/*
 * The configuration of a container: DIR/NAME/config, or DIR/NAME.conf as Proxmox has it; without -P
 * also Proxmox' own directory is looked at. Heap. -ENOENT recorded when there is none.
 */
int lxc_name_config(const char *lxcpath, const char *name, char **ret);
/* The same, or the file of --rcfile. */
int lxc_name_file(const struct lxc_name_opts *o, const char *name, char **ret);
/* The names of all that have a configuration there, sorted, NULL-terminated, the caller's. */
int lxc_name_list(const char *lxcpath, char ***ret);

/*
 * 0 when the container runs. -ESRCH recorded when it does not, -ENOENT when it is not even defined:
 * hako does not know it, and there is no configuration.
 */
int lxc_name_running(const struct runtime_opts *rt, const struct lxc_name_opts *o,
		     const char *name);
/* LXC's words for what hako knows of a container of that name: "RUNNING", "STOPPED" … */
const char *lxc_name_state(const struct runtime_opts *rt, const char *name);
/* The same for a container that is open. */
const char *lxc_name_state_of(const struct container *c);

#endif
