/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cgroup/at.h"
#include "cgroup/cgroup.h"

/* What each version calls it. */
struct memory_files {
	const char *events, *limit, *peak;
};
static const struct memory_files v1_files = {
	"memory.oom_control",
	"memory.limit_in_bytes",
	"memory.max_usage_in_bytes",
};
static const struct memory_files v2_files = {
	"memory.events",
	"memory.max",
	"memory.peak", /* Linux 5.19 */
};

char *cgroup_oom_text(const struct cgroup *cg)
{
	const struct cg_at *v1 = cgroup_find(cg, "memory"), *at = v1 ? v1 : cgroup_find(cg, NULL);
	const struct memory_files *files = v1 ? &v1_files : &v2_files;
	autofree char *events = NULL, *limit = NULL, *peak = NULL, *where = NULL;

	if (!at || cg_read(at->fd, files->events, &events) < 0 ||
	    cg_keyed_value(events, "oom_kill") <= 0)
		return NULL;
	where = at_text(at);
	if (cg_read(at->fd, files->limit, &limit) < 0 || str_eq(limit, "max"))
		return xasprintf("a memory limit above cgroup '%s'", where);
	if (cg_read(at->fd, files->peak, &peak) < 0)
		return xasprintf("the memory limit of %s bytes of cgroup '%s'", limit, where);
	return xasprintf("the memory limit of %s bytes of cgroup '%s' (peak usage: %s)", limit,
			 where, peak);
}
