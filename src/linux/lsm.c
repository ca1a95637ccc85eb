/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lsm.h"

#include "base/err.h"
#include "base/str.h"
#include "base/table.h"
#include "linux/lsm_apparmor.h"
#include "linux/lsm_selinux.h"

static const struct name_value contexts[] = {
	{ "context", LSM_CONTEXT },
	{ "fscontext", LSM_FSCONTEXT },
	{ "defcontext", LSM_DEFCONTEXT },
	{ "rootcontext", LSM_ROOTCONTEXT },
};

bool lsm_apparmor_is_enabled(void)
{
	return apparmor_is_enabled();
}

bool lsm_selinux_is_enabled(void)
{
	return selinux_is_enabled();
}

/* Exactly this word: "unconfined_foo" is a profile. */
static bool wants_apparmor(const struct lsm_labels *labels)
{
	return !str_empty(labels->apparmor) && !str_eq(labels->apparmor, "unconfined");
}

bool lsm_wanted(const struct lsm_labels *labels)
{
	return !str_empty(labels->apparmor) || !str_empty(labels->selinux) ||
	       !str_empty(labels->keyring);
}

int lsm_check(const struct lsm_labels *labels)
{
	int r = 0;

	if (wants_apparmor(labels))
		r = apparmor_check(labels->apparmor);
	if (r == 0 && !str_empty(labels->selinux))
		r = selinux_check(labels->selinux);
	if (r == 0 && !str_empty(labels->keyring))
		r = selinux_check(labels->keyring);
	return r;
}

int lsm_set_exec(int procfs_fd, const struct lsm_labels *labels)
{
	int r = 0;

	/* "unconfined" is asked for, too: the caller may be confined */
	if (!str_empty(labels->apparmor))
		r = apparmor_set_exec(procfs_fd, labels->apparmor);
	if (r == 0 && !str_empty(labels->selinux))
		r = selinux_set_exec(procfs_fd, labels->selinux);
	return r;
}

int lsm_set_keyring(int procfs_fd, const struct lsm_labels *labels)
{
	const char *label = str_empty(labels->keyring) ? labels->selinux : labels->keyring;

	return str_empty(label) ? 0 : selinux_set_keyring(procfs_fd, label);
}

int lsm_mount_context_parse(const char *name, enum lsm_mount_context *ret)
{
	int64_t value;

	if (!TABLE_FIND(contexts, name, &value))
		return -EINVAL;
	*ret = value;
	return 0;
}

const char *lsm_mount_context_name(enum lsm_mount_context how)
{
	return TABLE_NAME(contexts, how);
}

char *lsm_mount_option(enum lsm_mount_context how, const char *label)
{
	if (str_empty(label) || !selinux_is_enabled())
		return NULL;
	/* quoted: a label's categories are separated by commas */
	return xasprintf("%s=\"%s\"", lsm_mount_context_name(how), label);
}
