/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "tests/unit/t.h"

static char logged[8192];
static int n_logged;
static enum log_level logged_level;

static void capture(void *arg, enum log_level level, const char *text)
{
	(void) arg;
	n_logged++;
	logged_level = level;
	snprintf(logged, sizeof(logged), "%s", text);
}

static void listen_at(enum log_level level)
{
	n_logged = 0;
	logged[0] = '\0';
	log_set_level(level);
	log_set_callback(capture, NULL);
	err_clear();
}

static void test_sys(void)
{
	errno = ENOENT;
	T_EQ(err_sys("open '%s'", "/x"), -ENOENT);
	T_EQ(err_get_code(), ENOENT);
	T_STR(err_get_text(), "open '/x': no such file or directory");
	T_EQ(err_sys_r(-EIO, "read '%s'", "y"), -EIO);
	T_STR(err_get_text(), "read 'y': input/output error");
	/* A caller that forgot errno must not turn a failure into success. */
	errno = 0;
	T_EQ(err_sys("do"), -EIO);
	T_EQ(err_sys_r(0, "do"), -EIO);
	T_EQ(err_code(0, "do"), -EIO);
	T_STR(err_get_text(), "do");
}

static void test_describe(void)
{
	T_STR(err_describe(EINVAL), "invalid argument");
	T_STR(err_describe(ELIBSCN), ".lib section in a.out corrupted");
	T_STR(err_describe(EADV), "advertise error");
	T_STR(err_describe(ESRMNT), "srmount error");
	T_STR(err_describe(EDOTDOT), "RFS specific error");
	T_STR(err_describe(99999), "unknown error 99999");
}

static void test_code_and_wrap(void)
{
	T_EQ(err_code(EINVAL, "%d is not even", 3), -EINVAL);
	T_STR(err_get_text(), "3 is not even");
	T_EQ(err_wrap(-EINVAL, "mounts[%d]", 2), -EINVAL);
	T_STR(err_get_text(), "mounts[2]: 3 is not even");
	T_EQ(err_get_code(), EINVAL);
	/* The old text as an argument of the new one. */
	T_EQ(err_code(EPERM, "again: %s", err_get_text()), -EPERM);
	T_STR(err_get_text(), "again: mounts[2]: 3 is not even");
	err_clear();
	T_ASSERT(!err_is_set());
	T_STR(err_get_text(), "");
	T_EQ(err_get_code(), 0);
	/* Over a quiet function. */
	T_EQ(err_wrap(-EBUSY, "freeze"), -EBUSY);
	T_STR(err_get_text(), "freeze: device or resource busy");
	T_EQ(err_get_code(), EBUSY);
}

static void test_forgive(void)
{
	listen_at(LOG_L_DEBUG);
	err_code(ENOENT, "open 'a'");
	err_forgive(-ENOENT, "optional %s", "file");
	T_STR(logged, "optional file: open 'a'");
	T_EQ(logged_level, LOG_L_DEBUG);
	T_ASSERT(!err_is_set());
	err_forgive(-EPERM, "quiet one");
	T_STR(logged, "quiet one: operation not permitted");
	/* Somebody else's record stays. */
	err_code(EINVAL, "the reason");
	err_forgive(-EBUSY, "clean up");
	T_STR(logged, "clean up: device or resource busy");
	T_STR(err_get_text(), "the reason");
	T_EQ(n_logged, 3);
	err_code(EROFS, "set x");
	err_warn(-EROFS, "sysctl");
	T_EQ(logged_level, LOG_L_WARN);
	T_STR(logged, "sysctl: set x");
	/* Below the level it is forgiven all the same. */
	listen_at(LOG_L_WARN);
	err_code(EROFS, "set x");
	err_forgive(-EROFS, "sysctl");
	T_EQ(n_logged, 0);
	T_ASSERT(!err_is_set());
}

static void test_push(void)
{
	struct err_saved saved;

	err_code(EINVAL, "outer");
	saved = err_push();
	T_ASSERT(!err_is_set());
	err_code(EIO, "inner");
	err_pop(saved);
	T_STR(err_get_text(), "outer");
	T_EQ(err_get_code(), EINVAL);
	err_clear();
	saved = err_push();
	err_code(EIO, "inner");
	err_pop(saved);
	T_ASSERT(!err_is_set());
}

static void test_adopt(void)
{
	autofree char *big = xmalloc(100001);

	T_EQ(err_adopt(EACCES, "from the child"), -EACCES);
	T_STR(err_get_text(), "from the child");
	T_EQ(err_adopt(0, "status zero"), -EIO);
	T_EQ(err_adopt(-3, "negative"), -EIO);
	/* Text is never cut. */
	memset(big, 'x', 100000);
	big[100000] = '\0';
	T_EQ(err_code(E2BIG, "%s", big), -E2BIG);
	T_EQ(strlen(err_get_text()), 100000);
	err_clear();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_sys),     T_TEST(test_describe), T_TEST(test_code_and_wrap),
		T_TEST(test_forgive), T_TEST(test_push),     T_TEST(test_adopt),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
