/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/log_journald.h"
#include "base/str.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

static char *log_path(void)
{
	return xasprintf("%s/log", tmpdir());
}

/* Logs one text at warning level to a fresh file; returns the line without its time. */
static char *line_of(enum log_format format, const char *text)
{
	autofree char *path = log_path(), *got = NULL;
	const struct log_config config = { path, format, LOG_L_INFO };
	const char *time;

	unlink(path);
	T_EQ(log_open(&config), 0);
	log_warn("%s", text);
	T_EQ(file_read_at(AT_FDCWD, path, 1 << 20, &got, NULL), 0);
	time = strstr(got, "\"20");
	T_ASSERT(time != NULL);
	T_EQ(time[21], '"');
	T_EQ(time[20], 'Z');
	memmove(got + (time - got), time + 22, strlen(time + 22) + 1);
	return take_ptr(&got);
}

static void test_text(void)
{
	static const char *const cases[][2] = {
		{ "plain", "\"plain\"" },
		{ "a \"b\" \\", "\"a \\\"b\\\" \\\\\"" },
		{ "two\nlines\r\t", "\"two\\nlines\\r\\t\"" },
		{ "\x1b[31m\x7f", "\"\\x1b[31m\\x7f\"" },
		{ "\xc3\xa9\xff", "\"\xc3\xa9\\xff\"" },
		{ "", "\"\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *line = line_of(LOG_TEXT, cases[i][0]);
		autofree char *want = xasprintf("time= level=warning msg=%s\n", cases[i][1]);

		T_STR(line, want);
	}
}

static void test_json(void)
{
	autofree char *line = line_of(LOG_JSON, "a \"b\"\n\x01\xff");

	T_STR(line,
	      "{\"msg\":\"a \\\"b\\\"\\n\\u0001\xef\xbf\xbd\",\"level\":\"warning\",\"time\":}\n");
}

static void test_levels(void)
{
	autofree char *path = log_path(), *got = NULL;
	const struct log_config config = { path, LOG_TEXT, LOG_L_WARN };
	int seen = 0;

	unlink(path);
	T_EQ(log_open(&config), 0);
	log_error("1");
	log_warn("2");
	log_info("3");
	log_debug("4 %d", seen++);
	T_EQ(seen, 0); /* arguments of a debug line cost nothing */
	log_set_level(LOG_L_DEBUG);
	errno = EXDEV;
	log_debug("5 %d", seen++);
	T_EQ(errno, EXDEV);
	T_EQ(seen, 1);
	T_EQ(file_read_at(AT_FDCWD, path, 1 << 20, &got, NULL), 0);
	T_CONTAINS(got, "level=error msg=\"1\"\n");
	T_CONTAINS(got, "level=debug msg=\"5 0\"\n");
	T_ASSERT(!strstr(got, "\"3\"") && !strstr(got, "\"4"));
}

static void test_parse(void)
{
	enum log_level l = LOG_L_INFO;
	enum log_format f = LOG_TEXT;

	T_EQ(log_level_parse("warn", &l), 0);
	T_EQ(l, LOG_L_WARN);
	T_EQ(log_level_parse("panic", &l), 0);
	T_EQ(l, LOG_L_ERROR);
	T_EQ(log_level_parse("trace", &l), 0);
	T_EQ(l, LOG_L_DEBUG);
	T_EQ(log_level_parse("loud", &l), -EINVAL);
	T_EQ(log_format_parse("json", &f), 0);
	T_EQ(f, LOG_JSON);
	T_EQ(log_format_parse("xml", &f), -EINVAL);
}

static void test_targets(void)
{
	autofree char *path = log_path(), *prefixed = xasprintf("file:%s", path);
	autofree char *link = xasprintf("%s/link", tmpdir()), *fd_name = NULL, *got = NULL;
	autofd int other = FD_NONE;
	struct log_config config = { prefixed, LOG_TEXT, LOG_L_INFO };
	struct stat st;

	unlink(path);
	T_EQ(log_open(&config), 0);
	T_ASSERT(log_is_redirected() && log_get_fd() > 2);
	T_ASSERT(fcntl(log_get_fd(), F_GETFD) & FD_CLOEXEC);
	T_EQ(stat(path, &st), 0);
	T_EQ(st.st_mode & 07777 & ~0644, 0);
	log_info("first");
	/* Opened again it goes on behind what is there. */
	T_EQ(log_open(&config), 0);
	log_info("second");
	T_EQ(symlink(path, link), 0);
	config.target = link;
	T_EQ(log_open(&config), 0);
	/* it could be anybody's now */
	T_EQ(chmod(tmpdir(), 0777), 0);
	T_EQ(log_open(&config), -ELOOP);
	T_EQ(chmod(tmpdir(), 0700), 0);
	config.target = "/nonexistent/log";
	T_EQ(log_open(&config), -ENOENT);
	config.target = "fd:x";
	T_EQ(log_open(&config), -EINVAL);
	config.target = "fd:999";
	T_EQ(log_open(&config), -EBADF);
	other = open(path, O_WRONLY | O_APPEND);
	fd_name = xasprintf("fd:%d", fcntl(other, F_DUPFD, 10));
	config.target = fd_name;
	T_EQ(log_open(&config), 0);
	T_ASSERT(fcntl(log_get_fd(), F_GETFD) & FD_CLOEXEC);
	log_info("third");
	config.target = "";
	T_EQ(log_open(&config), 0);
	T_ASSERT(!log_is_redirected());
	T_EQ(log_get_fd(), FD_NONE);
	T_EQ(file_read_at(AT_FDCWD, path, 1 << 20, &got, NULL), 0);
	T_ASSERT(strstr(got, "first") < strstr(got, "second") &&
		 strstr(got, "second") < strstr(got, "third"));
}

/* Several processes append: no line may be torn. */
static void test_whole_lines(void)
{
	autofree char *path = log_path(), *got = NULL, *filler = xmalloc(3001);
	const struct log_config config = { path, LOG_TEXT, LOG_L_INFO };
	autostrv struct strv lines = { NULL, 0 };
	int status;

	memset(filler, 'x', 3000);
	filler[3000] = '\0';
	unlink(path);
	T_EQ(log_open(&config), 0);
	for (int i = 0; i < 4; i++) {
		if (fork() == 0) {
			for (int n = 0; n < 100; n++)
				log_info("%s", filler);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		T_EQ(status, 0);
	T_EQ(file_read_at(AT_FDCWD, path, 1 << 24, &got, NULL), 0);
	strv_split(&lines, got, "\n");
	T_EQ(lines.len, 400);
	for (size_t i = 0; i < lines.len; i++)
		T_EQ(strlen(lines.v[i]), strlen(lines.v[0]));
}

static char called[100];

static void callback(void *arg, enum log_level level, const char *text)
{
	snprintf(called, sizeof(called), "%s %d %s", (char *) arg, level, text);
}

static void test_callback(void)
{
	char name[] = "arg";

	log_set_level(LOG_L_INFO);
	log_set_callback(callback, name);
	log_info("a\n%d", 1);
	T_STR(called, "arg 2 a\n1");
	log_debug("no");
	T_STR(called, "arg 2 a\n1");
	log_set_callback(NULL, NULL);
}

/* The datagram that a daemon would get, and its descriptor's content when there is one. */
static size_t receive(int fd, char *buf, size_t len)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { buf, len };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);

	T_ASSERT(n >= 0);
	if (CMSG_FIRSTHDR(&h)) {
		autofd int mem = FD_NONE;

		memcpy(&mem, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(mem));
		T_EQ(n, 0);
		T_ASSERT(fcntl(mem, F_GET_SEALS) & F_SEAL_WRITE);
		n = pread(mem, buf, len, 0);
	}
	return (size_t) n;
}

static void test_journald(void)
{
	static const char want[] = "MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=4\n"
				   "SYSLOG_IDENTIFIER\n\x02\0\0\0\0\0\0\0id\n";
	autofree char *buf = xmalloc(2 << 20), *big = xmalloc(1 << 20);
	int s[2];

	T_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s), 0);
	log_journald_send(s[0], "id", LOG_L_WARN, "a\nb");
	T_EQ(receive(s[1], buf, 2 << 20), sizeof(want) - 1);
	T_ASSERT(memcmp(buf, want, sizeof(want) - 1) == 0);
	/* More than a datagram takes. */
	memset(big, 'y', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	log_journald_send(s[0], "", LOG_L_ERROR, big);
	T_ASSERT(receive(s[1], buf, 2 << 20) > 1 << 20);
	T_ASSERT(memcmp(buf, "MESSAGE\n\xff\xff\x0f\0\0\0\0\0yyyy", 20) == 0);
	close(s[0]);
	close(s[1]);
}

static void test_syslog(void)
{
	autofree char *want = xasprintf("<11>hako[%d]: gone", (int) getpid());
	char buf[200];
	int s[2];

	T_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, s), 0);
	log_syslog_send(s[0], "", LOG_L_ERROR, "gone");
	buf[receive(s[1], buf, sizeof(buf) - 1)] = '\0';
	T_STR(buf, want);
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_text),     T_TEST(test_json),     T_TEST(test_levels),
		T_TEST(test_parse),    T_TEST(test_targets),  T_TEST(test_whole_lines),
		T_TEST(test_callback), T_TEST(test_journald), T_TEST(test_syslog),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
