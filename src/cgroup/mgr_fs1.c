/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"

static int fill_one(int parent_fd, int fd, const char *file, const char *where)
{
	autofree char *own = NULL, *parent = NULL;
	int r;

	r = cg_read(fd, file, &own);
	if (r < 0)
		return err_sys_r(r, "read '%s/%s'", where, file);
	if (*own)
		return 0;
	r = cg_read(parent_fd, file, &parent);
	if (r < 0)
		return err_sys_r(r, "read '%s' above '%s'", file, where);
	r = file_write_at(fd, file, parent);
	return r < 0 ? err_sys_r(r, "write '%s' to '%s/%s'", parent, where, file) : 0;
}

int fs1_fill_cpuset(int parent_fd, int fd, const char *where)
{
	int r = fill_one(parent_fd, fd, "cpuset.cpus", where);

	return r < 0 ? r : fill_one(parent_fd, fd, "cpuset.mems", where);
}
