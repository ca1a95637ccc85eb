/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/idmap_pick.h"

#include "base/str.h"
#include "tests/unit/t.h"

static uint64_t pick(const char *subids, const char *registry, const struct idmap_used *used,
		     const char *name)
{
	struct idmap_registry given = { 0 };
	struct audit_ids ids = { 0 };
	uint64_t start = 0;
	bool found;

	audit_ids_parse(&ids, subids, false, "root", 0);
	audit_ids_parse(&ids, subids, true, "root", 0);
	idmap_registry_parse(&given, registry);
	found = idmap_pick(&ids, used, &given, name, &start);
	audit_ids_clear(&ids);
	idmap_registry_clear(&given);
	return found ? start : 0;
}

static void test_pick(void)
{
	static const char two[] = "lab:100000:65536\nroot:1000000:131072\n0:5000000:65535\n";
	struct audit_range range = { false, 1000010, 1 };
	const struct idmap_used none = { 0 }, one = { &range, 1 };

	T_EQ(pick(two, "", &none, "a"), 1000000);
	T_EQ(pick(two, "a 1000000\n", &none, "a"), 1000000);
	T_EQ(pick(two, "a 1000000\n", &none, "b"), 1065536);
	T_EQ(pick(two, "a 1000000\nb 1065536\n", &none, "c"), 0);
	T_EQ(pick(two, "a 1000000\nb 1065536\n", &none, "b"), 1065536);
	/* what another container maps is used, also when it was given to us before */
	T_EQ(pick(two, "a 1000000\n", &one, "a"), 1065536);
	/* given outside of what is reserved now */
	T_EQ(pick(two, "a 7\n", &none, "a"), 1000000);
	T_EQ(pick("", "", &none, "a"), 0);
	T_EQ(pick("root:0:65536\n", "", &none, "a"), 0);
	T_EQ(pick("root:4294967000:65536\n", "", &none, "a"), 0);
	/* more ids than there are: the search ends where they do */
	T_EQ(pick("root:4294967000:18446744073709551615\n", "", &none, "a"), 0);
	T_EQ(pick("root:18446744073709551615:18446744073709551615\n", "", &none, "a"), 0);
	T_EQ(pick("root:1:18446744073709551615\n", "", &none, "a"), 1);
}

static void test_registry(void)
{
	struct idmap_registry given = { 0 };
	char *text;

	idmap_registry_parse(&given, "a 1\nnonsense\nb x\nb 2\na 3\n");
	text = idmap_registry_format(&given);
	T_STR(text, "a 3\nb 2\n");
	free(text);
	idmap_registry_clear(&given);
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_pick), T_TEST(test_registry) };

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
