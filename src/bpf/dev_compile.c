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
	REG_NUMBER = BPF_REG_6, /* both, as the kernel's own dev_t has them: 12 and 20 bits */
};

/* The kernel's limit for a privileged program (BPF_COMPLEXITY_LIMIT_INSNS, Linux 5.2). */
#define MAX_INSNS 1000000
/* What a run of one rule takes at most: three comparisons, verdict, exit. */
#define RUN_INSNS_MAX  5
#define LOAD_INSNS_MAX 9
/* A jump reaches 32767 instructions. */
#define RUN_RULES_MAX 16384

/*
 * Rules next to each other that differ in numbers only: their common part is tested once, and they
 * share the verdict. The kernel's verifier follows both ways of each conditional jump, at about
 * 5 µs for one: the runtime's default rules are checked in 60 µs this way, rule by rule in 250.
 */
struct run {
	size_t newest; /* index of the first one looked at */
	size_t len;    /* newest, newest - 1, … */
};

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

static bool rule_any_number(const struct dev_rule *rule)
{
	return rule->major == DEV_ANY && rule->minor == DEV_ANY;
}

/* There is no such device, and its number would look like another one's in REG_NUMBER. */
static bool rule_never_matches(const struct dev_rule *rule)
{
	return rule->major > DEV_MAJOR_MAX || rule->minor > DEV_MINOR_MAX;
}

/* ---- loads ---- */

struct used {
	bool type, access, major, minor, number;
};

static struct used registers_used(const struct dev_policy *policy)
{
	struct used used = { 0 };

	for (size_t i = 0; i < policy->len; i++) {
		const struct dev_rule *rule = &policy->rules[i];

		used.type |= rule->types != DEV_TYPE_ALL;
		used.access |= rule->access != DEV_ACC_ALL;
		if (rule->major != DEV_ANY && rule->minor != DEV_ANY)
			used.number = true;
		else if (rule->major != DEV_ANY)
			used.major = true;
		else if (rule->minor != DEV_ANY)
			used.minor = true;
	}
	return used;
}

static void emit_load(struct dev_prog *prog, int reg, size_t offset)
{
	emit(prog, insn_load32(reg, REG_CTX, (int16_t) offset), DEV_ORIGIN_LOAD);
}

