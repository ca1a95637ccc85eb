/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_EXT_H
#define HAKO_RUNTIME_CRIU_EXT_H

/*
 * What ties a container to its host, and is not criu's to save: bind mounts, namespaces that it
 * joined, its standard streams. A dump names each of them with a key, a restore says what takes the
 * key's place. Reporting.
 */

#include <stdbool.h>

#include "base/str.h"

struct container;
struct launch;

#define CRIU_EXT_FDS_MAX 8

/* Descriptors that criu inherits, in this order from CRIU_FIRST_FD on. */
struct criu_ext_fds {
	int fds[CRIU_EXT_FDS_MAX];
	size_t n;
};
void criu_ext_fds_close(struct criu_ext_fds *f);

/*
 * root_fd is the container's root: of its init for a dump, the root file system for a restore;
 * destinations are resolved in it. The key is the mount point; files that are masked share the key
 * "/dev/null". Idmapped mounts are refused: criu would restore them without their map.
 */
int criu_ext_dump_mounts(const struct launch *l, int root_fd, struct strbuf *opts);
int criu_ext_restore_mounts(const struct launch *l, struct strbuf *opts);

/* Joined network and pid namespaces are external; others are saved, and joined again by path. */
int criu_ext_dump_namespaces(const struct launch *l, struct strbuf *opts);
int criu_ext_restore_namespaces(const struct launch *l, struct criu_ext_fds *fds,
				struct strbuf *opts);

/*
 * Standard streams that come from outside are pipes, files or terminals the container's processes
 * have been given. Their keys go into descriptors.json of the images, in the place of their number.
 */
int criu_ext_dump_stdio(const struct container *c, bool shell_job, int image_fd,
			struct strbuf *opts);
int criu_ext_restore_stdio(int image_fd, struct strbuf *opts);

#endif
