/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_DEV_COMPILE_H
#define HAKO_BPF_DEV_COMPILE_H

/*
 * Device policy → instructions of a BPF_PROG_TYPE_CGROUP_DEVICE program. Pure.
 *
 * Layout: load what any rule looks at, then the rules from the newest to the oldest, as a few
 * compare-and-jump instructions and "return verdict" (so the first hit ends the run), then the
 * default. Neighbours that differ in their numbers only share one test of the rest and one verdict.
 * An unconditional rule ends the program: older ones would be unreachable code, which the kernel's
 * verifier refuses.
 */

#include <stddef.h>

#include "bpf/dev_rule.h"

struct bpf_insn; /* <linux/bpf.h> */

/* Origin of an instruction, for listings. */
enum dev_origin {
	DEV_ORIGIN_LOAD = -1,
	DEV_ORIGIN_DEFAULT = -2,
	DEV_ORIGIN_RUN = -3, /* shared by several rules */
};

struct dev_prog {
	size_t len;
	struct bpf_insn *insns;
	int *origin; /* per instruction: index into the policy's rules, or enum dev_origin */
};

void dev_prog_clear(struct dev_prog *prog);
#define autodev_prog __attribute__((cleanup(dev_prog_clear)))

/* Never fails on a valid policy, but for one too long for the kernel: -E2BIG. */
int dev_prog_compile(const struct dev_policy *policy, struct dev_prog *ret);

#endif
