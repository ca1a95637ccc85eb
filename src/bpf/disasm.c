/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/disasm.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/insn.h"

struct op {
	int code;
	const char *text;
};

static const struct op alu_ops[] = {
	{ BPF_ADD, "+=" }, { BPF_SUB, "-=" }, { BPF_MUL, "*=" },  { BPF_DIV, "/=" },
	{ BPF_OR, "|=" },  { BPF_AND, "&=" }, { BPF_LSH, "<<=" }, { BPF_RSH, ">>=" },
	{ BPF_MOD, "%=" }, { BPF_XOR, "^=" }, { BPF_MOV, "=" },	  { BPF_ARSH, "s>>=" },
};

static const struct op jmp_ops[] = {
	{ BPF_JEQ, "==" }, { BPF_JGT, ">" },   { BPF_JGE, ">=" },   { BPF_JSET, "&" },
	{ BPF_JNE, "!=" }, { BPF_JSGT, "s>" }, { BPF_JSGE, "s>=" }, { BPF_JLT, "<" },
	{ BPF_JLE, "<=" }, { BPF_JSLT, "s<" }, { BPF_JSLE, "s<=" },
};

static const struct op sizes[] = {
	{ BPF_B, "u8" },
	{ BPF_H, "u16" },
	{ BPF_W, "u32" },
	{ BPF_DW, "u64" },
};

static const char *op_text(const struct op *t, size_t n, int code)
{
	for (size_t i = 0; i < n; i++) {
		if (t[i].code == code)
			return t[i].text;
	}
	return NULL;
}

static int op_code(const struct op *t, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(t[i].text, text) == 0)
			return t[i].code;
	}
	return -1;
}

/* ---- instructions → text ---- */

static char width(const struct bpf_insn *insn)
{
	int class = insn_class(insn);

	return class == BPF_ALU64 || class == BPF_JMP ? 'r' : 'w';
}

static bool format_alu(const struct bpf_insn *insn, struct strbuf *out)
{
	const char *op = op_text(alu_ops, ARRAY_SIZE(alu_ops), insn_op(insn));
	char w = width(insn);

	if (!op || insn->off)
		return false;
	if (BPF_SRC(insn->code) == BPF_X && insn->imm == 0)
		strbuf_addf(out, "%c%d %s %c%d", w, insn->dst_reg, op, w, insn->src_reg);
	else if (BPF_SRC(insn->code) == BPF_K && insn->src_reg == 0)
		strbuf_addf(out, "%c%d %s %d", w, insn->dst_reg, op, insn->imm);
	else
		return false;
	return true;
}

static bool format_jump(const struct bpf_insn *insn, size_t at, struct strbuf *out)
{
	const char *op = op_text(jmp_ops, ARRAY_SIZE(jmp_ops), insn_op(insn));
	long long target = (long long) at + 1 + insn->off;
	char w = width(insn);

	if (insn_is_exit(insn) && !insn->dst_reg && !insn->src_reg && !insn->off && !insn->imm) {
		strbuf_add(out, "exit");
		return true;
	}
	if (insn_is_goto(insn) && !insn->dst_reg && !insn->src_reg && !insn->imm) {
		strbuf_addf(out, "goto %lld", target);
		return true;
	}
	if (!op)
		return false;
	if (BPF_SRC(insn->code) == BPF_X && insn->imm == 0)
		strbuf_addf(out, "if %c%d %s %c%d goto %lld", w, insn->dst_reg, op, w,
			    insn->src_reg, target);
	else if (BPF_SRC(insn->code) == BPF_K && insn->src_reg == 0)
		strbuf_addf(out, "if %c%d %s %d goto %lld", w, insn->dst_reg, op, insn->imm,
			    target);
	else
		return false;
	return true;
}

static bool format_load(const struct bpf_insn *insn, struct strbuf *out)
{
	const char *size = op_text(sizes, ARRAY_SIZE(sizes), BPF_SIZE(insn->code));

	if (BPF_MODE(insn->code) != BPF_MEM || !size || insn->imm)
		return false;
	strbuf_addf(out, "r%d = *(%s *)(r%d %c %d)", insn->dst_reg, size, insn->src_reg,
		    insn->off < 0 ? '-' : '+', insn->off < 0 ? -insn->off : insn->off);
	return true;
}

/* The second slot of a 64-bit immediate carries nothing but the upper half. */
static bool is_imm64(const struct bpf_insn *insn, size_t left)
{
	return insn->code == INSN_LD_IMM64 && !insn->src_reg && !insn->off && left > 1 &&
	       !insn[1].code && !insn[1].dst_reg && !insn[1].src_reg && !insn[1].off;
}

