/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sched.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/bitlist.h"
#include "base/str.h"
#include "linux/mempolicy.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static int check(struct oci_scheduler s)
{
	return sched_policy_check(&s);
}

#define S(p, ...) ((struct oci_scheduler){ .policy = (char *) (p), __VA_ARGS__ })

static void test_check(void)
{
	T_EQ(check(S("SCHED_OTHER", .nice = 19)), 0);
	T_EQ(check(S("SCHED_BATCH", .nice = -20)), 0);
	T_EQ(check(S("SCHED_IDLE")), 0);
	T_EQ(check(S("SCHED_FIFO", .priority = 1)), 0);
	T_EQ(check(S("SCHED_RR", .priority = 99)), 0);
	T_EQ(check(S("SCHED_NONE")), -EINVAL);
	T_STR(err_get_text(), "unknown scheduling policy 'SCHED_NONE'");
	T_EQ(check(S(NULL)), -EINVAL);
	T_EQ(check(S("SCHED_OTHER", .nice = 20)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `nice` 20 is not between -20 and 19");
	T_EQ(check(S("SCHED_FIFO")), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_FIFO` requires a `priority` between 1 and 99");
	T_EQ(check(S("SCHED_RR", .priority = 100)), -EINVAL);
	T_EQ(check(S("SCHED_BATCH", .priority = 1)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_BATCH` does not take a `priority`");
	T_EQ(check(S("SCHED_OTHER", .runtime = 1)), -EINVAL);
	T_STR(err_get_text(),
	      "sched_setattr: `SCHED_OTHER` does not take `runtime`, `deadline`, `period`");
}

static void test_check_deadline(void)
{
	T_EQ(check(S("SCHED_DEADLINE", .deadline = 5)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_DEADLINE` requires `runtime`");
	T_EQ(check(S("SCHED_DEADLINE", .runtime = 5)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_DEADLINE` requires `deadline`");
	T_EQ(check(S("SCHED_DEADLINE", .runtime = 5, .deadline = 4)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_DEADLINE` requires `runtime` <= `deadline`");
	T_EQ(check(S("SCHED_DEADLINE", .runtime = 5, .deadline = 6, .period = 5)), -EINVAL);
	T_STR(err_get_text(), "sched_setattr: `SCHED_DEADLINE` requires `deadline` <= `period`");
	T_EQ(check(S("SCHED_DEADLINE", .runtime = 5, .deadline = 6)), 0);
	T_EQ(check(S("SCHED_DEADLINE", .runtime = 5, .deadline = 6, .period = 6)), 0);
}

static void test_check_flags(void)
{
	char *flags[] = { (char *) "SCHED_FLAG_RESET_ON_FORK", (char *) "SCHED_FLAG_FOO", NULL };

	T_EQ(check(S("SCHED_OTHER", .flags = flags, .flags_len = 1)), 0);
	T_EQ(check(S("SCHED_OTHER", .flags = flags, .flags_len = 2)), -EINVAL);
	T_STR(err_get_text(), "unknown scheduling flag 'SCHED_FLAG_FOO'");
}

static int apply(void *arg)
{
	char *flags[] = { (char *) "SCHED_FLAG_RESET_ON_FORK", NULL };
	struct oci_scheduler batch = S("SCHED_BATCH", .nice = 7, .flags = flags, .flags_len = 1);

	(void) arg;
	CHILD_CHECK(sched_policy_apply(0, &batch) == 0);
	CHILD_CHECK(sched_getscheduler(0) == (SCHED_BATCH | SCHED_RESET_ON_FORK));
	CHILD_CHECK(getpriority(PRIO_PROCESS, 0) == 7);
	return 0;
}

static void test_apply(void)
{
	T_EQ(child_run(apply, NULL), 0);
}

static void test_affinity_parse(void)
{
	unsigned long mask[SCHED_MASK_LONGS];

	T_EQ(sched_affinity_parse("0-3,7", mask), 0);
	T_EQ(mask[0], 0x8f);
	T_EQ(sched_affinity_parse(" 1 - 2 , 5 ", mask), 0);
	T_EQ(mask[0], 0x26);
	T_EQ(sched_affinity_parse("", mask), 0);
	T_EQ(bitlist_count(mask, SCHED_CPUS_MAX), 0);
	T_EQ(sched_affinity_parse("8191", mask), 0);
	T_EQ(sched_affinity_parse("8192", mask), -EINVAL);
	T_STR(err_get_text(), "CPU affinity '8192' is not a list of CPUs");
	T_EQ(sched_affinity_parse("3-1", mask), -EINVAL);
	T_EQ(sched_affinity_parse("1,", mask), -EINVAL);
	T_EQ(sched_affinity_parse("-1", mask), -EINVAL);
	T_EQ(sched_affinity_parse("0-4294967295", mask), -EINVAL);
	T_EQ(sched_affinity_parse("0x1", mask), -EINVAL);
}

static int affinity(void *arg)
{
	cpu_set_t before, now;

	(void) arg;
	CHILD_CHECK(sched_getaffinity(0, sizeof(before), &before) == 0);
	CHILD_CHECK(sched_affinity_apply(0, NULL) == 0 && sched_affinity_apply(0, "") == 0);
	CHILD_CHECK(sched_getaffinity(0, sizeof(now), &now) == 0 && CPU_EQUAL(&before, &now));
	CHILD_CHECK(sched_affinity_apply(0, "0") == 0);
	CHILD_CHECK(sched_getaffinity(0, sizeof(now), &now) == 0 && CPU_COUNT(&now) == 1 &&
		    CPU_ISSET(0, &now));
	CHILD_CHECK(sched_affinity_reset(0) == 0);
	CHILD_CHECK(sched_getaffinity(0, sizeof(now), &now) == 0 &&
		    CPU_COUNT(&now) >= CPU_COUNT(&before));
	CHILD_CHECK(sched_affinity_apply(0, "8000") == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(), "set CPU affinity to '8000': invalid argument"));
	return 0;
}

static void test_affinity(void)
{
	cpu_set_t own;

	if (sched_getaffinity(0, sizeof(own), &own) < 0 || !CPU_ISSET(0, &own))
		t_skip("CPU 0 is not ours");
	T_EQ(child_run(affinity, NULL), 0);
}

/* --- memory policy --- */

static int plan(struct oci_memory_policy p, struct mempolicy *ret)
{
	return mempolicy_plan(&p, ret);
}

#define P(m, n, ...) \
	((struct oci_memory_policy){ .mode = (char *) (m), .nodes = (char *) (n), __VA_ARGS__ })

static void test_mempolicy_plan(void)
{
	char *flags[] = { (char *) "MPOL_F_STATIC_NODES", (char *) "MPOL_F_FOO", NULL };
	struct mempolicy got;

	T_EQ(plan(P("MPOL_BIND", "0-1,64", .flags = flags, .flags_len = 1), &got), 0);
	T_EQ(got.mode, 2 | 1 << 15);
	T_EQ(got.nodes[0], 3);
	T_EQ(got.nodes[64 / (8 * sizeof(long))], 1);
	T_EQ(plan(P("MPOL_DEFAULT", NULL), &got), 0);
	T_EQ(plan(P("MPOL_PREFERRED", ""), &got), 0);
	T_EQ(plan(P("MPOL_WEIGHTED_INTERLEAVE", "0"), &got), 0);
	T_EQ(plan(P("", ""), &got), -EINVAL);
	T_STR(err_get_text(), "invalid memory policy mode ''");
	T_EQ(plan(P(NULL, "0"), &got), -EINVAL);
	T_EQ(plan(P("MPOL_FOO", "0"), &got), -EINVAL);
	T_STR(err_get_text(), "invalid memory policy mode 'MPOL_FOO'");
	T_EQ(plan(P("MPOL_DEFAULT", "0-7"), &got), -EINVAL);
	T_STR(err_get_text(),
	      "invalid memory policy: MPOL_DEFAULT mode requires 0 nodes but got 8");
	T_EQ(plan(P("MPOL_BIND", ""), &got), -EINVAL);
	T_STR(err_get_text(),
	      "invalid memory policy: MPOL_BIND mode requires at least 1 node but got 0");
	T_EQ(plan(P("MPOL_BIND", "a-b"), &got), -EINVAL);
	T_STR(err_get_text(), "invalid memory policy node list 'a-b'");
	T_EQ(plan(P("MPOL_BIND", "1024"), &got), -EINVAL);
	T_EQ(plan(P("MPOL_BIND", "0", .flags = flags, .flags_len = 2), &got), -EINVAL);
	T_STR(err_get_text(), "invalid memory policy flag 'MPOL_F_FOO'");
}

static int mempolicy(void *arg)
{
	struct oci_memory_policy bind = P("MPOL_BIND", "0"), none = P("MPOL_DEFAULT", NULL),
				 far = P("MPOL_BIND", "1023");
	int r = mempolicy_apply(&bind);

	(void) arg;
	if (r == -ENOSYS || r == -EPERM)
		return CHILD_SKIP;
	CHILD_CHECK(r == 0);
	CHILD_CHECK(mempolicy_apply(&none) == 0);
	CHILD_CHECK(mempolicy_apply(&far) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(),
			   "set memory policy 'MPOL_BIND' on nodes '1023': invalid argument"));
	return 0;
}

static void test_mempolicy_apply(void)
{
	T_CHILD(child_run(mempolicy, NULL));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_check),	     T_TEST(test_check_deadline),  T_TEST(test_check_flags),
		T_TEST(test_apply),	     T_TEST(test_affinity_parse),  T_TEST(test_affinity),
		T_TEST(test_mempolicy_plan), T_TEST(test_mempolicy_apply),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
