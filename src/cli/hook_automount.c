/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/hook.h"
#include "linux/bootid.h"
#include "linux/mask.h"
#include "ocispec.h"

#define BOOT_ID "boot-id"

struct automount_opts {
	const char *rootfs;
};

static const struct opt table[] = {
	{ "rootfs", 0, OPT_STRING, offsetof(struct automount_opts, rootfs), "DIR",
	  "root of the container; relative to its bundle (rootfs)" },
};

/* Each token's paths that become read-only, and the islands in them that do not. */
static const struct token {
	const char *name;
	const char *readonly[2];
	const char *writable;
} tokens[] = {
	{ "proc:mixed", { "/proc/sys", "/proc/sysrq-trigger" }, "/proc/sys/net" },
	{ "sys:mixed", { "/sys" }, "/sys/devices/virtual/net" },
};

static int apply_token(const struct mount_api *api, int root_fd, const struct token *t)
{
	struct mask_args args = {
		.api = api,
		.root_fd = root_fd,
		.proc_fd = FD_NONE,
		.null_fd = FD_NONE,
		.readonly = (char *const *) t->readonly,
		.readonly_len = t->readonly[1] ? 2 : 1,
		.writable = (char *const *) &t->writable,
		.writable_len = 1,
	};

	return mask_apply(&args);
}

static int apply(const struct mount_api *api, int root_fd, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++) {
		if (str_eq(tokens[i].name, name))
			return apply_token(api, root_fd, &tokens[i]);
	}
	if (str_eq(name, BOOT_ID))
		return 0;
	return err_code(EINVAL,
			"unknown automount '%s': proc:mixed, proc:ro-net, sys:mixed or "
			"boot-id",
			name);
}

static int open_rootfs(const struct oci_state *state, const char *rootfs, int *ret_fd)
{
	autofd int bundle = open(state->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (bundle < 0)
		return err_sys("open bundle '%s'", state->bundle);
	*ret_fd = openat(bundle, rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret_fd < 0)
		return err_sys("open root file system '%s'", rootfs);
	return 0;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct automount_opts *o = opts;
	struct mount_api api = MOUNT_API_INIT;
	struct oci_state *state = NULL;
	autofd int root_fd = FD_NONE;
	int r;

	(void) rt;
	r = hook_state_read(&state);
	if (r < 0)
		return r;
	r = open_rootfs(state, o->rootfs ? o->rootfs : "rootfs", &root_fd);
	oci_state_free(state);
	if (r >= 0)
		r = mount_api_open(&api);
	for (char **arg = args; r >= 0 && *arg; arg++)
		r = apply(&api, root_fd, *arg);
	/* last: what is made read-only is a mount of its own, and would hide it */
	for (char **arg = args; r >= 0 && *arg; arg++) {
		if (str_eq(*arg, BOOT_ID))
			r = bootid_apply(&api, root_fd);
	}
	mount_api_close(&api);
	return r;
}

const struct command hook_cmd_automount = {
	.name = "automount",
	.args = "TOKEN...",
	.summary = "make the read-only parts of /proc and /sys as LXC does (lxc.mount.auto)",
	COMMAND_OPTS(table, struct automount_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
