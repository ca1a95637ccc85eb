/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/undo.h"

#include "../t.h"
#include "base/err.h"
#include "base/log.h"

static char order[16];
static char warned[256];

static int step(void *arg)
{
	strncat(order, arg, sizeof(order) - strlen(order) - 1);
	return *(char *) arg == 'b' ? err_code(EBUSY, "b is busy") : 0;
}

static void take_log(void *arg, enum log_level level, const char *text)
{
	(void) arg;
	(void) level;
	snprintf(warned, sizeof(warned), "%s", text);
}

/* Newest first; a failing step is logged and the rest still run; the reason of it all stays. */
static void test_run(void)
{
	struct undo u = { .n = 0 };

	order[0] = '\0';
	log_set_callback(take_log, NULL);
	undo_add(&u, "step a", step, (void *) "a");
	undo_add(&u, "step b", step, (void *) "b");
	undo_add(&u, "step c", step, (void *) "c");
	(void) err_code(ENOSPC, "the reason");
	undo_run(&u);
	log_set_callback(NULL, NULL);
	T_STR(order, "cba");
	T_STR(err_get_text(), "the reason");
	T_STR(warned, "clean up: step b: b is busy");
	T_EQ(u.n, 0);
	undo_run(&u);
	T_STR(order, "cba");
	err_clear();
}

static void test_commit(void)
{
	struct undo u = { .n = 0 };

	order[0] = '\0';
	undo_add(&u, "step a", step, (void *) "a");
	undo_commit(&u);
	undo_run(&u);
	T_STR(order, "");
}

int main(void)
{
	static const struct t_test tests[] = { T_TEST(test_run), T_TEST(test_commit) };

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
