/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include "base/alloc.h"
#include "tests/unit/t.h"

static const char *nearest(const char *word)
{
	static const char *const words[] = { "start", "state", "kill",
					     "list",  "lxc",   "console-socket" };
	struct suggest s = { .word = word };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		suggest_offer(&s, words[i]);
	return s.best ? s.best : "";
}

static void test_slips(void)
{
	T_STR(nearest("strat"), "start");
	T_STR(nearest("stae"), "state");
	T_STR(nearest("sstate"), "state");
	T_STR(nearest("kik"), "");
	T_STR(nearest("kil"), "kill");
	T_STR(nearest("KLIL"), "kill");
	T_STR(nearest("lsit"), "list");
	T_STR(nearest("consol-sokcet"), "console-socket");
}

static void test_far(void)
{
	T_STR(nearest(""), "");
	T_STR(nearest("x"), "");
	T_STR(nearest("frobnicate"), "");
	T_STR(nearest("a word that is much longer than any that could be meant"), "");
}

static void test_text(void)
{
	struct suggest s = { .word = "lcx" };

	T_STR(suggest_text(&s), "");
	suggest_offer(&s, "lxc");
	T_STR(suggest_text(&s), ": did you mean 'lxc'?");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_slips),
		T_TEST(test_far),
		T_TEST(test_text),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
