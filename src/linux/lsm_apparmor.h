/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LSM_APPARMOR_H
#define HAKO_LINUX_LSM_APPARMOR_H

/* Backend of lsm.h; apparmor(7). The interface is files, so no library is involved. */

#include <stdbool.h>

bool apparmor_is_enabled(void);
/* Is the module there, and is the text one that can be a profile's name? */
int apparmor_check(const char *profile);
int apparmor_set_exec(int procfs_fd, const char *profile);

#endif
