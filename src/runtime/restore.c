/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "linux/creds.h"
#include "linux/idmap.h"
#include "ocispec.h"
#include "runtime/console.h"
#include "runtime/criu.h"
#include "runtime/criu_ext.h"
#include "runtime/criu_notify.h"
#include "runtime/criu_refuse.h"
#include "runtime/criu_root.h"
#include "runtime/criu_setup.h"
#include "runtime/late.h"
#include "runtime/launch.h"
#include "runtime/notify.h"
#include "runtime/store.h"

/*
 * A launch in which criu makes the processes: state, cgroups, hooks and terminal are those of
 * create, the rest comes out of the images.
 */
struct restore {
	struct launch l; /* first: run_in_front() is given it */
	const struct restore_opts *opts;
	struct criu_setup setup;
	struct criu_call call;
	struct criu_ext_fds fds;
	char *notify_point;
	struct notify notify;
};

/* ---- prepare ---- */

static int prepare_root(struct restore *x)
{
	struct launch *l = &x->l;
	autofree char *path = criu_root_path(l);

	if (!path)
		return err_sys("find the state directory");
	if (mkdirat(l->c.dir_fd, CRIU_ROOT_DIR, 0700) < 0)
		return err_sys("make '" CRIU_ROOT_DIR "' in the state directory");
	criu_add_text(&x->call.opts, CRIU_OPT_ROOT, path);
	return 0;
}

static int make_request(struct restore *x)
{
	const struct restore_opts *o = x->opts;
	struct strbuf *opts = &x->call.opts;
	int r;

	r = criu_ext_restore_mounts(&x->l, opts);
	if (r >= 0)
		r = criu_ext_restore_namespaces(&x->l, &x->fds, opts);
	if (r >= 0)
		r = criu_ext_restore_stdio(x->setup.image_fd, opts);
	if (r >= 0)
		r = prepare_root(x);
	if (r < 0)
		return r;
	criu_add_flag(opts, CRIU_OPT_RST_SIBLING, true);
	criu_add_flag(opts, CRIU_OPT_EVASIVE_DEVICES, true);
	criu_add_text(opts, CRIU_OPT_LSM_PROFILE, o->lsm_profile);
	criu_add_text(opts, CRIU_OPT_LSM_MOUNT_CONTEXT, o->lsm_mount_context);
	x->call.fds = x->fds.fds;
	x->call.n_fds = x->fds.n;
	return 0;
}

/* The terminal and the rest of what a supervisor holds would be nobody's. */
static int refuse_supervised(const struct launch *l)
{
	const char *name = plan_attendance(&l->bundle.annotations, false);

	if (!l->detached || !name)
		return 0;
	return err_code(ENOTSUP,
			"annotations[\"org.hako.%s\"]: nobody stays to look after it: "
			"restore without --detach",
			name);
}

/* The place is that of the images, and who hears of it is our caller. */
static int load_notify(struct restore *x)
{
	struct launch *l = &x->l;
	int r = criu_notify_load(x->setup.image_fd, &x->notify_point);

	if (r < 0)
		return r;
	if (x->notify_point && !l->notify_socket)
		return err_code(EDESTADDRREQ,
				"the container was made with a notify socket, at '%s': set "
				"NOTIFY_SOCKET to whom it speaks to now",
				x->notify_point);
	l->notify_point = x->notify_point;
	if (!x->notify_point)
		l->notify_socket = NULL;
	return 0;
}

static int load(struct restore *x, const char *id)
{
	struct launch *l = &x->l;
	int r = launch_load_bundle(l, id);

	if (r >= 0)
		r = criu_refuse(&l->bundle, "restore");
	if (r >= 0)
		r = refuse_supervised(l);
	if (r >= 0)
		r = criu_setup(&x->setup, &x->opts->criu, CRIU_SETUP_RESTORE, &l->bundle, &x->call);
	if (r >= 0)
		r = load_notify(x);
	return r < 0 ? r : launch_plan(l);
}

static int prepare(struct restore *x)
{
	struct launch *l = &x->l;
	int r;

	r = hooks_open(l->bundle.config->hooks, l->bundle.path, &l->bundle.annotations, &l->hooks);
	if (r >= 0)
		r = launch_run_pre_start(l);
	if (r >= 0)
		r = launch_prepare_console(l);
	if (r >= 0)
		r = launch_prepare_cgroup(l);
	if (r >= 0)
		r = make_request(x);
	/* The namespaces are open now. */
	if (r >= 0)
		r = late_check(l->rt, &l->bundle);
	/* Before there is anybody who speaks. */
	return r < 0 ? r : notify_open(&l->c, &x->notify);
}

/* ---- while criu is at work ---- */

/* Standard streams are opened again from inside, as at create by the user that has them there. */
static int give_stdio(const struct launch *l)
{
	const struct oci_process *p = l->bundle.config->process;
	struct oci_user user = { 0 };
	uint32_t id = p && p->user ? p->user->uid : 0;

	if (l->plan.ns.created[NS_USER] &&
	    !idmap_to_host(l->plan.idmap.uid, l->plan.idmap.uid_len, id, &id))
		return 0;
	user.uid = id;
	return creds_chown_stdio(&user);
}

static int in_criu(void *arg)
{
	const struct restore *x = arg;
	int r = give_stdio(&x->l);

	return r < 0 ? r : criu_root_prepare(&x->l);
}

