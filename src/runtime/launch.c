/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/sock.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/idmap.h"
#include "linux/oom.h"
#include "linux/rlimit.h"
#include "linux/sched.h"
#include "linux/seal.h"
#include "linux/seccomp_cache.h"
#include "linux/seccomp_listener.h"
#include "linux/timens.h"
#include "ocispec.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/init.h"
#include "runtime/late.h"
#include "runtime/lent.h"
#include "runtime/netdevs.h"
#include "runtime/notify.h"
#include "runtime/rdt.h"
#include "runtime/serve.h"
#include "runtime/spawn.h"
#include "runtime/store.h"
#include "spec/namespaces.h"
#include "spec/state.h"
#include "spec/system.h"

/* sd_listen_fds(3): they are for us only if LISTEN_PID says so; the program gets them as its
 * own. */
static int count_listen_fds(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	int n, p;

	if (!fds || str_to_int(fds, &n) < 0 || n <= 0)
		return 0;
	if (pid && (str_to_int(pid, &p) < 0 || p != getpid()))
		return 0;
	return n;
}

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

void launch_init(struct launch *l, const struct runtime_opts *rt, const struct create_opts *opts)
{
	*l = (struct launch){
		.kind = &launch_of_init,
		.rt = rt,
		.opts = opts,
		.listen_fds = count_listen_fds(),
		.bundle = BUNDLE_INIT,
		.c = CONTAINER_INIT,
		.ns_files = NS_FILES_INIT,
		.cgroup = CGROUP_INIT,
		.hooks = HOOKS_INIT,
		.userns_fds = USERNS_FDS_INIT,
		.seccomp_agent = FD_NONE,
		.console_socket = FD_NONE,
		.tty_master = FD_NONE,
		.start_socket = FD_NONE,
		.sync = FD_NONE,
		.pidfd = FD_NONE,
	};
	l->preserved = l->listen_fds + opts->preserve_fds;
	l->notify_socket = notify_socket_of_caller();
}

int launch_begin(struct launch *l)
{
	int r = seal_self(l->rt->argv);

	if (r >= 0)
		close_inherited(l->preserved);
	return r;
}

void launch_clear(struct launch *l)
{
	fd_close(&l->pidfd);
	fd_close(&l->sync);
	fd_close(&l->start_socket);
	fd_close(&l->tty_master);
	fd_close(&l->console_socket);
	fd_close(&l->seccomp_agent);
	seccomp_program_clear(&l->seccomp);
	userns_fds_clear(&l->userns_fds);
	hooks_close(&l->hooks);
	cgroup_entry_close(&l->cgroup_entry);
	cgroup_close(&l->cgroup);
	ns_files_close(&l->ns_files);
	container_clear(&l->c);
	plan_clear(&l->plan);
	free(l->default_idmap.uid);
	free(l->default_idmap.gid);
	cgroup_host_clear(&l->cgroups);
	bundle_clear(&l->bundle);
}

/* ---- load ---- */

static bool needs_default_idmap(const struct oci_linux *x)
{
	int i = spec_find_namespace(x, "user");

	return i >= 0 && !x->namespaces[i].path && !x->uid_mappings_len && !x->gid_mappings_len;
}

/* A console for whoever takes it; a detached container without one does not need it. */
static int load_system(struct launch *l, const char *dir)
{
	struct host_facts host;
	struct system_opts o = {
		.id = l->c.id,
		.terminal = !l->detached || l->can_supervise || l->opts->console_socket,
		.uid = geteuid(),
		.gid = getegid(),
	};
	autofree char *json = NULL;
	int r = host_probe(&host);

	if (r < 0)
		return r;
	o.rootless = host_is_rootless(&host);
	r = system_document(dir, l->opts->config, &o, &json);
	return r < 0 ? r : bundle_load_text(dir, json, &l->bundle);
}

static int load_bundle(struct launch *l)
{
	const char *dir = l->opts->bundle ? l->opts->bundle : ".";

	if (l->opts->system)
		return load_system(l, dir);
	if (l->opts->config_text)
		return bundle_load_text(dir, l->opts->config_text, &l->bundle);
	return bundle_load(dir, l->opts->config, &l->bundle);
}

