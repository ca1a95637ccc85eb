/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_PLAN_H
#define HAKO_RUNTIME_PLAN_H

/*
 * Everything that is decided before anything is done: made by a pure function from the bundle, the
 * facts of the host and the options. No descriptors in here; pointers into the document are
 * borrowed from the bundle, which must outlive the plan.
 */

#include <stdbool.h>

#include "cgroup/cgroup.h"
#include "linux/caps.h"
#include "linux/dev.h"
#include "linux/host.h"
#include "linux/idmap.h"
#include "linux/intelrdt.h"
#include "linux/landlock.h"
#include "linux/lsm.h"
#include "linux/mount_opts.h"
#include "linux/mount_plan.h"
#include "linux/ns_plan.h"
#include "linux/rootfs.h"
#include "linux/rootfs_tree.h"

struct annotations;
struct bundle;

struct plan_input {
	const char *id;
	const struct bundle *bundle;
	const struct host_facts *host;
	const struct cgroup_host *cgroups;
	enum cgroup_manager manager;
	bool rootless;			   /* no privilege over the host's cgroups */
	bool selinux;			   /* the host has it, and the document a mount label */
	const struct idmap *default_idmap; /* for a user namespace without mappings */
	const char *notify_source;	   /* directory of the notify socket; NULL = none */
	const char *notify_socket;	   /* the caller's */
	const char *notify_point;	   /* where it is mounted; NULL = by the socket */
	bool detached;			   /* nobody stays to relay a terminal */
	bool can_supervise;		   /* but a supervisor would, if there is need of one */
	bool console_socket;
	bool no_pivot;
	bool no_new_keyring;
};

struct launch_plan {
	struct ns_plan ns;
	struct idmap idmap;
	struct cgroup_plan *cgroup;

	struct mount_plan mounts;
	const char *mount_label;	  /* NULL without SELinux */
	struct mount_opts rootfs_options; /* org.hako.rootfs.options */
	struct rootfs_args rootfs;
	struct mount_op rootfs_idmap;	/* org.hako.rootfs.idmap: how the parent makes the tree;
					   source NULL = no */
	struct rootfs_tree rootfs_tree; /* org.hako.rootfs.overlay, .source; borrowed */
	bool tree_by_init; /* no privilege outside: made in the container's namespaces */
	bool cgroup_lent;  /* shared with root of the container, who is not the caller: lent.h */
	struct dev_plan devices;
	bool make_devices; /* the nodes of devices, and the links beside them */
	bool bind_devices;
	bool serve_devices; /* some are made by our caller: dev_outside.h */
	char *writable[2]; /* paths that stay writable below read-only ones */
	size_t writable_len;

	struct caps_sets caps;
	struct lsm_labels labels;
	struct landlock_plan landlock;
	char *notify_dir; /* where the container has the directory; NULL = none */
	bool has_process;
	bool terminal;
	bool relay_terminal; /* we relay it ourselves */
	bool supervised;     /* detached, and a process of ours stays: supervise.h */
	unsigned int ttys;   /* that many beside the console */
	bool new_keyring;
	const struct oci_net_device_map *net_devices; /* NULL = none; borrowed */
	struct intelrdt_plan rdt;		      /* clos NULL = none */
	bool pid_namespace_shared;		      /* the end of init does not end the rest */
};

/* 0 or -errno recorded; *ret must be zeroed and is clearable in any case. */
int plan_make(const struct plan_input *in, struct launch_plan *ret);
void plan_clear(struct launch_plan *plan);
/* What only a process that stays can give: org.hako.NAME of one that is wanted, or NULL. With warn
 * it will not be given. */
const char *plan_attendance(const struct annotations *a, bool warn);
/* One JSON object on a line, heap (plan_json.c). */
char *plan_json(const struct launch_plan *plan);

#endif
