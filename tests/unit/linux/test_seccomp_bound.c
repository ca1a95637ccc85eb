/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_bound.h"

#include <errno.h>
#include <linux/filter.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "linux/seccomp_filter.h"
#include "ocispec.h"
#include "tests/unit/t.h"

/* libseccomp follows a ring in its tree for ever. Should it come to an end one day, so be it. */
static void test_work_has_an_end(void)
{
#define KEYCTL(value)                                                      \
	"{\"names\":[\"keyctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":[" \
	"{\"index\":1,\"value\":0,\"op\":\"SCMP_CMP_NE\"},"                \
	"{\"index\":4,\"value\":" value ",\"op\":\"SCMP_CMP_LT\"}]}"
	static const char *const json =
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
		"{\"names\":[\"getppid\"],\"action\":\"SCMP_ACT_ERRNO\"}," KEYCTL(
			"9223372036854775808") "," KEYCTL("9223372036854775807") "]}";
#undef KEYCTL
	struct seccomp_program p = { 0 };
	struct oci_seccomp *doc = NULL;
	struct oci_error e = { 0 };

	if (!seccomp_is_available())
		t_skip("no libseccomp");
	T_EQ(oci_seccomp_parse(json, strlen(json), &doc, &e), 0);
	if (seccomp_filter_build(doc, SECCOMP_BRIEF, &p) < 0) {
		T_STR(err_get_text(),
		      "linux.seccomp.syscalls[2]: libseccomp does not come to an end "
		      "with the conditions of 'keyctl'");
		T_ASSERT(!p.insns);
	}
	seccomp_program_clear(&p);
	oci_seccomp_free(doc);
}

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
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
