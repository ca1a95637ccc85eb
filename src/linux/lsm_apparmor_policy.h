/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LSM_APPARMOR_POLICY_H
#define HAKO_LINUX_LSM_APPARMOR_POLICY_H

/*
 * Profiles in the kernel: to load one takes a program that compiles it, to remove one a name. Both
 * take CAP_MAC_ADMIN. All return 0 or -errno, recorded.
 */

#include <stdbool.h>

/* May policy be loaded, and may it be relied on? incomplete: also without rules about mounts. */
int apparmor_policy_check(bool incomplete);
/* Loads the profiles of a file, over those of the same names. programs: the first of them that is
 * there is run as `apparmor_parser`; ends with NULL. */
int apparmor_policy_load(const char *file, const char *const *programs);
/* Processes that still are confined by it are confined by nothing afterwards. One that is not there
 * is a success. */
int apparmor_policy_remove(const char *profile);

/* A policy namespace, for profiles that the container loads. One that exists is a success, and so
 * is one that does not. */
int apparmor_policy_make_ns(const char *name);
int apparmor_policy_remove_ns(const char *name);

#endif
