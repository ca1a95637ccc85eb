/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_DEV_READ_H
#define HAKO_CGROUP_DEV_READ_H

/*
 * The device programs that decide for a container: its own, and those of the cgroups above it
 * (systemd's, another runtime's). The kernel runs them all, and each of them must allow.
 */

#include "cgroup/cgroup.h"

struct bpf_insn;

struct dev_attached {
	uint32_t id;
	char name[17];
	char *where;		/* the cgroup it is attached to; NULL: above what can be seen */
	bool ours;		/* attached by us, to the container's own cgroup */
	struct bpf_insn *insns; /* as the kernel runs them; NULL: it keeps them to itself */
	size_t len;
};

struct dev_attached_list {
	struct dev_attached *v;
	size_t len;
};

/* From the container's cgroup upwards. -ENOTSUP: no cgroup2 part; -EPERM: not for us to see. */
int dev_read(const struct cgroup *cg, struct dev_attached_list *ret);
void dev_attached_list_clear(struct dev_attached_list *list);
#define autodev_attached __attribute__((cleanup(dev_attached_list_clear)))

/* cgroup v1's devices.list where that is what decides: heap, or NULL. */
char *dev_read_v1(const struct cgroup *cg);

#endif
