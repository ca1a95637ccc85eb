/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/str.h"
#include "tests/unit/t.h"

static void test_strbuf(void)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	autofree char *taken = NULL;

	T_STR(strbuf_str(&b), "");
	T_ASSERT(b.s == NULL);
	strbuf_add_n(&b, "", 0);
	T_STR(b.s, "");
	for (int i = 0; i < 1000; i++)
		strbuf_addf(&b, "%d,", i);
	T_EQ(b.len, 10 * 2 + 90 * 3 + 900 * 4);
	T_EQ(strlen(b.s), b.len);
	taken = strbuf_take(&b);
	T_ASSERT(str_ends(taken, "998,999,"));
	T_ASSERT(b.s == NULL && b.len == 0 && b.cap == 0);
}

static void test_json(void)
{
	static const char *const cases[][2] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		/* cut sequence, lone continuation, overlong slash, surrogate, beyond U+10FFFF */
		{ "a\xc3", "\"a\xef\xbf\xbd\"" },
		{ "\x80z", "\"\xef\xbf\xbdz\"" },
		{ "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autostrbuf struct strbuf b = STRBUF_INIT;

		strbuf_add_json(&b, cases[i][0]);
		T_STR(b.s, cases[i][1]);
	}
}

static void test_utf8(void)
{
	static const char *const good[] = { "",
					    "a",
					    "\xc2\x80",
					    "\xdf\xbf",
					    "\xe0\xa0\x80",
					    "\xed\x9f\xbf",
					    "\xee\x80\x80",
					    "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80",
					   "\xc1\xbf",
					   "\xc2",
					   "\xe0\x9f\xbf",
					   "\xe1\x80",
					   "\xed\xbf\xbf",
					   "\xf0\x8f\xbf\xbf",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xff",
					   "ok\xfe" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		T_ASSERT(str_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		T_ASSERT(!str_is_utf8(bad[i], strlen(bad[i])));
	T_ASSERT(str_is_utf8("a\0b", 3));
	/* The length is a border even when the bytes go on. */
	T_ASSERT(!str_is_utf8("\xe2\x82\xac", 2));
}

static void test_strv(void)
{
	autostrv struct strv v = { NULL, 0 };
	char **plain;

	for (int i = 0; i < 300; i++) {
		strv_addf(&v, "%d", i);
		T_EQ(v.len, i + 1);
		T_ASSERT(v.v[v.len] == NULL);
	}
	T_ASSERT(strv_has(&v, "299") && !strv_has(&v, "300"));
	plain = strv_take(&v);
	T_EQ(strs_len(plain), 300);
	strs_free(plain);
	T_EQ(v.len, 0);
	plain = strv_take(&v);
	T_ASSERT(plain && !plain[0]);
	strs_free(plain);
	strs_free(NULL);
	T_EQ(strs_len(NULL), 0);
	strv_split(&v, ",,a,b c,", ", ");
	T_EQ(v.len, 3);
	T_STR(v.v[2], "c");
	strv_split(&v, "", ",");
	T_EQ(v.len, 3);
}

static void test_env(void)
{
	char *env[] = { (char *) "A=1", (char *) "AB=2", (char *) "A=3", (char *) "E=", NULL };

	T_STR(env_get(env, "A"), "3");
	T_STR(env_get(env, "AB"), "2");
	T_STR(env_get(env, "E"), "");
	T_STR(env_get(env, "B"), NULL);
	T_STR(env_get(NULL, "B"), NULL);
}

static void test_affixes(void)
{
	char text[] = " \t a b \n", blank[] = " \n";

	T_STR(str_after("fd:3", "fd:"), "3");
	T_STR(str_after("fd", "fd:"), NULL);
	T_ASSERT(str_ends("a.scope", ".scope") && !str_ends("scope", ".scope"));
	T_STR(str_trim(text), "a b");
	T_STR(str_trim(blank), "");
	T_ASSERT(str_eq(NULL, NULL) && !str_eq("", NULL) && str_eq("a", "a"));
}

static void test_unsigned(void)
{
	static const char *const bad[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1a", "a", "-" };
	uint64_t v = 7;
	uint32_t u = 7;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		T_EQ(str_to_u64(bad[i], &v), -EINVAL);
		T_EQ(str_to_u32(bad[i], &u), -EINVAL);
	}
	T_EQ(v, 7);
	T_EQ(u, 7);
	T_EQ(str_to_u64("18446744073709551615", &v), 0);
	T_ASSERT(v == UINT64_MAX);
	T_EQ(str_to_u64("18446744073709551616", &v), -ERANGE);
	T_EQ(str_to_u64("99999999999999999999999x", &v), -EINVAL);
	T_EQ(str_to_u32("4294967295", &u), 0);
	T_ASSERT(u == UINT32_MAX);
	T_EQ(str_to_u32("4294967296", &u), -ERANGE);
	T_EQ(str_to_u32("007", &u), 0);
	T_EQ(u, 7);
}

static void test_signed(void)
{
	int64_t v = 5;
	int i = 5;

	T_EQ(str_to_i64("-9223372036854775808", &v), 0);
	T_ASSERT(v == INT64_MIN);
	T_EQ(str_to_i64("9223372036854775807", &v), 0);
	T_ASSERT(v == INT64_MAX);
	T_EQ(str_to_i64("9223372036854775808", &v), -ERANGE);
	T_EQ(str_to_i64("-9223372036854775809", &v), -ERANGE);
	T_EQ(str_to_i64("--1", &v), -EINVAL);
	T_EQ(str_to_i64("-", &v), -EINVAL);
	T_EQ(str_to_int("-2147483648", &i), 0);
	T_EQ(i, INT32_MIN);
	T_EQ(str_to_int("2147483648", &i), -ERANGE);
	T_EQ(i, INT32_MIN);
}

static void test_mode(void)
{
	uint32_t m;

	T_EQ(str_to_mode("0755", 07777, &m), 0);
	T_EQ(m, 0755);
	T_EQ(str_to_mode("8", 07777, &m), -EINVAL);
	T_EQ(str_to_mode("10000", 07777, &m), -ERANGE);
}

static void test_size(void)
{
	static const struct {
		const char *s;
		int64_t v;
	} good[] = {
		{ "0", 0 },
		{ "-1", -1 },
		{ "10b", 10 },
		{ "3k", 3072 },
		{ "3K", 3072 },
		{ "3kb", 3072 },
		{ "3KiB", 3072 },
		{ "2m", 2 << 20 },
		{ "1g", 1 << 30 },
		{ "1T", 1LL << 40 },
		{ "8388607t", 8388607LL << 40 },
	};
	static const char *const bad[] = { "",	  "k",	 "-2", "-1k", "1ki",
					   "1kk", "1 k", "1x", "1bb", "1bi" };
	int64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		T_EQ(str_to_size(good[i].s, &v), 0);
		T_EQ(v, good[i].v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(str_to_size(bad[i], &v), -EINVAL);
	T_EQ(str_to_size("8388608t", &v), -ERANGE);
	T_EQ(str_to_size("9223372036854775808", &v), -ERANGE);
}

static void test_duration(void)
{
	static const struct {
		const char *s;
		uint64_t v;
	} good[] = {
		{ "0", 0 },
		{ "100ms", 100000000 },
		{ "1.5s", 1500000000 },
		{ "1h30m", 5400000000000 },
		{ "2us3ns", 2003 },
		{ "2\xc2\xb5s", 2000 },
		{ "0.5h", 1800000000000 },
		{ "0.123456789h", 444444440400 },
		{ "0.999999999m", 59999999940 },
		{ "0.1ns", 0 },
		{ "0.0000000009s", 0 },
	};
	static const char *const bad[] = { "",	  "5",	 "s",  ".5s", "1.s",
					   "1s5", "-1s", "1d", "1 s", "00" };
	uint64_t v;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		T_EQ(str_to_duration(good[i].s, &v), 0);
		T_EQ(v, good[i].v);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(str_to_duration(bad[i], &v), -EINVAL);
	T_EQ(str_to_duration("5124095h", &v), 0);
	T_EQ(str_to_duration("5124096h", &v), -ERANGE);
}

static void test_time(void)
{
	static const struct {
		int64_t sec;
		long nsec;
		const char *text;
	} cases[] = {
		{ 0, 0, "1970-01-01T00:00:00.000000000Z" },
		{ 951782399, 1, "2000-02-28T23:59:59.000000001Z" },
		{ 951782400, 0, "2000-02-29T00:00:00.000000000Z" },
		{ 951868800, 0, "2000-03-01T00:00:00.000000000Z" },
		{ 1767312245, 123456789, "2026-01-02T00:04:05.123456789Z" },
		{ 4107542400, 0, "2100-03-01T00:00:00.000000000Z" },
		{ -1, 999999999, "1969-12-31T23:59:59.999999999Z" },
	};
	autofree char *now = time_rfc3339();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *s = time_format_rfc3339(cases[i].sec, cases[i].nsec);

		T_STR(s, cases[i].text);
	}
	T_EQ(strlen(now), strlen(cases[0].text));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_strbuf),   T_TEST(test_json),     T_TEST(test_utf8),
		T_TEST(test_strv),     T_TEST(test_env),      T_TEST(test_affixes),
		T_TEST(test_unsigned), T_TEST(test_signed),   T_TEST(test_mode),
		T_TEST(test_size),     T_TEST(test_duration), T_TEST(test_time),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
