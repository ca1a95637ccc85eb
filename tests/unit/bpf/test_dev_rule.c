/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "bpf/dev_rule.h"
#include "tests/unit/t.h"

#define ENTRY(allow_, type_, major_, minor_, access_)  \
	{                                              \
		allow_, type_, major_, minor_, access_ \
	}

static struct dev_policy policy_of(const struct dev_entry *entries, size_t n)
{
	struct dev_policy policy;

	dev_policy_init(&policy);
	T_EQ(dev_policy_add(&policy, entries, n), 0);
	return policy;
}

static struct dev_verdict ask(const struct dev_policy *policy, const char *text)
{
	struct dev_probe probe;

	T_EQ(dev_probe_parse(text, &probe), 0);
	return dev_policy_eval(policy, &probe);
}

static void test_last_match_wins(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(false, NULL, DEV_ANY, DEV_ANY, NULL),
		ENTRY(true, "c", 1, DEV_ANY, "rw"),
		ENTRY(false, "c", 1, 3, "w"),
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 3);

	T_EQ(ask(&policy, "c 1:5 rw").allow, true);
	T_EQ(ask(&policy, "c 1:5 rw").source, 1);
	T_EQ(ask(&policy, "c 1:3 w").allow, false);
	T_EQ(ask(&policy, "c 1:3 w").source, 2);
	/* r and w together are not inside "w": the rule before decides. */
	T_EQ(ask(&policy, "c 1:3 rw").allow, true);
	T_EQ(ask(&policy, "c 1:3 rw").source, 1);
	T_EQ(ask(&policy, "c 1:3 m").allow, false);
	T_EQ(ask(&policy, "c 1:3 m").source, 0);
	T_EQ(ask(&policy, "b 1:3 r").allow, false);
}

static void test_separate_bits_do_not_add_up(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(true, "c", 1, 3, "r"),
		ENTRY(true, "c", 1, 3, "w"),
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 2);

	T_EQ(ask(&policy, "c 1:3 r").allow, true);
	T_EQ(ask(&policy, "c 1:3 w").allow, true);
	T_EQ(ask(&policy, "c 1:3 rw").allow, false);
	T_EQ(ask(&policy, "c 1:3 rw").rule, -1);
	T_EQ(ask(&policy, "c 1:3 rw").source, DEV_SOURCE_NOTHING);
}

static void test_type_a_honours_numbers(void)
{
	static const struct dev_entry entries[] = { ENTRY(true, "a", 1, 3, "rw") };
	autodev_policy struct dev_policy policy = policy_of(entries, 1);

	T_EQ(ask(&policy, "c 1:3 rw").allow, true);
	T_EQ(ask(&policy, "b 1:3 rw").allow, true);
	T_EQ(ask(&policy, "c 1:5 rw").allow, false);
	T_EQ(dev_policy_allows_all(&policy), false);
}

static void test_defaults_come_last(void)
{
	static const struct dev_entry deny_all[] = { ENTRY(false, NULL, DEV_ANY, DEV_ANY, "rwm") };
	autodev_policy struct dev_policy policy = policy_of(deny_all, 1);
	char text[DEV_RULE_TEXT_MAX];

	T_EQ(ask(&policy, "c 1:3 rw").allow, false);
	dev_policy_add_defaults(&policy);
	T_EQ(ask(&policy, "c 1:3 rw").allow, true);
	T_STR(dev_source_format(ask(&policy, "c 1:3 rw").source, text), "runtime default");
	T_EQ(ask(&policy, "c 136:7 rw").allow, true);
	T_EQ(ask(&policy, "c 10:200 rwm").allow, true);
	T_EQ(ask(&policy, "b 8:0 m").allow, true);
	T_EQ(ask(&policy, "b 8:0 r").allow, false);
	T_EQ(ask(&policy, "c 5:1 rw").allow, false);
	T_STR(dev_source_format(ask(&policy, "b 8:0 r").source, text), "entry 0");
}

static void test_privileged_allows_all(void)
{
	static const struct dev_entry allow_all[] = {
		ENTRY(false, NULL, DEV_ANY, DEV_ANY, "rwm"),
		ENTRY(true, "a", DEV_ANY, DEV_ANY, "rwm"),
	};
	autodev_policy struct dev_policy policy = policy_of(allow_all, 2);

	dev_policy_add_defaults(&policy);
	T_EQ(dev_policy_allows_all(&policy), true);
}

static void test_simplify(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(true, "b", 8, 0, "rw"), /* before an unconditional rule */
		ENTRY(false, "a", DEV_ANY, DEV_ANY, "rwm"),
		ENTRY(false, "c", 1, 3, "rw"), /* repeats the default */
		ENTRY(true, "c", 1, 5, "r"),   /* covered by the next */
		ENTRY(true, "c", 1, DEV_ANY, "rw"),
		ENTRY(true, "c", 1, 7, "r"), /* repeats an older one */
		ENTRY(false, "c", 1, 8, "rw"),
		ENTRY(true, "c", 1, 8, "r"), /* needed: the deny is in between */
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 8);
	autodev_policy struct dev_policy simple;
	char text[DEV_RULE_TEXT_MAX];

	dev_policy_simplify(&policy, &simple);
	T_EQ(simple.default_allow, false);
	T_EQ(simple.default_source, 1);
	T_EQ(simple.len, 3);
	T_STR(dev_rule_format(&simple.rules[0], text), "allow c 1:* rw");
	T_STR(dev_rule_format(&simple.rules[1], text), "deny c 1:8 rw");
	T_STR(dev_rule_format(&simple.rules[2], text), "allow c 1:8 r");
	T_EQ(simple.rules[2].source, 7);
}

