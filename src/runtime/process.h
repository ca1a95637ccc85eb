/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_PROCESS_H
#define HAKO_RUNTIME_PROCESS_H

/*
 * The steps that concern one process and not its container: shared by the container's init (init.c)
 * and by the processes that join it later (exec_child.c). All are for the tables of these two; a
 * process_wants_x() says whether process_x() has anything to do.
 */

#include "runtime/init.h"

/* Becomes undumpable, reports to the runtime, and learns its own number outside. */
int process_hello(struct init *in);
int process_session(struct init *in);
bool process_wants_keyring(const struct init *in);
int process_keyring(struct init *in);

/* The terminal is opened in the container's own devpts, then taken; in between init mounts it. */
bool process_wants_terminal(const struct init *in);
int process_open_terminal(struct init *in, int *ret_master, int *ret_slave);
int process_take_terminal(struct init *in, int master, int slave);

/* Memory policy, I/O priority and personality. */
int process_scheduling(struct init *in);
bool process_wants_label(const struct init *in);
int process_label(struct init *in);
bool process_wants_no_new_privs(const struct init *in);
int process_no_new_privs(struct init *in);
bool process_wants_landlock(const struct init *in);
int process_landlock(struct init *in);
/* Must CAP_SYS_ADMIN stay until exec? Without no_new_privs a seccomp filter and a Landlock ruleset
 * cannot be entered otherwise. */
bool process_keeps_admin(const struct init *in);
int process_credentials(struct init *in);
/* Enters the working directory as the user, and finds the program. */
int process_program(struct init *in);
/* For the agent of a seccomp listener, if there is one; state is the container's as JSON. */
void process_seccomp_message(struct init *in, const char *state);

#endif
