/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/initsys.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/resolve.h"
#include "base/str.h"

#define SYSTEMD_HALT (SIGRTMIN + 3)

static const char *const paths[] = { "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd",
				     "/usr/lib/systemd/systemd", "/init" };

/* SIGPWR and SIGINT are LXC's choice, and what sysvinit understands. */
static const struct initsys unknown = { "init", SIGPWR, SIGINT };

static const struct initsys *find_row(const char *name)
{
	/* not static: SIGRTMIN is no constant */
	static struct initsys rows[] = {
		{ "systemd", 0, SIGINT },
		/* ignores SIGPWR; SIGINT is ctrlaltdel, which an inittab may leave out */
		{ "busybox", SIGUSR2, SIGTERM },
		{ "runit-init", SIGCONT, SIGINT },
		{ "dinit", SIGTERM, SIGINT },
		/* blocks all but these */
		{ "openrc-init", SIGTERM, SIGINT },
	};

	rows[0].halt = SYSTEMD_HALT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (str_eq(rows[i].name, name))
			return &rows[i];
	}
	return &unknown;
}

const struct initsys *initsys_find(int root_fd, const char **ret_path)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		autofd int fd = resolve_open(root_fd, paths[i], O_PATH);
		autofree char *real = NULL;

		if (fd < 0)
			continue;
		if (ret_path)
			*ret_path = paths[i];
		real = resolve_text(root_fd, fd);
		return find_row(real ? path_base(real) : NULL);
	}
	if (ret_path)
		*ret_path = NULL;
	return &unknown;
}

static bool blocks_signal(pid_t pid, int sig)
{
	autofree char *mask = proc_status_get(pid, "SigBlk");

	return mask && strtoull(mask, NULL, 16) & 1ull << (sig - 1);
}

/* LXC takes whoever blocks the signal for a systemd; an init known by its name is not. */
static const struct initsys *one_that_blocks(pid_t pid)
{
	autofree char *link = xasprintf("/proc/%d/exe", (int) pid);
	char exe[PATH_MAX];
	ssize_t len = readlink(link, exe, sizeof(exe) - 1);
	const struct initsys *row;

	exe[len > 0 ? len : 0] = '\0';
	row = find_row(path_base(exe));
	return row == &unknown ? find_row("systemd") : row;
}

const struct initsys *initsys_of_process(pid_t pid, int root_fd)
{
	if (blocks_signal(pid, SYSTEMD_HALT))
		return one_that_blocks(pid);
	return initsys_find(root_fd, NULL);
}
