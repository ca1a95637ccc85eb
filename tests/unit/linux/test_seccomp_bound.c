/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_bound.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "linux/seccomp_check.h"
#include "linux/seccomp_filter.h"
#include "ocispec.h"
#include "tests/unit/t.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

#define KEYCTL(action, value)                                          \
	"{\"names\":[\"keyctl\"],\"action\":\"" action "\",\"args\":[" \
	"{\"index\":4,\"value\":" value ",\"op\":\"SCMP_CMP_LT\"},"    \
	"{\"index\":1,\"value\":0,\"op\":\"SCMP_CMP_NE\"}]}"
#define PROFILE(first, second)                                 \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" \
	"{\"names\":[\"getppid\"],\"action\":\"SCMP_ACT_ERRNO\"}," first "," second "]}"

static int build(const char *json, struct seccomp_program *ret)
{
	struct oci_seccomp *doc = NULL;
	struct oci_error e = { 0 };
	int r;

	if (!seccomp_is_available())
		t_skip("no libseccomp");
	T_EQ(oci_seccomp_parse(json, strlen(json), &doc, &e), 0);
	r = seccomp_filter_build(doc, SECCOMP_BRIEF, ret);
	oci_seccomp_free(doc);
	return r;
}

/* libseccomp follows a ring in its tree for ever. Should it come to an end one day, so be it. */
static void test_work_has_an_end(void)
{
	struct seccomp_program p = { 0 };

	if (build(PROFILE(KEYCTL("SCMP_ACT_ERRNO", "9223372036854775808"),
			  KEYCTL("SCMP_ACT_LOG", "9223372036854775807")),
		  &p) < 0) {
		T_STR(err_get_text(),
		      "linux.seccomp.syscalls[2]: libseccomp does not come to an end "
		      "with the conditions of 'keyctl'");
		T_ASSERT(!p.insns);
	}
	seccomp_program_clear(&p);
}

#define SOME(index)                                                        \
	"{\"names\":[\"keyctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[" \
	"{\"index\":" index ",\"value\":5,\"op\":\"SCMP_CMP_EQ\"},"        \
	"{\"index\":1,\"value\":0,\"op\":\"SCMP_CMP_NE\"}]}"

/* With one action their order is ours: libseccomp takes one of these only. */
static void test_order(void)
{
	static const char *const profiles[] = {
		PROFILE(SOME("2"), SOME("3")),
		PROFILE(SOME("3"), SOME("2")),
	};
	static const struct {
		uint64_t args[6];
		uint32_t answer;
	} calls[] = {
		{ { 0, 1, 5 }, SECCOMP_RET_ERRNO | EPERM },
		{ { 0, 1, 0, 5 }, SECCOMP_RET_ERRNO | EPERM },
		{ { 0, 0, 5, 5 }, SECCOMP_RET_ALLOW },
		{ { 0, 1, 6, 6 }, SECCOMP_RET_ALLOW },
		{ { 0, 1ull << 32, 0, 5 }, SECCOMP_RET_ERRNO | EPERM },
		{ { 0, 1, 0, 5 | 1ull << 32 }, SECCOMP_RET_ALLOW },
	};

	for (size_t i = 0; i < ARRAY_SIZE(profiles); i++) {
		struct seccomp_program p = { 0 };

		if (build(profiles[i], &p) < 0)
			t_fail(__FILE__, __LINE__, "%zu: %s", i, err_get_text());
		for (size_t k = 0; ARCH && k < ARRAY_SIZE(calls); k++)
			T_EQ(seccomp_check_run(p.insns, p.len, ARCH, SYS_keyctl, calls[k].args),
			     calls[k].answer);
		seccomp_program_clear(&p);
	}
}

/* --- what runs apart --- */

enum apart { CRASHES, FAILS, WORKS };

static int step_and(void *arg, struct seccomp_step *step, struct seccomp_program *ret)
{
	const enum apart *what = arg;

	snprintf(step->name, sizeof(step->name), "read");
	step->rule = 3;
	if (*what == CRASHES)
		raise(SIGSEGV);
	if (*what == FAILS)
		return err_code(ENOTSUP, "no such thing");
	*ret = (struct seccomp_program){
		.insns = xnew_n(struct sock_filter, 2), .len = 2, .flags = 5, .listener = true
	};
	((struct sock_filter *) ret->insns)[1] = (struct sock_filter){ .code = 6, .k = 7 };
	return 0;
}

static void test_apart(void)
{
	enum apart crashes = CRASHES, fails = FAILS, works = WORKS;
	struct seccomp_program p = { 0 };

	T_EQ(seccomp_bound_run(step_and, &crashes, 1, &p), -EINVAL);
	T_ASSERT(strstr(err_get_text(), "linux.seccomp.syscalls[3]: libseccomp was killed by"));
	T_EQ(seccomp_bound_run(step_and, &fails, 1, &p), -ENOTSUP);
	T_STR(err_get_text(), "no such thing");
	T_ASSERT(!p.insns);
	err_clear();
	T_EQ(seccomp_bound_run(step_and, &works, 1, &p), 0);
	T_EQ(p.len, 2);
	T_EQ(p.flags, 5);
	T_ASSERT(p.listener);
	T_EQ(((struct sock_filter *) p.insns)[1].k, 7);
	seccomp_program_clear(&p);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_apart),
		T_TEST(test_work_has_an_end),
		T_TEST(test_order),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
