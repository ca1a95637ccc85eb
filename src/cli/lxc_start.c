/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "cli/lxc.h"
#include "cli/lxc_launch.h"
#include "cli/lxc_name.h"

struct start_opts {
	struct lxc_name_opts lxc;
	struct lxc_launch launch;
	bool daemon, foreground, close_fds;
	const char *share_net, *share_ipc, *share_uts, *share_pid;
};

#define O(member) offsetof(struct start_opts, member)
static const struct opt table[] = {
	LXC_NAME_TABLE_F(struct start_opts, lxc, 'f'),
	{ "daemon", 'd', OPT_FLAG, O(daemon), NULL, "return when it runs (the default)" },
	{ "foreground", 'F', OPT_FLAG, O(foreground), NULL, "stay, with its console" },
	{ "define", 's', OPT_STRV, O(launch.lxc.defines), "KEY=VALUE", "a line after the file" },
	{ "pidfile", 'p', OPT_STRING, O(launch.pid_file), "FILE",
	  "file to write the process id to" },
	{ "console", 'c', OPT_STRING, O(launch.console), "DEVICE",
	  "device that the console is connected to" },
	{ "console-log", 'L', OPT_STRING, O(launch.console_log), "FILE", "copy of the console" },
	{ "close-all-fds", 'C', OPT_FLAG, O(close_fds), NULL, "no effect: none is inherited" },
	{ "share-net", 0, OPT_STRING, O(share_net), "NAME|PID", "network namespace of another" },
	{ "share-ipc", 0, OPT_STRING, O(share_ipc), "NAME|PID", "IPC namespace of another" },
	{ "share-uts", 0, OPT_STRING, O(share_uts), "NAME|PID", "UTS namespace of another" },
	{ "share-pid", 0, OPT_STRING, O(share_pid), "NAME|PID", "PID namespace of another" },
	{ "allow", 0, OPT_STRV, O(launch.lxc.allow), "KEY",
	  "start without this key, though security needs it" },
	{ "host-root", 0, OPT_FLAG, O(launch.lxc.host_root), NULL,
	  "without lxc.rootfs.path, take the root of the host" },
	{ "exact", 0, OPT_FLAG, O(launch.lxc.exact), NULL, "what LXC does, mistakes included" },
};

/* Lines behind those of -s. Heap, and so is the vector. */
static void add_shares(const struct start_opts *o, struct strv *lines)
{
	const char *const shares[][2] = { { "net", o->share_net }, { "ipc", o->share_ipc },
					  { "uts", o->share_uts }, { "pid", o->share_pid } };

	for (size_t i = 0; i < o->launch.lxc.defines.len; i++)
		strv_add(lines, o->launch.lxc.defines.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(shares); i++) {
		if (shares[i][1])
			strv_addf(lines, "lxc.namespace.share.%s=%s", shares[i][0], shares[i][1]);
	}
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct start_opts *o = opts;
	struct lxc_launch launch = o->launch;
	autofree char *config = NULL;
	autostrv struct strv lines = { 0 };
	int r;

	if (o->daemon && o->foreground)
		return err_code(EINVAL, "--daemon and --foreground exclude each other");
	r = lxc_launch_begin(rt);
	if (r >= 0)
		r = lxc_name_take(&o->lxc, args, &launch.lxc.name, &launch.command);
	if (r >= 0)
		r = lxc_name_file(&o->lxc, launch.lxc.name, &config);
	if (r < 0)
		return r;
	launch.detach = !o->foreground;
	launch.lxc.lxcpath = o->lxc.lxcpath;
	add_shares(o, &lines);
	launch.lxc.defines = lines;
	return lxc_launch(rt, &launch, config);
}

const struct command lxc_cmd_start = {
	.name = "start",
	.args = "[NAME] [-- COMMAND [ARGUMENT...]]",
	.summary = "start a container of LXC in the background",
	COMMAND_OPTS(table, struct start_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
