/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier, the simulator and the listing on hand-written programs. */
#include <linux/bpf.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "bpf/check.h"
#include "bpf/disasm.h"
#include "bpf/sim.h"
#include "tests/unit/bpf/random_rules.h"
#include "tests/unit/t.h"

struct text_case {
	const char *program;
	const char *error; /* NULL = accepted */
};

static void test_check(void)
{
	static const struct text_case cases[] = {
		{ "w0 = 1\nexit", NULL },
		{ "r2 = r1\nr3 = *(u32 *)(r2 + 4)\nw0 = w3\nexit", NULL },
		{ "exit", "instruction 0: exit without a return value" },
		{ "w0 = 1", "instruction 0: runs or jumps off the end" },
		{ "w0 = 1\ngoto 0", "instruction 1: jump backwards" },
		{ "goto 1", "instruction 0: runs or jumps off the end" },
		{ "w0 = 1\nexit\nw0 = 0\nexit", "instruction 2: cannot be reached" },
		{ "w0 = w2\nexit", "instruction 0: source register is read before it is written" },
		{ "w2 += 1\nexit",
		  "instruction 0: destination register is read before it is written" },
		{ "r2 = *(u32 *)(r1 + 12)\nexit",
		  "instruction 0: load outside the context or not aligned" },
		{ "r2 = *(u32 *)(r1 + 2)\nexit",
		  "instruction 0: load outside the context or not aligned" },
		{ "r2 = *(u32 *)(r1 - 4)\nexit",
		  "instruction 0: load outside the context or not aligned" },
		{ "r2 = *(u64 *)(r1 + 0)\nexit",
		  "instruction 0: load is not one of 32 bits from memory" },
		{ "r2 = *(u32 *)(r1 + 0)\nr3 = *(u32 *)(r2 + 0)\nexit",
		  "instruction 1: load by a register that is not the context" },
		{ "w1 += 4\nw0 = 1\nexit", "instruction 0: arithmetic on the context pointer" },
		{ "w0 = w1\nexit", "instruction 0: arithmetic on the context pointer" },
		{ "r10 = 1\nexit", "instruction 0: frame pointer is written" },
		/* r2 is set on one way only. */
		{ "r3 = *(u32 *)(r1 + 0)\nif w3 == 1 goto 3\nr2 = *(u32 *)(r1 + 4)\nw0 = w2\nexit",
		  "instruction 3: source register is read before it is written" },
		{ "w0 = 1\nif w0 == 1 goto 9\nexit", "instruction 1: runs or jumps off the end" },
		{ ".insn 0x85 0 0 0 1\nexit", "instruction 0: unknown jump" },
		{ ".insn 0x62 10 0 -4 0\nexit", "instruction 0: unknown instruction" },
		{ ".insn 0xb4 0 1 0 1\nexit", "instruction 0: unused field is not zero" },
	};

	T_EQ(check_prog(NULL, 0), -EINVAL);
	T_STR(err_get_text(), "program is empty");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree struct bpf_insn *insns = NULL;
		size_t len;
		int r;

		err_clear();
		if (disasm_parse(cases[i].program, &insns, &len) < 0)
			t_fail(__FILE__, __LINE__, "%s: %s", cases[i].program, err_get_text());
		r = check_prog(insns, len);
		if (r != (cases[i].error ? -EINVAL : 0))
			t_fail(__FILE__, __LINE__, "case %zu gives %d", i, r);
		T_STR(err_get_text(), cases[i].error ? cases[i].error : "");
	}
	err_clear();
}

static int run_text(const char *text)
{
	autofree struct bpf_insn *insns = NULL;
	struct dev_probe probe = { DEV_TYPE_CHAR, DEV_ACC_READ, 10, 200 };
	size_t len;

	T_EQ(disasm_parse(text, &insns, &len), 0);
	return sim_run(insns, len, &probe);
}

static void test_sim(void)
{
	/* access_type is 0x20002: read, character device. */
	T_EQ(run_text("r2 = *(u32 *)(r1 + 0)\nif w2 == 131074 goto 4\nw0 = 0\nexit\nw0 = 1\nexit"),
	     1);
	T_EQ(run_text("r2 = *(u32 *)(r1 + 4)\nw2 -= 10\nw0 = w2\nexit"), 0);
	T_EQ(run_text("r2 = *(u16 *)(r1 + 8)\nw2 -= 199\nw0 = w2\nexit"), 1);
	/* 32-bit arithmetic clears the upper half, 64-bit does not. */
	T_EQ(run_text("r2 = 0x100000000 ll\nr0 = r2\nexit"), 0);
	T_EQ(run_text(
		     "r2 = 0x100000001 ll\nw2 -= 1\nif r2 == 0 goto 6\nw0 = 0\nexit\nw0 = 1\nexit"),
	     1);
	T_EQ(run_text("w2 = -1\nif w2 s< 0 goto 4\nw0 = 0\nexit\nw0 = 1\nexit"), 1);
	T_EQ(run_text("w2 = -1\nif r2 s< 0 goto 4\nw0 = 0\nexit\nw0 = 1\nexit"), 0);
	T_EQ(run_text("r2 = -8\nr2 s>>= 1\nif r2 == -4 goto 5\nw0 = 0\nexit\nw0 = 1\nexit"), 1);
	T_EQ(run_text("w0 = 7\nw2 = 0\nw0 /= w2\nexit"), 0);
	T_EQ(run_text("w0 = 7\nw2 = 0\nw0 %= w2\nexit"), 1);
}

