/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_LXC_ADDRS_H
#define HAKO_CLI_LXC_ADDRS_H

#include <sys/types.h>

#include "base/str.h"

/* What is in a process' network namespace: addresses, those of loopback and link-local ones left
 * out, and names of interfaces. */
struct lxc_addrs {
	struct strv v4, v6, interfaces;
};

/* Best effort: none when it cannot be entered. */
void lxc_addrs(pid_t pid, struct lxc_addrs *ret);
void lxc_addrs_clear(struct lxc_addrs *a);

#endif
