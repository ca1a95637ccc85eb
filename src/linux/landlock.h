/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_LANDLOCK_H
#define HAKO_LINUX_LANDLOCK_H

/*
 * Landlock, landlock(7): rights that a process gives up for good, and its children with it. For the
 * container's processes by a document (org.hako.landlock), and for ourselves while we wait for a
 * container.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oci_landlock;

/* Rights by kind, in the kernel's bits. */
struct landlock_rights {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

struct landlock_path {
	uint64_t allowed;
	const char *path; /* of the document */
};

struct landlock_port {
	uint64_t allowed;
	uint16_t port;
};

struct landlock_plan {
	bool wanted;
	bool best_effort; /* what this kernel cannot do is left out */
	struct landlock_rights handled;
	struct landlock_path *paths;
	size_t paths_len;
	struct landlock_port *ports;
	size_t ports_len;
};

/*
 * Names and numbers to bits. -EINVAL recorded with the member named: an unknown name, a right that
 * is allowed and not handled, a path that is not absolute, nothing handled at all. Pure; doc must
 * outlive the plan, and NULL is no ruleset.
 */
int landlock_plan(const struct oci_landlock *doc, struct landlock_plan *ret);
void landlock_plan_clear(struct landlock_plan *plan);

/*
 * The ruleset with its paths opened below root_fd, in there. Without best effort everything must be
 * as planned; with it rights that the kernel does not know and paths that are not there are left
 * out with a warning, and *ret_fd is FD_NONE where there is no Landlock at all.
 */
int landlock_open(const struct landlock_plan *plan, int root_fd, int *ret_fd);
/* Gives the rights up. Needs CAP_SYS_ADMIN or no_new_privs. */
int landlock_enter(int ruleset_fd);

/*
 * For a process of ours that has nothing more to do than to wait and to clean up: from now on it
 * executes nothing, opens nothing for writing, makes and removes nothing but below the directories
 * given, and has no TCP. Sets no_new_privs where that is needed. Does what the kernel can, and
 * tells so in a debug line.
 */
void landlock_confine(const int *dir_fds, size_t n);

/* The kernel's version of the interface, 0 when there is none. */
int landlock_abi(void);
/* Every right of a version. */
struct landlock_rights landlock_rights_of(int abi);

#endif
