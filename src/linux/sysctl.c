/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sysctl.h"

#include <linux/magic.h>
#include <sched.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "linux/procfs.h"
#include "ocispec.h"

/*
 * Sysctls with a value for each namespace. A name that ends in '/' stands for all below. Everything
 * else is the host's.
 */
static const struct {
	const char *path;
	int flag;
} namespaced[] = {
	{ "fs/mqueue/", CLONE_NEWIPC },
	{ "kernel/domainname", CLONE_NEWUTS },
	{ "kernel/msg_next_id", CLONE_NEWIPC },
	{ "kernel/msgmax", CLONE_NEWIPC },
	{ "kernel/msgmnb", CLONE_NEWIPC },
	{ "kernel/msgmni", CLONE_NEWIPC },
	{ "kernel/sem", CLONE_NEWIPC },
	{ "kernel/sem_next_id", CLONE_NEWIPC },
	{ "kernel/shm_next_id", CLONE_NEWIPC },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel/shmall", CLONE_NEWIPC },
	{ "kernel/shmmax", CLONE_NEWIPC },
	{ "kernel/shmmni", CLONE_NEWIPC },
	{ "net/", CLONE_NEWNET },
	{ "user/", CLONE_NEWUSER },
};

/* sysctl(8): the separator that comes first is the one; the other stands for it in a name. */
char *sysctl_path(const char *key)
{
	autofree char *path = xstrdup(key), *clean = NULL;
	bool dots = path[strcspn(path, "./")] == '.';

	for (char *p = path; dots && *p; p++) {
		if (*p == '.')
			*p = '/';
		else if (*p == '/')
			*p = '.';
	}
	/* "", ".", ".." and a slash at either end have no business in a name */
	clean = path_clean(path);
	if (!str_eq(clean, path) || path[0] == '/' || path_has_dotdot(path))
		return NULL;
	return take_ptr(&path);
}

static int namespace_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(namespaced); i++) {
		const char *known = namespaced[i].path;

		if (str_ends(known, "/") ? str_starts(path, known) : str_eq(path, known))
			return namespaced[i].flag;
	}
	return 0;
}

static int check_one(const char *key, int own, const char *domainname)
{
	autofree char *path = sysctl_path(key);
	int flag;

	if (!path)
		return err_code(EINVAL, "sysctl '%s' is not a valid name", key);
	if (str_eq(path, "kernel/hostname"))
		return err_code(EINVAL, "sysctl '%s' is not allowed: use the hostname field", key);
	if (str_eq(path, "kernel/domainname") && domainname)
		return err_code(EINVAL, "sysctl '%s' conflicts with the domainname field", key);
	flag = namespace_of(path);
	if (!flag)
		return err_code(EINVAL, "sysctl '%s' is not in a separate kernel namespace", key);
	if (!(flag & own))
		return err_code(EINVAL, "sysctl '%s' is not allowed in the host's namespace", key);
	return 0;
}

int sysctl_check(const struct oci_map *sysctls, int own, const char *domainname)
{
	for (size_t i = 0; sysctls && i < sysctls->len; i++) {
		int r = check_one(sysctls->keys[i], own, domainname);

		if (r < 0)
			return r;
	}
	return 0;
}

int sysctl_apply(int procfs_fd, const struct oci_map *sysctls)
{
	if (sysctls && sysctls->len > 0 && fd_fs_magic(procfs_fd) != PROC_SUPER_MAGIC)
		return err_code(EINVAL, "write sysctls: not a proc file system");
	for (size_t i = 0; sysctls && i < sysctls->len; i++) {
		autofree char *path = sysctl_path(sysctls->keys[i]), *file = NULL;
		int r;

		if (!path)
			return err_code(EINVAL, "sysctl '%s' is not a valid name",
					sysctls->keys[i]);
		file = xasprintf("sys/%s", path);
		r = procfs_write_at(procfs_fd, file, sysctls->values[i]);
		if (r < 0)
			return err_sys_r(r, "set sysctl '%s' to '%s'", sysctls->keys[i],
					 sysctls->values[i]);
	}
	return 0;
}
