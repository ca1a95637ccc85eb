/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LSM_SELINUX_H
#define HAKO_LINUX_LSM_SELINUX_H

/*
 * Backend of lsm.h; selinux(8). libselinux says whether the module is on and knows a label; what
 * setexeccon(3) and its like do, one write to /proc/thread-self/attr, is done here, because the
 * library would do it through the /proc it finds.
 */

#include <stdbool.h>

bool selinux_is_enabled(void);
/* Is the module there, and does the loaded policy know the label? */
int selinux_check(const char *label);
int selinux_set_exec(int procfs_fd, const char *label);
int selinux_set_keyring(int procfs_fd, const char *label);

#endif
