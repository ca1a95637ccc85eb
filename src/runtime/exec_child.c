/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/proc.h"
#include "linux/kernfs.h"
#include "linux/ns_enter.h"
#include "linux/procfs.h"
#include "ocispec.h"
#include "runtime/exec.h"
#include "runtime/launch.h"
#include "runtime/process.h"
#include "runtime/sync.h"
#include "spec/state.h"

/* The container can look at what we hold as soon as it can see us, so it is little. */
static int step_hello(struct init *in)
{
	ns_files_close(&in->l->ns_files);
	fd_close(&in->l->c.pidfd);
	return process_hello(in);
}

static int step_root(struct init *in)
{
	struct launch *l = in->l;

	if (l->bundle.rootfs_fd >= 0 && (fchdir(l->bundle.rootfs_fd) < 0 || chroot(".") < 0))
		return err_sys("enter the container's root directory");
	fd_close(&l->bundle.rootfs_fd);
	in->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return in->root_fd < 0 ? err_sys("open the container's root directory") : 0;
}

static bool wants_remount(const struct init *in)
{
	return in->l->remount;
}

/* The caller's mounts but for these two, which are those of the namespaces that we are in. */
static int step_remount(struct init *in)
{
	(void) in;
	return kernfs_remount();
}

static bool wants_procfs(const struct init *in)
{
	return lsm_wanted(&in->l->plan.labels);
}

/* The one that is mounted in the container may be anything (CVE-2015-1334). */
static int step_procfs(struct init *in)
{
	in->procfs_fd = procfs_open(PROCFS_PIDS_ONLY);
	return in->procfs_fd < 0 ? in->procfs_fd : 0;
}

static int step_terminal(struct init *in)
{
	autofd int master = FD_NONE, slave = FD_NONE;
	int r = process_open_terminal(in, &master, &slave);

	return r < 0 ? r : process_take_terminal(in, master, slave);
}

/* As root first, who may go anywhere; where root is refused the user tries again when he is one. */
static int step_cwd(struct init *in)
{
	const char *cwd = in->l->bundle.config->process->cwd;

	/* in the root: checked by what getcwd says */
	if (chdir(cwd) < 0 && errno != EACCES && errno != EPERM)
		return err_sys("chdir to cwd '%s'", cwd);
	return 0;
}

static int step_program(struct init *in)
{
	int r = process_program(in);

	if (r >= 0 && in->l->seccomp_agent >= 0) {
		autofree char *state = NULL;
		struct state_info info;

		container_state_info(&in->l->c, &info);
		state = state_hook_json(&info);
		process_seccomp_message(in, state);
	}
	return r;
}

/* clang-format off */
static const struct init_step steps[] = {
	{ "hello",             NULL,                       step_hello },
	{ "root",              NULL,                       step_root },
	{ "proc and sys",      wants_remount,              step_remount },
	{ "session",           NULL,                       process_session },
	{ "private procfs",    wants_procfs,               step_procfs },
	{ "keyring",           process_wants_keyring,      process_keyring },
	{ "terminal",          process_wants_terminal,     step_terminal },
	{ "working directory", NULL,                       step_cwd },
	{ "scheduling",        NULL,                       process_scheduling },
	/* from here on privileges only shrink */
	{ "landlock",          process_wants_landlock,     process_landlock },
	{ "label",             process_wants_label,        process_label },
	{ "no_new_privs",      process_wants_no_new_privs, process_no_new_privs },
	{ "credentials",       NULL,                       process_credentials },
	{ "program",           NULL,                       step_program },
};
/* clang-format on */

void exec_child_main(struct launch *l)
{
	struct init in = INIT_INIT(l);
	int r;

	proc_set_name("hako:exec");
	r = init_run_steps(&in, steps, ARRAY_SIZE(steps));
	fd_close(&in.root_fd);
	fd_close(&in.procfs_fd);
	fd_close(&l->console_socket);
	if (r >= 0)
		r = sync_send(l->sync, SYNC_READY, 0, NULL, FD_NONE);
	if (r >= 0)
		r = init_start(&in);
	(void) r; /* in the record */
	sync_send_failure(l->sync);
	_exit(1);
}
