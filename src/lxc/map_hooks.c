/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks. Not carried yet: their lines are left to the report, which names each as such. Only the
 * clone hook is done with: lxc-copy runs it, a container never does. */
#include "lxc/map_internal.h"

static bool has_hooks(const struct lxc_config *c)
{
	for (size_t i = 0; i < LXC_HOOK_MAX; i++) {
		if (i != LXC_HOOK_CLONE && c->hooks[i].len)
			return true;
	}
	return false;
}

void map_hooks(struct lxc_map *m)
{
	const struct lxc_envs *env = &m->c->environment_hooks;
	const struct lxc_strs *clone = &m->c->hooks[LXC_HOOK_CLONE];

	if (!has_hooks(m->c))
		report_kept(m->report, m->c->hook_version.pos, NULL, "there is no hook");
	for (size_t i = 0; i < clone->len; i++)
		report_kept(m->report, clone->v[i].pos, NULL,
			    "run by lxc-copy, not by a container");
	for (size_t i = 0; i < env->len; i++) {
		if (!has_hooks(m->c)) {
			report_kept(m->report, env->v[i].pos, NULL, "there is no hook to see it");
			continue;
		}
		diag_add(m->diag, "LXC-W002", env->v[i].pos, "lxc.environment.hooks",
			 "hooks are not mapped yet");
		report_unmapped(m->report, env->v[i].pos, "hooks are not mapped yet");
	}
}
