/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"
#include "cli/cli.h"
#include "cli/version.h"
#include "linux/caps.h"
#include "linux/mempolicy.h"
#include "linux/mount_opts.h"
#include "linux/ns_plan.h"
#include "linux/seccomp_filter.h"
#include "linux/seccomp_names.h"
#include "runtime/hooks.h"
#include "spec/features.h"

static struct features_list list_of(const char *const *v)
{
	struct features_list l = { v, 0 };

	while (v[l.len])
		l.len++;
	return l;
}

/* What the running kernel takes, of what we know. */
static struct features_list supported_flags(const char *buf[], size_t max)
{
	struct features_list all = list_of(seccomp_flag_names()), l = { buf, 0 };

	for (size_t i = 0; i < all.len && l.len < max; i++) {
		if (seccomp_flag_is_supported(all.v[i]))
			buf[l.len++] = all.v[i];
	}
	return l;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const char *hooks[HOOK_STAGE_COUNT_], *namespaces[NS_COUNT_], *flags[16];
	struct features_input in = { 0 };
	autofree char *json = NULL;

	(void) rt;
	(void) opts;
	(void) args;
	for (int i = 0; i < HOOK_STAGE_COUNT_; i++)
		hooks[i] = hooks_stage_name(i);
	for (int i = 0; i < NS_COUNT_; i++)
		namespaces[i] = ns_infos[i].name;
	in.hooks = (struct features_list){ hooks, HOOK_STAGE_COUNT_ };
	in.namespaces = (struct features_list){ namespaces, NS_COUNT_ };
	in.mount_options.v = mount_opts_names(&in.mount_options.len);
	in.capabilities = list_of(caps_names());
	in.cgroup_v1 = true;
	in.cgroup_v2 = true;
	in.cgroup_rdma = true;
	in.seccomp = seccomp_is_available();
	in.seccomp_actions = list_of(seccomp_action_names());
	in.seccomp_operators = list_of(seccomp_operator_names());
	in.seccomp_archs = list_of(seccomp_arch_names());
	in.seccomp_known_flags = list_of(seccomp_flag_names());
	in.seccomp_supported_flags = supported_flags(flags, ARRAY_SIZE(flags));
	in.apparmor = true; /* plain files: nothing to build in, or to leave out */
	in.selinux = version_has_selinux;
	in.memory_policy_modes = list_of(mempolicy_modes());
	in.memory_policy_flags = list_of(mempolicy_flags());
	in.intel_rdt = in.intel_rdt_schemata = in.intel_rdt_monitoring = true;
	in.mount_idmap = true;
	in.net_devices = true;
	json = features_json(&in);
	return out_text(json);
}

const struct command cmd_features = {
	.name = "features",
	.args = "",
	.summary = "print what this build supports as JSON",
	.order = OPT_ANYWHERE,
	.max_args = 0,
	.run = run,
};
