/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/access.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

void access_set_owner(struct lxc_access *a, const struct stat *st)
{
	if (geteuid() != 0 || st->st_uid == 0)
		return;
	a->as_owner = true;
	a->uid = st->st_uid;
	a->gid = st->st_gid;
}

static void save_groups(struct access_saved *s)
{
	int n = getgroups(0, NULL);

	s->groups = xnew_n(gid_t, n > 0 ? (size_t) n : 1);
	n = n > 0 ? getgroups(n, s->groups) : 0;
	s->groups_len = n > 0 ? (size_t) n : 0;
}

int access_enter(const struct lxc_access *a, struct access_saved *ret)
{
	*ret = (struct access_saved){ 0 };
	if (!a->as_owner)
		return 0;
	save_groups(ret);
	ret->active = true;
	/* EPERM: a user namespace without setgroups, whose root has no groups to lend either */
	(void) setgroups(0, NULL);
	(void) setfsgid(a->gid);
	(void) setfsuid(a->uid);
	/* It says only by asking again whether it has worked. */
	if ((uid_t) setfsuid((uid_t) -1) == a->uid)
		return 0;
	access_leave(ret);
	return a->uid == FILE_OVERFLOW_UID ? 0 : -EPERM;
}

void access_leave(struct access_saved *s)
{
	if (!s->active)
		return;
	(void) setfsuid(geteuid());
	(void) setfsgid(getegid());
	(void) setgroups(s->groups_len, s->groups);
	free(s->groups);
	*s = (struct access_saved){ 0 };
}
