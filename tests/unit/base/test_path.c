/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "tests/unit/t.h"

static void test_clean(void)
{
	static const char *const cases[][2] = {
		{ "", "." },
		{ ".", "." },
		{ "./", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "a//b/./c/", "a/b/c" },
		{ "./a", "a" },
		{ "/a/../b", "/a/../b" },
		{ "..", ".." },
		{ "/..", "/.." },
		{ "...", "..." },
		{ ".a/.", ".a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *s = path_clean(cases[i][0]);

		T_STR(s, cases[i][1]);
	}
}

static void test_clean_absolute(void)
{
	static const char *const cases[][2] = {
		{ "", "/" },
		{ "a", "/a" },
		{ "/", "/" },
		{ "..", "/" },
		{ "/../..", "/" },
		{ "/a/..", "/" },
		{ "/a/../b", "/b" },
		{ "a/b/..", "/a" },
		{ "/a/../../b/./c//", "/b/c" },
		{ "/a/b/../../..", "/" },
		{ "/..a/...", "/..a/..." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *s = path_clean_absolute(cases[i][0]);

		T_STR(s, cases[i][1]);
	}
}

static void test_join(void)
{
	autofree char *a = path_join("/a/", "/b"), *b = path_join("/", "b"),
		      *c = path_join("a", "b/");
	autofree char *d = path_join("a", ""), *e = path_resolve_text("/a", "b");
	autofree char *f = path_resolve_text("/a", "/b");

	T_STR(a, "/a/b");
	T_STR(b, "/b");
	T_STR(c, "a/b/");
	T_STR(d, "a/");
	T_STR(e, "/a/b");
	T_STR(f, "/b");
}

static void test_make_absolute(void)
{
	autofree char *a = NULL, *b = NULL, *c = NULL;

	T_EQ(chdir("/usr"), 0);
	a = path_make_absolute("./lib/..");
	b = path_make_absolute("/x//y");
	c = path_make_absolute("");
	T_STR(a, "/usr/lib/..");
	T_STR(b, "/x/y");
	T_STR(c, "/usr");
}

static void test_parts(void)
{
	const char *it = "//a/./..//bc/", *part;
	char got[64] = "";
	size_t n;

	while ((n = path_next(&it, &part)))
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "[%.*s]", (int) n, part);
	T_STR(got, "[a][..][bc]");
	T_STR(path_base("/a/b"), "b");
	T_STR(path_base("b"), "b");
	T_STR(path_base("/"), "");
}

static void test_predicates(void)
{
	T_ASSERT(path_has_dotdot("a/../b") && path_has_dotdot("..") && path_has_dotdot("a/.."));
	T_ASSERT(!path_has_dotdot("a/..b/...") && !path_has_dotdot(""));
	T_ASSERT(path_is_below("/a", "/a") && path_is_below("/a/b", "/a"));
	T_ASSERT(path_is_below("/a", "/") && path_is_below("/", "/"));
	T_ASSERT(!path_is_below("/ab", "/a") && !path_is_below("/", "/a"));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_clean),	    T_TEST(test_clean_absolute), T_TEST(test_join),
		T_TEST(test_make_absolute), T_TEST(test_parts),		 T_TEST(test_predicates),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
