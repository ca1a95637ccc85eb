/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_DISASM_H
#define HAKO_BPF_DISASM_H

/*
 * Instructions ⇄ text, one a line, in the notation of the kernel's verifier log and bpftool:
 *
 *	   0: r2 = *(u32 *)(r1 + 0)
 *	   1: w2 &= 65535
 *	   2: if w2 != 2 goto 7
 *	   3: w0 = 1
 *	   4: exit
 *
 * Jump targets are instruction numbers. Covers what device programs are made of (32 and 64 bit ALU,
 *jumps, memory loads, 64 bit immediates, exit); anything else is printed as ".insn CODE DST SRC OFF
 *IMM", so the text always leads back to the same bytes. Pure.
 */

#include <stddef.h>

#include "base/str.h"

struct bpf_insn;

/*
 * Appends the listing. note (may be NULL) may return text for a comment behind an instruction, ";
 * …".
 */
void disasm_format(const struct bpf_insn *insns, size_t len,
		   const char *(*note)(void *arg, size_t i), void *arg, struct strbuf *out);
/* Text of the form above (numbers before the colon and comments are optional) → instructions, heap.
 * 0, or -EINVAL with the line named. */
int disasm_parse(const char *text, struct bpf_insn **ret, size_t *ret_len);

#endif
