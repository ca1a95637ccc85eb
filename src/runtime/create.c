/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/create.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/sys.h"
#include "linux/seal.h"
#include "runtime/delete.h"
#include "runtime/foreground.h"
#include "runtime/kill.h"
#include "runtime/launch.h"
#include "runtime/start.h"

#define autolaunch __attribute__((cleanup(launch_clear)))

/*
 * What our caller has open is none of the container's business, and would keep its pipes open as
 * long as init waits: all but stdio, what is to be passed on, and the log.
 */
static void close_inherited(int preserved)
{
	int first = 3 + preserved, log = log_get_fd();
	int r = 0;

	if (log >= first) {
		if (log > first)
			r = sys_close_range((unsigned int) first, (unsigned int) log - 1, 0);
		first = log + 1;
	}
	if (r >= 0)
		r = fd_close_from(first);
	if (r < 0)
		err_forgive(r, "close inherited descriptors: done again before exec");
}

/* Both commands enter namespaces of somebody else's making: from a copy of our binary that cannot
 * be written to, with nothing open that is not meant. */
static int begin(struct launch *l, const struct runtime_opts *rt, const struct create_opts *opts)
{
	int r;

	r = seal_self(rt->argv);
	if (r < 0)
		return r;
	launch_init(l, rt, opts);
	close_inherited(l->preserved);
	return 0;
}

int create_container(const struct runtime_opts *rt, const struct create_opts *opts, const char *id)
{
	autolaunch struct launch l = { 0 };
	int r;

	r = begin(&l, rt, opts);
	if (r < 0)
		return r;
	l.detached = true;
	return launch_run(&l, id);
}

/* Started, and nobody of ours will look after it: what cannot be undone any more is removed. */
static int give_up(struct launch *l, int reason)
{
	struct err_saved saved = err_push();
	int r = delete_all(&l->c, &l->cgroup);

	if (r < 0)
		err_warn(r, "remove container '%s'", l->c.id);
	err_pop(saved);
	return reason;
}

static int start(struct launch *l)
{
	int r = start_init(&l->c, &l->sync);

	return r < 0 ? give_up(l, r) : 0;
}

static int run_foreground(struct launch *l, const struct run_opts *opts, const char *id)
{
	autoforeground struct foreground fg = FOREGROUND_INIT;
	int r, status;

	if (!opts->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys("become a subreaper");
	r = foreground_prepare(&fg);
	if (r >= 0)
		r = launch_run(l, id);
	if (r < 0)
		return r;
	if (l->tty_master >= 0)
		foreground_take_tty(&fg, &l->tty_master);
	r = start(l);
	if (r < 0)
		return r;
	status = foreground_wait(&fg, l->pid);
	foreground_clear(&fg);
	if (opts->keep)
		return status;
	r = container_refresh(&l->c);
	if (r >= 0)
		r = delete_all(&l->c, &l->cgroup);
	if (r < 0 && status >= 0)
		err_warn(r, "remove container '%s'", id);
	return status;
}

int run_container(const struct runtime_opts *rt, const struct run_opts *opts, const char *id)
{
	autolaunch struct launch l = { 0 };
	int r;

	r = begin(&l, rt, &opts->create);
	if (r < 0)
		return r;
	l.wait_on_sync = true;
	l.detached = opts->detach;
	if (!opts->detach)
		return run_foreground(&l, opts, id);
	r = launch_run(&l, id);
	return r < 0 ? r : start(&l);
}
