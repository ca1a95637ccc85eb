/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "cgroup/at.h"
#include "cgroup/tree.h"

#define MAX_NAMED_PIDS 8

/* rmdir where "gone" is success. Quiet. */
static int remove_one(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || cg_is_gone(-errno))
		return 0;
	return -errno;
}

/* Most children are empty and go at first sight; those with children or processes say EBUSY. */
static int enter_removing(void *arg, int fd, struct strv *children)
{
	autostrv struct strv all = { 0 };

	(void) arg;
	(void) file_each_at(fd, ".", tree_add_dir, &all);
	for (size_t i = 0; i < all.len; i++) {
		if (remove_one(fd, all.v[i]) < 0)
			strv_add(children, all.v[i]);
	}
	return 0;
}

/* What cannot go now keeps its parents from going: the last rmdir tells. */
static void leave_removing(void *arg, int parent_fd, const char *child)
{
	(void) arg;
	(void) remove_one(parent_fd, child);
}

/* One attempt at the directory and all below it. Quiet. */
static int remove_pass(const struct cg_at *at, int mount_fd, const char *path)
{
	static const struct tree_ops ops = { enter_removing, leave_removing };
	autofd int fd = FD_NONE;
	int r = remove_one(mount_fd, path);

	if (r != -EBUSY && r != -ENOTEMPTY)
		return r;
	fd = openat(mount_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return cg_is_gone(-errno) ? 0 : -errno;
	r = at_check_fs(at, fd);
	if (r < 0)
		return r;
	r = tree_walk(fd, &ops, NULL);
	return r < 0 ? r : remove_one(mount_fd, path);
}

/* "processes 12 (sleep), 13 (sh)" */
static char *holders(int mount_fd, const char *path)
{
	autofd int fd = openat(mount_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autostrbuf struct strbuf text = STRBUF_INIT;
	autofree pid_t *pids = NULL;
	size_t n = 0;

	if (fd < 0 || procs_list(fd, true, &pids, &n) < 0 || n == 0)
		return xstrdup("no process is listed in it");
	strbuf_add(&text, n > 1 ? "processes" : "process");
	for (size_t i = 0; i < n && i < MAX_NAMED_PIDS; i++) {
		autofree char *name = proc_status_get(pids[i], "Name");

		strbuf_addf(&text, "%s %d (%s)", i ? "," : "", (int) pids[i], name ? name : "?");
	}
	if (n > MAX_NAMED_PIDS)
		strbuf_addf(&text, " and %zu more", n - MAX_NAMED_PIDS);
	strbuf_addf(&text, " %s in it", n > 1 ? "are" : "is");
	return strbuf_take(&text);
}

/* A process that has just been killed leaves its cgroup a little later, much later with a lot of
 * memory. */
static int remove_retry(const struct cg_at *at, int mount_fd, const char *path, int timeout_ms)
{
	int64_t end = cg_now_ms() + timeout_ms;
	useconds_t pause = 1000;

	for (;;) {
		int r = remove_pass(at, mount_fd, path);

		if (r != -EBUSY || cg_now_ms() >= end)
			return r;
		usleep(pause);
		if (pause < 100000)
			pause *= 2;
	}
}

/* Parents go only while they are empty; somebody else may be using them. */
static void remove_parents(int mount_fd, const char *path, size_t n)
{
	autofree char *up = xstrdup(path);

	for (; n > 0; n--) {
		char *slash = strrchr(up, '/');

		if (!slash)
			return;
		*slash = '\0';
		if (unlinkat(mount_fd, up, AT_REMOVEDIR) < 0)
			return;
	}
}

int remove_at(const struct cg_at *at, size_t parents, int timeout_ms)
{
	autofd int mount_fd = open(at->mountpoint, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *path = at->path + strspn(at->path, "/");
	autofree char *where = at_text(at), *who = NULL;
	int r;

	if (mount_fd < 0)
		return errno == ENOENT ? 0 : err_sys("open cgroup mount '%s'", at->mountpoint);
	if (!*path)
		return 0;
	r = remove_retry(at, mount_fd, path, timeout_ms);
	if (r == -EBUSY) {
		who = holders(mount_fd, path);
		return err_code(EBUSY, "remove cgroup '%s': still busy: %s", where, who);
	}
	if (r == -EXDEV)
		return at_covered(where);
	if (r < 0)
		return err_sys_r(r, "remove cgroup '%s'", where);
	remove_parents(mount_fd, path, parents);
	return 0;
}
