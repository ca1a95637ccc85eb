/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_HOOK_H
#define HAKO_CLI_HOOK_H

/*
 * What the verbs below `hako hook` share. A verb is a hook of an OCI document: whatever runtime
 * runs it, it has the state of the container on standard input and needs nothing else but its
 * arguments and environment. A verb succeeds when it is run twice, and when the container is gone
 * already.
 */

#include <sys/types.h>

#include "cli/cli.h"

struct oci_state;

/* To add a verb: a file hook_NAME.c with its row, declared here and listed in cmd_hook.c. */
extern const struct command hook_cmd_apparmor, hook_cmd_automount, hook_cmd_lxc_env, hook_cmd_net,
	hook_cmd_proc_write;

/* The state on standard input. 0, or -errno recorded; *ret is to be freed by oci_state_free(). */
int hook_state_read(struct oci_state **ret);

/*
 * The directory of the state's process in /proc, checked to be a procfs. 0, or -errno recorded;
 * -ESRCH, quietly, when the state has no process or it is gone.
 */
int hook_proc_open(const struct oci_state *state, int *ret_fd);

/* The value of an annotation of the state, or NULL. */
const char *hook_annotation(const struct oci_state *state, const char *name);

#endif
