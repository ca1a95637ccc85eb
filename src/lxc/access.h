/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_ACCESS_H
#define HAKO_LXC_ACCESS_H

/*
 * Whose rights a file that a configuration names is opened with. Root who looks at somebody else's
 * configuration must not read for its owner what the owner cannot: lines of it end up in messages,
 * reports and the bundle. So such files are opened as the owner, without any of our groups.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lxc/model.h"

struct stat;

struct access_saved {
	bool active;
	gid_t *groups;
	size_t groups_len;
};

/* Who owns the file (or link) is who speaks, when we are root and he is not. */
void access_set_owner(struct lxc_access *a, const struct stat *st);
/* Quiet. 0 or -errno, and nothing has changed then. */
int access_enter(const struct lxc_access *a, struct access_saved *ret);
void access_leave(struct access_saved *s);

#endif
