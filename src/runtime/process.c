/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/resolve.h"
#include "linux/creds.h"
#include "linux/execpath.h"
#include "linux/ioprio.h"
#include "linux/mempolicy.h"
#include "linux/personality.h"
#include "linux/seccomp_listener.h"
#include "linux/tty.h"
#include "ocispec.h"
#include "runtime/init_env.h"
#include "runtime/launch.h"
#include "runtime/sync.h"

static const struct oci_process *process_of(const struct init *in)
{
	return in->l->bundle.config->process;
}

int process_hello(struct init *in)
{
	uint32_t pid;
	int r;

	/* The maps are written, so nobody needs us dumpable any more; and what is in the container
	 * already (a joined pid namespace) must not look into us: CVE-2016-9962. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_sys("become undumpable");
	r = sync_ask_number(in->l->sync, SYNC_HELLO, &pid);
	if (r >= 0)
		in->host_pid = (pid_t) pid;
	return r;
}

int process_session(struct init *in)
{
	(void) in;
	/* EPERM: a process group leader, as pid 1 of an own namespace can be; it leads a session
	 * then too. */
	if (setsid() < 0 && errno != EPERM)
		return err_sys("start a session");
	return 0;
}

bool process_wants_keyring(const struct init *in)
{
	return in->l->plan.new_keyring;
}

int process_keyring(struct init *in)
{
	int r = 0;

	if (lsm_wanted(&in->l->plan.labels))
		r = lsm_set_keyring(in->procfs_fd, &in->l->plan.labels);
	return r < 0 ? r : creds_join_keyring(in->l->c.id);
}

/* ---- terminal ---- */

bool process_wants_terminal(const struct init *in)
{
	return in->l->plan.terminal;
}

int process_open_terminal(struct init *in, int *ret_master, int *ret_slave)
{
	const struct oci_process *p = process_of(in);
	autofd int pts = FD_NONE, master = FD_NONE, slave = FD_NONE;
	int r;

	pts = resolve_open(in->root_fd, "/dev/pts", O_RDONLY | O_DIRECTORY);
	if (pts < 0)
		return err_sys_r(pts, "open the container's /dev/pts");
	r = tty_open(pts, &master, &slave);
	if (r >= 0 && p->console_size)
		r = tty_set_size(master, p->console_size);
	if (r >= 0 && in->l->plan.relay_terminal)
		r = tty_clear_onlcr(master);
	if (r < 0)
		return r;
	*ret_master = take_fd(&master);
	*ret_slave = take_fd(&slave);
	return 0;
}

int process_take_terminal(struct init *in, int master, int slave)
{
	int r = sync_request(in->l->sync, SYNC_TTY, 0, master, NULL);

	return r < 0 ? r : tty_take(slave);
}

/* ---- before the program ---- */

int process_scheduling(struct init *in)
{
	const struct oci_linux *x = in->l->bundle.config->linux;
	const struct oci_process *p = process_of(in);
	int r = 0;

	if (x && x->memory_policy)
		r = mempolicy_apply(x->memory_policy);
	if (r >= 0 && p && p->io_priority)
		r = ioprio_apply(p->io_priority);
	if (r >= 0 && x && x->personality)
		r = personality_apply(x->personality);
	return r;
}

bool process_wants_label(const struct init *in)
{
	return process_of(in) && lsm_wanted(&in->l->plan.labels);
}

int process_label(struct init *in)
{
	return lsm_set_exec(in->procfs_fd, &in->l->plan.labels);
}

bool process_wants_no_new_privs(const struct init *in)
{
	return process_of(in) && process_of(in)->no_new_privileges;
}

int process_no_new_privs(struct init *in)
{
	(void) in;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys("set no_new_privs");
	return 0;
}

bool process_wants_landlock(const struct init *in)
{
	return process_of(in) && in->l->plan.landlock.wanted;
}

/* While we may go anywhere; entered at the very end, after what we still have to look up. */
int process_landlock(struct init *in)
{
	return landlock_open(&in->l->plan.landlock, in->root_fd, &in->landlock_fd);
}

bool process_keeps_admin(const struct init *in)
{
	return (in->l->seccomp.len || in->landlock_fd >= 0) && !process_of(in)->no_new_privileges;
}

/* Kept until exec; what execve gives to a hook is computed from the bounding set and does not have
 * it. */
static struct caps_sets caps_until_exec(const struct init *in)
{
	struct caps_sets sets = in->l->plan.caps;

	if (process_keeps_admin(in)) {
		sets.permitted |= 1ull << CAP_SYS_ADMIN;
		sets.effective |= 1ull << CAP_SYS_ADMIN;
	}
	return sets;
}

int process_credentials(struct init *in)
{
	const struct oci_user *user = process_of(in)->user;
	struct caps_sets sets = caps_until_exec(in);
	int flags = in->l->bundle.annotations.keep_original_groups ? CREDS_KEEP_GROUPS : 0;
	int r;

	r = creds_chown_stdio(user);
	if (r >= 0)
		r = caps_drop_bounding(&in->l->plan.caps);
	if (r >= 0)
		r = caps_keep(user ? user->uid : 0);
	if (r >= 0)
		r = creds_apply(user, flags);
	if (r >= 0)
		r = caps_apply(&sets);
	if (r >= 0)
		r = caps_trim(&in->l->plan.caps);
	creds_apply_umask(user);
	return r;
}

/* "(unreachable)" instead of a path: the directory is not below our root, whoever arranged that it
 * can be reached by this name (CVE-2024-21626). */
static int check_cwd(const char *cwd)
{
	char buf[PATH_MAX];
	long n = syscall(SYS_getcwd, buf, sizeof(buf));

	if (n > 0 && buf[0] != '/')
		return err_code(EPERM, "process.cwd: '%s' is outside of the container", cwd);
	/* A filter around us may refuse the call. Whatever else it says, nobody knows where this
	 * is: removed, or deeper than a path is long. */
	if (n < 0 && errno != ENOSYS && errno != EPERM && errno != EACCES)
		return err_code(EPERM,
				"process.cwd: '%s' is outside of the container or was removed",
				cwd);
	return 0;
}

int process_program(struct init *in)
{
	const struct oci_process *p = process_of(in);
	int r;

	/* in the root: checked right behind */
	if (chdir(p->cwd) < 0)
		return err_sys("chdir to cwd '%s'", p->cwd);
	r = check_cwd(p->cwd);
	if (r < 0)
		return r;
	in->env = init_env_make(in->l, in->root_fd);
	if (p->args_len == 0)
		return err_code(EINVAL, "process.args: nothing to execute");
	return execpath_find(p->args[0], in->env, &in->exec_path);
}

void process_seccomp_message(struct init *in, const char *state)
{
	const struct oci_config *c = in->l->bundle.config;

	in->seccomp_message = seccomp_listener_message(c->oci_version, in->host_pid,
						       c->linux->seccomp->listener_metadata, state);
}
