/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "tests/unit/t.h"

static void ask_product(void)
{
	/* volatile: the compiler must not see that it overflows. */
	volatile size_t n = SIZE_MAX / 2, size = 4;

	free(xreallocarray(NULL, n, size));
}

static void ask_too_much(void)
{
	volatile size_t n = (size_t) PTRDIFF_MAX - 4096;

	free(xmalloc(n));
}

/* Runs fn in a child; what it writes to stderr goes to buf. Returns the exit status. */
static int run_child(void (*fn)(void), char *buf, size_t len)
{
	int r, w, status;
	ssize_t n;
	pid_t pid;

	T_EQ(fd_pipe(&r, &w), 0);
	pid = fork();
	if (pid == 0) {
		dup2(w, STDERR_FILENO);
		fn();
		_exit(0);
	}
	close(w);
	n = read(r, buf, len - 1);
	buf[n > 0 ? n : 0] = '\0';
	close(r);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#ifdef __SANITIZE_ADDRESS__
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

static void test_exhaustion(void)
{
	char text[4096];

	T_EQ(run_child(ask_product, text, sizeof(text)), 1);
	T_STR(text, "hako: out of memory\n");
#ifdef SANITIZED
	t_skip("the sanitizer's malloc reports a large request itself");
#endif
	T_EQ(run_child(ask_too_much, text, sizeof(text)), 1);
	T_STR(text, "hako: out of memory\n");
}

static void test_nothing(void)
{
	/* No request, not even for no bytes, gives NULL. */
	autofree void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xmemdup("", 0);
	autofree void *d = xreallocarray(xmalloc(1), 0, 8);

	T_ASSERT(a && b && c && d);
}

static void test_strings(void)
{
	autofree char *a = xstrndup("abcdef", 3), *b = xstrndup("ab", 10);
	autofree char *c = xasprintf("%s-%d", "x", 7);

	T_STR(a, "abc");
	T_STR(b, "ab");
	T_STR(c, "x-7");
}

static void test_take(void)
{
	char *a = xstrdup("a");
	autofree char *b = take_ptr(&a);

	T_ASSERT(a == NULL);
	T_STR(b, "a");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_exhaustion),
		T_TEST(test_nothing),
		T_TEST(test_strings),
		T_TEST(test_take),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
