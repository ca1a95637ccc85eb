/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/check.h"
#include "bpf/dev_compile.h"
#include "bpf/disasm.h"
#include "bpf/sim.h"
#include "tests/unit/bpf/random_rules.h"
#include "tests/unit/t.h"

#define MAX_ENTRIES 12
#define N_LISTS	    100000
#define N_PROBES    6

static void compile(const struct dev_entry *entries, size_t n, bool simplify, struct dev_prog *ret)
{
	autodev_policy struct dev_policy full, simple;

	dev_policy_init(&full);
	dev_policy_init(&simple);
	T_EQ(dev_policy_add(&full, entries, n), 0);
	dev_policy_simplify(&full, &simple);
	T_EQ(dev_prog_compile(simplify ? &simple : &full, ret), 0);
}

static void test_listing(void)
{
	static const struct dev_entry entries[] = {
		{ false, NULL, DEV_ANY, DEV_ANY, NULL }, { true, "c", 1, 3, "rw" },
		{ true, "c", 136, DEV_ANY, "rw" },	 { true, "c", 4096, 1, "rw" },
		{ true, "b", DEV_ANY, DEV_ANY, "m" },
	};
	static const char expected[] = "   0: r2 = *(u32 *)(r1 + 0)\n"
				       "   1: w2 &= 65535\n"
				       "   2: r3 = *(u32 *)(r1 + 0)\n"
				       "   3: w3 >>= 16\n"
				       "   4: r4 = *(u32 *)(r1 + 4)\n"
				       "   5: r5 = *(u32 *)(r1 + 8)\n"
				       "   6: r6 = r4\n"
				       "   7: w6 <<= 20\n"
				       "   8: w6 |= w5\n"
				       "   9: if w2 != 1 goto 13\n"
				       "  10: if w3 & -2 goto 13\n"
				       "  11: w0 = 1\n"
				       "  12: exit\n"
				       "  13: if w2 != 2 goto 19\n"
				       "  14: if w3 & -7 goto 19\n"
				       "  15: if w4 == 136 goto 17\n"
				       "  16: if w6 != 1048579 goto 19\n"
				       "  17: w0 = 1\n"
				       "  18: exit\n"
				       "  19: w0 = 0\n"
				       "  20: exit\n";
	autodev_prog struct dev_prog prog = { 0 };
	autostrbuf struct strbuf text = STRBUF_INIT;

	compile(entries, 5, true, &prog);
	disasm_format(prog.insns, prog.len, NULL, NULL, &text);
	T_STR(strbuf_str(&text), expected);
	T_EQ(check_prog(prog.insns, prog.len), 0);
	T_EQ(prog.origin[0], DEV_ORIGIN_LOAD);
	T_EQ(prog.origin[9], 3);
	T_EQ(prog.origin[13], DEV_ORIGIN_RUN);
	T_EQ(prog.origin[15], 1);
	T_EQ(prog.origin[16], 0);
	T_EQ(prog.origin[17], DEV_ORIGIN_RUN);
	T_EQ(prog.origin[20], DEV_ORIGIN_DEFAULT);
}

/* What looks at nothing loads nothing and leaves nothing behind itself. */
static void test_unconditional(void)
{
	static const struct dev_entry entries[] = {
		{ true, "c", 1, 3, "rw" },
		{ true, "a", DEV_ANY, DEV_ANY, "rwm" },
	};

	for (int simplify = 0; simplify < 2; simplify++) {
		autodev_prog struct dev_prog prog = { 0 };

		compile(entries, 2, simplify, &prog);
		T_EQ(prog.len, 2);
		T_EQ(check_prog(prog.insns, prog.len), 0);
		T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 1, 7, 8, 0 }), 1);
	}
}

static void test_empty_denies(void)
{
	autodev_prog struct dev_prog prog = { 0 };

	compile(NULL, 0, true, &prog);
	T_EQ(prog.len, 2);
	T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 2, 2, 1, 3 }), 0);
}

/* An access bit of a later kernel is inside no mask but the full one. */
static void test_unknown_access_bit(void)
{
	static const struct dev_entry entries[] = { { true, "c", 1, 3, "rw" } };
	autodev_prog struct dev_prog prog = { 0 };

	compile(entries, 1, true, &prog);
	T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 2, DEV_ACC_READ | 8, 1, 3 }), 0);
	T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 2, DEV_ACC_READ, 1, 3 }), 1);
}

static void test_list_equals_program(void)
{
	struct dev_entry entries[MAX_ENTRIES];
	long allowed = 0, asked = 0;

	for (int i = 0; i < N_LISTS; i++) {
		size_t n = rnd_entries(entries, MAX_ENTRIES);
		autodev_policy struct dev_policy full, simple;
		autodev_prog struct dev_prog raw = { 0 }, prog = { 0 };

		dev_policy_init(&full);
		dev_policy_init(&simple);
		T_EQ(dev_policy_add(&full, entries, n), 0);
		dev_policy_simplify(&full, &simple);
		T_ASSERT(simple.len <= full.len);
		T_EQ(dev_prog_compile(&full, &raw), 0);
		T_EQ(dev_prog_compile(&simple, &prog), 0);
		if (check_prog(raw.insns, raw.len) < 0 || check_prog(prog.insns, prog.len) < 0)
			t_fail(__FILE__, __LINE__, "list %d: %s", i, err_get_text());
		for (int k = 0; k < N_PROBES; k++) {
			struct dev_probe p = rnd_probe();
			int want = list_allows(entries, n, &p);

			allowed += want;
			asked++;
			T_EQ(dev_policy_eval(&full, &p).allow, want);
			T_EQ(dev_policy_eval(&simple, &p).allow, want);
			T_EQ(sim_run(raw.insns, raw.len, &p), want);
			T_EQ(sim_run(prog.insns, prog.len, &p), want);
		}
	}
	/* The lists are not all the same answer. */
	T_ASSERT(allowed > asked / 5 && allowed < asked * 4 / 5);
}

static void test_long_list(void)
{
	size_t n = 20000;
	autofree struct dev_entry *entries = xnew_n(struct dev_entry, n);
	autodev_prog struct dev_prog prog = { 0 };

	for (size_t i = 0; i < n; i++)
		entries[i] = (struct dev_entry){ true, "c", 7, (int64_t) i, "rw" };
	compile(entries, n, true, &prog);
	T_EQ(check_prog(prog.insns, prog.len), 0);
	T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 2, 2, 7, 0 }), 1);
	T_EQ(sim_run(prog.insns, prog.len, &(struct dev_probe){ 2, 2, 7, 20000 }), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_listing),
		T_TEST(test_unconditional),
		T_TEST(test_empty_denies),
		T_TEST(test_unknown_access_bit),
		T_TEST(test_list_equals_program),
		T_TEST(test_long_list),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
