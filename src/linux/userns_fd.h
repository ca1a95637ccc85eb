/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_USERNS_FD_H
#define HAKO_LINUX_USERNS_FD_H

/*
 * Throw-away user namespaces: a descriptor that carries id mappings, for MOUNT_ATTR_IDMAP. Several
 * mounts with the same mappings share one. Reporting.
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

#endif
