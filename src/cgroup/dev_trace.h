/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_DEV_TRACE_H
#define HAKO_CGROUP_DEV_TRACE_H

/*
 * Denied accesses as they happen. Beside each device program that decides for the container a
 * watcher is attached to its cgroup (bpf/dev_watch.h), by a link: it is gone when we are, however
 * we end, and the deciding programs are not touched.
 */

#include "bpf/dev_watch.h"
#include "cgroup/dev_read.h"

struct dev_trace {
	int map_fd; /* poll(2) it for POLLIN */
	int *links;
	size_t n_links;
	void *consumer, *producer; /* of the ring buffer */
};
#define DEV_TRACE_INIT                       \
	{                                    \
		FD_NONE, NULL, 0, NULL, NULL \
	}

/* A program that cannot be watched is an error. -ENOTSUP: this kernel has no ring buffers or no
 * links; -EPERM: not for us. */
int dev_trace_open(const struct cgroup *cg, const struct dev_attached_list *programs,
		   struct dev_trace *ret);
/* 1: *ret (its program is an index into the list); 0: nothing more for now. */
int dev_trace_next(struct dev_trace *t, struct dev_denial *ret);
void dev_trace_close(struct dev_trace *t);
#define autodev_trace __attribute__((cleanup(dev_trace_close)))

#endif
