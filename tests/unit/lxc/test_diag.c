/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

static struct lxc_files files;
static struct lxc_diag d;

static void start(void)
{
	static struct lxc_file v[] = { { .name = (char *) "config" },
				       { .name = (char *) "inc\x1b[0m" } };

	files.v = v;
	files.len = 2;
	diag_clear(&d);
	d = (struct lxc_diag){ .files = &files };
}

static const char *all(void)
{
	static struct strbuf b;

	strbuf_clear(&b);
	diag_format_all(&d, &b);
	return strbuf_str(&b);
}

static void test_format(void)
{
	start();
	T_EQ(diag_add(&d, "LXC-W250", (struct lxc_pos){ 0, 7 }, "lxc.mount.entry",
		      "'%s' is ignored", "/a"),
	     0);
	diag_hint(&d, "write it without the leading slash");
	T_EQ(diag_add(&d, "LXC-E003", (struct lxc_pos){ 0, 3 }, "lxc.arch", "bad"), -EINVAL);
	T_EQ(diag_add(&d, "LXC-I106", (struct lxc_pos){ 1, 1 }, NULL, "note"), 0);
	T_EQ(diag_add(&d, "LXC-W331", (struct lxc_pos){ 0, 0 }, NULL, "general"), 0);
	T_STR(all(), "warning: general [LXC-W331]\n"
		     "config:3: lxc.arch: bad [LXC-E003]\n"
		     "config:7: warning: lxc.mount.entry: '/a' is ignored (write it without the "
		     "leading slash) "
		     "[LXC-W250]\n"
		     "inc\\x1b[0m:1: note: note [LXC-I106]\n");
	T_EQ(d.errors, 1);
	T_EQ(d.warnings, 2);
	diag_clear(&d);
}

static void test_twins(void)
{
	start();
	for (int i = 0; i < 3; i++)
		T_EQ(diag_add(&d, "LXC-E003", (struct lxc_pos){ 0, 1 }, "k", "same"), -EINVAL);
	diag_add(&d, "LXC-E003", (struct lxc_pos){ 0, 2 }, "k", "same");
	T_EQ(d.len, 2);
	T_EQ(d.errors, 2);
	diag_clear(&d);
}

static void test_strict(void)
{
	start();
	d.strict = true;
	T_EQ(diag_add(&d, "LXC-W250", (struct lxc_pos){ 0, 7 }, NULL, "x"), -EINVAL);
	T_EQ(diag_add(&d, "LXC-I250", (struct lxc_pos){ 0, 7 }, NULL, "x"), 0);
	T_STR(d.v[0].code, "LXC-E250");
	T_EQ(diag_result(&d), -EINVAL);
	T_STR(err_get_text(), "config:7: x");
	err_clear();
	diag_clear(&d);
}

static void test_hostile_text(void)
{
	start();
	diag_add(&d, "LXC-E002", (struct lxc_pos){ 0, 1 }, NULL, "unknown key '%s'",
		 "\x1b]0;t\x07\xc2\x9b\xc3\xa4");
	T_STR(d.v[0].text, "unknown key '\\x1b]0;t\\x07\\x9b\xc3\xa4'");
	diag_add(&d, "LXC-E002", (struct lxc_pos){ 0, 1 }, "k\xff", "x");
	T_STR(d.v[1].key, "k\\xff");
	diag_clear(&d);
}

static void test_json(void)
{
	struct strbuf b = STRBUF_INIT;

	start();
	diag_format_json(&d, &b);
	T_STR(strbuf_str(&b), "[]");
	strbuf_clear(&b);
	diag_add(&d, "LXC-E003", (struct lxc_pos){ 0, 3 }, "lxc.arch", "bad \"x\"");
	diag_hint(&d, "h");
	diag_format_json(&d, &b);
	T_STR(strbuf_str(&b),
	      "[\n  {\"code\":\"LXC-E003\",\"severity\":\"error\",\"file\":\"config\",\"line\":3,"
	      "\"key\":\"lxc.arch\",\"text\":\"bad \\\"x\\\"\",\"hint\":\"h\"}\n]");
	strbuf_clear(&b);
	diag_clear(&d);
}

/* The entry that says so is not taken for one of those that are left out. */
static void test_too_many(void)
{
	start();
	for (unsigned int i = 1; i <= 1100; i++) {
		diag_add(&d, "LXC-E002", (struct lxc_pos){ 0, i }, NULL, "unknown key 'k%u'", i);
		diag_hint(&d, "did you mean '%u'?", i);
	}
	T_EQ(d.len, 1000);
	T_STR(d.v[998].hint, "did you mean '999'?");
	T_CONTAINS(d.v[999].text, "too many errors");
	T_STR(d.v[999].hint, NULL);
	diag_clear(&d);
}

static void test_explain(void)
{
	const struct diag_words *w;

	T_STR(diag_explain("LXC-W250")->text, "LXC ignores this mount, or it could not work there");
	/* made an error by strict */
	T_ASSERT(diag_explain("LXC-E250") == diag_explain("LXC-W250"));
	T_STR(diag_explain("LXC-E330")->text, "device rule that LXC refuses and skips");
	T_ASSERT(diag_explain("LXC-W330") != diag_explain("LXC-E330"));
	T_ASSERT(!diag_explain("LXC-X999") && !diag_explain("LXC-") && !diag_explain("foo"));
	for (size_t i = 0; (w = diag_words(i)); i++) {
		autofree char *code = xasprintf("LXC-%s", w->number);

		T_ASSERT(diag_explain(code) == w);
		T_ASSERT(*w->text && *w->why && *w->todo);
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_format),	   T_TEST(test_twins), T_TEST(test_strict),
		T_TEST(test_hostile_text), T_TEST(test_json),  T_TEST(test_too_many),
		T_TEST(test_explain),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
