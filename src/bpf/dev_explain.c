/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/dev_explain.h"

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/insn.h"
#include "bpf/sim.h"

/* What a register is known to hold. */
enum kind {
	K_UNKNOWN,
	K_CTX,
	K_CONST,
	K_ACCESS_TYPE, /* both halves */
	K_TYPE,
	K_ACCESS,
	K_ACCESS_MASKED, /* access & value */
	K_MAJOR,
	K_MAJOR_SHIFTED, /* as the upper part of a number */
	K_MINOR,
	K_NUMBER,
};

struct value {
	enum kind kind;
	uint32_t value;
};

/* One block as far as it has been read. */
struct block {
	size_t begin;
	struct value reg[11];
	bool written[11];
	struct dev_rule rule;
	long next; /* where a failed comparison leads, -1 = none yet */
	long hit;  /* where one of several numbers leads */
	size_t after_tests;
	struct dev_rule *either; /* rules that differ in their numbers */
	size_t n_either;
};

struct reader {
	const struct bpf_insn *insns;
	size_t len;
	struct dev_policy policy; /* the first match wins, until the end */
	size_t steps;
};

static int unlike(size_t pc, const char *why)
{
	return err_code(ENOTSUP, "instruction %zu: %s, which is none of a chain of rules", pc, why);
}

static void set(struct block *b, int reg, enum kind kind, uint32_t value)
{
	b->reg[reg] = (struct value){ kind, value };
	b->written[reg] = true;
}

/* ---- loads and arithmetic ---- */

static void load(struct block *b, const struct bpf_insn *i)
{
	static const enum kind members[] = { K_ACCESS_TYPE, K_MAJOR, K_MINOR };
	enum kind kind = K_UNKNOWN;

	if (b->reg[i->src_reg].kind == K_CTX && i->off >= 0 && i->off <= 8 && i->off % 4 == 0) {
		if (BPF_SIZE(i->code) == BPF_W)
			kind = members[i->off / 4];
		else if (BPF_SIZE(i->code) == BPF_H && i->off == 0)
			kind = K_TYPE;
	}
	set(b, i->dst_reg, kind, 0);
}

static void alu(struct block *b, const struct bpf_insn *i)
{
	const struct value a = b->reg[i->dst_reg], c = b->reg[i->src_reg];
	bool imm = BPF_SRC(i->code) == BPF_K;
	enum kind kind = K_UNKNOWN;
	uint32_t value = 0;

	switch (BPF_OP(i->code)) {
	case BPF_MOV:
		kind = imm ? K_CONST : c.kind;
		value = imm ? (uint32_t) i->imm : c.value;
		break;
	case BPF_AND:
		if (imm && a.kind == K_ACCESS_TYPE && i->imm == 0xffff)
			kind = K_TYPE;
		else if (imm && a.kind == K_ACCESS)
			kind = K_ACCESS_MASKED, value = (uint32_t) i->imm;
		break;
	case BPF_RSH:
		if (imm && a.kind == K_ACCESS_TYPE && i->imm == 16)
			kind = K_ACCESS;
		break;
	case BPF_LSH:
		if (imm && a.kind == K_MAJOR && i->imm == DEV_MINOR_BITS)
			kind = K_MAJOR_SHIFTED;
		break;
	case BPF_OR:
		if (!imm && a.kind == K_MAJOR_SHIFTED && c.kind == K_MINOR)
			kind = K_NUMBER;
		break;
	default:
		break;
	}
	set(b, i->dst_reg, kind, value);
}

/* ---- comparisons ---- */

/* What holds when `reg == imm`, as far as numbers go. */
static bool match_number(const struct value *v, uint32_t imm, struct dev_rule *rule)
{
	switch (v->kind) {
	case K_MAJOR:
		rule->major = imm;
		return true;
	case K_MINOR:
		rule->minor = imm;
		return true;
	case K_NUMBER:
		rule->major = imm >> DEV_MINOR_BITS;
		rule->minor = imm & DEV_MINOR_MAX;
		return true;
	default:
		return false;
	}
}

static bool match_access(struct dev_rule *rule, uint32_t mask)
{
	rule->access &= mask & DEV_ACC_ALL;
	return rule->access != 0;
}

