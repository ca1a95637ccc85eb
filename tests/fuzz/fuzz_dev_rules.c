/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of device rules, four bytes each; the first byte says whether the runtime's defaults are
 * added. Three readings must agree on every request over the numbers that occur: the list itself,
 * the policy made of it, and the program compiled from the simplified policy.
 */

#include <linux/bpf.h>
#include <string.h>

#include "../unit/bpf/random_rules.h"
#include "base/alloc.h"
#include "base/err.h"
#include "bpf/check.h"
#include "bpf/dev_compile.h"
#include "bpf/disasm.h"
#include "bpf/sim.h"
#include "fuzz.h"

#define ENTRIES_MAX 24

/* Numbers that occur in rules and beside them. */
static const uint32_t probe_major[] = { 0, 1, 4, 5, 10, 136, 4095 };
static const uint32_t probe_minor[] = { 0, 2, 3, 5, 200, 1048575 };

static struct dev_entry entry_from(const uint8_t b[4])
{
	return (struct dev_entry){
		.allow = b[0] & 1,
		.type = rnd_type[(b[0] >> 1) % 6],
		.access = rnd_access[b[1] % 8],
		.major = b[2] & 0x80 ? (b[2] & 0x7f) : rnd_major[b[2] % 5],
		.minor = b[3] & 0x80 ? (b[3] & 0x7f) : rnd_minor[b[3] % 5],
	};
}

static void check_program(const struct dev_prog *prog)
{
	autostrbuf struct strbuf text = STRBUF_INIT;
	struct bpf_insn *again = NULL;
	size_t len = 0;

	FUZZ_CHECK(check_prog(prog->insns, prog->len) == 0);
	disasm_format(prog->insns, prog->len, NULL, NULL, &text);
	FUZZ_CHECK(disasm_parse(strbuf_str(&text), &again, &len) == 0);
	FUZZ_CHECK(len == prog->len && memcmp(again, prog->insns, len * sizeof *again) == 0);
	free(again);
}

static void compare(const struct dev_policy *full, const struct dev_policy *simple,
		    const struct dev_prog *prog, const struct dev_entry *entries, size_t n)
{
	for (unsigned int k = 0; k < 2 * 7 * ARRAY_SIZE(probe_major) * ARRAY_SIZE(probe_minor);
	     k++) {
		unsigned int i = k / 14;
		const struct dev_probe p = {
			.type = k % 2 ? DEV_TYPE_CHAR : DEV_TYPE_BLOCK,
			.access = (uint8_t) (1 + k / 2 % 7),
			.major = probe_major[i % ARRAY_SIZE(probe_major)],
			.minor = probe_minor[i / ARRAY_SIZE(probe_major)],
		};
		bool allow = dev_policy_eval(full, &p).allow;

		FUZZ_CHECK(dev_policy_eval(simple, &p).allow == allow);
		FUZZ_CHECK(!prog->len || sim_run(prog->insns, prog->len, &p) == (allow ? 1 : 0));
		FUZZ_CHECK(prog->len || allow);
		FUZZ_CHECK(!entries || list_allows(entries, n, &p) == allow);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dev_entry entries[ENTRIES_MAX];
	autodev_policy struct dev_policy full = { 0 }, simple = { 0 };
	autodev_prog struct dev_prog prog = { 0 };
	autostrv struct strv lines = { 0 };
	size_t n = 0;
	bool defaults = size && (data[0] & 1);

	for (size_t at = 1; at + 4 <= size && n < ENTRIES_MAX; at += 4)
		entries[n++] = entry_from(data + at);
	dev_policy_init(&full);
	FUZZ_CHECK(dev_policy_add(&full, entries, n) == 0);
	if (defaults)
		dev_policy_add_defaults(&full);
	dev_policy_simplify(&full, &simple);
	FUZZ_CHECK(simple.len <= full.len);
	if (!dev_policy_allows_all(&simple)) {
		FUZZ_CHECK(dev_prog_compile(&simple, &prog) == 0);
		check_program(&prog);
	}
	compare(&full, &simple, &prog, defaults ? NULL : entries, n);
	if (dev_policy_v1_lines(&full, &lines) < 0)
		err_clear();
	return 0;
}
