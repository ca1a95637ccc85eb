/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_TESTS_UNIT_T_H
#define HAKO_TESTS_UNIT_T_H

/*
 * Unit test harness: TAP on stdout. A test is a function in a table:
 *
 *	static void test_plus(void) { T_EQ(1 + 1, 2); T_STR(f(), "x"); }
 *	int main(void)
 *	{
 *		static const struct t_test tests[] = { T_TEST(test_plus) };
 *		return t_run(tests, sizeof tests / sizeof tests[0]);
 *	}
 *
 * A failed assertion prints expression, values and place, and ends that test only.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct t_test {
	const char *name;
	void (*fn)(void);
};
#define T_TEST(f) { #f, f }

static jmp_buf t_jmp;

__attribute__((noreturn, format(printf, 3, 4), unused))
static void t_fail(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	longjmp(t_jmp, 1);
}

__attribute__((noreturn, format(printf, 1, 2), unused))
static void t_skip(const char *fmt, ...)
{
	va_list ap;

	printf("# skip: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	longjmp(t_jmp, 2);
}

#define T_ASSERT(e)                                                     \
	do {                                                            \
		if (!(e))                                               \
			t_fail(__FILE__, __LINE__, "not true: %s", #e); \
	} while (0)

#define T_EQ(a, b)                                                                             \
	do {                                                                                   \
		long long t_a = (long long) (a), t_b = (long long) (b);                        \
		if (t_a != t_b)                                                                \
			t_fail(__FILE__, __LINE__, "%s is %lld, expected %s = %lld", #a, t_a,  \
			       #b, t_b);                                                       \
	} while (0)

#define T_STR(a, b)                                                                             \
	do {                                                                                    \
		const char *t_a = (a), *t_b = (b);                                              \
		if ((!t_a) != (!t_b) || (t_a && strcmp(t_a, t_b) != 0))                         \
			t_fail(__FILE__, __LINE__, "%s is \"%s\", expected \"%s\"", #a,         \
			       t_a ? t_a : "(null)", t_b ? t_b : "(null)");                     \
	} while (0)

#define T_CONTAINS(a, b)                                                                        \
	do {                                                                                    \
		const char *t_a = (a), *t_b = (b);                                              \
		if (!t_a || !strstr(t_a, t_b))                                                  \
			t_fail(__FILE__, __LINE__, "%s is \"%s\", which lacks \"%s\"", #a,      \
			       t_a ? t_a : "(null)", t_b);                                      \
	} while (0)

__attribute__((unused))
static int t_run(const struct t_test *tests, size_t n)
{
	volatile int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("1..%zu\n", n);
	for (volatile size_t i = 0; i < n; i++) {
		int r = setjmp(t_jmp);

		if (r == 0)
			tests[i].fn();
		printf("%sok %zu - %s%s\n", r == 1 ? "not " : "", i + 1, tests[i].name,
		       r == 2 ? " # SKIP see above" : "");
		failed = failed + (r == 1);
	}
	return failed ? 1 : 0;
}

#endif
