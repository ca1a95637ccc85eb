/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/check.h"

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/insn.h"

/*
 * One forward pass: jumps only go forward, so when an instruction is reached in order, all its
 * predecessors have been seen. in[i] is the set of registers that are written on *every* path to i.
 */
enum {
	UNREACHED = 0, /* r1 and r10 are set on every path, so no reached state is 0 */
	REG_CTX_BIT = 1 << BPF_REG_1,
	REG_FRAME_BIT = 1 << BPF_REG_10,
};

struct check {
	const struct bpf_insn *insns;
	size_t len;
	uint16_t *in;
	/* Registers that still hold the context pointer, on every path, as in[]. */
	uint16_t *ctx;
};

static int fail(size_t at, const char *why)
{
	return err_code(EINVAL, "instruction %zu: %s", at, why);
}

/* Merges the state after instruction `at` into that before `to`. */
static int flow(struct check *c, size_t at, long long to, uint16_t regs, uint16_t ctx)
{
	if (to <= (long long) at)
		return fail(at, "jump backwards");
	if (to >= (long long) c->len)
		return fail(at, "runs or jumps off the end");
	if (c->in[to] == UNREACHED) {
		c->in[to] = regs;
		c->ctx[to] = ctx;
	} else {
		c->in[to] &= regs;
		c->ctx[to] &= ctx;
	}
	return 0;
}

static bool alu_op_known(int op)
{
	return op <= BPF_ARSH && op != BPF_NEG;
}

static bool jmp_op_known(int op)
{
	return (op >= BPF_JEQ && op <= BPF_JSGE && op != BPF_CALL && op != BPF_EXIT) ||
	       (op >= BPF_JLT && op <= BPF_JSLE);
}

static int check_reads(size_t at, const struct bpf_insn *insn, uint16_t regs, bool reads_dst)
{
	if (insn->dst_reg > BPF_REG_10 || insn->src_reg > BPF_REG_10)
		return fail(at, "no such register");
	if (reads_dst && !(regs & 1 << insn->dst_reg))
		return fail(at, "destination register is read before it is written");
	if (BPF_SRC(insn->code) == BPF_X && !(regs & 1 << insn->src_reg))
		return fail(at, "source register is read before it is written");
	if (BPF_SRC(insn->code) == BPF_X ? insn->imm != 0 : insn->src_reg != 0)
		return fail(at, "unused field is not zero");
	return 0;
}

static int check_load(size_t at, const struct bpf_insn *insn, uint16_t regs, uint16_t ctx)
{
	if (insn->code != (BPF_LDX | BPF_MEM | BPF_W))
		return fail(at, "load is not one of 32 bits from memory");
	if (insn->dst_reg >= BPF_REG_10 || insn->src_reg > BPF_REG_10 ||
	    !(regs & 1 << insn->src_reg))
		return fail(at, "load by a register that is not set");
	if (!(ctx & 1 << insn->src_reg))
		return fail(at, "load by a register that is not the context");
	if (insn->off < 0 || insn->off % 4 ||
	    insn->off + 4 > (int) sizeof(struct bpf_cgroup_dev_ctx))
		return fail(at, "load outside the context or not aligned");
	return insn->imm ? fail(at, "unused field is not zero") : 0;
}

static int check_alu(size_t at, const struct bpf_insn *insn, uint16_t *regs, uint16_t *ctx)
{
	bool wide = insn_class(insn) == BPF_ALU64;
	int op = insn_op(insn);
	bool from_ctx;
	int r;

	if (!alu_op_known(op) || insn->off)
		return fail(at, "unknown arithmetic");
	r = check_reads(at, insn, *regs, op != BPF_MOV);
	if (r < 0)
		return r;
	if (insn->dst_reg == BPF_REG_10)
		return fail(at, "frame pointer is written");
	from_ctx = BPF_SRC(insn->code) == BPF_X && (*ctx & 1 << insn->src_reg);
	if ((from_ctx && !(op == BPF_MOV && wide)) ||
	    (op != BPF_MOV && (*ctx & 1 << insn->dst_reg)))
		return fail(at, "arithmetic on the context pointer");
	*regs |= (uint16_t) (1 << insn->dst_reg);
	*ctx = (uint16_t) (from_ctx ? *ctx | 1 << insn->dst_reg : *ctx & ~(1 << insn->dst_reg));
	return 0;
}

/* 0, or an error; *regs and *ctx become the state behind the instruction. */
static int check_jump(struct check *c, size_t at, uint16_t regs, uint16_t ctx)
{
	const struct bpf_insn *insn = &c->insns[at];
	int r;

	if (insn_is_exit(insn))
		return regs & 1 << BPF_REG_0 ? 0 : fail(at, "exit without a return value");
	if (insn_is_goto(insn))
		return flow(c, at, (long long) at + 1 + insn->off, regs, ctx);
	if (!jmp_op_known(insn_op(insn)))
		return fail(at, "unknown jump");
	r = check_reads(at, insn, regs, true);
	if (r < 0)
		return r;
	r = flow(c, at, (long long) at + 1 + insn->off, regs, ctx);
	return r < 0 ? r : flow(c, at, (long long) at + 1, regs, ctx);
}

static int check_insn(struct check *c, size_t at)
{
	const struct bpf_insn *insn = &c->insns[at];
	uint16_t regs = c->in[at], ctx = c->ctx[at];
	int r;

	if (regs == UNREACHED)
		return fail(at, "cannot be reached");
	switch (insn_class(insn)) {
	case BPF_JMP:
	case BPF_JMP32:
		return check_jump(c, at, regs, ctx);
	case BPF_LDX:
		r = check_load(at, insn, regs, ctx);
		if (r < 0)
			return r;
		regs |= (uint16_t) (1 << insn->dst_reg);
		ctx &= (uint16_t) ~(1 << insn->dst_reg);
		break;
	case BPF_ALU:
	case BPF_ALU64:
		r = check_alu(at, insn, &regs, &ctx);
		if (r < 0)
			return r;
		break;
	default:
		return fail(at, "unknown instruction");
	}
	return flow(c, at, (long long) at + 1, regs, ctx);
}

int check_prog(const struct bpf_insn *insns, size_t len)
{
	autofree uint16_t *in = xnew_n(uint16_t, len ? len : 1);
	autofree uint16_t *ctx = xnew_n(uint16_t, len ? len : 1);
	struct check c = { insns, len, in, ctx };

	if (len == 0)
		return err_code(EINVAL, "program is empty");
	in[0] = REG_CTX_BIT | REG_FRAME_BIT;
	ctx[0] = REG_CTX_BIT;
	for (size_t i = 0; i < len; i++) {
		int r = check_insn(&c, i);

		if (r < 0)
			return r;
	}
	return 0;
}
