/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include "lxc/lexer.h"

/* All tokens as "LINE:KEY|VALUE" joined by ';'. */
static const char *lex_n(const char *text, size_t len)
{
	static struct strbuf out;
	static const char *const words[] = { "end", "", "noassign", "ignored", "afternul" };
	struct lex_token t;
	struct lexer lx;

	strbuf_clear(&out);
	lexer_init(&lx, text, len);
	while (lexer_next(&lx, &t)) {
		strbuf_addf(&out, "%s%u:%s%s|%s", out.len ? ";" : "", t.line, words[t.kind],
			    t.key ? t.key : "", t.value ? t.value : "");
		lex_token_clear(&t);
	}
	return strbuf_str(&out);
}

static const char *lex(const char *text)
{
	return lex_n(text, strlen(text));
}

static void test_lines(void)
{
	T_STR(lex("lxc.a = 1\nlxc.b = 2\n"), "1:lxc.a|1;2:lxc.b|2");
	T_STR(lex("lxc.a = 1\r\nlxc.b = 2\r\n"), "1:lxc.a|1;2:lxc.b|2");
	T_STR(lex("lxc.a = 1\rlxc.b = 2"), "1:lxc.a|1;2:lxc.b|2");
	T_STR(lex("lxc.a = 1\n\n\r\n\rlxc.b = 2"), "1:lxc.a|1;5:lxc.b|2");
	T_STR(lex("lxc.a = 1\n\rlxc.b = 2"), "1:lxc.a|1;3:lxc.b|2");
	T_STR(lex(""), "");
	T_STR(lex("\n\n  \t \n"), "");
	T_STR(lex("lxc.a = x \\\nlxc.b = y"), "1:lxc.a|x \\;2:lxc.b|y");
}

static void test_nul(void)
{
	T_STR(lex_n("lxc.a = 1\0", 10), "1:lxc.a|1");
	T_STR(lex_n("lxc.a = 1\n\0 \n\t\0\r\n", 17), "1:lxc.a|1");
	T_STR(lex_n("lxc.a = 1\n\0lxc.b = 2", 20), "1:lxc.a|1;2:afternul|");
	T_STR(lex_n("lxc.a = 1\0rest\0rest", 19), "1:lxc.a|1;1:afternul|");
	T_STR(lex_n("\0", 1), "");
}

static void test_comments(void)
{
	T_STR(lex("# lxc.a = 1\n \t# x\nlxc.a = a # b"), "3:lxc.a|a # b");
	T_STR(lex("#\n##\n"), "");
}

static void test_ignored(void)
{
	T_STR(lex("LXC.a = 1\nlx = 2\nlxc\nlxca = 1"),
	      "1:ignored|LXC.a = 1;2:ignored|lx = 2;3:ignored|lxc;4:ignored|lxca = 1");
	T_STR(lex("\xef\xbb\xbflxc.a = 1"), "1:ignored|\xef\xbb\xbflxc.a = 1");
	T_STR(lex("\vlxc.a = 1"), "1:ignored|\vlxc.a = 1");
	T_STR(lex("lxc.cap.drop: x  \nlxc."), "1:noassign|lxc.cap.drop: x;2:noassign|lxc.");
}

static void test_cut(void)
{
	T_STR(lex("  \tlxc.a=1"), "1:lxc.a|1");
	T_STR(lex("lxc.environment = A=b=c"), "1:lxc.environment|A=b=c");
	T_STR(lex("lxc.a \t =\t 1 \t"), "1:lxc.a|1");
	T_STR(lex("lxc.a="), "1:lxc.a|");
	T_STR(lex("lxc. b = 1"), "1:lxc. b|1");
	T_STR(lex("lxc.=1"), "1:lxc.|1");
}

static void test_quotes(void)
{
	T_STR(lex("lxc.a = \"x\""), "1:lxc.a|x");
	T_STR(lex("lxc.a = 'x'"), "1:lxc.a|x");
	T_STR(lex("lxc.a = \"a\" \"b\""), "1:lxc.a|a\" \"b");
	T_STR(lex("lxc.a = 'a\""), "1:lxc.a|'a\"");
	T_STR(lex("lxc.a = \""), "1:lxc.a|\"");
	T_STR(lex("lxc.a = \"\""), "1:lxc.a|");
	T_STR(lex("lxc.a = \"  x \"  "), "1:lxc.a|  x ");
	T_STR(lex("lxc.a = \"\"x\"\""), "1:lxc.a|\"x\"");
	T_STR(lex("lxc.a = 'it\\'s'"), "1:lxc.a|it\\'s");
}

static void test_bom(void)
{
	T_EQ(lexer_bom("\xef\xbb\xbfx", 4), 3);
	T_EQ(lexer_bom("\xef\xbb", 2), 0);
	T_EQ(lexer_bom("", 0), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_lines),   T_TEST(test_nul), T_TEST(test_comments),
		T_TEST(test_ignored), T_TEST(test_cut), T_TEST(test_quotes),
		T_TEST(test_bom),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
