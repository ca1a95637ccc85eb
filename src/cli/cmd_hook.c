/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/hook.h"
#include "ocispec.h"

#define STATE_MAX (16 * 1024 * 1024)

static const struct command *const verbs[] = {
	&hook_cmd_apparmor, &hook_cmd_automount,  &hook_cmd_lxc_env,
	&hook_cmd_net,	    &hook_cmd_proc_write, NULL,
};

int hook_state_read(struct oci_state **ret)
{
	struct oci_error err = { NULL };
	autofree char *text = NULL;
	size_t len;
	int r;

	r = fd_read_all(STDIN_FILENO, STATE_MAX, &text, &len);
	if (r < 0)
		return err_sys_r(r, "read the state of the container from standard input");
	r = oci_state_parse(text, len, ret, &err);
	if (r < 0) {
		r = err_code(EINVAL, "the state of the container on standard input: %s",
			     err.text);
		oci_error_clear(&err);
	}
	return r;
}

int hook_proc_open(const struct oci_state *state, int *ret_fd)
{
	autofree char *path = xasprintf("/proc/%u", state->pid);
	autofd int fd = FD_NONE;

	if (!state->pid)
		return -ESRCH;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ESRCH;
	if (fd < 0)
		return err_sys("open '%s'", path);
	if (fd_fs_magic(fd) != PROC_SUPER_MAGIC)
		return err_code(EINVAL, "'%s' is not in a procfs", path);
	*ret_fd = take_fd(&fd);
	return 0;
}

const char *hook_annotation(const struct oci_state *state, const char *name)
{
	return state->annotations ? oci_map_get(state->annotations, name) : NULL;
}

const struct command cmd_hook = {
	.name = "hook",
	.args = "VERB [ARGUMENT...]",
	.summary = "do what a hook of a converted container has to do",
	.sub = verbs,
};
