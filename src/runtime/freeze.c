/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/freeze.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "runtime/container.h"

/* A process in the middle of a system call that cannot be interrupted is frozen when it leaves. */
#define FREEZE_TIMEOUT_MS 5000

/* Interrupted, we leave nothing half frozen. */
static int freeze(const struct cgroup *cg)
{
	autofd int stop = FD_NONE;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys("block signals");
	stop = signalfd(-1, &set, SFD_CLOEXEC);
	if (stop < 0)
		return err_sys("open a descriptor for signals");
	return cgroup_freeze(cg, FREEZE_TIMEOUT_MS, stop);
}

struct freezing {
	const char *verb;
	enum container_state from;
	const char *refusal;
	int (*apply)(const struct cgroup *cg);
};

/* A created container is not paused: `start` would wait for an init that cannot answer. */
static const struct freezing pausing = { "pause", CONTAINER_RUNNING, "not running", freeze };
static const struct freezing resuming = { "resume", CONTAINER_PAUSED, "not paused", cgroup_thaw };

static int change(const struct runtime_opts *rt, const char *id, const struct freezing *f)
{
	autocontainer struct container c = CONTAINER_INIT;
	autocgroup struct cgroup cg = CGROUP_INIT;
	int r;

	r = container_open(rt, id, CONTAINER_LOCK, &c);
	if (r < 0)
		return r;
	if (c.state != f->from)
		return err_code(EINVAL, "cannot %s container '%s': container %s (it is %s)",
				f->verb, id, f->refusal, container_state_name(c.state));
	r = container_open_cgroup(&c, &cg);
	if (r >= 0)
		r = f->apply(&cg);
	return r < 0 ? err_wrap(r, "%s container '%s'", f->verb, id) : 0;
}

int pause_container(const struct runtime_opts *rt, const char *id)
{
	return change(rt, id, &pausing);
}

int resume_container(const struct runtime_opts *rt, const char *id)
{
	return change(rt, id, &resuming);
}
