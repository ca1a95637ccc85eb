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
#include "runtime/criu_root.h"
#include "runtime/criu_setup.h"
#include "runtime/launch.h"
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

/* What a container gets from outside while it is made, and criu does not know. */
static int refuse_fields(const struct oci_linux *x)
{
	const char *name = NULL;

	if (x && x->net_devices)
		name = "netDevices";
	else if (x && x->intel_rdt)
		name = "intelRdt";
	return name ? err_code(ENOTSUP, "linux.%s: not supported by restore", name) : 0;
}

static int prepare(struct restore *x)
{
	struct launch *l = &x->l;
	int r;

	r = refuse_fields(l->bundle.config->linux);
	if (r < 0)
		return r;
	r = hooks_open(l->bundle.config->hooks, l->bundle.path, &l->bundle.annotations, &l->hooks);
	if (r >= 0)
		r = launch_prepare_console(l);
	if (r >= 0)
		r = launch_prepare_cgroup(l);
	return r < 0 ? r : make_request(x);
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

static int on_notify(void *arg, const struct criu_response *n, int *fd)
{
	struct restore *x = arg;

	if (str_eq(n->script, "setup-namespaces"))
		return run_hooks(&x->l, (pid_t) n->notify_pid);
	if (str_eq(n->script, "post-restore"))
		return limit(&x->l);
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
	int r = launch_load(l, id);

	if (r >= 0)
		r = criu_setup(&x->setup, &x->opts->criu, CRIU_SETUP_RESTORE, &l->bundle, &x->call);
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

static void restore_clear(struct restore *x)
{
	criu_ext_fds_close(&x->fds);
	strbuf_clear(&x->call.opts);
	criu_setup_clear(&x->setup);
	launch_clear(&x->l);
}

static int restore_once(const struct runtime_opts *rt, const struct restore_opts *opts,
			const char *id, bool *ret_again)
{
	static const struct run_way way = { restore, NULL, NULL };
	__attribute__((cleanup(restore_clear))) struct restore x = {
		.opts = opts,
		.setup = CRIU_SETUP_INIT,
		.call = { .rt = rt, .type = CRIU_RESTORE, .verb = "restore" },
	};

	launch_init(&x.l, rt, &opts->run.create);
	x.l.wait_on_sync = true;
	x.l.detached = opts->run.detach;
	if (opts->run.detach)
		return restore(&x.l, id);
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
