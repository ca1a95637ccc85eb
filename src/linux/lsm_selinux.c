/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lsm_selinux.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/err.h"
#include "base/file.h"
#include "linux/procfs.h"

#define SELINUXFS "/sys/fs/selinux"

bool selinux_is_enabled(void)
{
	struct statfs fs;

	/* mounted there by whoever loads the policy; is_selinux_enabled(3) asks the same */
	return statfs(SELINUXFS, &fs) == 0 && (unsigned long) fs.f_type == SELINUX_MAGIC;
}

int selinux_check(const char *label)
{
	int r;

	if (!selinux_is_enabled())
		return err_code(ENOTSUP, "selinux label '%s': SELinux is not enabled on this host",
				label);
	/* A label's quotes would end the quoting of a mount option. */
	if (strpbrk(label, "\"\n"))
		return err_code(EINVAL, "selinux label '%s' is not valid", label);
	r = file_write_at(AT_FDCWD, SELINUXFS "/context", label);
	if (r == -EINVAL)
		return err_code(EINVAL, "selinux label '%s' is not known to the policy", label);
	/* Asking may be denied to us although setting is not. */
	if (r < 0)
		err_forgive(err_sys_r(r, "ask for selinux label '%s'", label), "check label");
	return 0;
}

/* In the child, whose /sys is not the host's: without the module the write fails. */
static int write_attr(int procfs_fd, const char *file, const char *label, const char *what)
{
	int r;

	r = procfs_write_at(procfs_fd, file, label);
	if (r < 0)
		return err_sys_r(r, "apply selinux label '%s' to %s", label, what);
	return 0;
}

int selinux_set_exec(int procfs_fd, const char *label)
{
	return write_attr(procfs_fd, "thread-self/attr/exec", label, "the process");
}

int selinux_set_keyring(int procfs_fd, const char *label)
{
	return write_attr(procfs_fd, "thread-self/attr/keycreate", label, "keyrings");
}
