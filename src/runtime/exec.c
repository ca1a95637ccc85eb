/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/proc.h"
#include "cgroup/below.h"
#include "linux/landlock.h"
#include "linux/sched.h"
#include "linux/seal.h"
#include "ocispec.h"
#include "runtime/conlog.h"
#include "runtime/foreground.h"
#include "runtime/launch.h"
#include "runtime/lent.h"
#include "runtime/rdt.h"
#include "runtime/start.h"
#include "runtime/undo.h"
#include "spec/annotations.h"

/*
 * A launch into what is there already: no bundle, hooks, mounts or cgroups are made, the plan joins
 * everything that init has, and the configuration is the one saved at create with another process.
 */
struct exec {
	struct launch l; /* first: callbacks are given it */
	const struct exec_opts *opts;
	bool own_caps;	  /* the container's, of which create has said what cannot be had */
	bool follow_init; /* into init's cgroup, where the container's own takes no processes */
};

/* ---- load ---- */

static int check_state(const struct container *c, const struct exec_opts *opts)
{
	switch (c->state) {
	case CONTAINER_CREATED:
	case CONTAINER_RUNNING:
		return 0;
	case CONTAINER_PAUSED:
		if (opts->ignore_paused)
			return 0;
		return err_code(EBUSY,
				"cannot exec in a paused container: '%s' (with --ignore-paused the "
				"command runs when it is resumed)",
				c->id);
	case CONTAINER_CREATING:
	case CONTAINER_STOPPED:
		break;
	}
	return err_code(ESRCH, "cannot exec in container '%s': container not running (it is %s)",
			c->id, container_state_name(c->state));
}

static int load(struct exec *x, const struct oci_process *file, const char *id)
{
	struct launch *l = &x->l;
	struct oci_process *p = NULL, *own;
	int r;

	r = container_open(l->rt, id, 0, &l->c);
	if (r >= 0)
		r = check_state(&l->c, x->opts);
	if (r >= 0)
		r = container_load_config(&l->c, &l->bundle.config);
	if (r >= 0)
		r = annotations_parse(l->bundle.config->annotations, &l->bundle.annotations);
	if (r >= 0)
		r = exec_process_make(l->bundle.config->process, file, x->opts, &p);
	if (r < 0)
		return r;
	own = l->bundle.config->process;
	x->own_caps = own && own->capabilities && p->capabilities &&
		      oci_capabilities_equal(own->capabilities, p->capabilities);
	oci_process_free(l->bundle.config->process);
	l->bundle.config->process = p;
	return 0;
}

/* ---- plan ---- */

static void set_personality(struct oci_config *c, const char *domain)
{
	if (!domain)
		return;
	if (!c->linux)
		c->linux = xnew(struct oci_linux);
	oci_personality_free(c->linux->personality);
	c->linux->personality = xnew(struct oci_personality);
	c->linux->personality->domain = xstrdup(domain);
}

/* What the caller holds and the namespaces leave of it. */
static int elevate_caps(struct launch *l)
{
	uint64_t all = (1ull << (CAP_CHECKPOINT_RESTORE + 1)) - 1;
	int r = host_probe(&l->host);

	if (r < 0)
		return r;
	/* who has none gets them in the container's user namespace */
	all = l->host.caps ? l->host.caps : all;
	l->plan.caps = (struct caps_sets){ .bounding = all, .effective = all, .permitted = all };
	return 0;
}

static int plan(struct exec *x)
{
	struct launch *l = &x->l;
	const struct oci_process *p = l->bundle.config->process;
	struct launch_plan *plan = &l->plan;
	int flags, r = 0;

	plan->has_process = true;
	plan->terminal = p->terminal;
	plan->relay_terminal = plan->terminal && !x->opts->create.console_socket;
	if (plan->relay_terminal && x->opts->detach)
		return err_code(EINVAL, "a terminal is wanted and nobody stays to relay it: use "
					"--console-socket");
	if (!plan->terminal && x->opts->create.console_socket)
		return err_code(EINVAL, "--console-socket is of no use: no terminal is wanted");
	plan->labels = (struct lsm_labels){ p->apparmor_profile, p->selinux_label,
					    l->bundle.annotations.selinux_keyring };
	caps_plan(p->capabilities, x->own_caps ? CAPS_TOLD : 0, &plan->caps);
	flags = landlock_plan(l->bundle.annotations.landlock, &plan->landlock);
	if (flags < 0)
		return flags;
	plan->new_keyring = l->bundle.annotations.keyring == ANNOTATIONS_KEYRING_NEW;
	if (x->opts->elevated & EXEC_ELEVATE_LSM)
		plan->labels = (struct lsm_labels){ NULL, NULL };
	if (x->opts->elevated & EXEC_ELEVATE_CAPS)
		r = elevate_caps(l);
	if (r < 0)
		return r;
	flags = ns_enter_diff(container_pid(&l->c));
	if (flags < 0)
		return flags;
	if (x->opts->namespaces)
		flags &= x->opts->namespaces;
	ns_plan_exec(flags, &plan->ns);
	l->remount = x->opts->remount && !(flags & CLONE_NEWNS);
	set_personality(l->bundle.config, x->opts->personality);
	return 0;
}

