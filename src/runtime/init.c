/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/init.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/resolve.h"
#include "base/str.h"
#include "linux/bootid.h"
#include "linux/dev.h"
#include "linux/lo.h"
#include "linux/mask.h"
#include "linux/mount_apply.h"
#include "linux/procfs.h"
#include "linux/sched.h"
#include "linux/sysctl.h"
#include "linux/tty.h"
#include "linux/uts.h"
#include "ocispec.h"
#include "runtime/launch.h"
#include "runtime/mount_serve.h"
#include "runtime/process.h"
#include "runtime/sync.h"
#include "spec/state.h"

static const struct oci_config *config_of(const struct init *in)
{
	return in->l->bundle.config;
}

static const struct oci_linux *linux_of(const struct init *in)
{
	static const struct oci_linux none;

	return config_of(in)->linux ? config_of(in)->linux : &none;
}

/* ---- before the root is changed ---- */

static bool wants_procfs(const struct init *in)
{
	return lsm_wanted(&in->l->plan.labels) || linux_of(in)->sysctl;
}

static int step_procfs(struct init *in)
{
	int fd = procfs_open(linux_of(in)->sysctl ? 0 : PROCFS_PIDS_ONLY);

	if (fd < 0)
		return fd;
	in->procfs_fd = fd;
	return 0;
}

static bool wants_late_namespaces(const struct init *in)
{
	return in->l->plan.ns.late_flags;
}

/* The root of a cgroup namespace is the cgroup one is in: so after hello. */
static int step_late_namespaces(struct init *in)
{
	if (unshare(in->l->plan.ns.late_flags) < 0)
		return err_sys("unshare the cgroup namespace");
	return 0;
}

static bool wants_loopback(const struct init *in)
{
	return in->l->plan.ns.created[NS_NET];
}

static int step_loopback(struct init *in)
{
	(void) in;
	return lo_up();
}

static bool wants_core(const struct init *in)
{
	return in->l->bundle.annotations.sched_core;
}

static int step_core(struct init *in)
{
	(void) in;
	return sched_core_create();
}

static bool has_root(const struct init *in)
{
	return config_of(in)->root;
}

static bool has_mount_ns(const struct init *in)
{
	return has_root(in) && in->l->plan.ns.has[NS_MNT];
}

/* Taken while the host's /dev is the one we see. */
static int step_null(struct init *in)
{
	return mask_open_null(&in->null_fd);
}

static bool wants_null(const struct init *in)
{
	return has_mount_ns(in) && linux_of(in)->masked_paths_len;
}

/* What is more than a directory is made by whoever may. */
static int get_tree(struct init *in, int *ret_fd)
{
	const struct launch_plan *p = &in->l->plan;

	if (p->tree_by_init)
		return rootfs_tree_make(&p->rootfs_tree, ret_fd);
	if (p->rootfs_idmap.source || rootfs_tree_wanted(&p->rootfs_tree))
		return sync_request(in->l->sync, SYNC_MOUNT, MOUNT_SERVE_ROOTFS, FD_NONE, ret_fd);
	return 0;
}

static int step_rootfs(struct init *in)
{
	struct rootfs_args *args = &in->l->plan.rootfs;
	int r;

	r = mount_api_open(&in->mount_api);
	if (r >= 0)
		r = get_tree(in, &args->tree_fd);
	if (r < 0)
		return r;
	r = rootfs_prepare(&in->mount_api, args, &in->root_fd);
	if (r < 0 && in->l->plan.ns.has[NS_MNT] && !in->l->plan.ns.created[NS_MNT])
		return err_wrap(r, "in the joined mount namespace");
	return r;
}

static int ask_host_tree(void *arg, size_t op_index, int *ret_tree_fd)
{
	const struct init *in = arg;

	return sync_request(in->l->sync, SYNC_MOUNT, (uint32_t) op_index, FD_NONE, ret_tree_fd);
}

static int step_mounts(struct init *in)
{
	struct mount_apply_args args = {
		.api = &in->mount_api,
		.root_fd = in->root_fd,
		.plan = &in->l->plan.mounts,
		.host_tree = ask_host_tree,
		.arg = in,
	};

	return mount_apply(&args, &in->mounted_proc_fd);
}

static bool wants_devices(const struct init *in)
{
	return has_root(in) && in->l->plan.make_devices;
}

