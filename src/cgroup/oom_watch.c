/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"
#include "cgroup/stat.h"

/* 0 when it cannot be had. */
static uint64_t kills(int fd)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long long count;

	if (n < 0)
		return 0;
	text[n] = '\0';
	count = cg_keyed_value(text, "oom_kill");
	return count > 0 ? (uint64_t) count : 0;
}

/* cgroup-v1/memory.rst, 9: an eventfd is told of each time the group is out of memory. */
static int open_v1(const struct cg_at *at, struct cgroup_oom *ret)
{
	autofd int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	autofd int control = openat(at->fd, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	autofree char *where = at_text(at), *text = NULL;
	int r;

	if (event < 0 || control < 0)
		return err_sys("watch '%s/memory.oom_control'", where);
	text = xasprintf("%d %d", event, control);
	r = file_write_at(at->fd, "cgroup.event_control", text);
	if (r < 0)
		return err_sys_r(r, "write '%s/cgroup.event_control'", where);
	ret->events = POLLIN;
	ret->fd = take_fd(&event);
	ret->control = take_fd(&control);
	return 0;
}

int cgroup_oom_open(const struct cgroup *cg, struct cgroup_oom *ret)
{
	const struct cg_at *v1 = cgroup_find(cg, "memory"), *v2 = cgroup_find(cg, NULL);
	int fd;

	*ret = (struct cgroup_oom){ .fd = FD_NONE, .control = FD_NONE };
	if (v1)
		return open_v1(v1, ret);
	fd = v2 ? openat(v2->fd, "memory.events", O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	ret->fd = fd;
	ret->events = POLLPRI;
	ret->seen = kills(fd);
	return 0;
}

static int check_v1(struct cgroup_oom *oom)
{
	uint64_t count;
	char c;

	if (read(oom->fd, &count, sizeof(count)) != sizeof(count))
		return 0;
	/* It is told of the end of the cgroup as well. */
	return pread(oom->control, &c, 1, 0) == 1;
}

int cgroup_oom_check(struct cgroup_oom *oom)
{
	uint64_t now;

	if (oom->fd < 0)
		return 0;
	if (oom->control >= 0)
		return check_v1(oom);
	now = kills(oom->fd);
	if (now <= oom->seen)
		return 0;
	oom->seen = now;
	return 1;
}

void cgroup_oom_close(struct cgroup_oom *oom)
{
	fd_close(&oom->fd);
	fd_close(&oom->control);
}
