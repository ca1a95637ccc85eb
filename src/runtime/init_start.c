/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"
#include "linux/caps.h"
#include "linux/execpath.h"
#include "linux/landlock.h"
#include "linux/seccomp_listener.h"
#include "ocispec.h"
#include "runtime/init.h"
#include "runtime/launch.h"
#include "runtime/process.h"
#include "runtime/sync.h"

/* Whoever connects and does not say START is told so by the end of the connection; then the
 * next. */
static int accept_start(struct launch *l)
{
	for (;;) {
		autosync struct sync_msg m = SYNC_MSG_INIT;
		int r;

		fd_close(&l->sync);
		l->sync = accept4(l->start_socket, NULL, NULL, SOCK_CLOEXEC);
		if (l->sync < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (l->sync < 0)
			return err_sys("wait to be started");
		r = sync_recv(l->sync, &m);
		if (r > 0 && m.type == SYNC_START)
			return 0;
		err_clear();
	}
}

static int await_start(struct launch *l)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r;

	if (!l->wait_on_sync)
		return accept_start(l);
	r = sync_recv(l->sync, &m);
	if (r < 0)
		return r;
	if (r == 0 || m.type != SYNC_START)
		return err_code(EPIPE, "not started: the runtime has ended");
	return 0;
}

static int install_seccomp(struct init *in)
{
	struct launch *l = in->l;

	if (!l->seccomp.len)
		return 0;
	if (l->seccomp_agent >= 0)
		return seccomp_install_listener(&l->seccomp, l->seccomp_agent, in->seccomp_message);
	return seccomp_install(&l->seccomp);
}

/*
 * Landlock first, which the filter may not know. Without no_new_privs both need CAP_SYS_ADMIN,
 * which init has kept for them (process_keeps_admin); it is given up right behind. With
 * no_new_privs the sets are final already, and nothing but execve follows the filter.
 */
static int restrict_program(struct init *in)
{
	int r = in->landlock_fd >= 0 ? landlock_enter(in->landlock_fd) : 0;

	if (r >= 0)
		r = install_seccomp(in);
	if (r < 0 || !process_keeps_admin(in))
		return r;
	/* The filter may refuse this; execve computes the sets anew, and what was kept has no way
	 * into them but for a bounding or ambient set that has it. */
	r = caps_apply(&in->l->plan.caps);
	if (r < 0)
		err_forgive(r, "give up what seccomp needed");
	return 0;
}

static int execute(struct init *in)
{
	const struct oci_process *p = in->l->bundle.config->process;

	execve(in->exec_path, p->args, in->env);
	return execpath_failed(in->exec_path, errno);
}

/* org.hako.hooks.start-host: whoever started us is on the host and runs them. */
static int ask_for_host_hooks(struct launch *l)
{
	const struct oci_hook_list *hooks =
		l->bundle.annotations.hooks[ANNOTATIONS_HOOK_START_HOST];

	if (!hooks || !hooks->items_len || l->kind->joins)
		return 0;
	return sync_request(l->sync, SYNC_HOST, 0, FD_NONE, NULL);
}

/*
 * org.hako.pdeath: a runtime that stays is what LXC's monitor is. No change of
 * credentials follows that would clear it, and execve keeps it but for set-id programs.
 */
static void set_parent_death(const struct launch *l)
{
	const struct annotations *a = &l->bundle.annotations;
	bool attended = l->wait_on_sync && (!l->detached || l->plan.supervised);

	(void) prctl(PR_SET_PDEATHSIG,
		     attended && !l->kind->joins ? a->pdeath : 0);
}

int init_start(struct init *in)
{
	struct launch *l = in->l;
	int r;

	proc_set_name("hako:created");
	r = await_start(l);
	if (r < 0)
		return r;
	set_parent_death(l);
	r = hooks_run(&l->hooks, HOOK_START_CONTAINER, in->hook_state_created, in->env);
	if (r >= 0)
		r = ask_for_host_hooks(l);
	if (r < 0)
		return r;
	/* Behind this message the caller takes our end for the program's. */
	r = sync_send(l->sync, SYNC_EXEC, 0, NULL, FD_NONE);
	if (r < 0)
		return r;
	if (!l->plan.has_process)
		_exit(0);
	/* Ours are all close-on-exec; this is for what our caller leaked to us. Before the filter,
	 * which may not allow the call. */
	r = fd_cloexec_from(3 + l->preserved);
	if (r < 0)
		return err_sys_r(r, "close descriptors");
	r = restrict_program(in);
	if (r < 0)
		return r;
	return execute(in);
}
