/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_DEVICES_H
#define HAKO_LXC_DEVICES_H

/*
 * Device rules: the lines lxc.cgroup2.devices.allow / .deny (and the v1 lines lxc.cgroup.devices.*)
 * become a list linux.resources.devices. Pure: nothing is opened, a path rule asks the callback.
 *
 * On cgroup2 LXC keeps a program type (allowlist or denylist) and a list of rules, compared letter
 * for letter and never merged; what it then attaches is surprising often enough that there are two
 * modes: exact writes what LXC enforces, intent (the default) what the lines say. Notes name each
 * difference.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lxc/notes.h"

enum lxc_device_access {
	LXC_DEV_READ = 1,
	LXC_DEV_WRITE = 2,
	LXC_DEV_MKNOD = 4,
	LXC_DEV_ALL = 7,
};

/* One surviving line, in file order; text is the value. Notes refer to it by its place in the
 * array. */
struct lxc_device_line {
	bool allow;
	const char *text;
};

/* Which devices: numbers are -1 for "*". */
struct lxc_device_range {
	char type; /* 'b', 'c', or 'a' for both */
	int64_t major;
	int64_t minor;
};

struct lxc_device_rule {
	bool allow;
	struct lxc_device_range range;
	unsigned mask;	/* enum lxc_device_access */
	char access[4]; /* as written: LXC tells "rwm" from "mrw" */
	int line;
};

enum lxc_device_flags {
	LXC_DEVICES_EXACT = 1,	 /* else intent */
	LXC_DEVICES_V1 = 2,	 /* lines of cgroup v1: merged and split by the v1 rules */
	LXC_DEVICES_GENERIC = 4, /* the target adds its own default devices and may merge rules */
	LXC_DEVICES_PRIVILEGED = 8, /* no user namespace: only this list guards devices */
};

struct lxc_device_opts {
	int flags;
	/* Type ('b' or 'c') and numbers of a node, links followed; 0 or -errno (-ENOTTY: not a
	 * device). NULL: no path can be resolved. */
	int (*stat_node)(void *arg, const char *path, struct lxc_device_range *ret);
	void *arg;
};

struct oci_device_rule;

struct lxc_device_policy {
	bool default_allow;    /* the type: denylist */
	bool attached;	       /* LXC attaches a program: its list is not empty */
	bool unloadable;       /* the kernel refuses LXC's program, its container does not start */
	bool runtime_defaults; /* the runtime's own default devices are to be added */
	struct lxc_device_rule
		*rules; /* the program LXC compiles, newest first; v1: the exceptions */
	size_t rules_len;
	struct oci_device_rule *entries; /* what is written: in order, last match wins */
	size_t entries_len;
	struct lxc_notes notes;
};

/*
 * Parses one value by the strict grammar of cgroup2 (or of v1 with LXC_DEVICES_V1). 1: the global
 * rule "a"; 0: *ret is set; -errno otherwise: -EINVAL bad syntax, or what stat_node said.
 */
int lxc_device_rule_parse(const struct lxc_device_line *line, const struct lxc_device_opts *opts,
			  struct lxc_device_rule *ret);

/* Never fails; a note with code E says that the list must not be used. */
void lxc_devices_plan(const struct lxc_device_line *lines, size_t len,
		      const struct lxc_device_opts *opts, struct lxc_device_policy *ret);
void lxc_device_policy_clear(struct lxc_device_policy *policy);

/* Does the list let the request (all bits of mask at once) through? Last match wins; an entry
 * matches when every requested bit is inside its access. Numbers of -2 stand for "no number that is
 * named". */
bool lxc_device_entries_allow(const struct oci_device_rule *entries, size_t len,
			      struct lxc_device_range range, unsigned mask);
/* Do two lists agree on every device that either of them names, and on all others? */
bool lxc_device_entries_agree(const struct lxc_device_policy *a, const struct lxc_device_policy *b);

#endif