static int step_devices(struct init *in)
{
	struct dev_args args = {
		.api = &in->mount_api,
		.root_fd = in->root_fd,
		.plan = &in->l->plan.devices,
		.bind = in->l->plan.bind_devices,
		.outside_fd = FD_NONE,
		.links = true,
	};
	autofd int outside = FD_NONE;
	int r = 0;

	if (in->l->plan.serve_devices && in->mount_api.detached)
		r = sync_request(in->l->sync, SYNC_MOUNT, MOUNT_SERVE_DEVICES, FD_NONE, &outside);
	if (r < 0)
		return r;
	args.outside_fd = outside;
	return dev_apply(&args);
}

static bool wants_bootid(const struct init *in)
{
	return has_mount_ns(in) && in->l->bundle.annotations.bootid == ANNOTATIONS_BOOTID_RANDOM;
}

static int step_bootid(struct init *in)
{
	return bootid_apply(&in->mount_api, in->root_fd);
}

static bool wants_runtime_hooks(const struct init *in)
{
	return hooks_any(&in->l->hooks, HOOK_PRESTART) ||
	       hooks_any(&in->l->hooks, HOOK_CREATE_RUNTIME);
}

/*
 * Hooks of a user reach the container's namespaces through /proc/PID, which is root's while the
 * process is not dumpable. Its owner they are in any case, and there is nobody else to hide from:
 * no process of the container exists yet, when its namespaces are all new.
 */
static bool may_show(const struct init *in)
{
	const struct ns_plan *ns = &in->l->plan.ns;

	for (size_t i = 0; i < NS_COUNT_; i++) {
		if (ns->has[i] && !ns->created[i])
			return false;
	}
	return ns->created[NS_USER] && ns->created[NS_PID] && in->l->host.euid != 0;
}

