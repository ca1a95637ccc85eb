/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/delete.h"

#include <errno.h>
#include <signal.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "runtime/container.h"
#include "runtime/hooks.h"
#include "runtime/kill.h"
#include "runtime/lent.h"
#include "runtime/netdevs.h"
#include "runtime/rdt.h"
#include "runtime/store.h"

/* Processes and cgroups. */
static int end_all(const struct container *c, const struct cgroup *cg)
{
	int r = kill_everything(c, cg);

	if (r < 0)
		return r;
	r = lent_remove(c, cg, 0);
	if (r != -EBUSY)
		return r;
	/* Somebody who is no child of init's is in there. */
	err_forgive(r, "kill what came from outside");
	r = cgroup_kill(cg, SIGKILL);
	return r < 0 ? r : lent_remove(c, cg, CONTAINER_EXIT_MS);
}

static int open_and_end_all(const struct container *c)
{
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r = container_open_cgroup(c, &cg);

	return r < 0 ? r : end_all(c, &cg);
}

int delete_all(const struct container *c, const struct cgroup *cg)
{
	int r;

	if (!c->status)
		r = store_check_ours(c->dir_fd, c->id);
	else
		r = cg ? end_all(c, cg) : open_and_end_all(c);
	if (r < 0)
		return r;
	netdevs_give_back(c);
	if (c->status) {
		rdt_remove(c);
		r = container_run_hooks(c, HOOK_POSTSTOP, CONTAINER_STOPPED);
		if (r == -ENOENT)
			err_forgive(r, "created not far enough for hooks");
		else if (r < 0)
			err_warn(r, "poststop hooks of container '%s'", c->id);
	}
	return store_remove(c->root_fd, c->dir_fd, c->id);
}

int delete_run_destroy_hooks(const struct container *c)
{
	return c->status ? container_run_hooks(c, HOOK_DESTROY, CONTAINER_STOPPED) : 0;
}

int delete_container(const struct runtime_opts *rt, const char *id, int flags)
{
	autocontainer struct container c = CONTAINER_INIT;
	bool force = flags & DELETE_FORCE;
	int r;

	r = container_open(rt, id, CONTAINER_LOCK | (force ? CONTAINER_BROKEN_OK : 0), &c);
	if (r == -ENOENT && force) {
		err_forgive(r, "nothing to delete");
		return 0;
	}
	if (r < 0)
		return r;
	/* The lock is ours, so nobody is creating it any more. */
	if (!force && c.state != CONTAINER_STOPPED && c.state != CONTAINER_CREATED)
		return err_code(EBUSY,
				"container %s is not stopped: it is %s "
				"(kill it first, or use --force)",
				id, container_state_name(c.state));
	if (flags & DELETE_DESTROY) {
		/* what they take away may be in use until then */
		r = c.status ? open_and_end_all(&c) : 0;
		if (r >= 0)
			r = delete_run_destroy_hooks(&c);
	}
	return r < 0 ? r : delete_all(&c, NULL);
}
