/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_FEATURES_H
#define HAKO_SPEC_FEATURES_H

/*
 * The features document. It lists what this build implements, so every list comes from the table
 * that the mechanism itself works with, passed in by the caller: a name that is not in the table is
 * not claimed. Pure.
 */

#include "ocispec.h"

struct features_list {
	const char *const *v;
	size_t len;
};

struct features_input {
	struct features_list hooks;
	struct features_list mount_options; /* sorted on output */
	struct features_list namespaces;
	struct features_list capabilities; /* "CAP_CHOWN", …; {NULL, 0}: the field is left out */
	bool cgroup_v1;
	bool cgroup_v2;
	bool cgroup_systemd;
	bool cgroup_systemd_user;
	bool cgroup_rdma;
	bool seccomp; /* false: the lists are left out */
	struct features_list seccomp_actions;
	struct features_list seccomp_operators;
	struct features_list seccomp_archs;
	struct features_list seccomp_known_flags;
	struct features_list seccomp_supported_flags;
	bool apparmor;
	bool selinux;
	bool intel_rdt;
	bool intel_rdt_schemata;
	bool intel_rdt_monitoring;
	struct features_list memory_policy_modes;
	struct features_list memory_policy_flags;
	bool mount_idmap;
	bool net_devices;
	const struct oci_map *annotations; /* version and the like; may be NULL */
};

/* Pretty JSON with a newline. Heap. */
char *features_json(const struct features_input *in);

#endif
