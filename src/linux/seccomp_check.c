/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_check.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "ocispec.h"

#define ARGS	   6
#define VALUES_MAX 32
#define MIXTURES   512

/* ---- the program ---- */

static uint32_t compute(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_AND:
		return a & k;
	case BPF_OR:
		return a | k;
	case BPF_RSH:
		return k < 32 ? a >> k : 0;
	case BPF_LSH:
		return k < 32 ? a << k : 0;
	case BPF_ADD:
		return a + k;
	default:
		return a - k;
	}
}

static bool jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return a & k;
	}
}

uint32_t seccomp_check_run(const struct sock_filter *insns, size_t len, uint32_t arch, int nr,
			   const uint64_t *args)
{
	struct seccomp_data data = { .nr = nr, .arch = arch };
	uint32_t a = 0;

	memcpy(data.args, args, sizeof(data.args));
	for (size_t i = 0; i < len; i++) {
		const struct sock_filter *f = &insns[i];

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			if (f->k > sizeof(data) - sizeof(a))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *) &data + f->k, sizeof(a));
			break;
		case BPF_ALU:
			a = compute(f->code, a, f->k);
			break;
		case BPF_JMP:
			if (BPF_OP(f->code) == BPF_JA)
				i += f->k;
			else
				i += jumps(f->code, a, f->k) ? f->jt : f->jf;
			break;
		case BPF_RET:
			return f->k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

/* ---- the rules ---- */

static bool holds(const struct oci_syscall_arg *c, uint64_t x)
{
	if (str_eq(c->op, "SCMP_CMP_NE"))
		return x != c->value;
	if (str_eq(c->op, "SCMP_CMP_LT"))
		return x < c->value;
	if (str_eq(c->op, "SCMP_CMP_LE"))
		return x <= c->value;
	if (str_eq(c->op, "SCMP_CMP_EQ"))
		return x == c->value;
	if (str_eq(c->op, "SCMP_CMP_GE"))
		return x >= c->value;
	if (str_eq(c->op, "SCMP_CMP_GT"))
		return x > c->value;
	return (x & c->value) == c->value_two;
}

/* All conditions; where two are about one argument, any (seccomp_filter.c, add_rules). */
static bool is_repeated(const struct oci_syscall *rule)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < rule->args_len; i++) {
		if (seen & 1u << rule->args[i].index)
			return true;
		seen |= 1u << rule->args[i].index;
	}
	return false;
}

static bool rule_holds(const struct oci_syscall *rule, const uint64_t *args)
{
	bool any = is_repeated(rule);

	for (size_t i = 0; i < rule->args_len; i++) {
		if (holds(&rule->args[i], args[rule->args[i].index]) == any)
			return any;
	}
	return !any;
}

/* ---- one call ---- */

struct values {
	uint64_t v[ARGS][VALUES_MAX];
	size_t n[ARGS];
};

static void add_value(struct values *v, unsigned int arg, uint64_t x)
{
	for (size_t i = 0; i < v->n[arg]; i++) {
		if (v->v[arg][i] == x)
			return;
	}
	if (v->n[arg] < VALUES_MAX)
		v->v[arg][v->n[arg]++] = x;
}

/* Values of a condition and beside it, and halves of it: those are compared one after the other. */
static void add_values(struct values *v, const struct oci_syscall_arg *c)
{
	const uint64_t x = c->value, low = x & UINT32_MAX, high = x & ~(uint64_t) UINT32_MAX;
	const uint64_t near[] = { x,
				  x - 1,
				  x + 1,
				  c->value_two,
				  low + 1,
				  high,
				  high + 3,
				  low | (1ull << 32),
				  high | UINT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(near); i++)
		add_value(v, c->index, near[i]);
}

/* How many alternatives the library compiles for the call; 0 also when there are no conditions. */
static size_t collect(const struct seccomp_check *c, int nr, struct values *v)
{
	size_t alternatives = 0;

	memset(v, 0, sizeof(*v));
	for (unsigned int arg = 0; arg < ARGS; arg++)
		add_value(v, arg, 0);
	for (size_t i = 0; i < c->n; i++) {
		const struct oci_syscall *rule = c->rules[i].rule;

		if (c->rules[i].nr != nr || !rule->args_len)
			continue;
		alternatives += is_repeated(rule) ? rule->args_len : 1;
		for (size_t k = 0; k < rule->args_len; k++)
			add_values(v, &rule->args[k]);
	}
	return alternatives;
}

static bool is_said(const struct seccomp_check *c, int nr, const uint64_t *args)
{
	uint32_t got = seccomp_check_run(c->insns, c->len, c->arch, nr, args);
	bool matched = false;

	for (size_t i = 0; i < c->n; i++) {
		if (c->rules[i].nr != nr || !rule_holds(c->rules[i].rule, args))
			continue;
		if (c->rules[i].action == got)
			return true;
		matched = true;
	}
	return !matched && got == c->default_action;
}

/* Two arguments through all their values; b may be a. */
static bool pair_is_right(const struct seccomp_check *c, int nr, const struct values *v,
			  unsigned int a, unsigned int b)
{
	size_t n = a == b ? v->n[a] : v->n[a] * v->n[b];

	for (size_t i = 0; i < n; i++) {
		uint64_t args[ARGS] = { 0 };

		args[b] = v->v[b][i / v->n[a] % v->n[b]];
		args[a] = v->v[a][i % v->n[a]];
		if (!is_said(c, nr, args))
			return false;
	}
	return true;
}

static bool mixtures_are_right(const struct seccomp_check *c, int nr, const struct values *v)
{
	uint32_t random = 1;

	for (size_t i = 0; i < MIXTURES; i++) {
		uint64_t args[ARGS];

		for (unsigned int a = 0; a < ARGS; a++) {
			random = random * 1664525 + 1013904223;
			args[a] = v->v[a][(random >> 16) % v->n[a]];
		}
		if (!is_said(c, nr, args))
			return false;
	}
	return true;
}

static bool call_is_right(const struct seccomp_check *c, int nr, const struct values *v)
{
	unsigned int used[ARGS], n = 0;

	for (unsigned int a = 0; a < ARGS; a++) {
		if (v->n[a] > 1)
			used[n++] = a;
	}
	for (unsigned int i = 0; i < n; i++) {
		for (unsigned int k = i + (n > 1); k < n; k++) {
			if (!pair_is_right(c, nr, v, used[i], used[k]))
				return false;
		}
	}
	return n < 3 || mixtures_are_right(c, nr, v);
}

/* Has the call been looked at for a rule before this one? */
static bool was_seen(const struct seccomp_check *c, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (c->rules[k].rule->args_len && c->rules[k].nr == c->rules[i].nr)
			return true;
	}
	return false;
}

int seccomp_check(const struct seccomp_check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct seccomp_check_rule *r = &c->rules[i];
		struct values v;

		if (!r->rule->args_len || was_seen(c, i))
			continue;
		if (collect(c, r->nr, &v) < 2 || call_is_right(c, r->nr, &v))
			continue;
		return err_code(EINVAL,
				"seccomp: libseccomp makes a wrong filter of the rules for '%s' "
				"(several alternatives for one argument)",
				r->name);
	}
	return 0;
}
