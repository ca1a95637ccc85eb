/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "cgroup/at.h"
#include "cgroup/cgroup.h"

int cgroup_entry_open(const struct cgroup *cg, struct cgroup_entry *ret)
{
	struct cgroup_entry e = { 0 };

	e.fds = xnew_n(int, cg->len + 1);
	for (size_t i = 0; i < cg->len; i++) {
		const struct cg_at *at = &cg->at[i];
		int fd;

		if (at->fd < 0 || at_is_v2(at))
			continue;
		fd = openat(at_procs_fd(at), "tasks", O_WRONLY | O_CLOEXEC);
		if (fd < 0) {
			autofree char *where = at_text(at);
			int r = err_sys("open '%s/tasks'", where);

			cgroup_entry_close(&e);
			return r;
		}
		e.fds[e.len++] = fd;
	}
	*ret = e;
	return 0;
}

int cgroup_entry_join(const struct cgroup_entry *entry)
{
	for (size_t i = 0; i < entry->len; i++) {
		if (write(entry->fds[i], "0", 1) != 1)
			return err_sys("adding the container's process to its v1 cgroups");
	}
	return 0;
}

void cgroup_entry_close(struct cgroup_entry *entry)
{
	for (size_t i = 0; i < entry->len; i++)
		fd_close(&entry->fds[i]);
	free(entry->fds);
	*entry = (struct cgroup_entry){ 0 };
}
