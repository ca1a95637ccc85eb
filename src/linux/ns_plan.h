/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_NS_PLAN_H
#define HAKO_LINUX_NS_PLAN_H

/*
 * From linux.namespaces to what clone3(2) is given, what the child does in which order, and whether
 * a middle process is needed. Pure: no system call. The table itself is in ns_plan.c.
 */

#include <stdbool.h>
#include <stddef.h>

struct oci_linux;

enum ns_type { NS_USER, NS_PID, NS_NET, NS_MNT, NS_UTS, NS_IPC, NS_CGROUP, NS_TIME, NS_COUNT_ };

struct ns_info {
	const char *name; /* in config.json: "network" */
	const char *file; /* below /proc/PID/ns: "net" */
	int flag;	  /* CLONE_NEWNET */
};
extern const struct ns_info ns_infos[NS_COUNT_];

enum ns_op {
	NS_OP_JOIN,  /* setns to the opened file of .type */
	NS_OP_TRY,   /* the same; EPERM is remembered for NS_OP_RETRY */
	NS_OP_RETRY, /* what NS_OP_TRY could not join is joined now, by the joined user namespace's
			root */
	NS_OP_JOIN_PIDFD, /* setns(pidfd, .flags): namespaces of a running container, all at once */
	NS_OP_UNSHARE,	  /* unshare(.flags) */
	NS_OP_IDMAP,	  /* request(NS_REQ_IDMAP): the parent writes the mappings */
	NS_OP_TIMENS,	  /* request(NS_REQ_TIMENS): the parent writes the clock offsets */
	NS_OP_ROOT,	  /* become 0:0 of the user namespace */
};

struct ns_step {
	enum ns_op op;
	enum ns_type type; /* JOIN, TRY */
	int flags;	   /* UNSHARE, JOIN_PIDFD, RETRY (the candidates) */
};

/* joins (7 others), user, retry, unshare, idmap, root, unshare, timens, … */
#define NS_STEPS_MAX 20

struct ns_plan {
	int clone_flags; /* CLONE_NEW* for clone3 */
	int late_flags;	 /* CLONE_NEWCGROUP: init unshares it after it entered its cgroup */
	struct ns_step steps[NS_STEPS_MAX];
	size_t n_steps;
	bool middle;		     /* after the steps the child forks init with CLONE_PARENT */
	bool needs_idmap;	     /* the parent must expect NS_REQ_IDMAP */
	bool needs_timens;	     /* … NS_REQ_TIMENS */
	bool has[NS_COUNT_];	     /* not the host's (or: caller's): new or joined */
	bool created[NS_COUNT_];     /* new */
	const char *path[NS_COUNT_]; /* joined by path; borrowed from the document, or NULL */
};

/*
 * Plans for linux.namespaces and linux.timeOffsets; l may be NULL (no namespace at all). Errors: an
 * unknown type, a type twice, time offsets without a new time namespace.
 */
int ns_plan_make(const struct oci_linux *l, struct ns_plan *ret);
/* Plans the entry into a running container: flags are the CLONE_NEW* it does not share with us. */
void ns_plan_exec(int flags, struct ns_plan *ret);

/* CLONE_NEW* of everything the plan gives the container (has[]). */
int ns_plan_flags(const struct ns_plan *plan);
/* "network" -> NS_NET; -EINVAL. Quiet; name may be NULL. */
int ns_type_parse(const char *name, enum ns_type *ret);

#endif
