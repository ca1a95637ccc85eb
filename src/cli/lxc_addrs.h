/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_ADDRS_H
#define HAKO_CLI_LXC_ADDRS_H

#include <sys/types.h>

#include "base/str.h"

/* The addresses of a process' network namespace, those of loopback and link-local ones left out.
 * Best effort: none when it cannot be entered. */
void lxc_addrs(pid_t pid, struct strv *v4, struct strv *v6);

#endif
