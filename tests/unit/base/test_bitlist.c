/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bitlist.h"

#include <errno.h>

#include "tests/unit/t.h"

static void test_parse(void)
{
	unsigned long bits[BITLIST_LONGS(128)] = { ~0ul };

	T_EQ(bitlist_parse("", bits, 128), 0);
	T_EQ(bitlist_count(bits, 128), 0);
	T_EQ(bitlist_parse("0-3,7", bits, 128), 0);
	T_EQ(bits[0], 0x8f);
	T_EQ(bitlist_count(bits, 128), 5);
	T_EQ(bitlist_parse("  5 , 6 - 8 ", bits, 128), 0);
	T_EQ(bits[0], 0x1e0);
	T_EQ(bitlist_parse("0-127", bits, 128), 0);
	T_EQ(bitlist_count(bits, 128), 128);
	T_EQ(bitlist_parse("3,3,2-4", bits, 128), 0);
	T_EQ(bitlist_count(bits, 128), 3);
}

static void test_refused(void)
{
	static const char *const bad[] = { ",", "1,",  ",1",	"1-",  "-1", "3-1",
					   "a", "1 2", "1-2-3", "0x1", "+1", "1;2" };
	unsigned long bits[BITLIST_LONGS(128)];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bitlist_parse(bad[i], bits, 128) != -EINVAL)
			t_fail(__FILE__, __LINE__, "accepted: %s", bad[i]);
	}
	T_EQ(bitlist_parse("128", bits, 128), -ERANGE);
	T_EQ(bitlist_parse("0-128", bits, 128), -ERANGE);
	T_EQ(bitlist_parse("4294967296", bits, 128), -ERANGE);
	T_EQ(bitlist_parse("0-4294967295", bits, 128), -ERANGE);
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_parse), T_TEST(test_refused) };

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