static void emit_loads(struct dev_prog *prog, struct used used)
{
	if (used.type) {
		emit_load(prog, REG_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
		emit(prog, insn_alu32(BPF_AND, REG_TYPE, 0xffff), DEV_ORIGIN_LOAD);
	}
	if (used.access) {
		emit_load(prog, REG_ACCESS, offsetof(struct bpf_cgroup_dev_ctx, access_type));
		emit(prog, insn_alu32(BPF_RSH, REG_ACCESS, 16), DEV_ORIGIN_LOAD);
	}
	if (used.major || used.number)
		emit_load(prog, REG_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	if (used.minor || used.number)
		emit_load(prog, REG_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	if (used.number) {
		emit(prog, insn_mov64_reg(REG_NUMBER, REG_MAJOR), DEV_ORIGIN_LOAD);
		emit(prog, insn_alu32(BPF_LSH, REG_NUMBER, DEV_MINOR_BITS), DEV_ORIGIN_LOAD);
		emit(prog, insn_alu32_reg(BPF_OR, REG_NUMBER, REG_MINOR), DEV_ORIGIN_LOAD);
	}
}

/* ---- runs ---- */

static struct run next_run(const struct dev_policy *policy, size_t newest)
{
	const struct dev_rule *first = &policy->rules[newest];
	struct run run = { newest, 1 };

	while (run.len <= newest && run.len < RUN_RULES_MAX) {
		const struct dev_rule *rule = &policy->rules[newest - run.len];

		if (rule->allow != first->allow || rule->types != first->types ||
		    rule->access != first->access)
			break;
		run.len++;
	}
	return run;
}

/* if the number does (BPF_JEQ) or does not (BPF_JNE) match goto: where to is set later. */
static void emit_number(struct dev_prog *prog, int op, const struct dev_rule *rule, int origin)
{
	int reg = REG_NUMBER;
	uint32_t value;

	if (rule->minor == DEV_ANY) {
		reg = REG_MAJOR;
		value = (uint32_t) rule->major;
	} else if (rule->major == DEV_ANY) {
		reg = REG_MINOR;
		value = (uint32_t) rule->minor;
	} else {
		value = (uint32_t) rule->major << DEV_MINOR_BITS | (uint32_t) rule->minor;
	}
	emit(prog, insn_jmp32(op, reg, (int32_t) value, 0), origin);
}

/* The rules of a run that count: one without numbers stands for all. */
static size_t run_rules(const struct dev_policy *policy, const struct run *run, size_t *index)
{
	size_t n = 0;

	for (size_t i = 0; i < run->len; i++) {
		const struct dev_rule *rule = &policy->rules[run->newest - i];

		if (rule_any_number(rule)) {
			index[0] = run->newest - i;
			return 1;
		}
		if (!rule_never_matches(rule))
			index[n++] = run->newest - i;
	}
	return n;
}

/*
 *	if type or access are others goto next
 *	if number == A goto hit
 *	…
 *	if number != Z goto next
 * hit:	return verdict
 * next:
 *
 * Returns false when nothing at all was tested: what follows would be out of reach.
 */
static bool emit_run(struct dev_prog *prog, const struct dev_policy *policy, const struct run *run,
		     size_t *index)
{
	size_t begin = prog->len, n = run_rules(policy, run, index), tests, hit;
	const struct dev_rule *first;
	int origin;

	if (n == 0)
		return true;
	first = &policy->rules[index[0]];
	origin = n == 1 ? (int) index[0] : DEV_ORIGIN_RUN;
	if (first->types != DEV_TYPE_ALL)
		emit(prog, insn_jmp32(BPF_JNE, REG_TYPE, first->types, 0), origin);
	/* Any bit asked for that the rule does not have, known to us or not, is no match. */
	if (first->access != DEV_ACC_ALL)
		emit(prog, insn_jmp32(BPF_JSET, REG_ACCESS, ~(int32_t) first->access, 0), origin);
	tests = prog->len;
	for (size_t i = 0; i < n && !rule_any_number(first); i++)
		emit_number(prog, i + 1 < n ? BPF_JEQ : BPF_JNE, &policy->rules[index[i]],
			    (int) index[i]);
	hit = prog->len;
	for (size_t i = begin; i < hit; i++) {
		bool to_hit = i >= tests && i + 1 < hit;

		prog->insns[i].off = (int16_t) ((to_hit ? hit : hit + 2) - i - 1);
	}
	emit_verdict(prog, first->allow, origin);
	return hit > begin;
}

static bool rule_is_unconditional(const struct dev_rule *rule)
{
	return rule->types == DEV_TYPE_ALL && rule->access == DEV_ACC_ALL && rule_any_number(rule);
}

int dev_prog_compile(const struct dev_policy *policy, struct dev_prog *ret)
{
	size_t max = policy->len * RUN_INSNS_MAX + LOAD_INSNS_MAX + 2, first = 0;
	autofree size_t *index = xnew_n(size_t, policy->len + 1);
	struct dev_policy live = *policy;
	struct dev_prog prog = { 0 };
	bool open = true;

	if (policy->len > MAX_INSNS / RUN_INSNS_MAX)
		return err_code(E2BIG, "%zu device rules are too many for a program", policy->len);
	prog.insns = xnew_n(struct bpf_insn, max);
	prog.origin = xnew_n(int, max);
	/* Nothing older than an unconditional rule counts, not even for the loads. */
	for (size_t i = policy->len; i-- > 0 && first == 0;) {
		if (rule_is_unconditional(&policy->rules[i]))
			first = i;
	}
	if (first)
		live.rules += first;
	live.len -= first;
	emit_loads(&prog, registers_used(&live));
	for (size_t left = live.len; open && left > 0;) {
		struct run run = next_run(&live, left - 1);

		open = emit_run(&prog, &live, &run, index);
		left -= run.len;
	}
	if (open)
		emit_verdict(&prog, policy->default_allow, DEV_ORIGIN_DEFAULT);
	for (size_t i = 0; i < prog.len; i++)
		prog.origin[i] += prog.origin[i] >= 0 ? (int) first : 0;
	*ret = prog;
	return 0;
}
