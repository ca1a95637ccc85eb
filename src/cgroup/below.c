/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/below.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "cgroup/at.h"
#include "cgroup/res.h"

#define PROC_CGROUP_MAX (1u << 20)

/* There are no links in a cgroup file system, so without ".." a path stays below. */
static int open_below(struct cg_at *at, const char *below)
{
	autofree char *where = at_text(at);
	int fd;

	while (*below == '/')
		below++;
	fd = openat(at->fd, *below ? below : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys("adding pid to cgroups: open '%s/%s'", where, below);
	if (at_check_fs(at, fd) < 0) {
		fd_close(&fd);
		return at_covered(where);
	}
	fd_close(&at->inner_fd);
	at->inner_fd = fd;
	return 0;
}

int cgroup_select_below(struct cgroup *cg, const char *controller, const char *below)
{
	bool found = false;

	if (path_has_dotdot(below))
		return err_code(EINVAL, "bad sub cgroup path: %s", below);
	for (size_t i = 0; i < cg->len; i++) {
		struct cg_at *at = &cg->at[i];
		int r;

		if (at->fd < 0 || (controller && !res_list_has(at->controllers, controller)))
			continue;
		found = true;
		r = open_below(at, below);
		if (r < 0)
			return r;
	}
	if (!found && controller)
		return err_code(EINVAL, "unknown controller %s: the container has no cgroup of it",
				controller);
	return found ? 0 : err_code(ENOENT, "the container has no cgroup");
}

/* The path behind "0::" in /proc/PID/cgroup, NUL-terminated in place; NULL without one. */
static char *v2_path(char *text)
{
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (str_starts(line, "0::")) {
			line[strcspn(line, "\n")] = '\0';
			return line + strlen("0::");
		}
	}
	return NULL;
}

int cgroup_select_as(struct cgroup *cg, pid_t pid)
{
	autofree char *text = NULL;
	char file[32];

	for (size_t i = 0; i < cg->len; i++) {
		struct cg_at *at = &cg->at[i];
		const char *path, *below;
		int r;

		if (at->fd < 0 || !at_is_v2(at))
			continue;
		snprintf(file, sizeof(file), "/proc/%d/cgroup", (int) pid);
		r = file_read_at(AT_FDCWD, file, PROC_CGROUP_MAX, &text, NULL);
		if (r < 0)
			return err_sys_r(r, "read '%s'", file);
		path = v2_path(text);
		below = path ? str_after(path, at->path) : NULL;
		if (!below || (*below && *below != '/'))
			return err_code(ENOENT, "process %d is not in the container's cgroup",
					(int) pid);
		return open_below(at, below);
	}
	return err_code(ENOENT, "the container has no cgroup2 directory");
}
