/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "cgroup/at.h"
#include "cgroup/cgroup.h"

long long cgroup_oom_kills(const struct cgroup *cg)
{
	const struct cg_at *v1 = cgroup_find(cg, "memory"), *v2 = cgroup_find(cg, NULL);
	const struct cg_at *at = v1 ? v1 : v2;
	autofree char *text = NULL;

	if (!at || cg_read(at->fd, v1 ? "memory.oom_control" : "memory.events", &text) < 0)
		return -1;
	return cg_keyed_value(text, "oom_kill");
}
