/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_SIM_H
#define HAKO_BPF_SIM_H

/* Runs a device program in user space on one request. Pure. */

#include <stddef.h>

#include "bpf/dev_rule.h"

struct bpf_insn;

/*
 * 1 = allowed, 0 = denied (as the kernel reads the return value: non-zero of r0's lowest 32 bits
 * allows), or -EINVAL with a text: an instruction that is not simulated, a load outside the
 * context, a jump outside the program, or more than 1 million steps.
 */
int sim_run(const struct bpf_insn *insns, size_t len, const struct dev_probe *probe);

#endif
