/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/kernfs.h"

#include <sched.h>
#include <sys/mount.h>

#include "base/err.h"

/* Over what is there: in a user namespace that cannot be taken away. */
int kernfs_remount(void)
{
	static const struct {
		const char *type, *where;
	} all[] = { { "proc", "/proc" }, { "sysfs", "/sys" } };

	if (unshare(CLONE_NEWNS) < 0)
		return err_sys("leave the mount namespace");
	if (mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return err_sys("keep mounts from the host");
	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (mount(all[i].type, all[i].where, all[i].type, MS_NOSUID | MS_NODEV | MS_NOEXEC,
			  NULL) < 0)
			return err_sys("mount '%s' on '%s'", all[i].type, all[i].where);
	}
	return 0;
}
