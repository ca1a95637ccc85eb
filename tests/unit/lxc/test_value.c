/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

#include <signal.h>

#include "lxc/value.h"

static struct value_error e;

/* The text and hint of the last error. */
static const char *why(void)
{
	static char text[512];

	snprintf(text, sizeof(text), "%s%s%s", strbuf_str(&e.text), e.hint.len ? " | " : "",
		 strbuf_str(&e.hint));
	value_error_clear(&e);
	return text;
}

static void test_uint(void)
{
	uint64_t n = 77;

	T_EQ(value_uint("10", 100, &n, &e), 0);
	T_EQ(n, 10);
	T_EQ(value_uint("0x10", 100, &n, &e), 0);
	T_EQ(n, 16);
	T_EQ(value_uint("010", 100, &n, &e), 0);
	T_EQ(n, 8);
	T_EQ(value_uint(" 5", 100, &n, &e), 0);
	T_EQ(n, 5);
	T_EQ(value_uint("-1", 100, &n, &e), -EINVAL);
	T_STR(why(), "'-1' is negative");
	T_EQ(value_uint("5 ", 100, &n, &e), -EINVAL);
	T_STR(why(), "'5 ' is not a number");
	T_EQ(value_uint("08", 100, &n, &e), -EINVAL);
	T_STR(why(), "'08' is not a number");
	T_EQ(value_uint("101", 100, &n, &e), -EINVAL);
	T_STR(why(), "'101' is larger than 100");
	T_EQ(value_uint("99999999999999999999999", UINT64_MAX, &n, &e), -EINVAL);
	T_STR(why(), "'99999999999999999999999' is larger than 18446744073709551615");
	T_EQ(value_uint("", 100, &n, &e), -EINVAL);
	T_STR(why(), "'' is not a number");
	T_EQ(n, 5); /* untouched by failures */
}

static void test_bool(void)
{
	bool b = false;

	T_EQ(value_bool("1", &b, &e), 0);
	T_ASSERT(b);
	T_EQ(value_bool("0", &b, &e), 0);
	T_ASSERT(!b);
	T_EQ(value_bool("true", &b, &e), -EINVAL);
	T_STR(why(), "must be 0 or 1, not 'true' | write 1");
	T_EQ(value_bool("No", &b, &e), -EINVAL);
	T_STR(why(), "must be 0 or 1, not 'No' | write 0");
	T_EQ(value_bool("2", &b, &e), -EINVAL);
	T_STR(why(), "must be 0 or 1, not '2'");
}

static void check_size(const char *s, uint64_t want, bool ignored)
{
	bool got_ignored;
	uint64_t n;

	T_EQ(value_size(s, &n, &got_ignored, &e), 0);
	T_EQ(n, want);
	T_EQ(got_ignored, ignored);
}

static void test_size(void)
{
	bool ignored;
	uint64_t n;

	check_size("auto", 131072, false);
	check_size("1", 4096, false);
	check_size("4097", 8192, false);
	check_size("8KB", 8192, false);
	check_size("3 kb", 4096, false);
	check_size("1mB", 1048576, false);
	check_size("1GB", 1073741824, false);
	check_size("5K", 4096, true);
	T_EQ(value_size("KB", &n, &ignored, &e), -EINVAL);
	T_EQ(value_size("5KBx", &n, &ignored, &e), -EINVAL);
	T_EQ(value_size("-5KB", &n, &ignored, &e), -EINVAL);
	T_STR(why(), "'-5KB' is not a size | a number with KB, MB or GB, or auto");
	T_EQ(value_size("99999999999GB", &n, &ignored, &e), -EINVAL);
	T_STR(why(), "'99999999999GB' is too large");
}

static void check_signal(const char *s, int want)
{
	uint64_t n;

	T_EQ(value_signal(s, &n, &e), 0);
	T_EQ(n, want);
}