/* The state directory as init sees it, who is at the host's root still: by its whole path. */
static char *notify_source(const struct launch *l)
{
	autofree char *cwd = l->notify_socket ? getcwd(NULL, 0) : NULL;
	autofree char *root = cwd ? path_resolve_text(cwd, l->rt->root) : NULL;

	return root ? xasprintf("%s/%s/" NOTIFY_NAME, root, l->c.id) : NULL;
}

int launch_plan(struct launch *l)
{
	autofree char *notify = notify_source(l);
	struct plan_input in = {
		.notify_source = notify,
		.notify_socket = l->notify_socket,
		.notify_point = l->notify_point,
		.id = l->c.id,
		.bundle = &l->bundle,
		.host = &l->host,
		.cgroups = &l->cgroups,
		.default_idmap = &l->default_idmap,
		.detached = l->detached,
		.can_supervise = l->can_supervise,
		.console_socket = l->opts->console_socket,
		.no_pivot = l->opts->no_pivot,
		.no_new_keyring = l->opts->no_new_keyring,
	};
	int r;

	r = cgroup_manager_parse(l->rt->cgroup_manager, &in.manager);
	if (r >= 0)
		r = host_probe(&l->host);
	if (r >= 0 && needs_default_idmap(l->bundle.config->linux))
		r = idmap_default(&l->host, &l->default_idmap);
	if (r >= 0 && in.manager != CGROUP_MANAGER_DISABLED)
		r = cgroup_host_probe(&l->cgroups);
	if (r < 0)
		return r;
	if (l->bundle.config->linux && l->bundle.config->linux->mount_label)
		in.selinux = lsm_selinux_is_enabled();
	in.rootless = l->rt->rootless == ROOTLESS_YES ||
		      (l->rt->rootless == ROOTLESS_AUTO && host_is_rootless(&l->host));
	if (in.manager == CGROUP_MANAGER_SYSTEMD)
		r = cgroup_host_probe_systemd(&l->cgroups, in.rootless);
	if (r >= 0)
		r = plan_make(&in, &l->plan);
	if (r >= 0 && in.rootless && l->plan.pid_namespace_shared && !l->plan.cgroup->n_dirs)
		log_warn("no cgroup and no pid namespace of its own: not all processes of the "
			 "container can be killed. Such configuration is strongly discouraged");
	return r;
}

int launch_load_bundle(struct launch *l, const char *id)
{
	int r;

	r = store_check_id(id);
	if (r < 0)
		return r;
	l->c.id = xstrdup(id);
	r = load_bundle(l);
	return r < 0 ? r : late_resolve(l->rt, &l->bundle);
}

int launch_load(struct launch *l, const char *id)
{
	int r = launch_load_bundle(l, id);

	return r < 0 ? r : launch_plan(l);
}

/* ---- reserve ---- */

static char *owner_name(uid_t uid)
{
	const struct passwd *pw;

	/* The name service costs a millisecond to load, and root needs none. */
	if (uid == 0)
		return xstrdup("root");
	pw = getpwuid(uid);
	return pw ? xstrdup(pw->pw_name) : xasprintf("%u", uid);
}

/* The program begins with ours, whatever it makes of them: what restore has to replace. */
static void note_stdio(struct oci_status *s)
{
	struct strv targets = { NULL, 0 };

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		autofree char *target = fd_target(fd);

		strv_add(&targets, target ? target : "");
	}
	s->stdio_len = targets.len;
	s->stdio = strv_take(&targets);
}

static struct oci_status *make_status(const struct launch *l)
{
	const struct cgroup_plan *cg = l->plan.cgroup;
	const struct oci_hooks *hooks = l->bundle.config->hooks;
	struct oci_status *s = xnew(struct oci_status);
	struct strv refs = { NULL, 0 };

