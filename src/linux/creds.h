/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_CREDS_H
#define HAKO_LINUX_CREDS_H

/* Who a process is: user, groups, umask, home, session keyring. */

#include <sys/types.h>

struct oci_user;

enum creds_flags {
	CREDS_KEEP_GROUPS =
		1, /* run.oci.keep_original_groups: leave the supplementary groups alone */
};

/*
 * Supplementary groups, then gid, then uid (NULL user = 0:0). Where the user namespace denies
 * setgroups(2) the groups stay, unless the document asks for some: that is an error. Capabilities
 * are kept or lost by the rules of caps.h.
 */
int creds_apply(const struct oci_user *user, int flags);
/* process.user.umask, else 0022. */
void creds_apply_umask(const struct oci_user *user);
/*
 * Gives stdin, stdout and stderr to the user, but /dev/null: the container's programs open
 * /dev/stdout again by name. Where it cannot be done (read-only, another owner's pipe) it is left.
 */
int creds_chown_stdio(const struct oci_user *user);

/*
 * The home directory of uid in root_fd's /etc/passwd, heap; "/" when there is no entry, no file, or
 * anything but a regular file. Reads at most 8 MiB and skips lines longer than 4095 bytes.
 */
char *creds_home(int root_fd, uid_t uid);

/*
 * A new session keyring of this name (the container's id), so that the caller's keys stay out of
 * reach. ENOSYS, EPERM and EDQUOT are a warning.
 */
int creds_join_keyring(const char *name);

#endif
