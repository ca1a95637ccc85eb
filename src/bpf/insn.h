/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BPF_INSN_H
#define HAKO_BPF_INSN_H

/* Constructors of BPF instructions, named after what the assembler text says. <linux/bpf.h> has the
 * encoding; Documentation/bpf/standardization/instruction-set.rst is its reference. */

#include <linux/bpf.h>
#include <stdint.h>

#ifndef BPF_JMP32
#define BPF_JMP32 0x06 /* Linux 5.1 */
#endif

/* 64-bit immediate: two slots, the second holds the upper half. */
#define INSN_LD_IMM64 (BPF_LD | BPF_DW | BPF_IMM)

/* w<dst> = imm: also clears the upper half of the register. */
static inline struct bpf_insn insn_mov32(int dst, int32_t imm)
{
	return (struct bpf_insn){ .code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = dst, .imm = imm };
}

/* w<dst> <op>= imm, op is BPF_AND, BPF_RSH, … */
static inline struct bpf_insn insn_alu32(int op, int dst, int32_t imm)
{
	return (struct bpf_insn){ .code = BPF_ALU | op | BPF_K, .dst_reg = dst, .imm = imm };
}

/* w<dst> <op>= w<src> */
static inline struct bpf_insn insn_alu32_reg(int op, int dst, int src)
{
	return (struct bpf_insn){
		.code = BPF_ALU | op | BPF_X,
		.dst_reg = dst,
		.src_reg = src,
	};
}

/* r<dst> = *(u32 *)(r<src> + off) */
static inline struct bpf_insn insn_load32(int dst, int src, int16_t off)
{
	return (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | BPF_W,
		.dst_reg = dst,
		.src_reg = src,
		.off = off,
	};
}

/* r<dst> = r<src> */
static inline struct bpf_insn insn_mov64_reg(int dst, int src)
{
	return (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				  .dst_reg = dst,
				  .src_reg = src };
}

/* if w<dst> <op> imm goto +off; op is BPF_JNE, BPF_JSET, … */
static inline struct bpf_insn insn_jmp32(int op, int dst, int32_t imm, int16_t off)
{
	return (struct bpf_insn){
		.code = BPF_JMP32 | op | BPF_K, .dst_reg = dst, .off = off, .imm = imm
	};
}

static inline struct bpf_insn insn_exit(void)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
}

static inline int insn_class(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code);
}

/* The operation bits of ALU and JMP instructions. */
static inline int insn_op(const struct bpf_insn *insn)
{
	return BPF_OP(insn->code);
}

static inline int insn_is_jump(const struct bpf_insn *insn)
{
	int class = insn_class(insn);

	return class == BPF_JMP || class == BPF_JMP32;
}

/* Unconditional goto. */
static inline int insn_is_goto(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JA);
}

static inline int insn_is_exit(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_EXIT);
}

#endif