	s->version = 1;
	s->has_version = true;
	s->id = xstrdup(l->c.id);
	s->bundle = xstrdup(l->bundle.path);
	s->rootfs = l->bundle.rootfs ? xstrdup(l->bundle.rootfs) : NULL;
	s->oci_version = xstrdup(l->bundle.config->oci_version);
	s->status = xstrdup("creating");
	s->created = time_rfc3339();
	s->uid = geteuid();
	s->has_uid = true;
	s->owner = owner_name(s->uid);
	if (l->bundle.config->annotations)
		for (size_t i = 0; i < l->bundle.config->annotations->len; i++)
			oci_map_set(&s->annotations, l->bundle.config->annotations->keys[i],
				    l->bundle.config->annotations->values[i]);
	s->cgroup_manager = xstrdup(cgroup_manager_name(cg->manager));
	s->cgroup_mode = xstrdup(cgroup_mode_name(cg->mode));
	cgroup_plan_refs(cg, &refs);
	s->cgroup_paths_len = refs.len;
	s->cgroup_paths = strv_take(&refs);
	note_stdio(s);
	s->pid_namespace_shared = l->plan.pid_namespace_shared;
	s->has_pid_namespace_shared = true;
	s->later_hooks = (hooks && (hooks->poststart_len || hooks->poststop_len)) ||
			 hooks_of_annotations(&l->bundle.annotations);
	s->has_later_hooks = true;
	if (l->plan.notify_dir) {
		s->notify_socket = xstrdup(l->notify_socket);
		s->notify_point = xstrdup(l->plan.notify_dir);
	}
	s->intel_rdt = s->has_intel_rdt = l->plan.rdt.clos;
	return s;
}

static int undo_reserve(void *arg)
{
	struct launch *l = arg;

	return store_remove(l->c.root_fd, l->c.dir_fd, l->c.id);
}

/* What the hooks have made outside of the container goes when it does not come to be (runtime.md,
 * lifecycle: a failing hook leads to the end of it, not past it). */
static int undo_hooks(void *arg)
{
	struct launch *l = arg;

	return l->hooks_begun ? container_run_hooks(&l->c, HOOK_POSTSTOP, CONTAINER_STOPPED) : 0;
}

int launch_reserve(struct launch *l)
{
	int r;

	r = store_open_root(l->rt->root, true, &l->c.root_fd);
	if (r < 0)
		return r;
	r = store_reserve(l->c.root_fd, l->c.id, &l->c.dir_fd);
	if (r < 0)
		return r;
	undo_add(&l->undo, "remove state", undo_reserve, l);
	undo_add(&l->undo, "run poststop hooks", undo_hooks, l);
	l->c.status = make_status(l);
	l->c.state = CONTAINER_CREATING;
	r = store_write_config(l->c.dir_fd, l->bundle.json, l->bundle.json_len);
	if (r >= 0 && l->plan.notify_dir)
		r = notify_make(l->c.dir_fd);
	if (r < 0)
		return r;
	return store_write_status(l->c.dir_fd, l->c.status);
}

/* ---- prepare ---- */

int launch_prepare_seccomp(struct launch *l)
{
	const struct oci_linux *x = l->bundle.config->linux;
	const struct annotations *a = &l->bundle.annotations;
	const char *receiver;
	int r, options = 0;

	if (!x || !x->seccomp || !l->plan.has_process)
		return 0;
	receiver = x->seccomp->listener_path ? x->seccomp->listener_path : a->seccomp_receiver;
	if (a->seccomp_fail_unknown_syscall)
		options |= SECCOMP_FAIL_UNKNOWN;
	if (receiver)
		options |= SECCOMP_HAVE_RECEIVER;
	r = seccomp_cache_build(l->c.root_fd, x->seccomp, options, &l->seccomp);
	if (r < 0 || !l->seccomp.listener)
		return r;
	l->seccomp_agent = seccomp_listener_connect(receiver);
	return l->seccomp_agent < 0 ? l->seccomp_agent : 0;
}

static int undo_cgroup(void *arg)
{
	struct launch *l = arg;
	int r = cgroup_kill(&l->cgroup, SIGKILL);

	return r < 0 ? r : cgroup_remove(&l->cgroup, CONTAINER_EXIT_MS);
}

int launch_prepare_cgroup(struct launch *l)
{
	int r = cgroup_create(l->plan.cgroup, &l->cgroup);

	if (r < 0)
		return r;
	undo_add(&l->undo, "remove cgroup", undo_cgroup, l);
	return cgroup_entry_open(&l->cgroup, &l->cgroup_entry);
}

/* Bound here and not by init, which will not see the directory: by its descriptor, any length of
 * path. */
static int prepare_start_socket(struct launch *l)
{
	char dir[FD_PATH_MAX];
	autofree char *path = xasprintf("%s/" STORE_START_SOCKET, fd_proc_path(l->c.dir_fd, dir));
	int fd;

	if (l->wait_on_sync)
		return 0;
	fd = sock_listen(path, SOCK_SEQPACKET);
	if (fd < 0)
		return err_sys_r(fd, "make the start socket");
	l->start_socket = fd;
	return 0;
}

