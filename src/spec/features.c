/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/features.h"

#include "base/alloc.h"
#include "base/str.h"

#include "spec/annotations.h"
#include "spec/state.h"

#define VERSION_MIN "1.0.0"

/* As in state.c: members borrow from the input and are not freed. */
#define BORROW(in, list) (char **) (in)->list.v, (in)->list.len

static void set_list(char ***member, size_t *member_len, char **v, size_t len)
{
	*member = len > 0 ? v : NULL;
	*member_len = len;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static struct oci_features_cgroup cgroup_features(const struct features_input *in)
{
	return (struct oci_features_cgroup){
		.v1 = in->cgroup_v1,
		.has_v1 = true,
		.v2 = in->cgroup_v2,
		.has_v2 = true,
		.systemd = in->cgroup_systemd,
		.has_systemd = true,
		.systemd_user = in->cgroup_systemd_user,
		.has_systemd_user = true,
		.rdma = in->cgroup_rdma,
		.has_rdma = true,
	};
}

static struct oci_features_seccomp seccomp_features(const struct features_input *in)
{
	struct oci_features_seccomp s = { .enabled = in->seccomp, .has_enabled = true };

	if (!in->seccomp)
		return s;
	set_list(&s.actions, &s.actions_len, BORROW(in, seccomp_actions));
	set_list(&s.operators, &s.operators_len, BORROW(in, seccomp_operators));
	set_list(&s.archs, &s.archs_len, BORROW(in, seccomp_archs));
	set_list(&s.known_flags, &s.known_flags_len, BORROW(in, seccomp_known_flags));
	set_list(&s.supported_flags, &s.supported_flags_len, BORROW(in, seccomp_supported_flags));
	return s;
}

static char *generate(const struct oci_features *f)
{
	autofree char *text = oci_features_generate(f, OCI_PRETTY);

	return xasprintf("%s\n", text);
}

char *features_json(const struct features_input *in)
{
	struct oci_features_cgroup cgroup = cgroup_features(in);
	struct oci_features_seccomp seccomp = seccomp_features(in);
	struct oci_features_enabled apparmor = { .enabled = in->apparmor, .has_enabled = true };
	struct oci_features_enabled selinux = { .enabled = in->selinux, .has_enabled = true };
	struct oci_features_enabled idmap = { .enabled = in->mount_idmap, .has_enabled = true };
	struct oci_features_enabled net_devices = { .enabled = in->net_devices,
						    .has_enabled = true };
	struct oci_features_mount_extensions mount_extensions = { .idmap = &idmap };
	struct oci_features_intel_rdt rdt = {
		.enabled = in->intel_rdt,
		.has_enabled = true,
		.schemata = in->intel_rdt_schemata,
		.has_schemata = in->intel_rdt,
		.monitoring = in->intel_rdt_monitoring,
		.has_monitoring = in->intel_rdt,
	};
	struct oci_features_memory_policy memory_policy = { 0 };
	struct oci_features_linux linux_features = {
		.cgroup = &cgroup,
		.seccomp = &seccomp,
		.apparmor = &apparmor,
		.selinux = &selinux,
		.intel_rdt = &rdt,
		.mount_extensions = &mount_extensions,
		.net_devices = &net_devices,
	};
	struct oci_features f = {
		.oci_version_min = (char *) VERSION_MIN,
		.oci_version_max = (char *) SPEC_VERSION,
		.linux = &linux_features,
		.annotations = in->annotations && in->annotations->len > 0
				       ? (struct oci_map *) in->annotations
				       : NULL,
	};
	const char *const *unsafe = annotations_unsafe();
	autofree char **sorted =
		xmemdup(in->mount_options.v, in->mount_options.len * sizeof(char *));

	qsort(sorted, in->mount_options.len, sizeof(char *), compare_names);
	set_list(&f.mount_options, &f.mount_options_len, sorted, in->mount_options.len);
	set_list(&f.hooks, &f.hooks_len, BORROW(in, hooks));
	set_list(&linux_features.namespaces, &linux_features.namespaces_len,
		 BORROW(in, namespaces));
	set_list(&linux_features.capabilities, &linux_features.capabilities_len,
		 BORROW(in, capabilities));
	set_list(&memory_policy.modes, &memory_policy.modes_len, BORROW(in, memory_policy_modes));
	set_list(&memory_policy.flags, &memory_policy.flags_len, BORROW(in, memory_policy_flags));
	if (memory_policy.modes)
		linux_features.memory_policy = &memory_policy;
	set_list(&f.potentially_unsafe_config_annotations,
		 &f.potentially_unsafe_config_annotations_len, (char **) unsafe,
		 strs_len((char *const *) unsafe));
	return generate(&f);
}
