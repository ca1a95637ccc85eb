/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/ns_plan.h"

#include "base/err.h"
#include "base/str.h"
#include "base/sys.h"
#include "ocispec.h"

/* clang-format off */
/*
 * The table. "rest" = new ones that are not in the clone flags; the cgroup namespace is never in
 * either: init unshares it when it is inside its cgroup, because the namespace's root is the cgroup
 * of that moment.
 *
 *  wanted                 clone flags       steps                                middle if
 *  no user                the new ones      join each                            pid/time joined
 *  new user, none joined  user, pid, time   idmap, root, unshare rest            -
 *  new user, some joined  none              join each, unshare user, idmap,      pid/time new
 *                                           root, unshare rest                   or joined
 *  user joined            none              try others, join user, retry,        pid/time new
 *                                           root, unshare rest                   or joined
 *  time offsets           as above without  as above, but unshare pid and time,  always
 *                         pid and time      timens right before root
 *
 * Why so:
 *  - A namespace is owned by the user namespace of its creator, and mounts the kernel makes for it
 *    (mqueue of ipc) belong to the creator's ids of that moment: hence the user namespace first,
 *    then its mapping, then root, then the rest. pid and time come with the user namespace in one
 *    clone3, which saves the second fork: nothing in them has an owner id.
 *  - Joined namespaces usually belong to the host: they are joined with the host's rights, before a
 *    new user namespace. Where the user namespace is joined as well (a pod's), some may belong to
 *    it: those fail with EPERM first and are tried again from inside.
 *  - setns and unshare of a pid namespace only concern children. So does unshare of a time
 *    namespace (until exec, since Linux 6.3); setns to one, too, before 5.8.
 *  - Offsets can be written while no process is inside, so time is unshared, written, then entered
 *    by the fork. It is done before the process becomes root: by that change it stops being
 *    dumpable, and then an unprivileged parent may no longer open its /proc files.
 */
/* clang-format on */

const struct ns_info ns_infos[NS_COUNT_] = {
	[NS_USER] = { "user", "user", CLONE_NEWUSER },
	[NS_PID] = { "pid", "pid", CLONE_NEWPID },
	[NS_NET] = { "network", "net", CLONE_NEWNET },
	[NS_MNT] = { "mount", "mnt", CLONE_NEWNS },
	[NS_UTS] = { "uts", "uts", CLONE_NEWUTS },
	[NS_IPC] = { "ipc", "ipc", CLONE_NEWIPC },
	[NS_CGROUP] = { "cgroup", "cgroup", CLONE_NEWCGROUP },
	[NS_TIME] = { "time", "time", CLONE_NEWTIME },
};

int ns_type_parse(const char *name, enum ns_type *ret)
{
	for (int t = 0; t < NS_COUNT_; t++) {
		if (str_eq(ns_infos[t].name, name)) {
			*ret = t;
			return 0;
		}
	}
	return -EINVAL;
}

static void add_step(struct ns_plan *plan, enum ns_op op, enum ns_type type, int flags)
{
	if (op == NS_OP_UNSHARE && !flags)
		return;
	plan->steps[plan->n_steps++] = (struct ns_step){ .op = op, .type = type, .flags = flags };
}

/* Each joined namespace but the user's; mount is last, as it takes root and cwd with it. */
static int add_joins(struct ns_plan *plan, enum ns_op op)
{
	static const enum ns_type order[] = { NS_PID,	 NS_NET,  NS_UTS, NS_IPC,
					      NS_CGROUP, NS_TIME, NS_MNT };
	int flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		enum ns_type t = order[i];

		if (!plan->path[t])
			continue;
		add_step(plan, op, t, 0);
		flags |= ns_infos[t].flag;
	}
	return flags;
}

static int read_wanted(const struct oci_linux *l, struct ns_plan *plan)
{
	for (size_t i = 0; l && i < l->namespaces_len; i++) {
		const struct oci_namespace *ns = &l->namespaces[i];
		enum ns_type t;

		if (ns_type_parse(ns->type, &t) < 0)
			return err_code(EINVAL, "unknown namespace type '%s'",
					ns->type ? ns->type : "");
		if (plan->has[t])
			return err_code(EINVAL, "namespace '%s' is given twice", ns->type);
		plan->has[t] = true;
		if (!str_empty(ns->path))
			plan->path[t] = ns->path;
		else
			plan->created[t] = true;
	}
	return 0;
}

