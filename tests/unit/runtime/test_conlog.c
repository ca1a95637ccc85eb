/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/conlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../t.h"
#include "base/err.h"
#include "base/file.h"
#include "spec/annotations.h"

static char dir[] = "/tmp/hako-conlog-XXXXXX";

static struct annotations wanted(bool rotate)
{
	return (struct annotations){ .console_logfile = (char *) "log",
				     .console_size = 8,
				     .console_rotate = rotate };
}

static void begin(void)
{
	(void) unlink("log");
	(void) unlink("log.1");
	(void) unlink("victim");
}

/* What is in a file, which is no link; "?" when there is none. */
static const char *text_of(const char *name)
{
	static char buf[64];
	int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return "?";
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void put(const char *name, const char *text)
{
	T_EQ(file_replace_at(AT_FDCWD, name, text, strlen(text), 0600, 0), 0);
}

static void say(struct conlog *log, const char *text)
{
	conlog_write(log, text, strlen(text));
}

static int opened(struct conlog *log, bool rotate)
{
	struct annotations a = wanted(rotate);
	int r = conlog_open(log, &a);

	err_clear();
	return r;
}

static void test_size(void)
{
	struct conlog log;

	begin();
	put("log", "old");
	T_EQ(opened(&log, false), 0);
	say(&log, "12345");
	T_STR(text_of("log"), "old12345");
	say(&log, "6");
	T_STR(text_of("log"), "6");
	T_STR(text_of("log.1"), "?");
	conlog_close(&log);
}

static void test_rotate(void)
{
	struct conlog log;

	begin();
	put("victim", "precious");
	T_EQ(symlink("victim", "log.1"), 0);
	T_EQ(opened(&log, true), 0);
	say(&log, "first");
	say(&log, "second");
	T_STR(text_of("log"), "second");
	T_STR(text_of("log.1"), "first");
	T_STR(text_of("victim"), "precious");
	conlog_close(&log);
}

static void test_link(void)
{
	struct conlog log;

	begin();
	put("victim", "precious");
	T_EQ(symlink("victim", "log"), 0);
	T_EQ(opened(&log, false), -ELOOP);
	conlog_close(&log);
	T_STR(text_of("victim"), "precious");
	T_EQ(unlink("victim"), 0);
	T_EQ(opened(&log, false), -ELOOP);
	conlog_close(&log);
	T_STR(text_of("victim"), "?");
}

/* Somebody puts one there while the container runs. */
static void test_link_later(void)
{
	struct conlog log;

	for (int rotate = 0; rotate < 2; rotate++) {
		begin();
		put("victim", "precious");
		T_EQ(opened(&log, rotate), 0);
		say(&log, "first");
		T_EQ(unlink("log"), 0);
		T_EQ(symlink("victim", "log"), 0);
		say(&log, "second");
		say(&log, "third");
		T_STR(text_of("victim"), "precious");
		conlog_close(&log);
	}
}

static void test_fifo(void)
{
	struct conlog log;
	int reader;

	begin();
	T_EQ(mkfifo("log", 0600), 0);
	T_EQ(opened(&log, false), -ENXIO);
	conlog_close(&log);
	reader = open("log", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	T_ASSERT(reader >= 0);
	T_EQ(opened(&log, false), -EINVAL);
	conlog_close(&log);
	close(reader);
}

static void test_device(void)
{
	struct conlog log;
	struct stat st;

	for (int rotate = 0; rotate < 2; rotate++) {
		begin();
		if (mknod("log", S_IFCHR | 0600, makedev(1, 3)) < 0 || access("log", W_OK) < 0)
			t_skip("needs to make a device and open it");
		T_EQ(opened(&log, rotate), 0);
		say(&log, "first");
		say(&log, "second");
		T_ASSERT(log.fd >= 0);
		T_EQ(lstat("log", &st), 0);
		T_ASSERT(S_ISCHR(st.st_mode));
		T_STR(text_of("log.1"), "?");
		conlog_close(&log);
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_size),	 T_TEST(test_rotate), T_TEST(test_link),
		T_TEST(test_link_later), T_TEST(test_fifo),   T_TEST(test_device),
	};
	int r;

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 99;
	r = t_run(tests, sizeof tests / sizeof tests[0]);
	return file_remove_tree_at(AT_FDCWD, dir) < 0 ? 99 : r;
}
