/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/sim.h"

#include <string.h>

#include "base/err.h"
#include "bpf/insn.h"

#define MAX_STEPS 1000000

struct sim {
	uint64_t reg[11];
	struct bpf_cgroup_dev_ctx ctx;
	size_t pc;
};

/*
 * The context pointer is a value that no arithmetic on data reaches by accident; only exact use of
 * it plus an offset of the instruction is a valid load, which is all a device program does.
 */
#define CTX_BASE 0x7ffc0de000000000ull

static int alu(int op, bool wide, uint64_t a, uint64_t b, uint64_t *ret)
{
	unsigned int shift = (unsigned int) (b & (wide ? 63 : 31));

	if (!wide) {
		a = (uint32_t) a;
		b = (uint32_t) b;
	}
	switch (op) {
	case BPF_ADD:
		a += b;
		break;
	case BPF_SUB:
		a -= b;
		break;
	case BPF_MUL:
		a *= b;
		break;
	case BPF_DIV:
		a = b ? a / b : 0;
		break; /* as the kernel defines it */
	case BPF_MOD:
		a = b ? a % b : a;
		break;
	case BPF_OR:
		a |= b;
		break;
	case BPF_AND:
		a &= b;
		break;
	case BPF_XOR:
		a ^= b;
		break;
	case BPF_MOV:
		a = b;
		break;
	case BPF_LSH:
		a <<= shift;
		break;
	case BPF_RSH:
		a >>= shift;
		break;
	case BPF_NEG:
		a = -a;
		break;
	case BPF_ARSH:
		a = wide ? (uint64_t) ((int64_t) a >> shift) : (uint64_t) ((int32_t) a >> shift);
		break;
	default:
		return -EINVAL;
	}
	*ret = wide ? a : (uint32_t) a;
	return 0;
}

static int compare(int op, bool wide, uint64_t a, uint64_t b)
{
	int64_t sa = wide ? (int64_t) a : (int32_t) a;
	int64_t sb = wide ? (int64_t) b : (int32_t) b;

	if (!wide) {
		a = (uint32_t) a;
		b = (uint32_t) b;
	}
	switch (op) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return (a & b) != 0;
	case BPF_JSGT:
		return sa > sb;
	case BPF_JSGE:
		return sa >= sb;
	case BPF_JSLT:
		return sa < sb;
	case BPF_JSLE:
		return sa <= sb;
	}
	return -EINVAL;
}

static int load(struct sim *sim, const struct bpf_insn *insn)
{
	static const size_t bytes[] = {
		[BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8
	};
	size_t size = bytes[BPF_SIZE(insn->code) >> 3];
	uint64_t value = 0;

	if (BPF_MODE(insn->code) != BPF_MEM || sim->reg[insn->src_reg] != CTX_BASE ||
	    insn->off < 0 || (size_t) insn->off + size > sizeof(sim->ctx))
		return err_code(EINVAL, "instruction %zu: load outside the context", sim->pc);
	/* Values narrower than the field are read as the kernel rewrites them: the low bytes. */
	switch (size) {
	case 1: {
		uint8_t v;
		memcpy(&v, (char *) &sim->ctx + insn->off, sizeof(v));
		value = v;
		break;
	}
	case 2: {
		uint16_t v;
		memcpy(&v, (char *) &sim->ctx + insn->off, sizeof(v));
		value = v;
		break;
	}
	case 4: {
		uint32_t v;
		memcpy(&v, (char *) &sim->ctx + insn->off, sizeof(v));
		value = v;
		break;
	}
	default:
		return err_code(EINVAL, "instruction %zu: load outside the context", sim->pc);
	}
	sim->reg[insn->dst_reg] = value;
	return 0;
}

/* One instruction; moves pc on. 1 = exit, 0 = go on. */
static int step(struct sim *sim, const struct bpf_insn *insn, size_t left)
{
	int class = insn_class(insn), r;
	bool wide = class == BPF_ALU64 || class == BPF_JMP;
	uint64_t b;

	if (insn->dst_reg > 10 || insn->src_reg > 10)
		return err_code(EINVAL, "instruction %zu: no such register", sim->pc);
	b = BPF_SRC(insn->code) == BPF_X ? sim->reg[insn->src_reg] : (uint64_t) (int64_t) insn->imm;
	switch (class) {
	case BPF_LD:
		if (insn->code != INSN_LD_IMM64 || left < 2 || insn->src_reg)
			break;
		sim->reg[insn->dst_reg] = (uint32_t) insn[0].imm | (uint64_t) (uint32_t) insn[1].imm
									   << 32;
		sim->pc += 2;
		return 0;
	case BPF_LDX:
		r = load(sim, insn);
		sim->pc++;
		return r;
	case BPF_ALU:
	case BPF_ALU64:
		if (alu(insn_op(insn), wide, sim->reg[insn->dst_reg], b, &sim->reg[insn->dst_reg]) <
		    0)
			break;
		sim->pc++;
		return 0;
	case BPF_JMP:
	case BPF_JMP32:
		if (insn_is_exit(insn))
			return 1;
		r = insn_is_goto(insn) ? 1
				       : compare(insn_op(insn), wide, sim->reg[insn->dst_reg], b);
		if (r < 0)
			break;
		/* A target before the beginning wraps to a pc behind the end, which the caller
		 * refuses. */
		sim->pc += 1 + (size_t) (ptrdiff_t) (r ? insn->off : 0);
		return 0;
	}
	return err_code(EINVAL, "instruction %zu: code 0x%02x is not simulated", sim->pc,
			insn->code);
}

int sim_run(const struct bpf_insn *insns, size_t len, const struct dev_probe *probe)
{
	struct sim sim = {
		.reg = { [BPF_REG_1] = CTX_BASE },
		.ctx = {
			.access_type = (uint32_t) probe->access << 16 | probe->type,
			.major = probe->major,
			.minor = probe->minor,
		},
	};

	for (int n = 0; n < MAX_STEPS; n++) {
		int r;

		if (sim.pc >= len)
			return err_code(EINVAL, "instruction %zu: outside the program", sim.pc);
		r = step(&sim, &insns[sim.pc], len - sim.pc);
		if (r < 0)
			return r;
		if (r > 0)
			return (uint32_t) sim.reg[BPF_REG_0] != 0;
	}
	return err_code(EINVAL, "program does not end within %d steps", MAX_STEPS);
}
