/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/rlimit.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/rlimit.h"
#include "base/str.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static void test_parse(void)
{
	T_EQ(rlimit_parse("RLIMIT_NOFILE"), RLIMIT_NOFILE);
	T_EQ(rlimit_parse("RLIMIT_RTTIME"), RLIMIT_RTTIME);
	T_EQ(rlimit_parse("RLIMIT_FOO"), -EINVAL);
	T_EQ(rlimit_parse("NOFILE"), -EINVAL);
	T_EQ(rlimit_parse(NULL), -EINVAL);
	T_STR(rlimit_name(RLIMIT_NOFILE), "RLIMIT_NOFILE");
	T_EQ(rlimit_name(1000) == NULL, 1);
}

static void test_check(void)
{
	struct oci_rlimit l[2] = {
		{ .type = (char *) "RLIMIT_CORE", .soft = 5, .hard = 5 },
		{ .type = (char *) "RLIMIT_CPU", .soft = UINT64_MAX, .hard = UINT64_MAX }
	};

	T_EQ(rlimit_check(NULL, 0), 0);
	T_EQ(rlimit_check(l, 2), 0);
	l[1].type = (char *) "RLIMIT_CORE";
	T_EQ(rlimit_check(l, 2), -EINVAL);
	T_STR(err_get_text(), "rlimit 'RLIMIT_CORE' is given twice");
	l[1].type = (char *) "RLIMIT_BAR";
	T_EQ(rlimit_check(l, 2), -EINVAL);
	T_STR(err_get_text(), "unknown rlimit 'RLIMIT_BAR'");
	l[0].soft = 6;
	T_EQ(rlimit_check(l, 1), -EINVAL);
	T_STR(err_get_text(), "rlimit 'RLIMIT_CORE': soft limit 6 is above the hard limit 5");
}

static int apply(void *arg)
{
	struct oci_rlimit l[2] = { { .type = (char *) "RLIMIT_NOFILE", .soft = 33, .hard = 44 },
				   { .type = (char *) "RLIMIT_CORE", .soft = 0, .hard = 0 } };
	struct rlimit got;

	(void) arg;
	CHILD_CHECK(rlimit_apply(0, l, 2) == 0);
	CHILD_CHECK(getrlimit(RLIMIT_NOFILE, &got) == 0 && got.rlim_cur == 33 &&
		    got.rlim_max == 44);
	CHILD_CHECK(getrlimit(RLIMIT_CORE, &got) == 0 && got.rlim_max == 0);
	CHILD_CHECK(setgid(1) == 0 && setuid(1) == 0);
	l[0].hard = UINT64_MAX;
	CHILD_CHECK(rlimit_apply(0, l, 1) == -EPERM);
	CHILD_CHECK(
		str_eq(err_get_text(),
		       "set RLIMIT_NOFILE to 33:18446744073709551615: operation not permitted"));
	return 0;
}

static void test_apply(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(apply, NULL), 0);
}

/* By number: the child of a launch, whose limits its parent sets. */
static void test_apply_to_another(void)
{
	struct oci_rlimit l = { .type = (char *) "RLIMIT_NOFILE", .soft = 21, .hard = 22 };
	struct rlimit got;
	int p[2], r;
	pid_t pid;

	T_EQ(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		char c;

		close(p[1]);
		_exit(read(p[0], &c, 1) != 0);
	}
	r = rlimit_apply(pid, &l, 1);
	prlimit(pid, RLIMIT_NOFILE, NULL, &got);
	close(p[0]);
	close(p[1]);
	waitpid(pid, NULL, 0);
	T_EQ(r, 0);
	T_EQ(got.rlim_cur, 21);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_parse),
		T_TEST(test_check),
		T_TEST(test_apply),
		T_TEST(test_apply_to_another),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
