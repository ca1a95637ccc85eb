/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgpath.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"

int cgpath_plan(const char *cgroups_path, const char *id, const char *base, char **ret)
{
	const char *wanted = str_empty(cgroups_path) ? id : cgroups_path;
	autofree char *joined = NULL, *path = NULL;

	if (path_has_dotdot(wanted))
		return err_code(EINVAL, "linux.cgroupsPath: '%s': `..` components are not allowed",
				wanted);
	joined = wanted[0] == '/' ? xstrdup(wanted) : path_join(base, wanted);
	path = path_clean_absolute(joined);
	if (str_eq(path, "/"))
		return err_code(EINVAL, "linux.cgroupsPath: '%s' is the root of the hierarchy",
				wanted);
	*ret = take_ptr(&path);
	return 0;
}

char *cgpath_parent(const char *own)
{
	autofree char *clean = path_clean_absolute(own);
	char *slash = strrchr(clean, '/');

	if (slash == clean)
		return xstrdup("/");
	*slash = '\0';
	return take_ptr(&clean);
}

char *cgpath_ref_format(const char *controllers, const char *mountpoint, const char *path)
{
	return xasprintf("%s=%s:%s", controllers, mountpoint, path);
}

int cgpath_ref_parse(const char *ref, char **ret_controllers, char **ret_mountpoint,
		     char **ret_path)
{
	/* "name=systemd=/sys/fs/cgroup/systemd:/a": a mount point begins with a slash, and so does
	 * a path. */
	const char *mount = strstr(ref, "=/");
	const char *path = mount ? strstr(mount, ":/") : NULL;

	if (!path || path_has_dotdot(path + 1) || !path[2])
		return err_code(EINVAL, "malformed cgroup reference '%s'", ref);
	*ret_controllers = xstrndup(ref, (size_t) (mount - ref));
	*ret_mountpoint = xstrndup(mount + 1, (size_t) (path - mount - 1));
	*ret_path = xstrdup(path + 1);
	return 0;
}
