/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/freeze.h"

#include <errno.h>

#include "base/err.h"
#include "cgroup/cgroup.h"
#include "runtime/container.h"

/* A process in the middle of a system call that cannot be interrupted is frozen when it leaves. */
#define FREEZE_TIMEOUT_MS 5000

static int freeze(const struct cgroup *cg)
{
	return cgroup_freeze(cg, FREEZE_TIMEOUT_MS);
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