/* ---- prepare ---- */

static int select_cgroup(struct cgroup *cg, const char *spec, const char *inner, struct strv *seen)
{
	const char *colon = strchr(spec, ':');
	autofree char *list = colon ? xstrndup(spec, (size_t) (colon - spec)) : NULL;
	autofree char *path = path_join(inner ? inner : "", colon ? colon + 1 : spec);
	autostrv struct strv controllers = { NULL, 0 };
	int r = 0;

	if (!colon)
		return cgroup_select_below(cg, NULL, path);
	strv_split(&controllers, list, ",");
	if (!controllers.len)
		return err_code(EINVAL, "--cgroup: '%s' names no controller", spec);
	for (size_t i = 0; r >= 0 && i < controllers.len; i++) {
		if (strv_has(seen, controllers.v[i]))
			return err_code(EINVAL, "--cgroup: controller %s is given twice",
					controllers.v[i]);
		strv_add(seen, controllers.v[i]);
		r = cgroup_select_below(cg, controllers.v[i], path);
	}
	return r;
}

/* The cgroup that init was put into at create: the container's or one below it. */
static const char *inner_cgroup(const struct launch *l)
{
	const struct annotations *a = &l->bundle.annotations;

	if (str_eq(l->c.status->cgroup_manager, "systemd") && a->systemd_subgroup)
		return a->systemd_subgroup;
	return a->cgroup_inner ? a->cgroup_inner : a->delegate_cgroup;
}

static int prepare_cgroup(struct exec *x)
{
	struct launch *l = &x->l;
	const struct strv *specs = &x->opts->cgroups;
	const char *inner = inner_cgroup(l);
	autostrv struct strv seen = { NULL, 0 };
	int r;

	if (x->opts->elevated & EXEC_ELEVATE_CGROUP)
		return 0;
	r = container_open_cgroup(&l->c, &l->cgroup);
	if (r >= 0 && !specs->len && inner && cgroup_exists(&l->cgroup))
		r = cgroup_select_below(&l->cgroup, NULL, inner);
	for (size_t i = 0; r >= 0 && i < specs->len; i++) {
		if (specs->len > 1 && !strchr(specs->v[i], ':'))
			return err_code(EINVAL,
					"--cgroup: '%s' is for all controllers, and is not "
					"the only one",
					specs->v[i]);
		r = select_cgroup(&l->cgroup, specs->v[i], inner, &seen);
	}
	x->follow_init = !specs->len && !inner;
	return r < 0 ? r : cgroup_entry_open(&l->cgroup, &l->cgroup_entry);
}

/* Without a mount namespace of its own the container is one by its root directory alone. */
static int prepare_root(struct exec *x)
{
	struct launch *l = &x->l;
	autofree char *path = xasprintf("/proc/%d/root", container_pid(&l->c));

	/* who leaves the mounts out wants the host's files */
	if (l->plan.ns.has[NS_MNT] || x->opts->namespaces)
		return 0;
	l->bundle.rootfs_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return l->bundle.rootfs_fd < 0 ? err_sys("open the container's root directory") : 0;
}

static int prepare_namespaces(struct launch *l)
{
	l->ns_files.pid = container_pid(&l->c);
	l->ns_files.pidfd = fd_dup_above(l->c.pidfd, 3);
	if (l->ns_files.pidfd < 0)
		return err_sys_r(l->ns_files.pidfd, "keep the container's process");
	/* What was looked up by number until now was init's if it is still there. */
	if (proc_signal(l->c.pidfd, 0) < 0)
		return err_code(ESRCH, "cannot exec in container '%s': its process has ended",
				l->c.id);
	return 0;
}

static int prepare(struct exec *x)
{
	struct launch *l = &x->l;
	int r;

	r = lsm_check(&l->plan.labels);
	/* ours is inherited by the child, who cannot name init from inside */
	if (r >= 0 && l->bundle.annotations.sched_core)
		r = sched_core_share(container_pid(&l->c));
	if (r >= 0 && !(x->opts->elevated & EXEC_ELEVATE_LSM))
		r = launch_prepare_seccomp(l);
	if (r >= 0)
		r = launch_prepare_console(l);
	if (r >= 0)
		r = prepare_cgroup(x);
	if (r >= 0)
		r = prepare_root(x);
	return r < 0 ? r : prepare_namespaces(l);
}

/* ---- spawn ---- */

/*
 * cgroup2 takes no processes into a cgroup that has handed controllers down (EBUSY), as an init
 * such as systemd's does with the container's. Then a new process goes where init has gone.
 */
static int follow_init(struct exec *x, int r)
{
	if (r != -EBUSY)
		return r;
	if (!x->follow_init)
		return err_wrap(r, "adding pid to cgroups");
	err_forgive(r, "enter the container's cgroup");
	return cgroup_select_as(&x->l.cgroup, container_pid(&x->l.c));
}