/* The cgroup it had becomes the one it gets: criu is there already, and says so of each. */
static int add_cgroup_roots(pid_t criu, struct strbuf *opts)
{
	autofree char *file = xasprintf("/proc/%d/cgroup", (int) criu), *text = NULL;
	autostrv struct strv lines = { NULL, 0 };
	int r = file_read_at(AT_FDCWD, file, 1u << 20, &text, NULL);

	if (r < 0)
		return err_sys_r(r, "read '%s'", file);
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		autostrv struct strv names = { NULL, 0 };
		char *controllers = strchr(lines.v[i], ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		strv_split(&names, controllers + 1, ",");
		if (!names.len)
			criu_add_pair(opts, CRIU_OPT_CG_ROOT, "", path);
		for (size_t k = 0; k < names.len; k++)
			criu_add_pair(opts, CRIU_OPT_CG_ROOT, names.v[k], path);
	}
	return 0;
}

static int on_spawned(void *arg, pid_t criu)
{
	struct restore *x = arg;
	int r = cgroup_place(&x->l.cgroup, x->l.plan.cgroup, criu, 0);

	return r < 0 ? r : add_cgroup_roots(criu, &x->call.opts);
}

static int run_hooks(struct launch *l, pid_t pid)
{
	autofree char *state = NULL;
	int r;

	l->pid = pid;
	l->hooks_begun = true;
	state = launch_hook_state(l, "creating");
	r = hooks_run(&l->hooks, HOOK_PRESTART, state, environ);
	return r < 0 ? r : hooks_run(&l->hooks, HOOK_CREATE_RUNTIME, state, environ);
}

/* All processes are there and stand still. criu's own work is not what the limits are for. */
static int limit(struct launch *l)
{
	int r = cgroup_limit(&l->cgroup, l->plan.cgroup);

	return r < 0 ? r : cgroup_limit_devices(&l->cgroup, l->plan.cgroup);
}

static int finish(struct launch *l)
{
	autofree char *state = NULL;
	int r = limit(l);

	if (r < 0 || !hooks_any(&l->hooks, HOOK_START_HOST))
		return r;
	state = launch_hook_state(l, "created");
	return hooks_run(&l->hooks, HOOK_START_HOST, state, environ);
}

static int on_notify(void *arg, const struct criu_response *n, int *fd)
{
	struct restore *x = arg;

	if (str_eq(n->script, "setup-namespaces"))
		return run_hooks(&x->l, (pid_t) n->notify_pid);
	if (str_eq(n->script, "post-restore"))
		return finish(&x->l);
	if (str_eq(n->script, "orphan-pts-master")) {
		if (*fd < 0)
			return err_code(EPROTO, "criu sent no terminal");
		return console_deliver(&x->l, fd);
	}
	return 0;
}

/* ---- all of it ---- */

static int undo_processes(void *arg)
{
	struct launch *l = arg;
	int status;

	if (l->pidfd < 0)
		return 0;
	(void) proc_signal(l->pidfd, SIGKILL);
	return proc_reap(l->pid, &status);
}

static int let_criu_restore(struct restore *x)
{
	struct launch *l = &x->l;
	pid_t pid = 0;
	int r;

	x->call.arg = x;
	x->call.before = in_criu;
	x->call.spawned = on_spawned;
	x->call.notified = on_notify;
	r = criu_run(&x->call, &pid);
	if (r < 0)
		return r;
	l->child = pid;
	l->pid = pid;
	l->pidfd = sys_pidfd_open(pid, 0);
	if (l->pidfd < 0)
		return err_sys_r(l->pidfd, "open the restored init");
	undo_add(&l->undo, "end the restored processes", undo_processes, l);
	(void) unlinkat(l->c.dir_fd, CRIU_ROOT_DIR, AT_REMOVEDIR);
	return 0;
}

static int restore(struct launch *l, const char *id)
{
	struct restore *x = (struct restore *) l;
	int r = load(x, id);

	if (r >= 0)
		r = launch_reserve(l);
	if (r >= 0)
		r = prepare(x);
	if (r >= 0)
		r = let_criu_restore(x);
	if (r >= 0)
		r = launch_commit(l);
	if (r >= 0)
		return 0;
	undo_run(&l->undo);
	return err_wrap(r, "restore container '%s'", id);
}

/* It has been ready before, and its manager may be another one now. */
static int begin(struct launch *l, struct notify *notify)
{
	struct restore *x = (struct restore *) l;

	notify_tell_ready(&x->notify);
	if (notify) {
		*notify = x->notify;
		x->notify = (struct notify) NOTIFY_INIT;
	}
	return 0;
}

static int restore_detached(struct restore *x, const char *id)
{
	int r = restore(&x->l, id);

	if (r < 0)
		return r;
	x->notify.main = x->l.pid;
	return begin(&x->l, NULL);
}

static void restore_clear(struct restore *x)
{
	notify_close(&x->notify);
	free(x->notify_point);
	criu_ext_fds_close(&x->fds);
	strbuf_clear(&x->call.opts);
	criu_setup_clear(&x->setup);
	launch_clear(&x->l);
}

static int restore_once(const struct runtime_opts *rt, const struct restore_opts *opts,
			const char *id, bool *ret_again)
{
	static const struct run_way way = { restore, begin, NULL };
	__attribute__((cleanup(restore_clear))) struct restore x = {
		.opts = opts,
		.setup = CRIU_SETUP_INIT,
		.call = { .rt = rt, .type = CRIU_RESTORE, .verb = "restore" },
		.notify = NOTIFY_INIT,
	};

	launch_init(&x.l, rt, &opts->run.create);
	x.l.wait_on_sync = true;
	x.l.detached = opts->run.detach;
	if (opts->run.detach)
		return restore_detached(&x, id);
	return run_in_front(&x.l, &opts->run, id, &way, ret_again);
}

int restore_container(const struct runtime_opts *rt, const struct restore_opts *opts,
		      const char *id)
{
	bool again = false;
	int r = restore_once(rt, opts, id, &again);

	/* It has rebooted: what comes up then is a new one. */
	return again && r >= 0 ? run_container(rt, &opts->run, id) : r;
}
