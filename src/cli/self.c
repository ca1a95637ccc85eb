/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"

/* The link of a sealed copy names no file, that of a replaced one another's. */
static char *path_of_link(void)
{
	char link[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", link, sizeof(link) - 1);
	struct stat at, self;

	if (n <= 0)
		return NULL;
	link[n] = '\0';
	if (link[0] != '/' || stat(link, &at) < 0 || stat("/proc/self/exe", &self) < 0 ||
	    !S_ISREG(at.st_mode) || at.st_dev != self.st_dev || at.st_ino != self.st_ino)
		return NULL;
	return xstrdup(link);
}

static char *path_of_name(const char *name)
{
	const char *path = getenv("PATH");
	autostrv struct strv dirs = { NULL, 0 };

	if (strchr(name, '/'))
		return path_make_absolute(name);
	strv_split(&dirs, path ? path : "", ":");
	for (size_t i = 0; i < dirs.len; i++) {
		autofree char *at = path_join(dirs.v[i], name);

		if (at[0] == '/' && access(at, X_OK) == 0)
			return take_ptr(&at);
	}
	return NULL;
}

char *cli_self_path(void)
{
	char *path = path_of_link();

	if (!path)
		path = path_of_name(program_invocation_name);
	return path ? path : xstrdup("/usr/bin/hako");
}
