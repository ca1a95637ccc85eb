/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp, made from the input: the program that comes out is run by an interpreter of
 * classic BPF, for each call that is named and values that occur and lie beside them, and must say
 * what the list of rules says. Where several rules hold, one of their actions.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "fuzz.h"
#include "linux/seccomp_filter.h"
#include "ocispec.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define RULES_MAX 6
#define ARGS_MAX  3

static const struct {
	const char *name;
	unsigned int nr;
} calls[] = {
	{ "read", SYS_read },
	{ "lseek", SYS_lseek },
	{ "ioctl", SYS_ioctl },
	{ "clone", SYS_clone },
	{ "personality", SYS_personality },
	{ "openat", SYS_openat },
	{ "keyctl", SYS_keyctl },
	{ "socket", SYS_socket },
};
static const struct {
	const char *name;
	uint32_t value;
} actions[] = {
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO | EPERM },
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE | EPERM },
};
static const char *const ops[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",	    "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
};
static const uint64_t values[] = {
	0,
	1,
	2,
	5,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x1ffffffff,
	0x200000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	UINT64_MAX,
};

static struct oci_syscall_arg args[RULES_MAX][ARGS_MAX];
static char *names[RULES_MAX];
static struct oci_syscall rules[RULES_MAX];

static size_t make_rules(const uint8_t *p, const uint8_t *end)
{
	size_t n = 0;

	memset(args, 0, sizeof args);
	memset(rules, 0, sizeof rules);
	for (; n < RULES_MAX && end - p >= 2 + 4 * ARGS_MAX; n++, p += 2 + 4 * ARGS_MAX) {
		names[n] = (char *) calls[p[0] % ARRAY_SIZE(calls)].name;
		rules[n].names = &names[n];
		rules[n].names_len = 1;
		rules[n].action = (char *) actions[p[1] % ARRAY_SIZE(actions)].name;
		rules[n].args = args[n];
		rules[n].args_len = p[1] / 16 % (ARGS_MAX + 1);
		for (size_t i = 0; i < rules[n].args_len; i++) {
			const uint8_t *a = p + 2 + 4 * i;

			args[n][i].index = a[0] % 6;
			args[n][i].op = (char *) ops[a[1] % ARRAY_SIZE(ops)];
			args[n][i].value = values[a[2] % ARRAY_SIZE(values)];
			args[n][i].value_two = values[a[3] % ARRAY_SIZE(values)];
		}
	}
	return n;
}

/* ---- what the list says ---- */

static bool arg_holds(const struct oci_syscall_arg *a, const struct seccomp_data *d)
{
	uint64_t x = d->args[a->index], y = a->value;

	switch ((a->op == ops[0]) + 2 * (a->op == ops[1]) + 3 * (a->op == ops[2]) +
		4 * (a->op == ops[3]) + 5 * (a->op == ops[4]) + 6 * (a->op == ops[5])) {
	case 1:
		return x != y;
	case 2:
		return x < y;
	case 3:
		return x <= y;
	case 4:
		return x == y;
	case 5:
		return x >= y;
	case 6:
		return x > y;
	default:
		return (x & y) == a->value_two;
	}
}

/* All conditions; one of them, where two are about the same argument. */
static bool rule_holds(const struct oci_syscall *r, const struct seccomp_data *d)
{
	bool all = true, any = false, repeated = false;

	for (size_t i = 0; i < r->args_len; i++) {
		bool holds = arg_holds(&r->args[i], d);

		all = all && holds;
		any = any || holds;
		for (size_t k = 0; k < i; k++)
			repeated = repeated || r->args[k].index == r->args[i].index;
	}
	return repeated ? any : all;
}

static uint32_t action_value(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (actions[i].name == name)
			return actions[i].value;
	}
	abort();
}

/* ---- what the program says ---- */

static uint32_t alu(uint16_t code, uint32_t a, uint32_t b)
{
	switch (BPF_OP(code)) {
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_RSH:
		return a >> (b & 31);
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	default:
		fprintf(stderr, "operation %#x\n", code);
		abort();
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
	case BPF_JSET:
		return a & k;
	default:
		fprintf(stderr, "jump %#x\n", code);
		abort();
	}
}

static uint32_t run(const struct sock_filter *v, size_t len, const struct seccomp_data *d)
{
	uint32_t a = 0;
	size_t i = 0;

	while (i < len) {
		const struct sock_filter *f = &v[i++];

		switch (BPF_CLASS(f->code)) {
		case BPF_LD:
			FUZZ_CHECK(BPF_MODE(f->code) == BPF_ABS && f->k + 4 <= sizeof *d);
			memcpy(&a, (const char *) d + f->k, 4);
			break;
		case BPF_ALU:
			a = alu(f->code, a, f->k);
			break;
		case BPF_JMP:
			if (BPF_OP(f->code) == BPF_JA)
				i += f->k;
			else
				i += jumps(f->code, a, f->k) ? f->jt : f->jf;
			break;
		case BPF_RET:
			return BPF_RVAL(f->code) == BPF_A ? a : f->k;
		default:
			fprintf(stderr, "instruction %#x\n", f->code);
			abort();
		}
	}
	fprintf(stderr, "the program has no end\n");
	abort();
}

static bool is_said(const struct oci_seccomp *doc, const char *name, const struct seccomp_data *d,
		    uint32_t got)
{
	uint32_t otherwise = action_value(doc->default_action);
	bool matched = false;

	for (size_t i = 0; i < doc->syscalls_len; i++) {
		const struct oci_syscall *r = &doc->syscalls[i];

		if (strcmp(r->names[0], name) != 0 || !rule_holds(r, d))
			continue;
		matched = true;
		if (action_value(r->action) == got)
			return true;
	}
	/* A call newer than all that are named is unknown, not forbidden. */
	return !matched && (got == otherwise || got == (SECCOMP_RET_ERRNO | ENOSYS));
}

static void compare(const struct oci_seccomp *doc, const struct seccomp_program *p)
{
	for (size_t c = 0; c < ARRAY_SIZE(calls); c++) {
		for (size_t i = 0; i < ARRAY_SIZE(values) * ARRAY_SIZE(values); i++) {
			uint64_t x = values[i % ARRAY_SIZE(values)];
			uint64_t y = values[i / ARRAY_SIZE(values)] - 1;
			const struct seccomp_data d = { .nr = (int) calls[c].nr,
							.arch = ARCH,
							.args = { x, y, x + 1, y, x, y + 2 } };
			uint32_t got = run(p->insns, p->len, &d);

			if (!is_said(doc, calls[c].name, &d, got))
				fprintf(stderr, "%s(%#llx, %#llx): %#x\n", calls[c].name,
					(unsigned long long) x, (unsigned long long) y, got);
			FUZZ_CHECK(is_said(doc, calls[c].name, &d, got));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_seccomp doc = { 0 };
	struct seccomp_program p = { 0 };

	log_set_level(LOG_L_ERROR);
	if (!size || !seccomp_is_available())
		return 0;
	doc.default_action = (char *) actions[data[0] % ARRAY_SIZE(actions)].name;
	doc.syscalls = rules;
	doc.syscalls_len = make_rules(data + 1, data + size);
	if (seccomp_filter_build(&doc, SECCOMP_BRIEF, &p) < 0) {
		FUZZ_CHECK(err_is_set());
		err_clear();
		return 0;
	}
	compare(&doc, &p);
	seccomp_program_clear(&p);
	return 0;
}