int launch_prepare_console(struct launch *l)
{
	int fd;

	if (!l->opts->console_socket)
		return 0;
	fd = sock_connect(l->opts->console_socket, SOCK_STREAM);
	if (fd < 0)
		return err_sys_r(fd, "connect to console socket '%s'", l->opts->console_socket);
	l->console_socket = fd;
	return 0;
}

/* Before anything of the container is there. */
int launch_run_pre_start(struct launch *l)
{
	autofree char *state = NULL;
	int r;

	if (!hooks_any(&l->hooks, HOOK_PRE_START))
		return 0;
	state = launch_hook_state(l, "creating");
	r = hooks_run(&l->hooks, HOOK_PRE_START, state, environ);
	return r < 0 ? r : bundle_open_rootfs(&l->bundle);
}

int launch_prepare(struct launch *l)
{
	int r;

	r = hooks_open(l->bundle.config->hooks, l->bundle.path, &l->bundle.annotations, &l->hooks);
	if (r >= 0)
		r = launch_run_pre_start(l);
	if (r >= 0)
		r = ns_enter_open(&l->plan.ns, &l->ns_files);
	if (r >= 0)
		r = late_check(l->rt, &l->bundle);
	if (r >= 0)
		r = lsm_check(&l->plan.labels);
	if (r >= 0)
		r = launch_prepare_seccomp(l);
	if (r >= 0)
		r = launch_prepare_console(l);
	if (r >= 0)
		r = prepare_start_socket(l);
	if (r >= 0)
		r = launch_prepare_cgroup(l);
	return r;
}

/* ---- spawn ---- */

static int undo_child(void *arg)
{
	struct launch *l = arg;
	int status;

	if (l->pid > 0 && l->pid != l->child) {
		(void) proc_signal(l->pidfd, SIGKILL);
		(void) proc_reap(l->pid, &status);
	}
	(void) kill(l->child, SIGKILL); /* ours and not reaped: the number is its own */
	return proc_reap(l->child, &status);
}

