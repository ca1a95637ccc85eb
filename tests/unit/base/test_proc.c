/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "tests/unit/t.h"

static void test_stat_parse(void)
{
	static const char tail[] = " 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77 8 9 10 11\n";
	struct proc_stat st = { 0 };
	autofree char *evil = xasprintf("12 (a) R 5 (b) Z 0 1%s", "");
	autofree char *named = xasprintf("12 () R 1 ) ) S 3%s", tail);

	T_EQ(proc_stat_parse(named, &st), 0);
	T_EQ(st.state, 'S');
	T_EQ(st.ppid, 3);
	T_EQ(st.start, 77);
	T_EQ(proc_stat_parse(evil, &st), -EINVAL);
	T_EQ(proc_stat_parse("", &st), -EINVAL);
	T_EQ(proc_stat_parse("12 (a", &st), -EINVAL);
	T_EQ(proc_stat_parse("12 (a)", &st), -EINVAL);
	T_EQ(proc_stat_parse("12 (a) RR 3 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 77", &st),
	     -EINVAL);
	T_EQ(proc_stat_parse("12 (a) R 3 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -7 1", &st),
	     -EINVAL);
}

static void test_stat_read(void)
{
	struct proc_stat st;

	T_EQ(proc_stat_read(getpid(), &st), 0);
	T_EQ(st.state, 'R');
	T_EQ(st.ppid, getppid());
	T_ASSERT(st.start > 0);
	T_EQ(proc_stat_read(0x3fffffff, &st), -ESRCH);
}

static struct proc_id spawn(void)
{
	struct proc_stat st;
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	T_EQ(proc_stat_read(pid, &st), 0);
	return (struct proc_id){ pid, st.start };
}

/* The life of a process as its pidfd shows it. */
static void follow(void)
{
	struct proc_id id = spawn(), wrong = { id.pid, id.start + 1 }, unknown = { id.pid, 0 };
	autofd int fd = proc_open(id);
	int status;

	T_ASSERT(fd >= 0);
	T_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	T_ASSERT(proc_is_alive(id) && !proc_is_alive(wrong) && !proc_is_alive(unknown));
	T_EQ(proc_open(wrong), -ESRCH);
	T_EQ(proc_open(unknown), -ESRCH);
	T_EQ(proc_signal(fd, 0), 0);
	T_EQ(proc_signal(fd, 12345), -EINVAL);
	T_EQ(proc_wait_exit(fd, 20), -ETIMEDOUT);
	T_EQ(proc_signal(fd, SIGKILL), 0);
	T_EQ(proc_wait_exit(fd, 5000), 0);
	/* A zombie is nobody any more. */
	T_ASSERT(!proc_is_alive(id));
	T_EQ(proc_open(id), -ESRCH);
	T_EQ(proc_reap(id.pid, &status), 0);
	T_EQ(status, 128 + SIGKILL);
	T_EQ(proc_signal(fd, SIGTERM), -ESRCH);
	T_EQ(proc_wait_exit(fd, 0), 0);
	T_EQ(proc_open(id), -ESRCH);
	T_EQ(proc_reap(id.pid, &status), -ECHILD);
}

static void test_life(void)
{
	follow();
}

/* The same with /proc/PID as handle. In a child, as what is noted stays. */
static void test_life_without_pidfd(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		sys_note(SYS_F_PIDFD, -ENOSYS);
		if (setjmp(t_jmp) == 0) {
			follow();
			_exit(0);
		}
		_exit(1);
	}
	T_EQ(proc_reap(pid, &status), 0);
	T_EQ(status, 0);
}

static void test_reap(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	T_EQ(proc_reap(pid, &status), 0);
	T_EQ(status, 7);
}

static void test_status(void)
{
	autofree char *name = NULL, *tgid = NULL, *none = NULL, *part = NULL;
	autofree char *pid = xasprintf("%d", (int) getpid());

	proc_set_name("hako:[a-very-long-name");
	name = proc_status_get(getpid(), "Name");
	T_STR(name, "hako:[a-very-lo");
	tgid = proc_status_get(getpid(), "Tgid");
	T_STR(tgid, pid);
	none = proc_status_get(getpid(), "NoSuchKey");
	T_STR(none, NULL);
	part = proc_status_get(getpid(), "gid");
	T_STR(part, NULL);
	T_ASSERT(proc_status_get(0x3fffffff, "Name") == NULL);
}

static void test_signal_parse(void)
{
	static const struct {
		const char *s;
		int sig;
	} good[] = {
		{ "SIGTERM", SIGTERM }, { "term", SIGTERM }, { "Kill", SIGKILL },
		{ "15", 15 },		{ "0", 0 },	     { "64", 64 },
		{ "sigpoll", SIGIO },	{ "CLD", SIGCHLD },
	};
	static const char *const bad[] = { "",	     "SIG",	   "65",      "-1",	  "+9",
					   "FOO",    "RTMIN-1",	   "RTMAX+1", "RTMIN+99", "RTMIN+",
					   "RTMINX", "SIGSIGTERM", "TERM ",   "9x" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		T_EQ(signal_parse(good[i].s), good[i].sig);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		T_EQ(signal_parse(bad[i]), -EINVAL);
	T_EQ(signal_parse("RTMIN"), SIGRTMIN);
	T_EQ(signal_parse("sigrtmin+3"), SIGRTMIN + 3);
	T_EQ(signal_parse("RTMAX-1"), SIGRTMAX - 1);
	T_EQ(signal_parse("RTMAX"), SIGRTMAX);
}

static void test_signal_name(void)
{
	T_STR(signal_name(SIGTERM), "SIGTERM");
	T_STR(signal_name(SIGABRT), "SIGABRT");
	T_STR(signal_name(SIGRTMIN + 2), "SIGRTMIN+2");
	T_STR(signal_name(SIGRTMAX), "SIGRTMAX");
	T_STR(signal_name(0), "signal 0");
	/* Every number comes back from its name. */
	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		if (sig == 32 || sig == 33)
			continue; /* the C library's own */
		T_EQ(signal_parse(signal_name(sig)), sig);
	}
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_stat_parse),	 T_TEST(test_stat_read),   T_TEST(test_life),
		T_TEST(test_life_without_pidfd), T_TEST(test_reap),	   T_TEST(test_status),
		T_TEST(test_signal_parse),	 T_TEST(test_signal_name),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
