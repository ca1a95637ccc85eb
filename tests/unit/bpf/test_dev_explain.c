/* SPDX-License-Identifier: Apache-2.0 */
/* From programs back to rules: ours, and what others make. */
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/err.h"
#include "bpf/dev_compile.h"
#include "bpf/dev_explain.h"
#include "bpf/dev_watch.h"
#include "bpf/disasm.h"
#include "tests/unit/bpf/random_rules.h"
#include "tests/unit/t.h"

#define N_LISTS	    5000
#define N_PROBES    20
#define MAX_ENTRIES 12

static void test_ours(void)
{
	struct dev_entry entries[MAX_ENTRIES];

	for (int i = 0; i < N_LISTS; i++) {
		size_t n = rnd_entries(entries, MAX_ENTRIES);
		autodev_policy struct dev_policy full, simple, back;
		autodev_prog struct dev_prog prog = { 0 };

		dev_policy_init(&full);
		dev_policy_init(&simple);
		dev_policy_init(&back);
		T_EQ(dev_policy_add(&full, entries, n), 0);
		dev_policy_simplify(&full, &simple);
		T_EQ(dev_prog_compile(&simple, &prog), 0);
		if (dev_explain(prog.insns, prog.len, &back) < 0)
			t_fail(__FILE__, __LINE__, "list %d: %s", i, err_get_text());
		T_ASSERT(back.len <= simple.len);
		for (int k = 0; k < N_PROBES; k++) {
			struct dev_probe p = rnd_probe();

			T_EQ(dev_policy_eval(&back, &p).allow, list_allows(entries, n, &p));
		}
	}
}

static int explain(const char *text, struct dev_policy *ret)
{
	autofree struct bpf_insn *insns = NULL;
	size_t len;

	if (disasm_parse(text, &insns, &len) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	return dev_explain(insns, len, ret);
}

static void expect_rules(const char *text, const char *expected)
{
	autodev_policy struct dev_policy policy;
	autostrbuf struct strbuf got = STRBUF_INIT;
	char rule[DEV_RULE_TEXT_MAX];

	dev_policy_init(&policy);
	if (explain(text, &policy) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	strbuf_add(&got, policy.default_allow ? "allow" : "deny");
	for (size_t i = 0; i < policy.len; i++)
		strbuf_addf(&got, ", %s", dev_rule_format(&policy.rules[i], rule));
	T_STR(strbuf_str(&got), expected);
}

/* runc and crun: a mask and a comparison for the access, 64-bit jumps, one return for each rule. */
static void test_of_runc(void)
{
	expect_rules("r2 = *(u16 *)(r1 + 0)\n"
		     "r3 = *(u32 *)(r1 + 0)\n"
		     "w3 >>= 16\n"
		     "r4 = *(u32 *)(r1 + 4)\n"
		     "r5 = *(u32 *)(r1 + 8)\n"
		     "if r2 != 2 goto 12\n"
		     "w1 = w3\n"
		     "w1 &= 6\n"
		     "if r1 != r3 goto 12\n"
		     "if r4 != 10 goto 12\n"
		     "w0 = 1\n"
		     "exit\n"
		     "if r2 != 1 goto 17\n"
		     "if r4 != 8 goto 17\n"
		     "if r5 != 1 goto 17\n"
		     "w0 = 0\n"
		     "exit\n"
		     "w0 = 1\n"
		     "exit",
		     "allow, deny b 8:1 rwm, allow c 10:* rw");
}

/* systemd: one exit, to which the rules jump. */
static void test_of_systemd(void)
{
	expect_rules("r2 = *(u32 *)(r1 + 0)\n"
		     "w2 &= 65535\n"
		     "r3 = *(u32 *)(r1 + 0)\n"
		     "w3 >>= 16\n"
		     "r4 = *(u32 *)(r1 + 4)\n"
		     "r5 = *(u32 *)(r1 + 8)\n"
		     "if r2 != 2 goto 10\n"
		     "if r4 != 1 goto 10\n"
		     "if r5 != 3 goto 10\n"
		     "goto 17\n"
		     "if r2 != 2 goto 15\n"
		     "w1 = w3\n"
		     "w1 &= 3\n"
		     "if r1 != r3 goto 15\n"
		     "goto 17\n"
		     "r0 = 0\n"
		     "goto 18\n"
		     "r0 = 1\n"
		     "exit",
		     "deny, allow c *:* rm, allow c 1:3 rwm");
}

static void test_unlike(void)
{
	static const char *const programs[] = {
		/* a verdict that is computed */
		"r2 = *(u32 *)(r1 + 4)\nw0 = w2\nexit",
		/* a comparison of something else */
		"r2 = *(u32 *)(r1 + 4)\nw2 += 1\nif w2 != 2 goto 5\nw0 = 1\nexit\nw0 = 0\nexit",
		"r2 = *(u32 *)(r1 + 4)\nif w2 > 2 goto 4\nw0 = 1\nexit\nw0 = 0\nexit",
		/* two ways on */
		"r2 = *(u32 *)(r1 + 4)\nr3 = *(u32 *)(r1 + 8)\nif w2 != 2 goto 6\n"
		"if w3 != 2 goto 8\nw0 = 1\nexit\nw0 = 0\nexit\nw0 = 1\nexit",
		/* a call */
		".insn 0x85 0 0 0 14\nexit",
		"w0 = 2\nexit",
		"w0 = 1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		struct dev_policy policy;

		dev_policy_init(&policy);
		if (explain(programs[i], &policy) != -ENOTSUP)
			t_fail(__FILE__, __LINE__, "explained: %s", programs[i]);
		T_CONTAINS(err_get_text(), "none of a chain of rules");
		err_clear();
	}
}

static int watch(const char *text, struct dev_prog *ret)
{
	autofree struct bpf_insn *insns = NULL;
	size_t len;

	T_EQ(disasm_parse(text, &insns, &len), 0);
	return dev_watch_make(insns, len, 5, 7, ret);
}

/* The program as it is, but for the exits, which lead to what reports and allows. */
static void test_watch(void)
{
	autodev_prog struct dev_prog prog = { 0 }, none = { 0 };
	autostrbuf struct strbuf text = STRBUF_INIT;

	T_EQ(watch("r2 = *(u32 *)(r1 + 4)\nif w2 != 1 goto 4\nw0 = 1\nexit\nw0 = 0\nexit", &prog),
	     0);
	disasm_format(prog.insns, prog.len, NULL, NULL, &text);
	T_CONTAINS(strbuf_str(&text), "   1: r2 = *(u32 *)(r1 + 4)\n   2: if w2 != 1 goto 5\n"
				      "   3: w0 = 1\n   4: goto 7\n   5: w0 = 0\n   6: goto 7\n"
				      "   7: if w0 != 0 goto ");
	T_EQ(watch(".insn 0x85 0 0 0 14\nexit", &none), -ENOTSUP);
	T_EQ(watch(".insn 0x7b 10 1 -8 0\nw0 = 1\nexit", &none), -ENOTSUP);
	T_EQ(watch("r2 = r10\nw0 = 1\nexit", &none), -ENOTSUP);
	err_clear();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_ours),   T_TEST(test_of_runc), T_TEST(test_of_systemd),
		T_TEST(test_unlike), T_TEST(test_watch),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
