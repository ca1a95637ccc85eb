/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf/dev_compile.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/insn.h"

/*
 * Registers. r1 is the context on entry. access_type has the kind of device in its lower half and
 * the access bits in its upper one (struct bpf_cgroup_dev_ctx, Linux 4.15).
 */
enum {
	REG_CTX = BPF_REG_1,
	REG_TYPE = BPF_REG_2,
	REG_ACCESS = BPF_REG_3,
	REG_MAJOR = BPF_REG_4,
	REG_MINOR = BPF_REG_5,
};

/* The kernel's own limit for a privileged program (BPF_COMPLEXITY_LIMIT_INSNS, Linux 5.2). */
#define MAX_INSNS 1000000
/* What a rule takes at most: four comparisons, verdict, exit. */
#define RULE_INSNS_MAX 6

void dev_prog_clear(struct dev_prog *prog)
{
	free(prog->insns);
	free(prog->origin);
	*prog = (struct dev_prog){ 0 };
}

static void emit(struct dev_prog *prog, struct bpf_insn insn, int origin)
{
	prog->insns[prog->len] = insn;
	prog->origin[prog->len] = origin;
	prog->len++;
}

static void emit_verdict(struct dev_prog *prog, bool allow, int origin)
{
	emit(prog, insn_mov32(BPF_REG_0, allow), origin);
	emit(prog, insn_exit(), origin);
}

/* Which registers do the rules from `first` on look at? Loading an unused one would be harmless but
 * dull. */
static void emit_loads(struct dev_prog *prog, const struct dev_policy *policy, size_t first)
{
	bool type = false, access = false, major = false, minor = false;

	for (size_t i = first; i < policy->len; i++) {
		const struct dev_rule *rule = &policy->rules[i];

		type |= rule->types != DEV_TYPE_ALL;
		access |= rule->access != DEV_ACC_ALL;
		major |= rule->major != DEV_ANY;
		minor |= rule->minor != DEV_ANY;
	}
	if (type || access) {
		int first_reg = type ? REG_TYPE : REG_ACCESS;

		emit(prog,
		     insn_load32(first_reg, REG_CTX,
				 offsetof(struct bpf_cgroup_dev_ctx, access_type)),
		     DEV_ORIGIN_LOAD);
		if (type && access)
			emit(prog, insn_mov64_reg(REG_ACCESS, REG_TYPE), DEV_ORIGIN_LOAD);
		if (type)
			emit(prog, insn_alu32(BPF_AND, REG_TYPE, 0xffff), DEV_ORIGIN_LOAD);
		if (access)
			emit(prog, insn_alu32(BPF_RSH, REG_ACCESS, 16), DEV_ORIGIN_LOAD);
	}
	if (major)
		emit(prog,
		     insn_load32(REG_MAJOR, REG_CTX, offsetof(struct bpf_cgroup_dev_ctx, major)),
		     DEV_ORIGIN_LOAD);
	if (minor)
		emit(prog,
		     insn_load32(REG_MINOR, REG_CTX, offsetof(struct bpf_cgroup_dev_ctx, minor)),
		     DEV_ORIGIN_LOAD);
}

/* Returns whether the rule looks at anything; if not, what follows would be out of reach. */
static bool emit_rule(struct dev_prog *prog, const struct dev_rule *rule, int index)
{
	size_t begin = prog->len, end;

	/* The distance of the jumps is not known yet: 0 for now. */
	if (rule->types != DEV_TYPE_ALL)
		emit(prog, insn_jmp32(BPF_JNE, REG_TYPE, rule->types, 0), index);
	/* Any bit asked for that the rule does not have, known to us or not, is no match. */
	if (rule->access != DEV_ACC_ALL)
		emit(prog, insn_jmp32(BPF_JSET, REG_ACCESS, ~(int32_t) rule->access, 0), index);
	if (rule->major != DEV_ANY)
		emit(prog, insn_jmp32(BPF_JNE, REG_MAJOR, (int32_t) (uint32_t) rule->major, 0),
		     index);
	if (rule->minor != DEV_ANY)
		emit(prog, insn_jmp32(BPF_JNE, REG_MINOR, (int32_t) (uint32_t) rule->minor, 0),
		     index);
	end = prog->len + 2;
	for (size_t i = begin; i < prog->len; i++)
		prog->insns[i].off = (int16_t) (end - i - 1);
	emit_verdict(prog, rule->allow, index);
	return end > begin + 2;
}

int dev_prog_compile(const struct dev_policy *policy, struct dev_prog *ret)
{
	size_t max = policy->len * RULE_INSNS_MAX + 8;
	struct dev_prog prog = { 0 };
	size_t first = 0;

	if (policy->len > MAX_INSNS / RULE_INSNS_MAX)
		return err_code(E2BIG, "%zu device rules are too many for a program", policy->len);
	prog.insns = xnew_n(struct bpf_insn, max);
	prog.origin = xnew_n(int, max);
	/* Nothing older than an unconditional rule counts, not even for the loads. */
	for (size_t i = policy->len; i-- > 0 && first == 0;) {
		const struct dev_rule *rule = &policy->rules[i];

		if (rule->types == DEV_TYPE_ALL && rule->access == DEV_ACC_ALL &&
		    rule->major == DEV_ANY && rule->minor == DEV_ANY)
			first = i;
	}
	emit_loads(&prog, policy, first);
	for (size_t i = policy->len; i-- > first;) {
		if (!emit_rule(&prog, &policy->rules[i], (int) i))
			goto out;
	}
	emit_verdict(&prog, policy->default_allow, DEV_ORIGIN_DEFAULT);
out:
	*ret = prog;
	return 0;
}