/* Narrows the rule to what stays on the way when the jump is not taken. */
static bool match_on(const struct block *b, const struct bpf_insn *i, struct dev_rule *rule)
{
	const struct value *a = &b->reg[i->dst_reg], *c = &b->reg[i->src_reg];
	bool imm = BPF_SRC(i->code) == BPF_K;

	/* 64 bits wide it is compared with a number that no register of ours can hold. */
	if (imm && i->imm < 0 && BPF_CLASS(i->code) == BPF_JMP)
		return false;
	if (BPF_OP(i->code) == BPF_JSET && imm && a->kind == K_ACCESS)
		return match_access(rule, ~(uint32_t) i->imm);
	if (BPF_OP(i->code) != BPF_JNE)
		return false;
	if (!imm && a->kind == K_ACCESS_MASKED && c->kind == K_ACCESS)
		return match_access(rule, a->value);
	if (!imm && c->kind == K_ACCESS_MASKED && a->kind == K_ACCESS)
		return match_access(rule, c->value);
	if (imm && a->kind == K_TYPE && (i->imm == DEV_TYPE_BLOCK || i->imm == DEV_TYPE_CHAR)) {
		rule->types &= (uint8_t) i->imm;
		return rule->types != 0;
	}
	return imm && match_number(a, (uint32_t) i->imm, rule);
}

static void add_either(struct block *b, const struct dev_rule *rule)
{
	b->either = xreallocarray(b->either, b->n_either + 1, sizeof(*b->either));
	b->either[b->n_either++] = *rule;
}

static bool has_numbers(const struct dev_rule *rule)
{
	return rule->major != DEV_ANY || rule->minor != DEV_ANY;
}

/* if number == A goto hit */
static int compare_hit(struct block *b, const struct bpf_insn *i, size_t pc, long target)
{
	struct dev_rule rule = b->rule;

	if (has_numbers(&b->rule) || BPF_SRC(i->code) != BPF_K ||
	    !match_number(&b->reg[i->dst_reg], (uint32_t) i->imm, &rule))
		return unlike(pc, "a jump on equality");
	if (b->hit >= 0 && b->hit != target)
		return unlike(pc, "a jump to another verdict");
	b->hit = target;
	add_either(b, &rule);
	return 0;
}

static int compare(struct block *b, const struct bpf_insn *i, size_t pc)
{
	long target = (long) pc + 1 + i->off;
	bool had = has_numbers(&b->rule);

	b->after_tests = pc + 1;
	if (BPF_OP(i->code) == BPF_JEQ)
		return compare_hit(b, i, pc, target);
	if (!match_on(b, i, &b->rule))
		return unlike(pc, "a comparison");
	if (b->n_either && (had || !has_numbers(&b->rule)))
		return unlike(pc, "a comparison behind a choice of numbers");
	if (b->next >= 0 && b->next != target)
		return unlike(pc, "a jump to elsewhere");
	b->next = target;
	return 0;
}

/* ---- blocks ---- */

static void policy_add(struct reader *rd, const struct dev_rule *rule)
{
	struct dev_policy *p = &rd->policy;

	p->rules = xreallocarray(p->rules, p->len + 1, sizeof(*p->rules));
	p->rules[p->len++] = *rule;
}

/* At an exit: the verdict. 1: there is no next block. */
static int finish(struct reader *rd, struct block *b, size_t pc)
{
	const struct value *r0 = &b->reg[0];

	if (r0->kind != K_CONST || r0->value > 1)
		return unlike(pc, "a verdict that is neither 0 nor 1");
	if (b->hit >= 0 && (size_t) b->hit != b->after_tests)
		return unlike(pc, "a verdict apart");
	if (b->next < 0 && b->n_either)
		return unlike(pc, "a choice that nothing fails");
	if (b->next < 0) {
		rd->policy.default_allow = r0->value;
		rd->policy.default_source = (int) b->begin;
		return 1;
	}
	if (b->n_either)
		add_either(b, &b->rule);
	for (size_t i = 0; i < b->n_either; i++) {
		b->either[i].allow = r0->value;
		policy_add(rd, &b->either[i]);
	}
	b->rule.allow = r0->value;
	if (!b->n_either)
		policy_add(rd, &b->rule);
	return 0;
}

