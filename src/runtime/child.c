/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/child.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/proc.h"
#include "linux/ns_enter.h"
#include "runtime/launch.h"
#include "runtime/spawn.h"
#include "runtime/sync.h"

static int request(void *arg, enum ns_request what)
{
	const struct launch *l = arg;

	return sync_request(l->sync, what == NS_REQ_IDMAP ? SYNC_IDMAP : SYNC_TIMENS, 0, FD_NONE,
			    NULL);
}

/* The log may be the terminal of our caller, which is none of the container's business: the parent
 * writes. */
static void send_log(void *arg, enum log_level level, const char *text)
{
	const struct launch *l = arg;

	(void) sync_send(l->sync, SYNC_LOG, level, text, FD_NONE);
	err_clear();
}

/* What is in a namespace that we join sees us: CVE-2016-9962. */
static int hide(void)
{
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? err_sys("become undumpable") : 0;
}

/* To write maps and clock offsets the parent needs us dumpable; then it is the middle
 * process that hides before anybody is born into what was joined. */
static bool is_seen(const struct launch *l)
{
	const struct ns_plan *ns = &l->plan.ns;

	if (l->kind->joins)
		return true;
	for (int t = 0; t < NS_COUNT_; t++) {
		if (ns->path[t])
			return !ns->created[NS_USER] && !ns->needs_timens;
	}
	return false;
}

/*
 * setns and unshare of a pid or time namespace count for children only, so init is forked now: as a
 * child of our parent (CLONE_PARENT), which need not know that there was anybody in between.
 */
static int fork_init(void)
{
	struct spawn s = { .flags = CLONE_PARENT, .cgroup_fd = FD_NONE };
	pid_t pid = spawn_process(&s);

	fd_close(&s.pidfd);
	if (pid < 0)
		return err_sys_r(pid, "create the container's init");
	return pid;
}

/* What only the parent works with; the lock on the state directory is shared with every copy of its
 * descriptor. */
static void release_parent(struct launch *l)
{
	fd_close(&l->c.dir_fd);
	fd_close(&l->c.root_fd);
	cgroup_close(&l->cgroup);
}

void child_main(struct launch *l)
{
	int r;

	proc_set_name("hako:child");
	log_set_callback(send_log, l);
	log_drop();
	spawn_reset_signals();
	/* Whoever waits for us would wait for ever without his parent. */
	(void) prctl(PR_SET_PDEATHSIG, SIGKILL);
	release_parent(l);
	r = is_seen(l) ? hide() : 0;
	if (r >= 0)
		r = cgroup_entry_join(&l->cgroup_entry);
	cgroup_entry_close(&l->cgroup_entry);
	if (r >= 0)
		r = ns_enter_run(&l->plan.ns, &l->ns_files, request, l);
	if (r >= 0 && l->plan.ns.middle) {
		r = hide();
		if (r >= 0)
			r = fork_init();
		if (r > 0)
			_exit(0);
	}
	if (r >= 0)
		l->kind->main(l);
	sync_send_failure(l->sync);
	_exit(1);
}
