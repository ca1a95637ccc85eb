/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "runtime/ps.h"
#include "tests/unit/t.h"

static char *filter(const char *table, const pid_t *pids, size_t n)
{
	struct strbuf out = STRBUF_INIT;

	if (ps_filter(table, pids, n, &out) < 0)
		return NULL;
	return strbuf_take(&out);
}

static void test_lines(void)
{
	static const char table[] = "UID          PID    PPID CMD\n"
				    "root           1       0 init\n"
				    "root          12       1 sleep 12\n"
				    "www          123      12 sleep 1\n";
	static const pid_t pids[] = { 1, 123 };
	autofree char *some = filter(table, pids, 2);
	autofree char *none = filter(table, NULL, 0);

	T_STR(some, "UID          PID    PPID CMD\n"
		    "root           1       0 init\n"
		    "www          123      12 sleep 1\n");
	T_STR(none, "UID          PID    PPID CMD\n");
}

static void test_first_column(void)
{
	static const pid_t pids[] = { 7 };
	/* as `ps -e -x` has it; the last line lacks its end, one line is no process */
	autofree char *out =
		filter("    PID TTY\n      7 ?\n\n  \n     77 ?\n      7 pts/0", pids, 1);

	T_STR(out, "    PID TTY\n      7 ?\n      7 pts/0\n");
}

static void test_no_such_column(void)
{
	struct strbuf out = STRBUF_INIT;

	T_EQ(ps_filter("PPID TTY\n1 ?\n", NULL, 0, &out), -EINVAL);
	T_STR(err_get_text(), "ps: no column PID in its output");
	T_EQ(ps_filter("", NULL, 0, &out), -EINVAL);
	T_EQ(out.len, 0u);
	err_clear();
}

static void test_run(void)
{
	struct strbuf out = STRBUF_INIT;
	char *bad[] = { (char *) "--no-such-option-of-ps", NULL };
	char *good[] = { (char *) "-o", (char *) "pid,ppid", (char *) "-e", NULL };
	pid_t self = getpid();
	int r = ps_table(good, &self, 1, &out);

	if (r == -ENOENT)
		t_skip("there is no ps");
	T_EQ(r, 0);
	T_ASSERT(strstr(strbuf_str(&out), "PID"));
	{
		autofree char *pid = xasprintf("%d", (int) self);

		T_ASSERT(strstr(strbuf_str(&out), pid));
	}
	strbuf_clear(&out);
	T_EQ(ps_table(bad, &self, 1, &out), -EIO);
	T_STR(err_get_text(), "ps ended with exit status 1");
	err_clear();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_lines),
		T_TEST(test_first_column),
		T_TEST(test_no_such_column),
		T_TEST(test_run),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
