/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/err.h"
#include "linux/lsm_selinux.h"

bool selinux_is_enabled(void)
{
	return false;
}

int selinux_check(const char *label)
{
	return err_code(ENOTSUP, "selinux label '%s': this build has no SELinux", label);
}

int selinux_set_exec(int procfs_fd, const char *label)
{
	(void) procfs_fd;
	return selinux_check(label);
}

int selinux_set_keyring(int procfs_fd, const char *label)
{
	(void) procfs_fd;
	return selinux_check(label);
}