/* The initial affinity counts until the process is in its cgroup: it is ours, and inherited. */
static int spawn(struct exec *x)
{
	const struct oci_exec_cpu_affinity *a = x->l.bundle.config->process->exec_cpu_affinity;
	struct launch *l = &x->l;
	int r;

	r = sched_affinity_apply(0, a ? a->initial : NULL);
	if (r < 0)
		return r;
	r = launch_spawn(l);
	if (r == -EBUSY) {
		fd_close(&l->sync);
		r = follow_init(x, r);
		if (r >= 0)
			r = launch_spawn(l);
	}
	if (!lent_is_refused(l, r))
		return r;
	err_forgive(r, "enter a cgroup of the container's making");
	fd_close(&l->sync);
	l->enter_lent = true;
	return launch_spawn(l);
}

static int enter(struct launch *l)
{
	int flags = CGROUP_ENTER_JOINED | (l->in_cgroup ? CGROUP_ENTER_CLONED : 0);

	return l->enter_lent ? lent_enter(l, l->pid, flags)
			     : cgroup_enter(&l->cgroup, l->pid, flags);
}

static int confine(struct launch *l)
{
	const struct oci_exec_cpu_affinity *a = l->bundle.config->process->exec_cpu_affinity;
	int r = enter(l);

	if (r == -EBUSY) {
		r = follow_init((struct exec *) l, r);
		if (r >= 0)
			r = enter(l);
	}
	if (lent_is_refused(l, r)) {
		err_forgive(r, "enter a cgroup of the container's making");
		l->enter_lent = true;
		r = enter(l);
	}
	if (r < 0)
		return r;
	if (a && !str_empty(a->final))
		r = sched_affinity_apply(l->pid, a->final);
	else
		r = sched_affinity_reset(l->pid);
	if (r >= 0)
		r = rdt_follow(l);
	return r < 0 ? r : launch_limit(l);
}

static const struct launch_kind exec_kind = {
	.who = "process",
	.joins = true,
	.confine = confine,
	.main = exec_child_main,
};

/* ---- all of it ---- */

/* Up to the moment when the process waits for START. */
static int set_up(struct exec *x, const struct oci_process *file, const char *id)
{
	struct launch *l = &x->l;
	int r;

	r = load(x, file, id);
	if (r >= 0)
		r = plan(x);
	if (r >= 0)
		r = prepare(x);
	if (r >= 0)
		r = spawn(x);
	if (r >= 0)
		r = launch_setup(l);
	if (r >= 0)
		r = launch_announce(l);
	return r;
}

static int start(struct exec *x)
{
	int r = start_program(NULL, &x->l.sync);

	if (r >= 0)
		undo_commit(&x->l.undo);
	return r;
}

static int wait_in_foreground(struct exec *x, struct foreground *fg)
{
	int r;

	if (x->l.tty_master >= 0)
		foreground_take_tty(fg, &x->l.tty_master);
	r = start(x);
	if (r < 0)
		return r;
	landlock_confine(NULL, 0);
	return foreground_wait(fg, x->l.pid);
}

static int exec_foreground(struct exec *x, const struct oci_process *file, const char *id)
{
	autoforeground struct foreground fg = FOREGROUND_INIT;
	struct conlog log = CONLOG_INIT;
	int r;

	r = foreground_prepare(&fg);
	if (r >= 0 && x->opts->pty_log) {
		r = conlog_open_file(&log, x->opts->pty_log);
		fg.log = &log;
	}
	if (r >= 0)
		r = set_up(x, file, id);
	if (r >= 0)
		r = wait_in_foreground(x, &fg);
	conlog_close(&log);
	return r;
}

static void exec_clear(struct exec *x)
{
	undo_run(&x->l.undo);
	launch_clear(&x->l);
}

static int exec_file(const struct runtime_opts *rt, const struct exec_opts *opts,
		     const struct oci_process *file, const char *id)
{
	__attribute__((cleanup(exec_clear))) struct exec x = { .opts = opts };
	int r;

	launch_init(&x.l, rt, &opts->create);
	x.l.kind = &exec_kind;
	x.l.wait_on_sync = true;
	x.l.detached = opts->detach;
	r = launch_begin(&x.l);
	if (r < 0)
		return r;
	if (!opts->detach)
		return exec_foreground(&x, file, id);
	r = set_up(&x, file, id);
	return r < 0 ? r : start(&x);
}

int exec_container(const struct runtime_opts *rt, const struct exec_opts *opts, const char *id)
{
	auto_call(oci_process_free) struct oci_process *file = NULL;
	int r;

	/* Sealing executes us again; beginning the launch closes what --process may name
	 * (/dev/fd/N). In between the file is read. */
	r = seal_self(rt->argv);
	if (r >= 0 && opts->process)
		r = bundle_read_process(opts->process, &file);
	return r < 0 ? r : exec_file(rt, opts, file, id);
}
