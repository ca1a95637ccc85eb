/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_PROCFS_H
#define HAKO_LINUX_PROCFS_H

/*
 * A procfs that nobody can have mounted something over: labels and sysctls written through the
 * container's /proc could land in a file of the attacker's choice (CVE-2019-16884, CVE-2025-52881).
 */

enum procfs_flags {
	/* subset=pid, hidepid=ptraceable: no sys/, and of processes only those the caller may look
	 * into (Linux 5.8; without them the whole tree) */
	PROCFS_PIDS_ONLY = 1,
};

/*
 * Root directory of a procfs of the caller's pid namespace: a mount of its own that is in no mount
 * namespace; else, where the kernel refuses one, /proc, checked to be the root of a procfs.
 * Descriptor or -errno.
 */
int procfs_open(int flags);
/*
 * Opens a file below it, no links (but self and thread-self), no mount crossed. Quiet. Descriptor
 * or -errno.
 */
int procfs_open_at(int procfs_fd, const char *path, int flags);
/* One write(2) of the text. Quiet. */
int procfs_write_at(int procfs_fd, const char *path, const char *text);

#endif
