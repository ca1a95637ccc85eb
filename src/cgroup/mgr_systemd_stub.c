/* SPDX-License-Identifier: Apache-2.0 */
/* In place of mgr_systemd.c when built without libsystemd. */
#include "cgroup/mgr_systemd.h"

#include "base/err.h"
#include "cgroup/cgroup.h"

static int missing(void)
{
	return err_code(ENOTSUP, "the systemd cgroup manager is not built in: use --cgroup-manager "
				 "cgroupfs");
}

int cgroup_host_probe_systemd(struct cgroup_host *host, bool user)
{
	(void) host;
	(void) user;
	return missing();
}

int mgr_systemd_start(const struct cgroup_plan *plan, pid_t pid, bool *ret_ours)
{
	*ret_ours = false;
	(void) plan;
	(void) pid;
	return missing();
}

int mgr_systemd_set(const char *unit, bool user, const struct systemd_props *props)
{
	(void) unit;
	(void) user;
	(void) props;
	return missing();
}

int mgr_systemd_stop(const char *unit, bool user)
{
	(void) unit;
	(void) user;
	return missing();
}