static void format_raw(const struct bpf_insn *insn, struct strbuf *out)
{
	strbuf_addf(out, ".insn 0x%02x %d %d %d %d", insn->code, insn->dst_reg, insn->src_reg,
		    insn->off, insn->imm);
}

/* One instruction; returns how many slots it took. */
static size_t format_insn(const struct bpf_insn *insn, size_t at, size_t left, struct strbuf *out)
{
	bool registers = insn->dst_reg <= BPF_REG_10 && insn->src_reg <= BPF_REG_10, done = false;

	if (registers && is_imm64(insn, left)) {
		uint64_t value = (uint32_t) insn[0].imm | (uint64_t) (uint32_t) insn[1].imm << 32;

		strbuf_addf(out, "r%d = 0x%" PRIx64 " ll", insn->dst_reg, value);
		return 2;
	}
	switch (registers ? insn_class(insn) : -1) {
	case BPF_ALU:
	case BPF_ALU64:
		done = format_alu(insn, out);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		done = format_jump(insn, at, out);
		break;
	case BPF_LDX:
		done = format_load(insn, out);
		break;
	}
	if (!done)
		format_raw(insn, out);
	return 1;
}

void disasm_format(const struct bpf_insn *insns, size_t len,
		   const char *(*note)(void *arg, size_t i), void *arg, struct strbuf *out)
{
	for (size_t i = 0; i < len;) {
		const char *comment = note ? note(arg, i) : NULL;
		size_t begin, used;

		strbuf_addf(out, "%4zu: ", i);
		begin = out->len;
		used = format_insn(&insns[i], i, len - i, out);
		if (comment)
			strbuf_addf(out, "%*s; %s",
				    (int) (out->len - begin < 34 ? 34 - (out->len - begin) : 1), "",
				    comment);
		strbuf_add_c(out, '\n');
		i += used;
	}
}

/* ---- text → instructions ---- */

/* Cuts off "  12: " and "; comment"; returns the instruction's text. */
static char *line_body(char *line)
{
	char *comment = strchr(line, ';'), *p;

	if (comment)
		*comment = '\0';
	line = str_trim(line);
	for (p = line; isdigit((unsigned char) *p); p++)
		;
	return p > line && *p == ':' ? str_trim(p + 1) : line;
}

static int parse_reg(const char *text, char *ret_width)
{
	int reg;

	if ((text[0] != 'r' && text[0] != 'w') || str_to_int(text + 1, &reg) < 0 || reg < 0 ||
	    reg > 10)
		return -EINVAL;
	*ret_width = text[0];
	return reg;
}

/* The right-hand side: a register of the same width, or a number. */
static int parse_operand(const char *text, char width, struct bpf_insn *insn)
{
	char w;
	int reg = parse_reg(text, &w);
	int value;

	if (reg >= 0) {
		if (w != width)
			return -EINVAL;
		insn->code |= BPF_X;
		insn->src_reg = (unsigned int) reg & 0xf;
		return 0;
	}
	if (str_to_int(text, &value) < 0)
		return -EINVAL;
	insn->code |= BPF_K;
	insn->imm = value;
	return 0;
}

static int parse_offset(const char *text, size_t at, struct bpf_insn *insn)
{
	int target;
	long long off;

	if (str_to_int(text, &target) < 0)
		return -EINVAL;
	off = (long long) target - (long long) at - 1;
	if (off < INT16_MIN || off > INT16_MAX)
		return -EINVAL;
	insn->off = (int16_t) off;
	return 0;
}

/* "w2 &= 65535" */
static int parse_alu(const char *dst, const char *op, const char *src, struct bpf_insn *insn)
{
	char w;
	int reg = parse_reg(dst, &w);
	int code = op_code(alu_ops, ARRAY_SIZE(alu_ops), op);

	if (reg < 0 || code < 0)
		return -EINVAL;
	insn->code = (uint8_t) ((w == 'r' ? BPF_ALU64 : BPF_ALU) | code);
	insn->dst_reg = (unsigned int) reg & 0xf;
	return parse_operand(src, w, insn);
}

/* "if w2 != 2 goto 7": words 1.. of it */
static int parse_if(char *const *word, size_t at, struct bpf_insn *insn)
{
	char w;
	int reg = parse_reg(word[1], &w);
	int code = op_code(jmp_ops, ARRAY_SIZE(jmp_ops), word[2]);

	if (reg < 0 || code < 0 || strcmp(word[4], "goto") != 0)
		return -EINVAL;
	insn->code = (uint8_t) ((w == 'r' ? BPF_JMP : BPF_JMP32) | code);
	insn->dst_reg = (unsigned int) reg & 0xf;
	if (parse_operand(word[3], w, insn) < 0)
		return -EINVAL;
	return parse_offset(word[5], at, insn);
}

