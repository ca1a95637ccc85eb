/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "cgroup/at.h"

/* The directory that freezes: cgroup2's, else the v1 freezer's. */
static const struct cg_at *freezer(const struct cgroup *cg)
{
	const struct cg_at *at = cgroup_find(cg, NULL);

	return at ? at : cgroup_find(cg, "freezer");
}

static int missing(const struct cgroup *cg)
{
	if (!cgroup_exists(cg))
		return err_code(ENOENT, "container has no cgroup to freeze");
	return err_code(ENOTSUP, "controller `freezer` is not available");
}

/* ---- cgroup2 ---- */

/* Somebody wants the caller to stop: a signalfd, say. */
static bool is_stopped(int stop_fd)
{
	struct pollfd p = { .fd = stop_fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* cgroup.events is notified (POLLPRI) whenever "frozen" changes. */
static int v2_wait(int fd, int timeout_ms, int stop_fd)
{
	autofd int events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t end = cg_now_ms() + timeout_ms;

	if (events < 0)
		return -errno;
	for (;;) {
		struct pollfd p[] = { { .fd = events, .events = POLLPRI },
				      { .fd = stop_fd, .events = POLLIN } };
		char text[256];
		ssize_t n = pread(events, text, sizeof(text) - 1, 0);
		int64_t left = end - cg_now_ms();

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (cg_keyed_value(text, "frozen") == 1)
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(p, ARRAY_SIZE(p), (int) left) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			return -EINTR;
	}
}

static int v2_freeze(int fd, int timeout_ms, int stop_fd)
{
	int r = file_write_at(fd, "cgroup.freeze", "1");

	return r < 0 ? r : v2_wait(fd, timeout_ms, stop_fd);
}

/* ---- v1 ---- */

/* The v1 freezer gives up on a task that forks or sleeps at the wrong moment: it has to be asked
 * again, and now and then let run for a moment (as runc found out: a frozen parent may block its
 * child's exit). */
static int v1_freeze(int fd, int timeout_ms, int stop_fd)
{
	int64_t end = cg_now_ms() + timeout_ms;

	for (int i = 1;; i++) {
		autofree char *state = NULL;
		int r = file_write_at(fd, "freezer.state", "FROZEN");

		if (r < 0 || (r = cg_read(fd, "freezer.state", &state)) < 0)
			return r;
		if (str_eq(state, "FROZEN"))
			return 0;
		if (cg_now_ms() >= end)
			return -ETIMEDOUT;
		if (is_stopped(stop_fd))
			return -EINTR;
		if (i % 25 == 0)
			(void) file_write_at(fd, "freezer.state", "THAWED");
		usleep(10 * i < 2000 ? 10 * i : 2000);
	}
}

static int write_thaw(const struct cg_at *at)
{
	return at_is_v2(at) ? file_write_at(at->fd, "cgroup.freeze", "0")
			    : file_write_at(at->fd, "freezer.state", "THAWED");
}

/* ---- verbs ---- */

int cgroup_freeze(const struct cgroup *cg, int timeout_ms, int stop_fd)
{
	const struct cg_at *at = freezer(cg);
	autofree char *where = NULL;
	int r;

	if (!at)
		return missing(cg);
	where = at_text(at);
	r = at_is_v2(at) ? v2_freeze(at->fd, timeout_ms, stop_fd)
			 : v1_freeze(at->fd, timeout_ms, stop_fd);
	if (r < 0) {
		/* Half frozen is the worst of both. */
		(void) write_thaw(at);
		if (r == -ETIMEDOUT)
			return err_code(ETIMEDOUT,
					"freeze '%s': not frozen after %d ms, thawed again", where,
					timeout_ms);
		if (r == -EINTR)
			return err_code(EINTR, "freeze '%s': interrupted, thawed again", where);
		return err_sys_r(r, "freeze '%s'", where);
	}
	return 0;
}

int cgroup_thaw(const struct cgroup *cg)
{
	const struct cg_at *at = freezer(cg);
	autofree char *where = NULL;
	int r;

	if (!at)
		return missing(cg);
	r = write_thaw(at);
	if (r == 0 || cg_is_gone(r))
		return 0;
	where = at_text(at);
	return err_sys_r(r, "thaw '%s'", where);
}

int cgroup_is_frozen(const struct cgroup *cg)
{
	const struct cg_at *at = freezer(cg);
	autofree char *state = NULL, *where = NULL;
	int r;

	if (!at)
		return 0;
	r = cg_read(at->fd, at_is_v2(at) ? "cgroup.freeze" : "freezer.state", &state);
	/* Kernels before 5.2 have cgroup2 but no freezer in it. */
	if (cg_is_gone(r))
		return 0;
	if (r < 0) {
		where = at_text(at);
		return err_sys_r(r, "read freezer of '%s'", where);
	}
	return at_is_v2(at) ? str_eq(state, "1") : !str_eq(state, "THAWED");
}
