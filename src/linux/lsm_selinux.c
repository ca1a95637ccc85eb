/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lsm_selinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "linux/procfs.h"

/* What we use of libselinux; loaded only when a label is configured. */
struct selinux_lib {
	int (*is_selinux_enabled)(void);
	int (*security_check_context)(const char *label);
};

static bool lib_load(struct selinux_lib *ret)
{
	void *handle = dlopen(SELINUX_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return false;
	ret->is_selinux_enabled = (int (*)(void)) dlsym(handle, "is_selinux_enabled");
	ret->security_check_context =
		(int (*)(const char *)) dlsym(handle, "security_check_context");
	return ret->is_selinux_enabled && ret->security_check_context;
}

bool selinux_is_enabled(void)
{
	struct selinux_lib lib;

	return lib_load(&lib) && lib.is_selinux_enabled() > 0;
}

int selinux_check(const char *label)
{
	struct selinux_lib lib;

	if (!lib_load(&lib))
		return err_code(ENOTSUP, "selinux label '%s': cannot load " SELINUX_SONAME, label);
	if (lib.is_selinux_enabled() <= 0)
		return err_code(ENOTSUP, "selinux label '%s': SELinux is not enabled on this host",
				label);
	/* A label's quotes would end the quoting of a mount option. */
	if (strpbrk(label, "\"\n"))
		return err_code(EINVAL, "selinux label '%s' is not valid", label);
	if (lib.security_check_context(label) == 0)
		return 0;
	if (errno == EINVAL)
		return err_code(EINVAL, "selinux label '%s' is not known to the policy", label);
	/* Asking may be denied to us although setting is not. */
	err_forgive(err_sys("ask for selinux label '%s'", label), "check label");
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