static void test_signal(void)
{
	uint64_t n;

	check_signal("SIGPWR", SIGPWR);
	check_signal("sigTerm", SIGTERM);
	check_signal("SIGRTMIN+3", SIGRTMIN + 3);
	check_signal("sigrtmax-0", SIGRTMAX);
	check_signal("0", 0);
	check_signal("999", 999);
	T_EQ(value_signal("PWR", &n, &e), -EINVAL);
	T_STR(why(), "unknown signal 'PWR' | write SIGPWR");
	T_EQ(value_signal("SIGRTMIN", &n, &e), -EINVAL);
	T_STR(why(), "unknown signal 'SIGRTMIN' | write SIGRTMIN+0");
	T_EQ(value_signal("SIGRTMIN+99", &n, &e), -EINVAL);
	T_EQ(value_signal("SIGRTMIN+-1", &n, &e), -EINVAL);
	T_EQ(value_signal("SIGFOO", &n, &e), -EINVAL);
	T_STR(why(), "unknown signal 'SIGFOO'");
}

static void test_cap(void)
{
	unsigned int n = 0;

	T_EQ(value_cap("sys_time", &n, &e), 0);
	T_EQ(n, 25);
	T_EQ(value_cap("041", &n, &e), 0);
	T_EQ(n, 33);
	T_EQ(value_cap("63", &n, &e), 0);
	T_EQ(value_cap("64", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability number '64'");
	T_EQ(value_cap("CAP_SYS_TIME", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability 'CAP_SYS_TIME' | did you mean 'sys_time'?");
	T_EQ(value_cap("SYS_ADMIN", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability 'SYS_ADMIN' | did you mean 'sys_admin'?");
	T_EQ(value_cap("sys_amdin", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability 'sys_amdin' | did you mean 'sys_admin'?");
	T_EQ(value_cap("none", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability 'none' | 'none' works with lxc.cap.keep only");
	T_EQ(value_cap("\\", &n, &e), -EINVAL);
	T_STR(why(), "unknown capability '\\'");
}

static void test_idmap(void)
{
	struct lxc_idmap m = { 0 };

	T_EQ(value_idmap("u 0 100000 65536", &m, &e), 0);
	T_ASSERT(!m.is_gid);
	T_EQ(m.hostid, 100000);
	T_EQ(value_idmap("g\t0  0x10 010", &m, &e), 0);
	T_ASSERT(m.is_gid);
	T_EQ(m.hostid, 16);
	T_EQ(m.count, 8);
	T_EQ(value_idmap("b 0 100000 65536", &m, &e), -EINVAL);
	T_STR(why(), "unknown id map type 'b' | write two lines: 'u 0 100000 65536' and 'g 0 "
		     "100000 65536'");
	T_EQ(value_idmap("u 0 1 0", &m, &e), -EINVAL);
	T_STR(why(), "an id map of no ids is refused by the kernel");
	T_EQ(value_idmap("u 0 1", &m, &e), -EINVAL);
	T_STR(why(), "'u 0 1' is not an id map | u or g, first id inside, first id outside, count");
	T_EQ(value_idmap("u 0 1 2 3", &m, &e), -EINVAL);
	T_EQ(value_idmap("u 0 4294967290 6", &m, &e), -EINVAL);
	T_STR(why(), "the id map runs past 4294967294");
	T_EQ(value_idmap("u 0 4294967290 5", &m, &e), 0);
	T_EQ(value_idmap("x 0 1 2", &m, &e), -EINVAL);
	T_STR(why(), "unknown id map type 'x', must be u or g");
	value_error_clear(&e);
}

static void test_prlimit(void)
{
	uint64_t soft, hard;
	bool odd;

	T_EQ(value_prlimit("1024", &soft, &hard, &odd, &e), 0);
	T_ASSERT(soft == 1024 && hard == 1024 && !odd);
	T_EQ(value_prlimit("1 : unlimited", &soft, &hard, &odd, &e), 0);
	T_ASSERT(soft == 1 && hard == LXC_UNLIMITED && !odd);
	T_EQ(value_prlimit("-1", &soft, &hard, &odd, &e), 0);
	T_ASSERT(soft == LXC_UNLIMITED && hard == LXC_UNLIMITED);
	T_EQ(value_prlimit(":4096", &soft, &hard, &odd, &e), 0);
	T_ASSERT(soft == 0 && hard == 4096 && odd);
	T_EQ(value_prlimit("0x10", &soft, &hard, &odd, &e), -EINVAL);
	T_STR(why(), "'0x10' is not a limit | a decimal number or unlimited");
	T_EQ(value_prlimit("5:", &soft, &hard, &odd, &e), -EINVAL);
	T_EQ(value_prlimit("5:4", &soft, &hard, &odd, &e), -EINVAL);
	T_STR(why(), "the soft limit in '5:4' is above the hard one");
	T_EQ(value_prlimit_name("nofile", &e), 0);
	T_EQ(value_prlimit_name("7", &e), 0);
	T_EQ(value_prlimit_name("nofiles", &e), -EINVAL);
	T_STR(why(), "unknown resource 'nofiles' | did you mean 'nofile'?");
}

static void check_offset(const char *s, int64_t want, bool secs)
{
	bool got_secs;
	int64_t n;

	T_EQ(value_time_offset(s, &n, &got_secs, &e), 0);
	T_EQ(n, want);
	T_EQ(got_secs, secs);
}

static void test_time(void)
{
	bool secs;
	int64_t n;

	check_offset("1h", 3600, true);
	check_offset("-2m", -120, true);
	check_offset("5 s", 5, true);
	check_offset("5ms", 5000000, false);
	check_offset("-1ms", -1000000, false);
	check_offset("7us", 7000, false);
	check_offset("9ns", 9, false);
	T_EQ(value_time_offset("5 ms", &n, &secs, &e), -EINVAL);
	T_STR(why(), "'5 ms' is refused by LXC | write '5ms'");
	T_EQ(value_time_offset("5", &n, &secs, &e), -EINVAL);
	T_STR(why(), "'5' has no known unit | one of h m s ms us ns");
	T_EQ(value_time_offset("9223372036854775807h", &n, &secs, &e), -EINVAL);
	T_STR(why(), "'9223372036854775807h' is out of range");
	T_EQ(value_time_offset("99999999999999999999s", &n, &secs, &e), -EINVAL);
	T_EQ(value_time_offset("s", &n, &secs, &e), -EINVAL);
	value_error_clear(&e);
}

static void test_names(void)
{
	const char *level;
	enum lxc_ns ns;

	T_EQ(value_arch("x86_64", &e), 0);
	T_EQ(value_arch("X86_64", &e), -EINVAL);
	T_EQ(value_arch("amd46", &e), -EINVAL);
	T_STR(why(), "unknown architecture 'amd46' | did you mean 'amd64'?");
	T_EQ(value_log_level("WARN", &level, &e), 0);
	T_STR(level, "warn");
	T_EQ(value_log_level("8", &level, &e), 0);
	T_STR(level, "fatal");
	T_EQ(value_log_level("9", &level, &e), -EINVAL);
	T_EQ(value_ns("NET", true, &ns, &e), 0);
	T_EQ(ns, LXC_NS_NET);
	T_EQ(value_ns("NET", false, &ns, &e), -EINVAL);
	T_EQ(value_ns("mount", true, &ns, &e), -EINVAL);
	T_STR(why(), "unknown namespace 'mount' | did you mean 'mnt'?");
	T_EQ(value_ns("foo", true, &ns, &e), -EINVAL);
	T_STR(why(), "unknown namespace 'foo' | one of user mnt pid uts ipc net cgroup time");
}

static void test_text(void)
{
	T_EQ(value_text("a\tb \xc3\xa4", &e), 0);
	T_EQ(value_text("a\x1b[31m", &e), -EINVAL);
	T_STR(why(), "control character 0x1b in the value");
	T_EQ(value_text("a\x7f", &e), -EINVAL);
	T_EQ(value_text("\xff", &e), -EINVAL);
	T_STR(why(), "the value is not valid UTF-8, which JSON cannot carry");
	T_ASSERT(value_is_hostname("a-1.b"));
	T_ASSERT(!value_is_hostname("a b"));
	T_ASSERT(!value_is_hostname("-a"));
	T_ASSERT(!value_is_hostname("a-"));
	T_ASSERT(!value_is_hostname(""));
	T_ASSERT(!value_is_hostname("a..b"));
}

static void test_distance(void)
{
	T_EQ(value_distance("abc", "abc", 3), 0);
	T_EQ(value_distance("abc", "acb", 3), 1);
	T_EQ(value_distance("abc", "ab", 3), 1);
	T_EQ(value_distance("", "abc", 3), 3);
	T_ASSERT(value_distance("abcdef", "x", 3) > 3);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_uint),  T_TEST(test_bool),	T_TEST(test_size),     T_TEST(test_signal),
		T_TEST(test_cap),   T_TEST(test_idmap), T_TEST(test_prlimit),  T_TEST(test_time),
		T_TEST(test_names), T_TEST(test_text),	T_TEST(test_distance),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
