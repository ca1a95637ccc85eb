/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_KERNFS_H
#define HAKO_LINUX_KERNFS_H

/*
 * For a process with the host's mounts and other namespaces of a container: leaves the mount
 * namespace for one of its own, where /proc and /sys are what these namespaces have. 0 or -errno
 * recorded.
 */
int kernfs_remount(void);

#endif
