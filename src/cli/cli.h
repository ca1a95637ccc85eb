/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_CLI_H
#define HAKO_CLI_CLI_H

/* Commands as data: main.c finds the row, parses its options, calls it. */

#include "cli/opt.h"

struct run_opts;
struct runtime_opts;

struct command {
	const char *name;
	const char *args;    /* "CONTAINER [SIGNAL]" */
	const char *summary; /* one line, lower case */
	const struct opt *opts;
	size_t n_opts;
	size_t opts_size;
	enum opt_order order;
	int min_args, max_args; /* max_args < 0 = any number */
	/* Returns the exit status (>= 0), or -errno with the error recorded (exit status 1). For
	 * another exit status after an error: return cli_fail(status). */
	int (*run)(const struct runtime_opts *rt, const void *opts, char **args);
	const struct command *const *sub; /* NULL-terminated table of sub-commands, e.g. of lxc */
};

#define COMMAND_OPTS(table, type) \
	.opts = (table), .n_opts = ARRAY_SIZE(table), .opts_size = sizeof(type)

extern const struct command cmd_check, cmd_checkpoint, cmd_complete, cmd_create, cmd_delete,
	cmd_devices, cmd_events, cmd_exec, cmd_features, cmd_hook, cmd_kill, cmd_list, cmd_lxc,
	cmd_mounts, cmd_pause, cmd_ps, cmd_restore, cmd_resume, cmd_run, cmd_selftest, cmd_spec,
	cmd_start, cmd_state, cmd_update;

/* The program itself: global options, all commands. */
extern const struct command cli_top;

/* Reports the recorded error now and returns the exit status to end with. */
int cli_fail(int status);

/* From now on errors go to the log alone, if it is not on stderr. */
void cli_quiet(void);

/* Where this program is to be found by others, for what refers to it later (hooks). Heap. */
char *cli_self_path(void);

/* Prints the plan of create (detach set) or run and does nothing. 0 or -errno recorded. */
int cli_dry_run(const struct runtime_opts *rt, const struct run_opts *opts, const char *id);

/* Prints and checks: a short write to stdout is an error, not silence. 0 or -errno recorded. */
int out_text(const char *text);

#endif
