/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MEMPOLICY_H
#define HAKO_LINUX_MEMPOLICY_H

/* NUMA memory policy, set_mempolicy(2). Errors begin with "invalid memory policy". */

struct oci_memory_policy;

#define MEMPOLICY_NODES_MAX 1024
#define MEMPOLICY_LONGS	    (MEMPOLICY_NODES_MAX / (8 * sizeof(unsigned long)))

struct mempolicy {
	int mode; /* with the mode flags */
	unsigned long nodes[MEMPOLICY_LONGS];
};

/* Pure. */
int mempolicy_plan(const struct oci_memory_policy *p, struct mempolicy *ret);
/* For the caller and what it executes. */
int mempolicy_apply(const struct oci_memory_policy *p);

/* Names for `features`, sorted, NULL-terminated, static. */
const char *const *mempolicy_modes(void);
const char *const *mempolicy_flags(void);

#endif
