/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/kill.h"

#include <errno.h>
#include <signal.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/proc.h"
#include "cgroup/cgroup.h"
#include "ocispec.h"
#include "runtime/container.h"

static int kill_cgroup(const struct container *c, int sig)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(c, &cg);

	return r < 0 ? r : cgroup_kill(&cg, sig);
}

static int kill_init(const struct container *c, int sig)
{
	int r = proc_signal(c->pidfd, sig);

	if (r == -ESRCH)
		return err_code(ESRCH, "cannot kill container '%s': container not running", c->id);
	if (r < 0)
		return err_sys_r(r, "send %s to container '%s'", signal_name(sig), c->id);
	return 0;
}

/* Does the end of init end the rest? Not where the pid namespace is somebody else's; and a process
 * frozen by cgroup v1 takes even SIGKILL only through its cgroup. */
static bool needs_cgroup(const struct container *c, int sig)
{
	return sig == SIGKILL && (c->status->pid_namespace_shared || c->state == CONTAINER_PAUSED);
}

/* In a pid namespace that is not its own a container may outlive its init. */
static bool has_processes(const struct container *c)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	autofree pid_t *pids = NULL;
	size_t n = 0;
	int r = container_open_cgroup(c, &cg);

	if (r >= 0)
		r = cgroup_pids(&cg, true, &pids, &n);
	if (r < 0)
		err_forgive(r, "look for left-over processes");
	return n > 0;
}

int kill_container(const struct runtime_opts *rt, const char *id, const char *signal, bool all)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r, sig;

	sig = signal_parse(signal);
	if (sig < 0)
		return signal_unknown(signal);
	r = container_open(rt, id, 0, &c);
	if (r < 0)
		return r;
	/* --all is how engines collect what outlived its init, so it has no wrong moment. */
	if (all)
		return kill_cgroup(&c, sig);
	if (c.pidfd < 0 && sig == SIGKILL && c.status->pid_namespace_shared && has_processes(&c))
		return kill_cgroup(&c, sig);
	if (c.pidfd < 0)
		return err_code(ESRCH,
				"cannot kill container '%s': container not running (it is %s)", id,
				container_state_name(c.state));
	r = kill_init(&c, sig);
	if (r >= 0 && needs_cgroup(&c, sig))
		r = kill_cgroup(&c, sig);
	return r;
}

int kill_everything(const struct container *c, const struct cgroup *cg)
{
	int r;

	/* With the init of a pid namespace the kernel ends everybody in it. */
	if (c->pidfd < 0 && !c->status->pid_namespace_shared)
		return 0;
	r = cgroup_kill(cg, SIGKILL);
	if (r < 0)
		err_warn(r, "kill what container '%s' left", c->id);
	if (c->pidfd < 0)
		return 0;
	r = proc_signal(c->pidfd, SIGKILL);
	if (r < 0 && r != -ESRCH)
		return err_sys_r(r, "kill container '%s'", c->id);
	r = proc_wait_exit(c->pidfd, CONTAINER_EXIT_MS);
	if (r == -ETIMEDOUT)
		return err_code(ETIMEDOUT,
				"container '%s': process %d does not end although killed", c->id,
				container_pid(c));
	if (r < 0)
		return err_sys_r(r, "wait for the end of container '%s'", c->id);
	return 0;
}