/* "r2 = *(u32 *)(r1 + 0)" */
static int parse_load(const char *text, struct bpf_insn *insn)
{
	unsigned int dst, src, off;
	char size[4], sign;
	int code, end = -1;

	if (sscanf(text, "r%2u = *(%3[u0-9] *)(r%2u %c %5u)%n", &dst, size, &src, &sign, &off,
		   &end) != 5 ||
	    end < 0 || text[end])
		return -EINVAL;
	code = op_code(sizes, ARRAY_SIZE(sizes), size);
	if (code < 0 || dst > 10 || src > 10 || (sign != '+' && sign != '-') || off > 32768 ||
	    (sign == '+' && off > INT16_MAX))
		return -EINVAL;
	insn->code = (uint8_t) (BPF_LDX | BPF_MEM | code);
	insn->dst_reg = dst & 0xf;
	insn->src_reg = src & 0xf;
	insn->off = (int16_t) (sign == '-' ? -(int) off : (int) off);
	return 0;
}

/* "r0 = 0x1122334455667788 ll": two slots */
static int parse_imm64(const char *text, struct bpf_insn insn[2])
{
	unsigned int dst;
	uint64_t value;
	int end = -1;

	if (sscanf(text, "r%2u = 0x%16" SCNx64 " ll%n", &dst, &value, &end) != 2 || end < 0 ||
	    text[end] || dst > 10)
		return -EINVAL;
	insn[0].code = INSN_LD_IMM64;
	insn[0].dst_reg = dst & 0xf;
	insn[0].imm = (int32_t) (uint32_t) value;
	insn[1].imm = (int32_t) (uint32_t) (value >> 32);
	return 0;
}

static int parse_raw(const char *text, struct bpf_insn *insn)
{
	unsigned int code;
	int dst, src, off, imm, end = -1;

	if (sscanf(text, ".insn 0x%2x %2d %2d %6d %11d%n", &code, &dst, &src, &off, &imm, &end) !=
		    5 ||
	    end < 0 || text[end] || dst < 0 || dst > 15 || src < 0 || src > 15 || off < INT16_MIN ||
	    off > INT16_MAX)
		return -EINVAL;
	insn->code = (uint8_t) code;
	insn->dst_reg = (unsigned int) dst & 0xf;
	insn->src_reg = (unsigned int) src & 0xf;
	insn->off = (int16_t) off;
	insn->imm = imm;
	return 0;
}

/* Slots written (1 or 2), or -EINVAL. */
static int parse_insn(const char *text, size_t at, struct bpf_insn insn[2])
{
	autostrv struct strv word = { 0 };

	memset(insn, 0, 2 * sizeof(*insn));
	if (str_starts(text, ".insn "))
		return parse_raw(text, insn) < 0 ? -EINVAL : 1;
	if (strstr(text, "*("))
		return parse_load(text, insn) < 0 ? -EINVAL : 1;
	if (str_ends(text, " ll"))
		return parse_imm64(text, insn) < 0 ? -EINVAL : 2;
	strv_split(&word, text, " ");
	if (word.len == 1 && strcmp(word.v[0], "exit") == 0) {
		*insn = insn_exit();
		return 1;
	}
	if (word.len == 2 && strcmp(word.v[0], "goto") == 0) {
		insn->code = BPF_JMP | BPF_JA;
		return parse_offset(word.v[1], at, insn) < 0 ? -EINVAL : 1;
	}
	if (word.len == 6 && strcmp(word.v[0], "if") == 0)
		return parse_if(word.v, at, insn) < 0 ? -EINVAL : 1;
	if (word.len == 3)
		return parse_alu(word.v[0], word.v[1], word.v[2], insn) < 0 ? -EINVAL : 1;
	return -EINVAL;
}

int disasm_parse(const char *text, struct bpf_insn **ret, size_t *ret_len)
{
	autofree struct bpf_insn *insns = NULL;
	autofree char *copy = xstrdup(text);
	char *save = NULL;
	size_t len = 0;

	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *body = line_body(line);
		int r;

		if (!*body)
			continue;
		insns = xreallocarray(insns, len + 2, sizeof(*insns));
		r = parse_insn(body, len, insns + len);
		if (r < 0)
			return err_code(EINVAL, "not a BPF instruction: '%s'", body);
		len += (size_t) r;
	}
	*ret = take_ptr(&insns);
	*ret_len = len;
	return 0;
}
