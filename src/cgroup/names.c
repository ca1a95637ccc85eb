/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "base/table.h"
#include "cgroup/cgroup.h"

static const struct name_value modes[] = {
	{ "none", CGROUP_MODE_NONE },
	{ "unified", CGROUP_MODE_UNIFIED },
	{ "hybrid", CGROUP_MODE_HYBRID },
	{ "legacy", CGROUP_MODE_LEGACY },
};

static const struct name_value managers[] = {
	{ "cgroupfs", CGROUP_MANAGER_CGROUPFS },
	{ "systemd", CGROUP_MANAGER_SYSTEMD },
	{ "disabled", CGROUP_MANAGER_DISABLED },
};

const char *cgroup_mode_name(enum cgroup_mode mode)
{
	return TABLE_NAME(modes, mode);
}

int cgroup_mode_parse(const char *name, enum cgroup_mode *ret)
{
	int64_t value;

	if (!TABLE_FIND(modes, name, &value))
		return err_code(EINVAL, "unknown cgroup mode '%s'", name);
	*ret = (enum cgroup_mode) value;
	return 0;
}

const char *cgroup_manager_name(enum cgroup_manager manager)
{
	return TABLE_NAME(managers, manager);
}

int cgroup_manager_parse(const char *name, enum cgroup_manager *ret)
{
	int64_t value;

	if (!TABLE_FIND(managers, name, &value))
		return err_code(EINVAL, "unknown cgroup manager '%s' (cgroupfs, systemd, disabled)",
				name);
	*ret = (enum cgroup_manager) value;
	return 0;
}
