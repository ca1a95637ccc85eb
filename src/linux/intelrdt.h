/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_INTELRDT_H
#define HAKO_LINUX_INTELRDT_H

/*
 * linux.intelRdt: a class of service is a directory of the resctrl file system (Linux 4.10), in
 * which "tasks" says who is in it and "schemata" what they get; a monitoring group is a directory
 * in its "mon_groups". The rules of the specification, decided first and then carried out:
 *
 *   closID    schema   class
 *   -         given    one named after the container, made
 *   -         -        the same; but the default class when only monitoring is asked for
 *   "/"       any      the default class, the root directory
 *   a name    given    made with the schema; one that exists must have that schema already
 *   a name    -        one that must exist
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/fd.h"

struct oci_intel_rdt;

struct intelrdt_plan {
	char *clos;	/* below the root of resctrl; "." is the default class */
	bool own;	/* named after the container, so it is removed with it */
	bool make;	/* made if it is missing */
	char *monitor;	/* directory of the monitoring group, NULL = none */
	char *schemata; /* what is written, all lines; NULL = nothing */
};
/* PURE. The container's id is valid as the name of a directory. 0 or -EINVAL recorded. */
int intelrdt_plan(const struct oci_intel_rdt *rdt, const char *id, struct intelrdt_plan *ret);
void intelrdt_plan_clear(struct intelrdt_plan *plan);

/* The file system. make and remove: NULL = mkdirat(2) and unlinkat(2), behind which the kernel
 * fills the directory and empties it; the tests' stand-in tree does it itself. Both quiet. */
struct intelrdt {
	int root_fd;
	int (*make)(int dirfd, const char *path);
	int (*remove)(int dirfd, const char *path);
};
#define INTELRDT_INIT               \
	{                           \
		.root_fd = FD_NONE, \
	}
/* At /sys/fs/resctrl or wherever it is mounted. -ENOTSUP recorded when it is not. */
int intelrdt_open(struct intelrdt *ret);
void intelrdt_close(struct intelrdt *rdt);
#define autointelrdt __attribute__((cleanup(intelrdt_close)))

/* Makes the groups and writes the schema. *ret_made: the class did not exist before (set also when
 * what comes after fails). */
int intelrdt_make(const struct intelrdt *rdt, const struct intelrdt_plan *plan, bool *ret_made);
/* Puts a process, one thread, into them: init, or one that is executed later. */
int intelrdt_enter(const struct intelrdt *rdt, const struct intelrdt_plan *plan, pid_t pid);
/* Writes the schema into a class that exists. *ret_old (heap): what undoes that. */
int intelrdt_update(const struct intelrdt *rdt, const struct intelrdt_plan *plan, char **ret_old);
int intelrdt_restore(const struct intelrdt *rdt, const struct intelrdt_plan *plan, const char *old);
/* Removes the monitoring group, and the class if it is the container's own or with_class is set;
 * what is missing is removed already. */
int intelrdt_remove(const struct intelrdt *rdt, const struct intelrdt_plan *plan, bool with_class);
/*
 * What the machine has, what the class gets, and what was measured in the monitoring group, or
 * else in the class: an object as runc's `events` has it. What the kernel does not tell is left
 * out. Heap.
 */
char *intelrdt_stat_json(const struct intelrdt *rdt, const struct intelrdt_plan *plan);

#endif