int launch_spawn(struct launch *l)
{
	struct spawn s = { .flags = (unsigned int) l->plan.ns.clone_flags,
			   .cgroup_fd = l->enter_lent ? FD_NONE : cgroup_fd(&l->cgroup) };
	int ours = FD_NONE, one = 1, r;
	autofd int theirs = FD_NONE;
	pid_t pid;

	r = sock_pair(&ours, &theirs);
	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	l->sync = ours;
	/* From here on the kernel says who sends. */
	if (setsockopt(ours, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0)
		return err_sys("ask for credentials");
	pid = spawn_process(&s);
	if (pid == 0) {
		fd_close(&l->sync);
		l->sync = take_fd(&theirs);
		child_main(l);
	}
	if (pid < 0)
		return cgroup_entry_error(&l->cgroup, pid, "create the container's process");
	l->child = pid;
	l->pidfd = s.pidfd;
	l->in_cgroup = s.in_cgroup;
	undo_add(&l->undo, "end the container's process", undo_child, l);
	return 0;
}

/* ---- requests of the child ---- */

int launch_write_idmap(struct launch *l)
{
	return idmap_write(l->child, &l->plan.idmap, &l->host);
}

int launch_write_timens(struct launch *l)
{
	return timens_write(l->child, l->bundle.config->linux->time_offsets);
}

int launch_adopt_init(struct launch *l, pid_t pid)
{
	int status, r;

	l->pid = pid;
	fd_close(&l->pidfd);
	l->pidfd = sys_pidfd_open(pid, 0);
	if (l->pidfd < 0)
		return err_sys_r(l->pidfd, "open the container's init");
	/* The middle process has ended with init's first breath. */
	r = proc_reap(l->child, &status);
	if (r < 0)
		return err_sys_r(r, "wait for the middle process");
	l->child = pid;
	return 0;
}

/* A deadline is for all CPUs of the machine, or of an exclusive set. */
static bool has_cpus(const struct oci_linux *x)
{
	return x && x->resources && x->resources->cpu && !str_empty(x->resources->cpu->cpus);
}

int launch_limit(struct launch *l)
{
	const struct oci_process *p = l->bundle.config->process;
	int r = 0;

	if (p && p->rlimits_len)
		r = rlimit_apply(l->pid, p->rlimits, p->rlimits_len);
	if (r >= 0 && p && p->has_oom_score_adj)
		r = oom_apply(l->pid, p->oom_score_adj);
	if (r >= 0 && p && p->scheduler)
		r = sched_policy_apply(l->pid, p->scheduler);
	if (r == -EPERM && p->scheduler && has_cpus(l->bundle.config->linux))
		return err_wrap(r, "process scheduler can't be used together with AllowedCPUs");
	return r;
}

static int confine(struct launch *l)
{
	int r;

	r = cgroup_place(&l->cgroup, l->plan.cgroup, l->pid,
			 CGROUP_ENTER_JOINED | (l->in_cgroup ? CGROUP_ENTER_CLONED : 0));
	if (r >= 0)
		lent_share(l);
	if (r >= 0)
		r = cgroup_limit(&l->cgroup, l->plan.cgroup);
	if (r >= 0)
		r = sched_affinity_reset(l->pid);
	if (r >= 0)
		r = launch_limit(l);
	if (r >= 0)
		r = rdt_confine(l);
	return r < 0 ? r : netdevs_move(l);
}

static int ready(struct launch *l)
{
	return cgroup_limit_devices(&l->cgroup, l->plan.cgroup);
}

const struct launch_kind launch_of_init = {
	.who = "container init",
	.confine = confine,
	.ready = ready,
	.main = init_main,
};

char *launch_hook_state(const struct launch *l, const char *status)
{
	struct state_info info;

	container_state_info(&l->c, &info);
	info.status = status;
	info.pid = l->pid;
	return state_hook_json(&info);
}

/* ---- commit ---- */

static int write_pid_file(const struct launch *l)
{
	autofree char *text = xasprintf("%d", (int) l->pid);
	int r;

	if (!l->opts->pid_file)
		return 0;
	r = file_replace_at(AT_FDCWD, l->opts->pid_file, text, strlen(text), 0644, 0);
	if (r < 0)
		return err_sys_r(r, "write pid file '%s'", l->opts->pid_file);
	return 0;
}

static int send_pidfd(const struct launch *l, const char *path)
{
	autofd int sock = FD_NONE;
	int r;

	if (!path)
		return 0;
	sock = sock_connect(path, SOCK_STREAM);
	if (sock < 0)
		return err_sys_r(sock, "connect to pidfd socket '%s'", path);
	r = sock_send_fd(sock, l->pidfd, "pidfd", strlen("pidfd"));
	if (r < 0)
		return err_sys_r(r, "send the pidfd to '%s'", path);
	return 0;
}

int launch_announce(struct launch *l)
{
	int r = write_pid_file(l);

	return r < 0 ? r : send_pidfd(l, l->opts->pidfd_socket);
}

int launch_setup(struct launch *l)
{
	return serve(l);
}

int launch_commit(struct launch *l)
{
	struct oci_status *s = l->c.status;
	struct proc_stat st;
	int r;

	r = proc_stat_read(l->pid, &st);
	if (r < 0)
		return err_sys_r(r, "look at the container's init");
	s->pid = l->pid;
	s->has_pid = true;
	s->pid_start = st.start;
	s->has_pid_start = true;
	free(s->status);
	s->status = xstrdup("created");
	r = store_write_status(l->c.dir_fd, s);
	if (r >= 0)
		r = launch_announce(l);
	if (r >= 0)
		r = send_pidfd(l, l->bundle.annotations.pidfd_receiver);
	if (r < 0)
		return r;
	l->c.state = CONTAINER_CREATED;
	l->c.pidfd = fd_dup_above(l->pidfd, 3);
	undo_commit(&l->undo);
	return 0;
}

int launch_make(struct launch *l)
{
	static int (*const steps[])(struct launch *) = {
		launch_reserve, launch_prepare, launch_spawn, launch_setup, launch_commit,
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(steps); i++)
		r = steps[i](l);
	if (r < 0)
		undo_run(&l->undo);
	return r;
}

int launch_run(struct launch *l, const char *id)
{
	int r = launch_load(l, id);

	return r < 0 ? r : launch_make(l);
}
