/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_USERNS_FD_H
#define HAKO_LINUX_USERNS_FD_H

/*
 * Throw-away user namespaces: a descriptor that carries id mappings, for MOUNT_ATTR_IDMAP, or for
 * being root over what has these ids. Several uses with the same mappings share one. Reporting.
 */

#include <stddef.h>

#include "linux/host.h"
#include "linux/idmap.h"

struct userns_fd_entry;
struct userns_fds {
	struct userns_fd_entry *v;
	size_t len;
};
#define USERNS_FDS_INIT \
	{               \
		NULL, 0 \
	}

/*
 * The descriptor of a user namespace with these mappings: made by a child process that lives just
 * as long as it takes, or one made before. Borrowed: it lives until userns_fds_clear(). Each side
 * needs at least one mapping. Mappings are written with the caller's rights (idmap_write()).
 */
int userns_fds_get(struct userns_fds *cache, const struct idmap *map, const struct host_facts *host,
		   int *ret_fd);
void userns_fds_clear(struct userns_fds *cache);

/*
 * Runs fn in a child process that is in the namespace with all its capabilities, and otherwise what
 * we are. What fn returns, and what it recorded, is returned and recorded here. -EPERM when the
 * namespace is not the caller's.
 */
int userns_run(int userns_fd, int (*fn)(void *arg), void *arg);

#endif
