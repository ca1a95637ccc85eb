/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_HOST_H
#define HAKO_LINUX_HOST_H

/*
 * Facts about the caller and its machine: input of the plans, filled once, faked in tests. On the
 * start path of every command, hence five system calls and no file is read; what only some
 * containers need (security modules, the last capability) is probed by its own module when it is
 * configured.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct host_facts {
	uid_t euid;
	gid_t egid;
	uint64_t caps;	     /* effective capabilities, bit n = capability n */
	bool initial_userns; /* not inside a user namespace */
};

/* 0 or -errno. Without /proc the user namespace counts as not initial. */
int host_probe(struct host_facts *ret);
/* Does the caller hold the capability in its own user namespace? */
bool host_has_cap(const struct host_facts *host, int cap);
/* Is the machine out of reach (another user than root, or root of a user namespace only)? */
bool host_is_rootless(const struct host_facts *host);

#endif
