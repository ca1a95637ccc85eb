/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lsm_apparmor.h"

#include <fcntl.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "linux/procfs.h"

bool apparmor_is_enabled(void)
{
	autofree char *text = NULL;

	return file_read_at(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", 16, &text, NULL) ==
		       0 &&
	       text[0] == 'Y';
}

int apparmor_check(const char *profile)
{
	if (!apparmor_is_enabled())
		return err_code(ENOTSUP,
				"apparmor profile '%s': AppArmor is not enabled on this host",
				profile);
	/* a line break would begin a second command */
	if (strpbrk(profile, "\n\r"))
		return err_code(EINVAL, "apparmor profile '%s' is not a name", profile);
	return 0;
}

/*
 * The module's own directory (Linux 5.8) comes first: attr/exec belongs to whichever module is the
 * first of the stack. Quiet.
 */
static int write_exec(int procfs_fd, const char *command, const char *profile)
{
	autofree char *text = xasprintf("%s %s", command, profile);
	const char *path = "thread-self/attr/apparmor/exec";
	autofd int fd = FD_NONE;

	fd = procfs_open_at(procfs_fd, path, O_PATH);
	if (fd == -ENOENT)
		path = "thread-self/attr/exec";
	return procfs_write_at(procfs_fd, path, text);
}

/* In the child, whose /sys is not the host's: whether the module is there shows in the write. */
int apparmor_set_exec(int procfs_fd, const char *profile)
{
	int r;

	r = write_exec(procfs_fd, "exec", profile);
	/* We are confined and may not leave our profile: both together then. */
	if (r == -EACCES || r == -EPERM)
		r = write_exec(procfs_fd, "stack", profile);
	/* no module, no confinement */
	if ((r == -ENOENT || r == -EINVAL) && str_eq(profile, "unconfined"))
		return 0;
	if (r == -ENOENT)
		return err_code(ENOENT, "apparmor profile '%s' is not loaded", profile);
	if (r < 0)
		return err_sys_r(r, "apply apparmor profile '%s'", profile);
	return 0;
}