/* Through a block to its verdict. */
static int read_block(struct reader *rd, struct block *b)
{
	for (size_t pc = b->begin;; pc++) {
		const struct bpf_insn *i = &rd->insns[pc];
		int r = 0;

		if (pc >= rd->len || rd->steps++ > 4 * rd->len)
			return unlike(pc, "no end");
		if (i->dst_reg > 10 || i->src_reg > 10)
			return unlike(pc, "an unknown register");
		if (insn_is_exit(i))
			return finish(rd, b, pc);
		if (insn_is_goto(i))
			pc = (size_t) ((long) pc + i->off);
		else if (insn_is_jump(i) && BPF_OP(i->code) != BPF_CALL)
			r = compare(b, i, pc);
		else if (insn_class(i) == BPF_LDX && BPF_MODE(i->code) == BPF_MEM)
			load(b, i);
		else if (insn_class(i) == BPF_ALU || insn_class(i) == BPF_ALU64)
			alu(b, i);
		else
			return unlike(pc, "an operation");
		if (r < 0)
			return r;
	}
}

static int read_blocks(struct reader *rd)
{
	struct block b = { .reg = { [1] = { K_CTX, 0 } } };
	int r;

	do {
		memset(b.written, 0, sizeof(b.written));
		b.next = b.hit = -1;
		b.n_either = 0;
		b.after_tests = b.begin;
		b.rule = (struct dev_rule){ .types = DEV_TYPE_ALL,
					    .access = DEV_ACC_ALL,
					    .major = DEV_ANY,
					    .minor = DEV_ANY,
					    .source = (int) b.begin };
		r = read_block(rd, &b);
		/* The loads of the first block hold on; what a later one wrote depends on the way
		 * out of it. */
		for (int i = 0; b.begin && i <= 10; i++) {
			if (b.written[i])
				b.reg[i].kind = K_UNKNOWN;
		}
		b.reg[0].kind = K_UNKNOWN;
		if (r == 0 && b.next <= (long) b.begin)
			r = unlike(b.begin, "a jump back");
		b.begin = (size_t) b.next;
	} while (r == 0);
	free(b.either);
	return r < 0 ? r : 0;
}

/* ---- the proof ---- */

static int same(const struct reader *rd, const struct dev_probe *p)
{
	int run = sim_run(rd->insns, rd->len, p);

	if (run < 0)
		return run;
	return run == dev_policy_eval(&rd->policy, p).allow ? 0 : -ENOTSUP;
}

static int same_accesses(const struct reader *rd, uint32_t major, uint32_t minor)
{
	int r = 0;

	if (major > DEV_MAJOR_MAX || minor > DEV_MINOR_MAX)
		return 0;
	for (int type = DEV_TYPE_BLOCK; r == 0 && type <= DEV_TYPE_CHAR; type++) {
		for (int access = 1; r == 0 && access <= DEV_ACC_ALL; access++) {
			const struct dev_probe p = { (uint8_t) type, (uint8_t) access, major,
						     minor };

			r = same(rd, &p);
		}
	}
	return r;
}

/* Enough for all borders; more rules than anybody has are tried in part. */
#define PROVE_MAX 256

static int prove(const struct reader *rd)
{
	int r = same_accesses(rd, 4000, 77777);

	for (size_t i = 0; r == 0 && i < rd->policy.len && i < PROVE_MAX; i++) {
		const struct dev_rule *rule = &rd->policy.rules[i];
		uint32_t major = rule->major == DEV_ANY ? 4000 : (uint32_t) rule->major;
		uint32_t minor = rule->minor == DEV_ANY ? 77777 : (uint32_t) rule->minor;

		r = same_accesses(rd, major, minor);
		if (r == 0)
			r = same_accesses(rd, major + 1, minor);
		if (r == 0)
			r = same_accesses(rd, major, minor + 1);
	}
	return r < 0 ? err_code(ENOTSUP, "the program decides otherwise than its rules say") : 0;
}

static void reverse(struct dev_policy *p)
{
	for (size_t i = 0; i < p->len / 2; i++) {
		struct dev_rule other = p->rules[p->len - 1 - i];

		p->rules[p->len - 1 - i] = p->rules[i];
		p->rules[i] = other;
	}
}

int dev_explain(const struct bpf_insn *insns, size_t len, struct dev_policy *ret)
{
	struct reader rd = { .insns = insns, .len = len };
	int r;

	dev_policy_init(&rd.policy);
	r = read_blocks(&rd);
	reverse(&rd.policy);
	if (r == 0)
		r = prove(&rd);
	if (r < 0) {
		dev_policy_clear(&rd.policy);
		return r;
	}
	*ret = rd.policy;
	return 0;
}
