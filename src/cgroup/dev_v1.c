/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"

int dev_v1_apply(int cgroup_fd, const struct strv *lines, const char *where)
{
	for (size_t i = 0; i < lines->len; i++) {
		const char *value = strchr(lines->v[i], ' ') + 1;
		autofree char *file = xstrndup(lines->v[i], (size_t) (value - 1 - lines->v[i]));
		int r = file_write_at(cgroup_fd, file, value);

		if (r < 0)
			return err_sys_r(r, "write '%s' to '%s/%s' (linux.resources.devices)",
					 value, where, file);
	}
	return 0;
}
