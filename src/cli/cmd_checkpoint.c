/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "runtime/checkpoint.h"

/* clang-format off */
#define CRIU_OPTS(C) \
	{ "image-path", 0, OPT_STRING, C(image_path), "DIR", "images (./checkpoint)" }, \
	{ "work-path", 0, OPT_STRING, C(work_path), "DIR", "criu's log (beside the images)" }, \
	{ "tcp-established", 0, OPT_FLAG, C(tcp_established), NULL, "open TCP connections, too" }, \
	{ "ext-unix-sk", 0, OPT_FLAG, C(ext_unix_sk), NULL, \
	  "unix sockets whose peer is outside, too" }, \
	{ "shell-job", 0, OPT_FLAG, C(shell_job), NULL, \
	  "a container on the terminal of its caller" }, \
	{ "file-locks", 0, OPT_FLAG, C(file_locks), NULL, "file locks, too" }, \
	{ "lazy-pages", 0, OPT_FLAG, C(lazy_pages), NULL, "memory is fetched when touched" }, \
	{ "auto-dedup", 0, OPT_FLAG, C(auto_dedup), NULL, "drop pages that newer images have" }, \
	{ "manage-cgroups-mode", 0, OPT_STRING, C(manage_cgroups_mode), "MODE", \
	  "soft (default), full, strict or ignore" }, \
	{ "empty-ns", 0, OPT_STRV, C(empty_ns), "network", \
	  "a namespace whose content is left out" }

/* ---- checkpoint ---- */

#define D(member) offsetof(struct checkpoint_opts, member)
#define D_CRIU(member) D(criu.member)
static const struct opt checkpoint_table[] = {
	CRIU_OPTS(D_CRIU),
	{ "parent-path", 0, OPT_STRING, D(parent_path), "DIR",
	  "images of a pre-dump, relative to --image-path" },
	{ "leave-running", 0, OPT_FLAG, D(leave_running), NULL, "the container goes on" },
	{ "pre-dump", 0, OPT_FLAG, D(pre_dump), NULL, "memory alone; the container goes on" },
	{ "tcp-skip-in-flight", 0, OPT_FLAG, D(tcp_skip_in_flight), NULL,
	  "leave out TCP connections that are being made" },
	{ "link-remap", 0, OPT_FLAG, D(link_remap), NULL, "give open deleted files a name again" },
	{ "page-server", 0, OPT_STRING, D(page_server), "ADDRESS:PORT",
	  "send memory to a page server, or be one for lazy pages" },
	{ "status-fd", 0, OPT_STRING, D(status_fd), "FD",
	  "gets a zero byte when lazy pages are served" },
};

static int run_checkpoint(const struct runtime_opts *rt, const void *opts, char **args)
{
	return checkpoint_container(rt, opts, args[0]);
}

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.args = "CONTAINER",
	.summary = "save a running container with criu",
	COMMAND_OPTS(checkpoint_table, struct checkpoint_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run_checkpoint,
};

/* ---- restore ---- */

#define R(member) offsetof(struct restore_opts, member)
#define R_CRIU(member) R(criu.member)
static const struct opt restore_table[] = {
	CRIU_OPTS(R_CRIU),
	{ "bundle", 'b', OPT_STRING, R(run.create.bundle), "DIR",
	  "the bundle (current directory)" },
	{ "detach", 'd', OPT_FLAG, R(run.detach), NULL, "return when the container is restored" },
	{ "console-socket", 0, OPT_STRING, R(run.create.console_socket), "PATH",
	  "socket that gets the terminal" },
	{ "pid-file", 0, OPT_STRING, R(run.create.pid_file), "FILE",
	  "file to write the process id to" },
	{ "no-subreaper", 0, OPT_FLAG, R(run.no_subreaper), NULL,
	  "do not reap what the container leaves behind" },
	{ "no-pivot", 0, OPT_FLAG, R(run.create.no_pivot), NULL,
	  "no effect: criu enters the root its own way", OPT_HIDDEN },
	{ "lsm-profile", 0, OPT_STRING, R(lsm_profile), "TYPE:NAME",
	  "another label: selinux:LABEL or apparmor:PROFILE" },
	{ "lsm-mount-context", 0, OPT_STRING, R(lsm_mount_context), "LABEL",
	  "another SELinux context for its mounts" },
};
/* clang-format on */

static int run_restore(const struct runtime_opts *rt, const void *opts, char **args)
{
	return restore_container(rt, opts, args[0]);
}

const struct command cmd_restore = {
	.name = "restore",
	.args = "CONTAINER",
	.summary = "bring back a container that checkpoint saved",
	COMMAND_OPTS(restore_table, struct restore_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run_restore,
};
