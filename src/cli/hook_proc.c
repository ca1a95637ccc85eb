/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sys.h"
#include "cli/hook.h"
#include "ocispec.h"

/* A file of this process and of no other: "root/etc/x" and "cwd/x" are behind magic links. */
static int open_below(int proc_fd, const char *name)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
	};

	return sys_openat2(proc_fd, name, &how);
}

static int write_one(int proc_fd, const char *assignment)
{
	const char *value = strchr(assignment, '=');
	autofree char *name = NULL;
	autofd int fd = FD_NONE;

	if (!value || value == assignment)
		return err_code(EINVAL, "'%s' has not the form NAME=VALUE", assignment);
	name = xstrndup(assignment, (size_t) (value - assignment));
	value++;
	fd = open_below(proc_fd, name);
	if (fd < 0)
		return err_sys_r(fd, "open '%s' of the container's process", name);
	/* One write: these files take a value whole or not at all. */
	if (write(fd, value, strlen(value)) < 0)
		return err_sys("write '%s' to '%s' of the container's process", value, name);
	return 0;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	struct oci_state *state = NULL;
	autofd int proc_fd = FD_NONE;
	int r;

	(void) rt;
	(void) opts;
	r = hook_state_read(&state);
	if (r < 0)
		return r;
	r = hook_proc_open(state, &proc_fd);
	oci_state_free(state);
	if (r == -ESRCH)
		return 0;
	for (; r >= 0 && *args; args++)
		r = write_one(proc_fd, *args);
	return r;
}

const struct command hook_cmd_proc_write = {
	.name = "proc-write",
	.args = "NAME=VALUE...",
	.summary = "write to files of the container's process in /proc (lxc.proc)",
	.order = OPT_STOP_AT_ARG,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
