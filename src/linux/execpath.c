/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/execpath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* 0, or why it cannot be executed: -EISDIR, -EACCES, or what stat says. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -EACCES : 0;
}

static int find_direct(const char *file, char **ret)
{
	int r = check_file(file);

	switch (r) {
	case 0:
		*ret = xstrdup(file);
		return 0;
	case -EISDIR:
		return err_code(EISDIR, "exec: \"%s\": is a directory", file);
	case -EACCES:
		return err_code(EACCES, "exec: \"%s\": permission denied", file);
	}
	return err_sys_r(r, "exec: \"%s\": stat %s", file, file);
}

int execpath_find(const char *file, char *const env[], char **ret)
{
	const char *dirs = env_get(env, "PATH");
	bool denied = false;

	if (strchr(file, '/'))
		return find_direct(file, ret);
	if (!dirs)
		dirs = DEFAULT_PATH;
	while (*file && dirs) {
		size_t len = strcspn(dirs, ":");
		/* an empty part is the current directory */
		autofree char *path =
			xasprintf("%.*s%s%s", (int) len, dirs, len ? "/" : "./", file);
		int r = check_file(path);

		if (r == 0) {
			*ret = take_ptr(&path);
			return 0;
		}
		denied |= r == -EACCES;
		dirs = dirs[len] ? dirs + len + 1 : NULL;
	}
	if (denied)
		return err_code(EACCES, "exec: \"%s\": permission denied", file);
	return err_code(ENOENT, "exec: \"%s\": executable file not found in $PATH", file);
}

int execpath_failed(const char *path, int code)
{
	return err_sys_r(-code, "exec %s", path);
}
