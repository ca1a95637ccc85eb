/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_TEMPLATE_H
#define HAKO_SPEC_TEMPLATE_H

/* The document that `spec` writes. Pure. */

#include <sys/types.h>

#include "ocispec.h"

struct template_opts {
	bool rootless;	   /* a user namespace that maps uid and gid, no resources, a bound /sys */
	bool cgroup2_only; /* adds a cgroup namespace; v1 hosts go without, as runc has it */
	uid_t uid;	   /* whom root in a rootless container is */
	gid_t gid;
};

/* The caller's; passes validate_config. */
struct oci_config *template_config(const struct template_opts *opts);
/* The same as pretty JSON with a newline at the end. Heap. */
char *template_json(const struct template_opts *opts);

/* Lists for others that build documents: the usual maskedPaths and readonlyPaths,
 * NULL-terminated. */
extern const char *const template_masked_paths[];
extern const char *const template_readonly_paths[];

#endif
