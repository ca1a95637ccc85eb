/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LSM_H
#define HAKO_LINUX_LSM_H

/*
 * Labels of the mandatory access control modules. Nothing is probed when nothing is configured;
 * what is configured and cannot be had is an error. Only exactly "unconfined" means no AppArmor
 * profile.
 */

#include <stdbool.h>

struct lsm_labels {
	const char *apparmor; /* process.apparmorProfile; NULL or "" = none */
	const char *selinux;  /* process.selinuxLabel */
	const char *keyring;  /* SELinux label of keyrings; NULL or "" = that of the process */
};

/* Is there anything to set? Then lsm_check() has to be called before lsm_set_*(). Pure. */
bool lsm_wanted(const struct lsm_labels *labels);
/* In the parent: is the module there, can the text be a label of it? Whether an AppArmor profile
 * has been loaded shows in lsm_set_exec(). */
int lsm_check(const struct lsm_labels *labels);
/*
 * Labels for the next execve of the caller. procfs_fd from procfs_open(PROCFS_PIDS_ONLY). Where an
 * AppArmor profile already confines us and forbids the change, the new one is stacked on it.
 */
int lsm_set_exec(int procfs_fd, const struct lsm_labels *labels);
/* Label of keyrings that the caller creates: before creds_join_keyring(). */
int lsm_set_keyring(int procfs_fd, const struct lsm_labels *labels);

enum lsm_mount_context { LSM_CONTEXT, LSM_FSCONTEXT, LSM_DEFCONTEXT, LSM_ROOTCONTEXT };
/* "context", … -> enum; -EINVAL. Quiet. */
int lsm_mount_context_parse(const char *name, enum lsm_mount_context *ret);
/*
 * Mount option that labels a file system (linux.mountLabel): key for fsconfig(2), value quoted for
 * mount(2) data: context="LABEL". Heap; NULL when SELinux is not enabled or label is empty. Asks
 * the host: call it before pivot_root.
 */
char *lsm_mount_option(enum lsm_mount_context how, const char *label);
const char *lsm_mount_context_name(enum lsm_mount_context how);

/* For `features`. */
bool lsm_apparmor_is_enabled(void);
bool lsm_selinux_is_enabled(void);

#endif