static int step_runtime_hooks(struct init *in)
{
	bool show = may_show(in);
	int r;

	if (show && prctl(PR_SET_DUMPABLE, 1) < 0)
		return err_sys("let the hooks see the container's namespaces");
	r = sync_request(in->l->sync, SYNC_HOOKS, 0, FD_NONE, NULL);
	if (show && prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys("become undumpable");
	return r;
}

/* In here init's pid is that of the container's own pid namespace. */
static char *state_with_pid(const struct init *in, const char *status, pid_t pid)
{
	struct state_info info;

	container_state_info(&in->l->c, &info);
	info.status = status;
	info.pid = pid;
	return state_hook_json(&info);
}

/* For hooks that run in here, where our pid is another one. */
static char *hook_state(const struct init *in, const char *status)
{
	return state_with_pid(in, status, getpid());
}

static bool wants_pre_mount_hooks(const struct init *in)
{
	return hooks_any(&in->l->hooks, HOOK_PRE_MOUNT);
}

/* They see the host's file systems, and what they mount is the container's alone. */
static int step_pre_mount_hooks(struct init *in)
{
	autofree char *state = hook_state(in, "creating");
	int r = in->l->plan.ns.created[NS_MNT] ? rootfs_make_slaves() : 0;

	return r < 0 ? r : hooks_run(&in->l->hooks, HOOK_PRE_MOUNT, state, environ);
}

static bool wants_container_hooks(const struct init *in)
{
	return hooks_any(&in->l->hooks, HOOK_CREATE_CONTAINER);
}

static int step_container_hooks(struct init *in)
{
	autofree char *state = hook_state(in, "creating");

	return hooks_run(&in->l->hooks, HOOK_CREATE_CONTAINER, state, environ);
}

/* org.hako.tty.dir: what is at /dev/NAME is really in that directory. */
static int open_tty_dir(struct init *in, int *ret_dev, int *ret_dir)
{
	const char *name = in->l->bundle.annotations.tty_dir;
	autofree char *path = name ? xasprintf("/dev/%s", name) : NULL;
	autofd int dev = resolve_open(in->root_fd, "/dev", O_PATH | O_DIRECTORY);
	int dir = FD_NONE;

	if (dev < 0)
		return err_sys_r(dev, "open the container's /dev");
	if (path)
		dir = resolve_mkdir_p(in->root_fd, path, 0755);
	if (path && dir < 0)
		return err_sys_r(dir, "make directory '%s'", path);
	*ret_dev = take_fd(&dev);
	*ret_dir = dir;
	return 0;
}

static int bind_console(struct init *in, int slave)
{
	autofd int dev = FD_NONE, dir = FD_NONE;
	int r = open_tty_dir(in, &dev, &dir);

	if (r >= 0 && dir >= 0)
		r = tty_bind(dir, "console", slave);
	return r < 0 ? r : tty_bind(dev, "console", slave);
}

/* Before the pivot: /dev/console is a mount like the others, and the devpts is reached in the root.
 */
static int step_terminal(struct init *in)
{
	autofd int master = FD_NONE, slave = FD_NONE;
	int r;

	r = process_open_terminal(in, &master, &slave);
	if (r >= 0 && has_mount_ns(in))
		r = bind_console(in, slave);
	return r < 0 ? r : process_take_terminal(in, master, slave);
}

static bool wants_ttys(const struct init *in)
{
	return has_mount_ns(in) && in->l->plan.ttys;
}

static int bind_tty(struct init *in, const char *name, int slave)
{
	autofree char *target = xasprintf("%s/%s", in->l->bundle.annotations.tty_dir, name);
	autofd int dev = FD_NONE, dir = FD_NONE;
	int r = open_tty_dir(in, &dev, &dir);

	if (r < 0)
		return r;
	if (dir < 0)
		return tty_bind(dev, name, slave);
	(void) unlinkat(dev, name, 0); /* of the image, or not there */
	if (symlinkat(target, dev, name) < 0)
		return err_sys("link '/dev/%s'", name);
	return tty_bind(dir, name, slave);
}

static int make_tty(struct init *in, int pts, unsigned int n, struct strbuf *names)
{
	autofree char *name = xasprintf("tty%u", n);
	autofd int master = FD_NONE, slave = FD_NONE;
	unsigned int number;
	int r;

	r = tty_open(pts, &master, &slave);
	if (r >= 0)
		r = bind_tty(in, name, slave);
	if (r < 0)
		return r;
	if (ioctl(master, TIOCGPTN, &number) < 0)
		return err_sys("ask for the number of a terminal");
	strbuf_addf(names, "%spts/%u", n > 1 ? " " : "", number);
	return sync_request(in->l->sync, SYNC_TTY, n, master, NULL);
}

static int step_ttys(struct init *in)
{
	autofd int pts = resolve_open(in->root_fd, "/dev/pts", O_RDONLY | O_DIRECTORY);
	struct strbuf names = STRBUF_INIT;
	int r = pts < 0 ? err_sys_r(pts, "open the container's /dev/pts") : 0;

	for (unsigned int n = 1; r >= 0 && n <= in->l->plan.ttys; n++)
		r = make_tty(in, pts, n, &names);
	in->l->container_ttys = strbuf_take(&names);
	return r;
}

static int step_enter_root(struct init *in)
{
	return rootfs_enter(&in->mount_api, &in->l->plan.rootfs, in->root_fd);
}

/* ---- inside ---- */

static bool wants_sysctls(const struct init *in)
{
	return linux_of(in)->sysctl;
}

/* Before /proc/sys becomes read-only, and through a procfs that nobody has mounted over. */
static int step_sysctls(struct init *in)
{
	return sysctl_apply(in->procfs_fd, linux_of(in)->sysctl);
}

static bool wants_masks(const struct init *in)
{
	return has_mount_ns(in) &&
	       (linux_of(in)->masked_paths_len || linux_of(in)->readonly_paths_len);
}

static int step_masks(struct init *in)
{
	const struct oci_linux *x = linux_of(in);
	const struct launch_plan *plan = &in->l->plan;
	struct mask_args args = {
		.api = &in->mount_api,
		.root_fd = in->root_fd,
		.proc_fd = in->mounted_proc_fd,
		.null_fd = in->null_fd,
		.masked = x->masked_paths,
		.masked_len = x->masked_paths_len,
		.readonly = x->readonly_paths,
		.readonly_len = x->readonly_paths_len,
		.writable = plan->writable,
		.writable_len = plan->writable_len,
		.label = plan->mount_label,
		.label_type = in->l->bundle.annotations.mount_context_type,
	};

	return mask_apply(&args);
}

static int step_mounts_late(struct init *in)
{
	return mount_apply_late(&in->mount_api, in->root_fd, &in->l->plan.mounts);
}

static int step_finish_root(struct init *in)
{
	return rootfs_finish(&in->mount_api, &in->l->plan.rootfs, in->root_fd);
}

static bool wants_names(const struct init *in)
{
	return config_of(in)->hostname || config_of(in)->domainname;
}

static int step_names(struct init *in)
{
	return uts_apply(config_of(in)->hostname, config_of(in)->domainname);
}

/* ---- the process ---- */

static bool has_process(const struct init *in)
{
	return in->l->plan.has_process;
}

/* As root first, who may go and make directories anywhere; where root is refused (a file system of
 * the network that squashes it) the user tries again when he is one. */
static int step_cwd(struct init *in)
{
	const char *cwd = config_of(in)->process->cwd;

	/* in the root: checked by what getcwd says */
	if (chdir(cwd) == 0 || errno == EACCES || errno == EPERM)
		return 0;
	if (errno == ENOENT) {
		autofd int dir = resolve_mkdir_p(in->root_fd, cwd, 0755);

		/* in the root: as above */
		if (dir >= 0 && chdir(cwd) == 0)
			return 0;
	}
	return err_sys("chdir to cwd '%s'", cwd);
}

static int step_program(struct init *in)
{
	int r = process_program(in);

	if (r < 0)
		return r;
	if (hooks_any(&in->l->hooks, HOOK_START_CONTAINER))
		in->hook_state_created = hook_state(in, "created");
	if (in->l->seccomp_agent >= 0) {
		autofree char *state = state_with_pid(in, "creating", in->host_pid);

		process_seccomp_message(in, state);
	}
	return 0;
}

/* ---- the table ---- */

/* clang-format off */
static const struct init_step steps[] = {
	{ "hello",                 NULL,                       process_hello },
	{ "session",               NULL,                       process_session },
	/* while the host's /proc and /dev are to be seen */
	{ "private procfs",        wants_procfs,               step_procfs },
	{ "keyring",               process_wants_keyring,      process_keyring },
	{ "cgroup namespace",      wants_late_namespaces,      step_late_namespaces },
	{ "loopback",              wants_loopback,             step_loopback },
	{ "core scheduling",       wants_core,                 step_core },
	{ "host's /dev/null",      wants_null,                 step_null },
	{ "pre-mount hooks",       wants_pre_mount_hooks,      step_pre_mount_hooks },
	{ "rootfs",                has_root,                   step_rootfs },
	{ "mounts",                has_mount_ns,               step_mounts },
	{ "devices",               wants_devices,              step_devices },
	{ "boot id",               wants_bootid,               step_bootid },
	/* the runtime's hooks see the mounts made; createContainer hooks can still add some */
	{ "runtime hooks",         wants_runtime_hooks,        step_runtime_hooks },
	{ "container hooks",       wants_container_hooks,      step_container_hooks },
	{ "terminal",              process_wants_terminal,     step_terminal },
	{ "ttys",                  wants_ttys,                 step_ttys },
	{ "root",                  has_root,                   step_enter_root },
	/* sysctls before /proc/sys is read-only, masks before the root is */
	{ "sysctls",               wants_sysctls,              step_sysctls },
	{ "masked paths",          wants_masks,                step_masks },
	{ "read-only mounts",      has_mount_ns,               step_mounts_late },
	{ "working directory",     has_process,                step_cwd },
	{ "root attributes",       has_mount_ns,               step_finish_root },
	{ "host name",             wants_names,                step_names },
	{ "scheduling",            NULL,                       process_scheduling },
	/* from here on privileges only shrink */
	{ "landlock",              process_wants_landlock,     process_landlock },
	{ "label",                 process_wants_label,        process_label },
	{ "no_new_privs",          process_wants_no_new_privs, process_no_new_privs },
	{ "credentials",           has_process,                process_credentials },
	{ "program",               has_process,                step_program },
};
/* clang-format on */

/* While it waits, init holds nothing of the host but what the start needs: its caller's lock above
 * all. */
static void release_setup(struct init *in)
{
	struct launch *l = in->l;

	fd_close(&in->root_fd);
	fd_close(&in->procfs_fd);
	fd_close(&in->mounted_proc_fd);
	fd_close(&in->null_fd);
	mount_api_close(&in->mount_api);
	fd_close(&l->bundle.fd);
	fd_close(&l->bundle.rootfs_fd);
	fd_close(&l->plan.rootfs.tree_fd);
	fd_close(&l->console_socket);
	if (!hooks_any(&l->hooks, HOOK_START_CONTAINER))
		hooks_close(&l->hooks);
}

int init_run_steps(struct init *in, const struct init_step *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r;

		if (v[i].wanted && !v[i].wanted(in))
			continue;
		log_debug("step: %s", v[i].name);
		r = v[i].run(in);
		if (r < 0)
			return r;
	}
	return 0;
}

int init_setup(struct init *in)
{
	int r = init_run_steps(in, steps, ARRAY_SIZE(steps));

	if (r < 0)
		return r;
	release_setup(in);
	/* From here on a detached container outlives who made it. */
	if (!in->l->wait_on_sync)
		(void) prctl(PR_SET_PDEATHSIG, 0);
	return sync_send(in->l->sync, SYNC_READY, 0, NULL, FD_NONE);
}

void init_main(struct launch *l)
{
	struct init in = INIT_INIT(l);
	int r;

	proc_set_name("hako:init");
	r = init_setup(&in);
	if (r >= 0)
		r = init_start(&in);
	(void) r; /* in the record */
	sync_send_failure(l->sync);
	_exit(1);
}
