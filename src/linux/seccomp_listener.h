/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_LISTENER_H
#define HAKO_LINUX_SECCOMP_LISTENER_H

/* Installing a filter, and handing its notifications to an agent. */

#include <sys/types.h>

struct seccomp_program;

/* Installs a program that wants no listener. Needs no_new_privs or CAP_SYS_ADMIN. */
int seccomp_install(const struct seccomp_program *program);
/*
 * Installs it with a listener and sends that descriptor with the message to the agent on sock. The
 * filter may hold up every system call of the caller until the agent answers, also those of
 * sending, so a thread without the filter sends. The listener is closed here afterwards.
 */
int seccomp_install_listener(const struct seccomp_program *program, int sock, const char *message);

/* Connected socket: "failed to connect with seccomp agent '…'". The child inherits it. */
int seccomp_listener_connect(const char *path);
/*
 * The "container process state" of the specification, heap. state_json is the container's state
 * (status "creating"), metadata may be NULL, pid is the process as the agent sees it.
 */
char *seccomp_listener_message(const char *oci_version, pid_t pid, const char *metadata,
			       const char *state_json);

#endif
