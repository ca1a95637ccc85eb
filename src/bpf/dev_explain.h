/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_DEV_EXPLAIN_H
#define HAKO_BPF_DEV_EXPLAIN_H

/*
 * The way back: instructions of a device program → the rules it was made of. Understands what is
 * built as a chain of blocks, each of them some comparisons of type, access and numbers that jump
 * to the next block, and a verdict: our own programs, and those of runc, crun and systemd. Pure.
 */

#include <stddef.h>

#include "bpf/dev_rule.h"

struct bpf_insn;

/*
 * The policy that decides as the program does; a rule's source is the number of its block's first
 * instruction. What was found is tried on the program (bpf/sim.h) at the borders of all its rules
 * before it is believed. -ENOTSUP with a text: the program is made otherwise.
 */
int dev_explain(const struct bpf_insn *insns, size_t len, struct dev_policy *ret);

#endif