static int created_flags(const struct ns_plan *plan)
{
	int flags = 0;

	for (int t = 0; t < NS_COUNT_; t++) {
		if (plan->created[t])
			flags |= ns_infos[t].flag;
	}
	return flags & ~CLONE_NEWCGROUP;
}

static bool wants_offsets(const struct oci_linux *l)
{
	return l && l->time_offsets && (l->time_offsets->boottime || l->time_offsets->monotonic);
}

/* From the mapped or joined user namespace on: rest is still to be unshared. */
static void add_rest(struct ns_plan *plan, int rest)
{
	if (plan->needs_timens) {
		int early = rest & (CLONE_NEWPID | CLONE_NEWTIME);

		add_step(plan, NS_OP_UNSHARE, 0, early);
		add_step(plan, NS_OP_TIMENS, 0, 0);
		rest &= ~early;
		plan->middle = true;
	}
	if (plan->has[NS_USER])
		add_step(plan, NS_OP_ROOT, 0, 0);
	add_step(plan, NS_OP_UNSHARE, 0, rest);
}

static void plan_without_user(struct ns_plan *plan, int fresh)
{
	int late = plan->needs_timens ? fresh & (CLONE_NEWPID | CLONE_NEWTIME) : 0;

	plan->clone_flags = fresh & ~late;
	add_joins(plan, NS_OP_JOIN);
	plan->middle = plan->path[NS_PID] || plan->path[NS_TIME];
	add_rest(plan, late);
}

static void plan_new_user(struct ns_plan *plan, int fresh, bool joins)
{
	int with_user = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWTIME;

	plan->needs_idmap = true;
	if (!joins) {
		if (plan->needs_timens)
			with_user = CLONE_NEWUSER;
		plan->clone_flags = fresh & with_user;
	} else {
		add_joins(plan, NS_OP_JOIN);
		add_step(plan, NS_OP_UNSHARE, 0, CLONE_NEWUSER);
		plan->middle = plan->has[NS_PID] || plan->has[NS_TIME];
		with_user = CLONE_NEWUSER;
	}
	add_step(plan, NS_OP_IDMAP, 0, 0);
	add_rest(plan, fresh & ~with_user);
}

static void plan_joined_user(struct ns_plan *plan, int fresh)
{
	int tried = add_joins(plan, NS_OP_TRY);

	add_step(plan, NS_OP_JOIN, NS_USER, 0);
	if (tried)
		add_step(plan, NS_OP_RETRY, 0, tried);
	plan->middle = plan->has[NS_PID] || plan->has[NS_TIME];
	add_rest(plan, fresh);
}

int ns_plan_make(const struct oci_linux *l, struct ns_plan *ret)
{
	struct ns_plan plan = { 0 };
	bool joins = false;
	int r, fresh;

	r = read_wanted(l, &plan);
	if (r < 0)
		return r;
	plan.needs_timens = wants_offsets(l);
	if (plan.needs_timens && !plan.created[NS_TIME])
		return err_code(EINVAL, "time offsets need a new time namespace");

	for (int t = 0; t < NS_COUNT_; t++)
		joins |= plan.path[t] != NULL;
	fresh = created_flags(&plan);
	if (plan.created[NS_CGROUP])
		plan.late_flags = CLONE_NEWCGROUP;

	if (plan.created[NS_USER])
		plan_new_user(&plan, fresh, joins);
	else if (plan.path[NS_USER])
		plan_joined_user(&plan, fresh);
	else
		plan_without_user(&plan, fresh);
	*ret = plan;
	return 0;
}

/*
 * One setns for all (Linux 5.8): the kernel checks the others with our rights before it changes
 * anything, so namespaces of the container's user namespace and of the host may be mixed.
 */
void ns_plan_exec(int flags, struct ns_plan *ret)
{
	struct ns_plan plan = { 0 };

	for (int t = 0; t < NS_COUNT_; t++)
		plan.has[t] = flags & ns_infos[t].flag;
	if (flags)
		add_step(&plan, NS_OP_JOIN_PIDFD, 0, flags);
	if (plan.has[NS_USER])
		add_step(&plan, NS_OP_ROOT, 0, 0);
	plan.middle = plan.has[NS_PID];
	*ret = plan;
}

int ns_plan_flags(const struct ns_plan *plan)
{
	int flags = 0;

	for (int t = 0; t < NS_COUNT_; t++) {
		if (plan->has[t])
			flags |= ns_infos[t].flag;
	}
	return flags;
}