static void test_simplify_merges_types(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(true, "c", DEV_ANY, DEV_ANY, "m"),
		ENTRY(false, "c", 5, DEV_ANY, "m"),
		ENTRY(true, "b", DEV_ANY, DEV_ANY, "m"), /* no block device was denied */
		ENTRY(false, "b", 8, DEV_ANY, "m"),
		ENTRY(true, "c", 8, DEV_ANY, "rw"),
		ENTRY(false, "b", 8, 0, "r"), /* repeats the default */
		ENTRY(true, "c", 5, 0, "m"),
		ENTRY(false, "c", 5, DEV_ANY, "rwm"),
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 8);
	autodev_policy struct dev_policy simple;
	char text[DEV_RULE_TEXT_MAX];

	dev_policy_simplify(&policy, &simple);
	T_EQ(simple.len, 4);
	T_STR(dev_rule_format(&simple.rules[0], text), "allow a *:* m");
	T_STR(dev_rule_format(&simple.rules[1], text), "deny b 8:* m");
	T_STR(dev_rule_format(&simple.rules[2], text), "allow c 8:* rw");
	T_STR(dev_rule_format(&simple.rules[3], text), "deny c 5:* rwm");
}

static void test_bad_entries(void)
{
	static const struct {
		struct dev_entry entry;
		const char *text;
	} bad[] = {
		{ ENTRY(true, "p", 1, 3, "r"), "device rule 1: type 'p' is none of a, b, c" },
		{ ENTRY(true, "", 1, 3, "r"), "device rule 1: type '' is none of a, b, c" },
		{ ENTRY(true, "c", 1, 3, "rx"),
		  "device rule 1: access 'rx' is not made of r, w, m" },
		{ ENTRY(true, "c", 1, 3, ""), "device rule 1: access '' is not made of r, w, m" },
		{ ENTRY(true, "c", -2, 3, "r"), "device rule 1: major number -2 is out of range" },
		{ ENTRY(true, "c", 1, 4294967296, "r"),
		  "device rule 1: minor number 4294967296 is out of range" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct dev_entry entries[2] = { ENTRY(true, "c", 1, 3, "r"), bad[i].entry };
		autodev_policy struct dev_policy policy;

		dev_policy_init(&policy);
		T_EQ(dev_policy_add(&policy, entries, 2), -EINVAL);
		T_STR(err_get_text(), bad[i].text);
		T_EQ(policy.len, 0);
		err_clear();
	}
}

static void test_probe_parse(void)
{
	static const char *const bad[] = { "",		 "c",
					   "a 1:3 r",	 "c 1:3",
					   "c 1:3 ",	 "c 1:3 x",
					   "c 1: r",	 "c :3 r",
					   "c 1:3  r",	 "c *:3 r",
					   "c -1:3 r",	 "c 1:4294967296 r",
					   "c 4096:1 r", "c 1:1048576 r",
					   "c  1:3 r",	 "c 1:3 r ",
					   "cc 1:3 r",	 "c 0x1:3 r",
					   "c 1:3:4 r" };
	struct dev_probe probe;

	T_EQ(dev_probe_parse("b 8:16 mwr", &probe), 0);
	T_EQ(probe.type, DEV_TYPE_BLOCK);
	T_EQ(probe.access, DEV_ACC_ALL);
	T_EQ(probe.major, 8);
	T_EQ(probe.minor, 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (dev_probe_parse(bad[i], &probe) != -EINVAL)
			t_fail(__FILE__, __LINE__, "accepted: '%s'", bad[i]);
		T_CONTAINS(err_get_text(), "device probe '");
		err_clear();
	}
}

static void test_v1_lines(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(false, NULL, DEV_ANY, DEV_ANY, NULL),
		ENTRY(true, "a", 1, 3, "rwm"),
		ENTRY(true, "c", 136, DEV_ANY, "rw"),
		ENTRY(false, "c", 1, 3, "w"),
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 4);
	autostrv struct strv lines = { 0 };

	T_EQ(dev_policy_v1_lines(&policy, &lines), 0);
	T_EQ(lines.len, 5);
	T_STR(lines.v[0], "devices.deny a *:* rwm");
	T_STR(lines.v[1], "devices.allow b 1:3 rwm");
	T_STR(lines.v[2], "devices.allow c 1:3 rwm");
	T_STR(lines.v[3], "devices.allow c 136:* rw");
	T_STR(lines.v[4], "devices.deny c 1:3 w");
}

static void test_v1_cannot_narrow(void)
{
	static const struct dev_entry entries[] = {
		ENTRY(true, "c", DEV_ANY, DEV_ANY, "rwm"),
		ENTRY(false, "c", 10, 200, "rwm"),
	};
	autodev_policy struct dev_policy policy = policy_of(entries, 2);
	autostrv struct strv lines = { 0 };

	T_EQ(dev_policy_v1_lines(&policy, &lines), -EOPNOTSUPP);
	T_STR(err_get_text(), "device rule 'deny c 10:200 rwm' (entry 1) narrows a wider one: "
			      "cgroup v1 cannot do that");
	T_EQ(lines.len, 0);
	err_clear();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_last_match_wins),
		T_TEST(test_separate_bits_do_not_add_up),
		T_TEST(test_type_a_honours_numbers),
		T_TEST(test_defaults_come_last),
		T_TEST(test_privileged_allows_all),
		T_TEST(test_simplify),
		T_TEST(test_simplify_merges_types),
		T_TEST(test_bad_entries),
		T_TEST(test_probe_parse),
		T_TEST(test_v1_lines),
		T_TEST(test_v1_cannot_narrow),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
