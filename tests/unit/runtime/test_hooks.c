/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/hooks.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "../t.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"
#include "spec/annotations.h"

static char dir[64];

/* One /bin/sh hook per script, all of one stage. */
static int run(enum hook_stage stage, const char *const *scripts, size_t n, int timeout,
	       const char *state)
{
	static char *const env[] = { (char *) "FROM=default", NULL };
	struct oci_hook list[4] = { 0 };
	char *args[4][4];
	struct oci_hooks doc = { 0 };
	struct hooks h = HOOKS_INIT;
	struct annotations a = { 0 };
	int r;

	for (size_t i = 0; i < n; i++) {
		args[i][0] = (char *) "sh";
		args[i][1] = (char *) "-c";
		args[i][2] = (char *) scripts[i];
		args[i][3] = NULL;
		list[i].path = (char *) "/bin/sh";
		list[i].args = args[i];
		list[i].args_len = 3;
		list[i].timeout = timeout;
		list[i].has_timeout = timeout > 0;
	}
	doc.create_runtime = list;
	doc.create_runtime_len = n;
	doc.poststop = list;
	doc.poststop_len = n;
	T_EQ(hooks_open(&doc, dir, &a, &h), 0);
	r = hooks_run(&h, stage, state, env);
	hooks_close(&h);
	return r;
}

static int run_one(const char *script, int timeout)
{
	return run(HOOK_CREATE_RUNTIME, &script, 1, timeout, "{}");
}

static char *content(const char *name)
{
	autofree char *path = xasprintf("%s/%s", dir, name);
	char *text = NULL;

	T_EQ(file_read_at(AT_FDCWD, path, 1 << 20, &text, NULL), 0);
	return text;
}

static void test_state_cwd_env(void)
{
	autofree char *text = NULL;

	T_EQ(run(HOOK_CREATE_RUNTIME, (const char *[]){ "{ cat; pwd; echo $FROM; } > out" }, 1, 0,
		 "the state\n"),
	     0);
	text = content("out");
	T_CONTAINS(text, "the state\n/tmp/hako-hooks.");
	T_CONTAINS(text, "\ndefault\n");
}

/* Each hook reads the state from its beginning. */
static void test_each_gets_all(void)
{
	autofree char *text = NULL;

	T_EQ(run(HOOK_CREATE_RUNTIME, (const char *[]){ "cat > a", "cat > b" }, 2, 0, "state"), 0);
	text = content("b");
	T_STR(text, "state");
}

static void test_failures(void)
{
	T_EQ(run_one("exit 3", 0), -EIO);
	T_STR(err_get_text(),
	      "error running createRuntime hook #0: createRuntime hook failed with exit code 3");
	T_EQ(run_one("kill -SYS $$", 0), -EIO);
	T_CONTAINS(err_get_text(), "killed by SIGSYS (bad system call)");
	T_EQ(run(HOOK_CREATE_RUNTIME, (const char *[]){ "exit 0", "exit 1" }, 2, 0, "{}"), -EIO);
	T_CONTAINS(err_get_text(), "hook #1:");
	err_clear();
}

/* A large state that nobody reads neither blocks nor kills. */
static void test_unread_state(void)
{
	size_t len = 4 << 20;
	char *state = malloc(len);
	const char *script = "exec 0<&-; exit 0";

	memset(state, ' ', len - 1);
	state[len - 1] = '\0';
	T_EQ(run(HOOK_CREATE_RUNTIME, &script, 1, 0, state), 0);
	free(state);
}

static void test_timeout(void)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	T_EQ(run_one("exec sleep 20", 1), -ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &b);
	T_ASSERT(b.tv_sec - a.tv_sec < 5);
	T_CONTAINS(err_get_text(), "did not end within 1 s");
	err_clear();
}

static void test_missing_program(void)
{
	struct oci_hook hook = { .path = (char *) "/nonexistent/hook" };
	struct oci_hooks doc = { .poststop = &hook,
				 .poststop_len = 1,
				 .create_runtime = &hook,
				 .create_runtime_len = 1 };
	struct annotations a = { 0 };
	struct hooks h = HOOKS_INIT;

	T_EQ(hooks_open(&doc, dir, &a, &h), 0);
	T_ASSERT(hooks_any(&h, HOOK_POSTSTOP));
	T_ASSERT(!hooks_any(&h, HOOK_PRESTART));
	T_EQ(hooks_run(&h, HOOK_CREATE_RUNTIME, "{}", environ), -ENOENT);
	T_STR(err_get_text(), "error running createRuntime hook #0: execute '/nonexistent/hook': "
			      "no such file or directory");
	err_clear();
	hooks_close(&h);
}

/* The others still run, and the container is gone all the same. */
static void test_poststop_goes_on(void)
{
	autofree char *text = NULL;

	T_EQ(run(HOOK_POSTSTOP, (const char *[]){ "exit 1", "echo ran > second" }, 2, 0, "{}"), 0);
	T_ASSERT(!err_is_set());
	text = content("second");
	T_STR(text, "ran\n");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_state_cwd_env),    T_TEST(test_each_gets_all),
		T_TEST(test_failures),	       T_TEST(test_unread_state),
		T_TEST(test_timeout),	       T_TEST(test_missing_program),
		T_TEST(test_poststop_goes_on),
	};
	int r;

	snprintf(dir, sizeof(dir), "/tmp/hako-hooks.XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	r = t_run(tests, sizeof(tests) / sizeof(tests[0]));
	(void) file_remove_tree_at(AT_FDCWD, dir);
	return r;
}
