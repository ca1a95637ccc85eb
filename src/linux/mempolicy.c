/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mempolicy.h"

#include <stdbool.h>

#include "base/bitlist.h"
#include "base/err.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/table.h"
#include "ocispec.h"

/* Numbers: <linux/mempolicy.h>, whose last members are newer than some headers. Sorted by name. */
static const struct name_value modes[] = {
	{ "MPOL_BIND", 2 },
	{ "MPOL_DEFAULT", 0 },
	{ "MPOL_INTERLEAVE", 3 },
	{ "MPOL_LOCAL", 4 },
	{ "MPOL_PREFERRED", 1 },
	{ "MPOL_PREFERRED_MANY", 5 },	   /* Linux 5.15 */
	{ "MPOL_WEIGHTED_INTERLEAVE", 6 }, /* 6.9 */
};
enum { MODE_DEFAULT = 0, MODE_PREFERRED = 1, MODE_LOCAL = 4 };

static const struct name_value mode_flags[] = {
	{ "MPOL_F_NUMA_BALANCING", 1 << 13 }, /* 5.12 */
	{ "MPOL_F_RELATIVE_NODES", 1 << 14 },
	{ "MPOL_F_STATIC_NODES", 1 << 15 },
};

const char *const *mempolicy_modes(void)
{
	static const char *names[ARRAY_SIZE(modes) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		names[i] = modes[i].name;
	return names;
}

const char *const *mempolicy_flags(void)
{
	static const char *names[ARRAY_SIZE(mode_flags) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(mode_flags); i++)
		names[i] = mode_flags[i].name;
	return names;
}

/* set_mempolicy(2): some modes take no node, "preferred" may, the others must. */
static int check_nodes(const char *mode, int value, size_t n)
{
	bool none = value == MODE_DEFAULT || value == MODE_LOCAL;

	if (none && n > 0)
		return err_code(EINVAL,
				"invalid memory policy: %s mode requires 0 nodes but got %zu", mode,
				n);
	if (!none && n == 0 && value != MODE_PREFERRED)
		return err_code(EINVAL,
				"invalid memory policy: %s mode requires at least 1 node but got 0",
				mode);
	return 0;
}

int mempolicy_plan(const struct oci_memory_policy *p, struct mempolicy *ret)
{
	struct mempolicy plan = { 0 };
	int64_t value;
	int r;

	if (str_empty(p->mode) || !TABLE_FIND(modes, p->mode, &value))
		return err_code(EINVAL, "invalid memory policy mode '%s'", p->mode ? p->mode : "");
	plan.mode = value;
	r = bitlist_parse(p->nodes ? p->nodes : "", plan.nodes, MEMPOLICY_NODES_MAX);
	if (r < 0)
		return err_code(EINVAL, "invalid memory policy node list '%s'", p->nodes);
	r = check_nodes(p->mode, plan.mode, bitlist_count(plan.nodes, MEMPOLICY_NODES_MAX));
	if (r < 0)
		return r;
	for (size_t i = 0; i < p->flags_len; i++) {
		if (!TABLE_FIND(mode_flags, p->flags[i], &value))
			return err_code(EINVAL, "invalid memory policy flag '%s'", p->flags[i]);
		plan.mode |= value;
	}
	*ret = plan;
	return 0;
}

int mempolicy_apply(const struct oci_memory_policy *p)
{
	struct mempolicy plan;
	size_t n;
	int r;

	r = mempolicy_plan(p, &plan);
	if (r < 0)
		return r;
	/* maxnode counts one more than it says (set_mempolicy(2), bugs) */
	n = bitlist_count(plan.nodes, MEMPOLICY_NODES_MAX);
	r = sys_set_mempolicy(plan.mode, n ? plan.nodes : NULL, n ? MEMPOLICY_NODES_MAX + 1 : 0);
	if (r < 0)
		return err_sys_r(r, "set memory policy '%s' on nodes '%s'", p->mode,
				 p->nodes ? p->nodes : "");
	return 0;
}
