/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_ROOT_H
#define HAKO_RUNTIME_CRIU_ROOT_H

/* The root file system as criu wants to find it when it restores: a mount, with mount points. */

struct launch;

#define CRIU_ROOT_DIR "criu-root" /* in the state directory */

/*
 * In criu's process: gives it a mount namespace of its own, in which the root file system is
 * mounted on CRIU_ROOT_DIR, and makes the mount points that are missing, as a new container's init
 * would. Nothing has to be unmounted afterwards. 0 or -errno recorded.
 */
int criu_root_prepare(const struct launch *l);

/* CRIU_ROOT_DIR of the container as an absolute path. Heap, or NULL with errno. */
char *criu_root_path(const struct launch *l);

#endif
