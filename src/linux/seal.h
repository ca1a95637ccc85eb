/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SEAL_H
#define HAKO_LINUX_SEAL_H

/*
 * Protection of our own executable (CVE-2019-5736): a container can reach it by /proc/PID/exe of a
 * process that enters it, and could write to it from there. So what enters is a copy that cannot be
 * written: see seal.c for the two kinds and what they cost.
 */

#include <stdbool.h>
#include <stddef.h>

struct oci_id_mapping;

enum seal_method {
	SEAL_AUTO,
	SEAL_MEMFD, /* a sealed copy in memory */
	SEAL_CLONE, /* the file in a detached, read-only mount of its own */
};

/*
 * Call before threads, descriptors and namespaces. 0: this process already runs from a protected
 * copy. Otherwise executes itself again from one and does not return, or -errno when no method
 * works.
 */
int seal_self(char **argv);
/* One method only, for tests and measurements. */
int seal_self_by(enum seal_method method, char **argv);
/*
 * May protection be left out for a container in a new user namespace with this uid mapping? Only
 * when the executable's owner is not mapped and nobody else may write it: then no process of the
 * namespace can, whatever its capabilities there (capabilities(7) count for files whose ids are
 * mapped).
 */
bool seal_can_skip(const struct oci_id_mapping *uid, size_t n);
/* Does the process run from a protected copy? */
bool seal_is_protected(void);

#endif
