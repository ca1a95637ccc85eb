/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/str.h"
#include "lxc/apparmor.h"
#include "lxc/lxc.h"
#include "tests/unit/t.h"

static struct lxc_config *config(const char *text)
{
	const struct lxc_opts opts = { .cwd = "/cwd" };
	struct lxc_config *c = NULL;
	struct lxc_diag diag = { 0 };

	T_EQ(lxc_parse_buffer("config", text, strlen(text), &opts, &c, &diag), 0);
	diag_clear(&diag);
	return c;
}

static struct lxc_aa_profile made(const char *text)
{
	struct lxc_config *c = config(text);
	struct lxc_aa_profile a = { 0 };

	lxc_apparmor_make(c, "web", &a);
	lxc_config_free(c);
	return a;
}

static char *all_but(const char *dir, const char *a, const char *b)
{
	const char *const except[] = { a, b, NULL };
	struct strbuf out = STRBUF_INIT;

	lxc_apparmor_all_but(&out, dir, except, "", "\n");
	return strbuf_take(&out);
}

static void test_all_but(void)
{
	autofree char *one = all_but("/d/", "/d/ab", NULL), *two = all_but("/d/", "/d/ab", "/d/ac");
	autofree char *open = all_but("/d/", "/d/ab*", NULL);
	autofree char *deep = all_but("/d/", "/d/e/f", "/d/e/g");
	autofree char *dot = all_but("/", "/a", "/b/.c");

	T_STR(one, "/d/[^a/]*{,/**}\n/d/a{,[^b/]*}{,/**}\n/d/ab[^/]*{,/**}\n");
	T_STR(two, "/d/[^a/]*{,/**}\n/d/a{,[^bc/]*}{,/**}\n/d/ab[^/]*{,/**}\n/d/ac[^/]*{,/**}\n");
	T_STR(open, "/d/[^a/]*{,/**}\n/d/a{,[^b/]*}{,/**}\n");
	/* the directory on the way is none of them */
	T_STR(deep, "/d/[^e/]*{,/**}\n/d/e[^/]*{,/**}\n/d/e/[^fg/]*{,/**}\n/d/e/f[^/]*{,/**}\n"
		    "/d/e/g[^/]*{,/**}\n");
	T_STR(dot, "/[^ab/]*{,/**}\n/a[^/]*{,/**}\n/b[^/]*{,/**}\n/b/[^./]*{,/**}\n"
		   "/b/.{,[^c/]*}{,/**}\n/b/.c[^/]*{,/**}\n");
}

static void test_variants(void)
{
	autoapparmor struct lxc_aa_profile plain = made("");
	autoapparmor struct lxc_aa_profile nest = made("lxc.apparmor.allow_nesting = 1\n");
	autoapparmor struct lxc_aa_profile user = made("lxc.idmap = u 0 100000 65536\n"
						       "lxc.idmap = g 0 100000 65536\n");

	T_CONTAINS(plain.text, "\n  deny /proc/kcore rwklx,\n");
	T_CONTAINS(plain.text, "\n  deny /proc/sys/kernel/hostname[^/]*{,/**} wklx,\n");
	T_CONTAINS(plain.text, "\n  deny /sys/fs/cgroup[^/]*{,/**} wklx,\n");
	T_CONTAINS(plain.text, "\n  mount options=(rw,make-rslave) -> /,\n");
	T_ASSERT(!strstr(plain.text, "pivot_root"));
	T_ASSERT(!strstr(plain.text, "\n  mount,\n"));
	T_CONTAINS(nest.text, "\n  mount,\n  pivot_root,\n");
	T_CONTAINS(nest.text, "\n  deny /dev/.lxc/proc/** rw,\n");
	T_CONTAINS(user.text, "\n  pivot_root,\n");
	T_CONTAINS(user.text, "\n  mount options=(rw,make-rslave) -> **,\n");
	T_ASSERT(!strstr(user.text, "\n  mount,\n"));
	/* of the same name, they are other profiles */
	T_ASSERT(!str_eq(plain.name, nest.name));
	T_ASSERT(!str_eq(plain.name, user.name));
}

static void test_names(void)
{
	autoapparmor struct lxc_aa_profile a = made(""), b = made("lxc.uts.name = other\n");
	autofree char *label = xasprintf("%s//&:%s:", a.name, a.name);
	autofree char *head = xasprintf("\nprofile \"%s\" flags=(", a.name);
	autofree char *change = xasprintf("\n  change_profile -> \":%s://*\",\n", a.name);

	T_ASSERT(str_starts(a.name, "hako-web-"));
	T_EQ(strlen(a.name), strlen("hako-web-") + 16);
	T_STR(a.label, label);
	T_CONTAINS(a.text, head);
	T_CONTAINS(a.text, change);
	T_STR(a.name, b.name);
	T_STR(a.text, b.text);
}

static void test_raw(void)
{
	static const struct {
		const char *text;
		int bad;
	} cases[] = {
		{ "lxc.apparmor.raw = deny /a/{b,c}/** w,\nlxc.apparmor.raw = mount,\n", -1 },
		{ "lxc.apparmor.raw = profile child {\nlxc.apparmor.raw = file,\n"
		  "lxc.apparmor.raw = }\n",
		  -1 },
		{ "lxc.apparmor.raw = # } a remark {\n", -1 },
		{ "lxc.apparmor.raw = deny \"/a}\" w,\n", -1 },
		{ "lxc.apparmor.raw = deny /a\\} w,\n", -1 },
		{ "lxc.apparmor.raw = deny /a w, # why\n", -1 },
		{ "lxc.apparmor.raw = file,\nlxc.apparmor.raw = }\n"
		  "lxc.apparmor.raw = profile other {\n",
		  1 },
		{ "lxc.apparmor.raw = } profile other {\n", 0 },
		{ "lxc.apparmor.raw = profile child {\nlxc.apparmor.raw = file,\n", 1 },
		{ "lxc.apparmor.raw = deny \"/a w,\n", 0 },
		/* a comment to some, part of a word to others */
		{ "lxc.apparmor.raw = deny /a#b w, }\n", 0 },
		{ "lxc.apparmor.raw = deny /a w, # {\nlxc.apparmor.raw = }\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lxc_config *c = config(cases[i].text);

		T_EQ(lxc_apparmor_check_raw(&c->apparmor_raw), cases[i].bad);
		lxc_config_free(c);
	}
	{
		autoapparmor struct lxc_aa_profile a = made("lxc.apparmor.raw = deny /x w,\n"
							    "lxc.apparmor.raw =   deny /y w,\n");

		T_CONTAINS(a.text, "\n  # lxc.apparmor.raw\ndeny /x w,\ndeny /y w,\n}\n");
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_all_but),
		T_TEST(test_variants),
		T_TEST(test_names),
		T_TEST(test_raw),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
