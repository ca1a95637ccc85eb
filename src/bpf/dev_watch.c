/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/dev_watch.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/insn.h"

/* Below the frame pointer: the context, which the program may lose, and under it the record. */
#define SLOT_CTX    (-8)
#define SLOT_RECORD (SLOT_CTX - (int) sizeof(struct dev_denial))

#define EPILOGUE_MAX 40
#define JUMP_MAX     32000

static void emit(struct dev_prog *prog, struct bpf_insn insn)
{
	prog->insns[prog->len++] = insn;
}

static struct bpf_insn insn_store64(int dst, int16_t off, int src)
{
	return (struct bpf_insn){
		.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = dst, .src_reg = src, .off = off
	};
}

static struct bpf_insn insn_store32(int dst, int16_t off, int src)
{
	return (struct bpf_insn){
		.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = dst, .src_reg = src, .off = off
	};
}

static struct bpf_insn insn_load64(int dst, int src, int16_t off)
{
	return (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = dst, .src_reg = src, .off = off
	};
}

static struct bpf_insn insn_call(int32_t function)
{
	return (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = function };
}

/* r<dst> = r10 + off */
static void emit_address(struct dev_prog *prog, int dst, int off)
{
	emit(prog, insn_mov64_reg(dst, BPF_REG_10));
	emit(prog,
	     (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = dst, .imm = off });
}

/* Takes two slots. */
static void emit_map(struct dev_prog *prog, int dst, int fd)
{
	emit(prog, (struct bpf_insn){ .code = INSN_LD_IMM64,
				      .dst_reg = dst,
				      .src_reg = BPF_PSEUDO_MAP_FD,
				      .imm = fd });
	emit(prog, (struct bpf_insn){ 0 });
}

static void emit_member(struct dev_prog *prog, size_t from, size_t to)
{
	emit(prog, insn_load32(BPF_REG_1, BPF_REG_6, (int16_t) from));
	emit(prog, insn_store32(BPF_REG_10, (int16_t) (SLOT_RECORD + (int) to), BPF_REG_1));
}

#define RECORD(member) (SLOT_RECORD + (int) offsetof(struct dev_denial, member))

static void emit_record(struct dev_prog *prog, uint32_t program)
{
	emit(prog, insn_load64(BPF_REG_6, BPF_REG_10, SLOT_CTX));
	emit(prog, insn_mov32(BPF_REG_1, (int32_t) program));
	emit(prog, insn_store32(BPF_REG_10, RECORD(program), BPF_REG_1));
	emit_member(prog, offsetof(struct bpf_cgroup_dev_ctx, access_type),
		    offsetof(struct dev_denial, access_type));
	emit_member(prog, offsetof(struct bpf_cgroup_dev_ctx, major),
		    offsetof(struct dev_denial, major));
	emit_member(prog, offsetof(struct bpf_cgroup_dev_ctx, minor),
		    offsetof(struct dev_denial, minor));
	emit(prog, insn_call(BPF_FUNC_get_current_pid_tgid));
	emit(prog, insn_store64(BPF_REG_10, RECORD(pid), BPF_REG_0));
	emit_address(prog, BPF_REG_1, RECORD(comm));
	emit(prog, insn_mov32(BPF_REG_2, sizeof(((struct dev_denial *) NULL)->comm)));
	emit(prog, insn_call(BPF_FUNC_get_current_comm));
}

/* Where the exits lead: r0 has the verdict. */
static void emit_epilogue(struct dev_prog *prog, uint32_t program, int map_fd)
{
	size_t test = prog->len;

	emit(prog, insn_jmp32(BPF_JNE, BPF_REG_0, 0, 0));
	emit_record(prog, program);
	emit_map(prog, BPF_REG_1, map_fd);
	emit_address(prog, BPF_REG_2, SLOT_RECORD);
	emit(prog, insn_mov32(BPF_REG_3, sizeof(struct dev_denial)));
	emit(prog, insn_mov32(BPF_REG_4, 0));
	emit(prog, insn_call(BPF_FUNC_ringbuf_output));
	prog->insns[test].off = (int16_t) (prog->len - test - 1);
	emit(prog, insn_mov32(BPF_REG_0, 1));
	emit(prog, insn_exit());
}

static bool can_wrap(const struct bpf_insn *i)
{
	bool store = insn_class(i) == BPF_ST || insn_class(i) == BPF_STX;

	return !store && i->code != (BPF_JMP | BPF_CALL) && i->src_reg != BPF_REG_10 &&
	       i->code != INSN_LD_IMM64;
}

int dev_watch_make(const struct bpf_insn *insns, size_t len, uint32_t program, int map_fd,
		   struct dev_prog *ret)
{
	struct dev_prog prog = { 0 };

	if (len > JUMP_MAX)
		return err_code(ENOTSUP, "%zu instructions are too many to watch", len);
	for (size_t i = 0; i < len; i++) {
		if (!can_wrap(&insns[i]))
			return err_code(ENOTSUP, "instruction %zu is of a kind that is not watched",
					i);
	}
	prog.insns = xnew_n(struct bpf_insn, len + 1 + EPILOGUE_MAX);
	emit(&prog, insn_store64(BPF_REG_10, SLOT_CTX, BPF_REG_1));
	for (size_t i = 0; i < len; i++) {
		struct bpf_insn insn = insns[i];

		if (insn_is_exit(&insn))
			insn = (struct bpf_insn){ .code = BPF_JMP | BPF_JA,
						  .off = (int16_t) (len - i - 1) };
		emit(&prog, insn);
	}
	emit_epilogue(&prog, program, map_fd);
	*ret = prog;
	return 0;
}
