/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_notify.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"

#define NOTIFY_FILE "notify"

int criu_notify_save(int image_fd, const char *point)
{
	int r;

	/* one of an earlier dump into the same directory */
	if (!point)
		return unlinkat(image_fd, NOTIFY_FILE, 0) < 0 && errno != ENOENT
			       ? err_sys("remove '" NOTIFY_FILE "' from the images")
			       : 0;
	r = file_replace_at(image_fd, NOTIFY_FILE, point, strlen(point), 0600, 0);
	return r < 0 ? err_sys_r(r, "write '" NOTIFY_FILE "' of the images") : 0;
}

int criu_notify_load(int image_fd, char **ret)
{
	autofree char *text = NULL;
	int r = file_read_at(image_fd, NOTIFY_FILE, PATH_MAX, &text, NULL);

	*ret = NULL;
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return err_sys_r(r, "read '" NOTIFY_FILE "' of the images");
	if (text[0] != '/')
		return err_code(EINVAL, "'" NOTIFY_FILE "' of the images: no absolute path");
	*ret = take_ptr(&text);
	return 0;
}