static void test_sim_refuses(void)
{
	T_EQ(run_text("r2 = *(u32 *)(r1 + 12)\nexit"), -EINVAL);
	T_STR(err_get_text(), "instruction 0: load outside the context");
	T_EQ(run_text("r2 = *(u32 *)(r3 + 0)\nexit"), -EINVAL);
	T_EQ(run_text("w0 = 0\ngoto 1"), -EINVAL);
	T_CONTAINS(err_get_text(), "does not end within");
	T_EQ(run_text("w0 = 0"), -EINVAL);
	T_STR(err_get_text(), "instruction 1: outside the program");
	T_EQ(run_text("w0 = 0\ngoto -7\nexit"), -EINVAL);
	T_CONTAINS(err_get_text(), "outside the program");
	T_EQ(run_text(".insn 0x85 0 0 0 14\nexit"), -EINVAL);
	T_STR(err_get_text(), "instruction 0: code 0x85 is not simulated");
	T_EQ(run_text(".insn 0xb4 11 0 0 14\nexit"), -EINVAL);
	T_STR(err_get_text(), "instruction 0: no such register");
	err_clear();
}

/* Any bytes at all: the text leads back to them. */
static void test_disasm_round_trip(void)
{
	for (int i = 0; i < 20000; i++) {
		struct bpf_insn in[8];
		autofree struct bpf_insn *out = NULL;
		autostrbuf struct strbuf text = STRBUF_INIT;
		size_t len;

		for (size_t k = 0; k < 8; k++) {
			in[k] = (struct bpf_insn){
				.code = (uint8_t) rnd(256),
				.dst_reg = rnd(4) ? rnd(11) & 0xf : rnd(16) & 0xf,
				.src_reg = rnd(4) ? 0 : rnd(16) & 0xf,
				.off = (int16_t) (rnd(2) ? 0 : (int) rnd(65536) - 32768),
				.imm = (int32_t) (rnd(2) ? 0 : rnd(0xffffffff)),
			};
		}
		disasm_format(in, 8, NULL, NULL, &text);
		if (disasm_parse(strbuf_str(&text), &out, &len) < 0)
			t_fail(__FILE__, __LINE__, "%s in\n%s", err_get_text(), strbuf_str(&text));
		T_EQ(len, 8);
		if (memcmp(in, out, sizeof(in)) != 0)
			t_fail(__FILE__, __LINE__, "another program after the round trip:\n%s",
			       strbuf_str(&text));
	}
}

static const char *note(void *arg, size_t i)
{
	(void) arg;
	return i == 1 ? "the end" : NULL;
}

static void test_disasm_notes(void)
{
	struct bpf_insn *insns;
	autostrbuf struct strbuf text = STRBUF_INIT;
	size_t len;

	T_EQ(disasm_parse("  12: w0 = 1 ; one\n\n exit\n", &insns, &len), 0);
	T_EQ(len, 2);
	disasm_format(insns, len, note, NULL, &text);
	free(insns);
	T_STR(strbuf_str(&text),
	      "   0: w0 = 1\n   1: exit                              ; the end\n");
}

static void test_disasm_refuses(void)
{
	static const char *const bad[] = { "w0",
					   "w0 = ",
					   "w11 = 1",
					   "r0 = w1",
					   "w0 ** 1",
					   "goto x",
					   "if w0 == 1 goto",
					   "if w0 ~ 1 goto 2",
					   "r0 = *(u33 *)(r1 + 0)",
					   "r0 = *(u32 *)(r1 + 0) x",
					   ".insn 0x95",
					   "goto 40000",
					   "w0 = 4294967296" };
	struct bpf_insn *insns;
	size_t len;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (disasm_parse(bad[i], &insns, &len) != -EINVAL)
			t_fail(__FILE__, __LINE__, "accepted: '%s'", bad[i]);
		T_CONTAINS(err_get_text(), "not a BPF instruction: '");
		err_clear();
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_check),	   T_TEST(test_sim),
		T_TEST(test_sim_refuses),  T_TEST(test_disasm_round_trip),
		T_TEST(test_disasm_notes), T_TEST(test_disasm_refuses),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
