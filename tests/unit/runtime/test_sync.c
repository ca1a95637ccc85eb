/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sync.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../t.h"
#include "base/err.h"
#include "base/sock.h"

static void pair(int fds[2])
{
	T_EQ(sock_pair(&fds[0], &fds[1]), 0);
}

static void test_message(void)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int s[2];

	pair(s);
	T_EQ(sync_send(s[0], SYNC_LOG, 2, "a line", FD_NONE), 0);
	T_EQ(sync_recv(s[1], &m), 1);
	T_EQ(m.type, SYNC_LOG);
	T_EQ(m.index, 2);
	T_STR(m.text, "a line");
	T_EQ(m.fd, FD_NONE);
	close(s[0]);
	sync_msg_clear(&m);
	T_EQ(sync_recv(s[1], &m), 0);
	close(s[1]);
}

static void test_descriptor(void)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int s[2], p[2];

	pair(s);
	T_EQ(fd_pipe(&p[0], &p[1]), 0);
	T_EQ(sync_send(s[0], SYNC_TTY, 0, NULL, p[1]), 0);
	T_EQ(sync_recv(s[1], &m), 1);
	T_ASSERT(m.fd >= 0);
	T_ASSERT(fcntl(m.fd, F_GETFD) & FD_CLOEXEC);
	T_EQ(write(m.fd, "x", 1), 1);
	close(s[0]);
	close(s[1]);
	close(p[0]);
	close(p[1]);
}

static void test_long_text_is_cut(void)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	char *text = malloc(1 << 20);
	int s[2];

	memset(text, 'x', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	pair(s);
	T_EQ(sync_send(s[0], SYNC_FAIL, 5, text, FD_NONE), 0);
	T_EQ(sync_recv(s[1], &m), 1);
	T_EQ(strlen(m.text), 32768);
	free(text);
	close(s[0]);
	close(s[1]);
}

static void test_malformed(void)
{
	static const uint32_t unknown[2] = { 999, 0 };
	struct sync_msg m = SYNC_MSG_INIT;
	int s[2];

	pair(s);
	T_EQ(write(s[0], "abc", 3), 3);
	T_EQ(sync_recv(s[1], &m), -EBADMSG);
	T_EQ(write(s[0], unknown, sizeof(unknown)), sizeof(unknown));
	T_EQ(sync_recv(s[1], &m), -EBADMSG);
	T_STR(err_get_text(), "received a malformed message");
	err_clear();
	close(s[0]);
	close(s[1]);
}

/* What the other side says to one request. */
static int answer(enum sync_type type, uint32_t index, const char *text)
{
	int s[2], r;
	pid_t pid;

	pair(s);
	pid = fork();
	if (pid == 0) {
		struct sync_msg m = SYNC_MSG_INIT;

		close(s[0]);
		if (sync_recv(s[1], &m) == 1 && type != SYNC_NONE)
			(void) sync_send(s[1], type, index, text, FD_NONE);
		_exit(0);
	}
	close(s[1]);
	r = sync_request(s[0], SYNC_HELLO, 0, FD_NONE, NULL);
	close(s[0]);
	waitpid(pid, NULL, 0);
	return r;
}

static void test_request(void)
{
	T_EQ(answer(SYNC_GO, 0, NULL), 0);
	T_EQ(answer(SYNC_FAIL, EBUSY, "the reason"), -EBUSY);
	T_STR(err_get_text(), "the reason");
	/* A failure without a code must not read as success. */
	T_ASSERT(answer(SYNC_FAIL, 0, "no code") < 0);
	T_EQ(answer(SYNC_NONE, 0, NULL), -EPIPE);
	T_STR(err_get_text(), "the runtime ended while 'hello' was asked for");
	T_EQ(answer(SYNC_TREE, 0, NULL), -EBADMSG);
	T_STR(err_get_text(), "'hello' answered by 'tree'");
	err_clear();
}

static void test_failure_is_kept(void)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int s[2];

	pair(s);
	(void) err_code(ENOSPC, "no room for '%s'", "x");
	sync_send_failure(s[0]);
	T_STR(err_get_text(), "no room for 'x'");
	T_EQ(sync_recv(s[1], &m), 1);
	T_EQ(m.type, SYNC_FAIL);
	T_EQ(m.index, ENOSPC);
	T_STR(m.text, "no room for 'x'");
	err_clear();
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_message),	T_TEST(test_descriptor), T_TEST(test_long_text_is_cut),
		T_TEST(test_malformed), T_TEST(test_request),	 T_TEST(test_failure_is_kept),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
