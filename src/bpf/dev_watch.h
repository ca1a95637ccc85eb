/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_DEV_WATCH_H
#define HAKO_BPF_DEV_WATCH_H

/*
 * A device program → one that watches it: decides as the other does, writes what would be denied
 * to a ring buffer, and allows everything. Attached beside the other, it changes nothing about what
 * is allowed, whatever becomes of it. Pure.
 */

#include <stdint.h>

#include "bpf/dev_compile.h"

/* A record of the ring buffer. */
struct dev_denial {
	uint32_t program; /* as given to dev_watch_make() */
	uint32_t access_type;
	uint32_t major, minor;
	uint64_t pid; /* the process in the upper half, as in the first pid namespace */
	char comm[16];
};

/*
 * map_fd: of the ring buffer (Linux 5.8). -ENOTSUP with a text: the program calls, or uses its
 * stack, or is too long to be wrapped.
 */
int dev_watch_make(const struct bpf_insn *insns, size_t len, uint32_t program, int map_fd,
		   struct dev_prog *ret);

#endif
