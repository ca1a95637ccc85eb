/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_TREE_H
#define HAKO_CGROUP_TREE_H

/*
 * Walks a tree of cgroups depth first. The payload decides how deep and wide it is, so neither the
 * stack nor the number of open descriptors depends on that: one directory is open at a time, and
 * the way up is "..". Cgroups that vanish meanwhile are skipped. Quiet.
 */

#include "base/str.h"

struct tree_ops {
	/* In a directory, the top one first. Adds the names of those children that are to be
	 * entered. */
	int (*enter)(void *arg, int fd, struct strv *children);
	/* In the parent again, child done. May be NULL. */
	void (*leave)(void *arg, int parent_fd, const char *child);
};

/* 0, or the first negative result of enter, or -errno. */
int tree_walk(int fd, const struct tree_ops *ops, void *arg);
/* For file_each_at(): adds the names of directories to a struct strv. */
int tree_add_dir(void *strv, int dirfd, const char *name);

#endif
