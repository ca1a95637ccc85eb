/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_CHECK_H
#define HAKO_BPF_CHECK_H

/*
 * The structural half of what the kernel's verifier asks of a device program, so that a mistake of
 * the compiler is found by a test and not by a user: known instructions, jumps forward and inside
 * the program, no instruction out of reach, no running off the end, registers written before they
 * are read on every path, loads aligned and inside the context, r0 set at exit. Pure.
 */

#include <stddef.h>

struct bpf_insn;

/* 0, or -EINVAL with the instruction and the reason in the record: "instruction 7: …". */
int check_prog(const struct bpf_insn *insns, size_t len);

#endif
