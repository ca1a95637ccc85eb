/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/dry_run.h"

#include "runtime/create.h"
#include "runtime/launch.h"

#define autolaunch __attribute__((cleanup(launch_clear)))

int dry_run_json(const struct runtime_opts *rt, const struct run_opts *opts, const char *id,
		 char **ret)
{
	autolaunch struct launch l;
	int r;

	launch_init(&l, rt, &opts->create);
	l.detached = opts->detach;
	r = launch_load(&l, id);
	if (r < 0)
		return r;
	*ret = plan_json(&l.plan);
	return 0;
}
