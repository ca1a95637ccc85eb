/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/create.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/fd.h"
#include "base/log.h"
#include "linux/landlock.h"
#include "ocispec.h"
#include "runtime/delete.h"
#include "runtime/foreground.h"
#include "runtime/kill.h"
#include "runtime/launch.h"
#include "runtime/lines.h"
#include "runtime/start.h"
#include "runtime/store.h"
#include "runtime/supervise.h"
#include "spec/annotations.h"

int create_container(const struct runtime_opts *rt, const struct create_opts *opts, const char *id)
{
	autolaunch struct launch l;
	int r;

	launch_init(&l, rt, opts);
	r = launch_begin(&l);
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

static int start(struct launch *l, struct notify *notify)
{
	int r = start_init(&l->c, &l->sync, notify);

	return r < 0 ? give_up(l, r) : 0;
}

/* The status says no more than "signal 9". */
static void explain_kill(const struct launch *l, int status)
{
	autofree char *oom = status == 128 + SIGKILL ? cgroup_oom_text(&l->cgroup) : NULL;

	if (oom)
		log_warn("container '%s' was killed for exceeding %s", l->c.id, oom);
}

/* The end of the init of a pid namespace that called reboot(2), see there. */
static bool has_rebooted(const struct foreground *fg, const struct launch *l)
{
	return l->bundle.annotations.reboot_restart && !l->plan.pid_namespace_shared &&
	       fg->death_signal == SIGHUP;
}

static bool has_halted(const struct foreground *fg, const struct launch *l)
{
	return l->bundle.annotations.reboot_restart && !l->plan.pid_namespace_shared &&
	       fg->death_signal == SIGINT;
}

/* While it ran others could change it; one of them may have been `delete --force`. */
static int remove_ended(struct launch *l, bool *again)
{
	int r = store_lock(l->c.dir_fd, l->c.id, CONTAINER_LOCK_MS);

	if (r == -ENOENT) {
		err_forgive(r, "removed by another command");
		*again = false;
		return 0;
	}
	if (r >= 0)
		r = container_refresh(&l->c);
	if (r >= 0 && l->bundle.annotations.ephemeral && !*again)
		r = delete_run_destroy_hooks(&l->c);
	return r < 0 ? r : delete_all(&l->c, &l->cgroup);
}

/*
 * While we wait we read what comes from the container; afterwards we kill it, remove cgroups, the
 * RDT group and the state. For more than that we need no rights. Not where hooks or the container
 * itself will be executed again, which would have ours, nor where devices come back from a network
 * namespace that belongs to processes of other rights.
 */
static void confine(const struct launch *l)
{
	const struct oci_hooks *hooks = l->bundle.config->hooks;
	const struct annotations *a = &l->bundle.annotations;
	autofree int *dirs = xnew_n(int, l->cgroup.len + 3);
	size_t n = 0;

	/* "auto" looks into /proc/PID/root at the moment of the signal, which needs what ptrace(2)
	 * does. */
	if ((hooks && hooks->poststop_len) || l->plan.net_devices || a->reboot_restart ||
	    a->signal_halt == ANNOTATIONS_SIGNAL_AUTO ||
	    (a->ephemeral && a->hooks[ANNOTATIONS_HOOK_DESTROY]))
		return;
	if (a->console_logfile && a->console_rotate) {
		const char *base = path_base(a->console_logfile);
		autofree char *dir = xstrndup(a->console_logfile,
					      (size_t) (base - a->console_logfile));

		dirs[n] = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		n += dirs[n] >= 0;
	}
	for (size_t i = 0; i < l->cgroup.len; i++) {
		dirs[n] = open(l->cgroup.at[i].mountpoint, O_PATH | O_DIRECTORY | O_CLOEXEC);
		n += dirs[n] >= 0;
	}
	if (l->bundle.config->linux && l->bundle.config->linux->intel_rdt) {
		dirs[n] = open("/sys/fs/resctrl", O_PATH | O_DIRECTORY | O_CLOEXEC);
		n += dirs[n] >= 0;
	}
	dirs[n] = l->c.root_fd;
	landlock_confine(dirs, n + 1);
	while (n--)
		fd_close(&dirs[n]);
}

static bool wants_lines(const struct launch *l)
{
	return l->plan.supervised || l->plan.ttys || conlog_wanted(&l->bundle.annotations);
}

static int open_lines(struct launch *l, struct foreground *fg, struct lines *lines)
{
	if (!wants_lines(l))
		return 0;
	fg->lines = lines;
	return lines_open(lines, l->c.dir_fd, &l->bundle.annotations);
}

/* From here on others may do with the container what they like. */
static int attend(struct launch *l, struct foreground *fg)
{
	int status;

	fg->annotations = &l->bundle.annotations;
	store_unlock(l->c.dir_fd);
	confine(l);
	status = foreground_wait(fg, l->pid);
	explain_kill(l, status);
	return has_halted(fg, l) ? 0 : status;
}

/* Who is told the main process of a service stops it when that ends: where the container comes back
 * after reboot(2) it is the one who stays. */
static int report(struct launch *l, struct foreground *fg, int *sock)
{
	int r;

	fg->notify.main = l->bundle.annotations.reboot_restart ? getpid() : l->pid;
	fg->report = sock;
	r = supervise_report(sock, &fg->notify);
	return r < 0 ? give_up(l, r) : 0;
}

int run_in_front(struct launch *l, const struct run_opts *opts, const char *id,
		 const struct run_way *way, bool *ret_again)
{
	autoforeground struct foreground fg = FOREGROUND_INIT;
	auto_lines struct lines lines;
	int r, status;

	lines_init(&lines);
	l->lines = &lines;
	if (!opts->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys("become a subreaper");
	r = foreground_prepare(&fg);
	if (r >= 0)
		r = way->make(l, id);
	if (r < 0)
		return r;
	r = open_lines(l, &fg, &lines);
	if (r < 0)
		return give_up(l, r);
	/* before the program asks for the size */
	if (l->tty_master >= 0)
		foreground_take_tty(&fg, &l->tty_master);
	r = way->begin ? way->begin(l, &fg.notify) : 0;
	if (r >= 0 && way->report)
		r = report(l, &fg, way->report);
	if (r < 0)
		return r;
	status = attend(l, &fg);
	*ret_again = has_rebooted(&fg, l);
	foreground_clear(&fg);
	if (opts->keep && !l->bundle.annotations.ephemeral && !*ret_again && !fg.deserted)
		return status;
	r = remove_ended(l, ret_again);
	if (r < 0 && *ret_again)
		return err_wrap(r, "reboot of container '%s'", l->c.id);
	if (r < 0 && status >= 0)
		err_warn(r, "remove container '%s'", l->c.id);
	return status;
}

static int make_loaded(struct launch *l, const char *id)
{
	(void) id;
	return launch_make(l);
}

/*
 * Whoever is killed while it waits for the container to be ready was seen to fail, and can remove
 * nothing any more. So another process makes the container, and stays until the answer.
 */
static int run_notified(struct launch *l)
{
	autoforeground struct foreground fg = FOREGROUND_INIT;
	int r, sock;

	r = supervise_fork(&sock);
	if (r != 0)
		return r < 0 ? r : 0;
	proc_set_name("hako:notify");
	/* What ends the caller's process group or cgroup must not end us before the container. */
	r = foreground_prepare(&fg);
	if (r >= 0)
		r = launch_make(l);
	if (r >= 0)
		r = start(l, &fg.notify);
	if (r >= 0)
		r = report(l, &fg, &sock);
	if (r < 0) {
		supervise_report_failure(&sock);
		_exit(1);
	}
	store_unlock(l->c.dir_fd);
	if (supervise_await_answer(&sock, l->pidfd) < 0)
		(void) remove_ended(l, &(bool){ false });
	_exit(0);
}

static int run_detached(struct launch *l)
{
	int r;

	if (l->plan.notify_dir)
		return run_notified(l);
	r = launch_make(l);
	return r < 0 ? r : start(l, NULL);
}

/* Detached with a supervisor, which lives on in here, and never comes back. */
static int run_supervised(struct launch *l, const struct run_opts *opts, int *sock, bool *again)
{
	struct run_way way = { make_loaded, start, sock };
	int r;

	if (!*again) {
		r = supervise_fork(sock);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	proc_set_name("hako:monitor");
	*again = false;
	r = run_in_front(l, opts, l->c.id, &way, again);
	if (r < 0)
		supervise_report_failure(sock);
	if (!*again || r < 0)
		_exit(r < 0 ? 1 : 0);
	fd_close(sock); /* who waits still for it to be ready need not know of the next one */
	return r;
}

static int run_once(const struct runtime_opts *rt, const struct run_opts *opts, const char *id,
		    int *report, bool *again)
{
	static const struct run_way way = { make_loaded, start, NULL };
	autolaunch struct launch l;
	int r;

	launch_init(&l, rt, &opts->create);
	r = launch_begin(&l);
	if (r < 0)
		return r;
	l.wait_on_sync = true;
	l.detached = opts->detach;
	l.can_supervise = opts->detach;
	r = launch_load(&l, id);
	if (r < 0)
		return r;
	if (l.plan.supervised)
		return run_supervised(&l, opts, report, again);
	if (opts->detach)
		return run_detached(&l);
	*again = false;
	return run_in_front(&l, opts, id, &way, again);
}

int run_container(const struct runtime_opts *rt, const struct run_opts *opts, const char *id)
{
	int report = FD_NONE;
	bool again = false;
	int r;

	do
		r = run_once(rt, opts, id, &report, &again);
	while (again && r >= 0);
	return r;
}
