/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/create.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "linux/landlock.h"
#include "ocispec.h"
#include "runtime/delete.h"
#include "runtime/foreground.h"
#include "runtime/kill.h"
#include "runtime/launch.h"
#include "runtime/start.h"
#include "runtime/store.h"
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

static int start(struct launch *l)
{
	int r = start_init(&l->c, &l->sync);

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
	return l->bundle.annotations.reboot_restart && fg->death_signal == SIGHUP;
}

static bool has_halted(const struct foreground *fg, const struct launch *l)
{
	return l->bundle.annotations.reboot_restart && fg->death_signal == SIGINT;
}

/* While it ran others could change it; one of them may have been `delete --force`. */
static int remove_ended(struct launch *l)
{
	int r = store_lock(l->c.dir_fd, l->c.id, CONTAINER_LOCK_MS);

	if (r == -ENOENT) {
		err_forgive(r, "removed by another command");
		return 0;
	}
	if (r >= 0)
		r = container_refresh(&l->c);
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
	autofree int *dirs = xnew_n(int, l->cgroup.len + 2);
	size_t n = 0;

	if ((hooks && hooks->poststop_len) || l->plan.net_devices ||
	    l->bundle.annotations.reboot_restart)
		return;
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

int run_in_front(struct launch *l, const struct run_opts *opts, const char *id,
		 const struct run_way *way, bool *ret_again)
{
	autoforeground struct foreground fg = FOREGROUND_INIT;
	int r, status;

	if (!opts->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_sys("become a subreaper");
	r = foreground_prepare(&fg);
	if (r >= 0)
		r = way->make(l, id);
	if (r < 0)
		return r;
	fg.annotations = &l->bundle.annotations;
	if (l->tty_master >= 0)
		foreground_take_tty(&fg, &l->tty_master);
	r = way->begin ? way->begin(l) : 0;
	if (r < 0)
		return r;
	store_unlock(l->c.dir_fd);
	confine(l);
	status = foreground_wait(&fg, l->pid);
	*ret_again = has_rebooted(&fg, l);
	if (has_halted(&fg, l))
		status = 0;
	foreground_clear(&fg);
	explain_kill(l, status);
	if (opts->keep && !l->bundle.annotations.ephemeral && !*ret_again)
		return status;
	r = l->bundle.annotations.ephemeral && !*ret_again ? delete_run_destroy_hooks(&l->c) : 0;
	if (r >= 0)
		r = remove_ended(l);
	if (r < 0 && *ret_again)
		return err_wrap(r, "reboot of container '%s'", id);
	if (r < 0 && status >= 0)
		err_warn(r, "remove container '%s'", id);
	return status;
}

static int run_once(const struct runtime_opts *rt, const struct run_opts *opts, const char *id,
		    bool *ret_again)
{
	static const struct run_way way = { launch_run, start };
	autolaunch struct launch l;
	int r;

	launch_init(&l, rt, &opts->create);
	r = launch_begin(&l);
	if (r < 0)
		return r;
	l.wait_on_sync = true;
	l.detached = opts->detach;
	if (!opts->detach)
		return run_in_front(&l, opts, id, &way, ret_again);
	r = launch_run(&l, id);
	return r < 0 ? r : start(&l);
}

int run_container(const struct runtime_opts *rt, const struct run_opts *opts, const char *id)
{
	bool again;
	int r;

	do {
		again = false;
		r = run_once(rt, opts, id, &again);
	} while (again && r >= 0);
	return r;
}
