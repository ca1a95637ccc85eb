/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sys.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

static void test_close(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), copy = fd, taken;

	T_ASSERT(fd_is_open(fd));
	errno = EXDEV;
	fd_close(&fd);
	T_EQ(errno, EXDEV);
	T_EQ(fd, FD_NONE);
	T_ASSERT(!fd_is_open(copy));
	errno = EXDEV;
	fd_close(&fd);
	T_EQ(errno, EXDEV);
	fd = 5;
	taken = take_fd(&fd);
	T_EQ(taken, 5);
	T_EQ(fd, FD_NONE);
	T_ASSERT(!fd_is_open(FD_NONE));
}

static void test_target(void)
{
	autofd int fd = open("/usr/../usr", O_PATH | O_CLOEXEC);
	autofree char *target = fd_target(fd), *none = fd_target(FD_NONE);
	char buf[FD_PATH_MAX];

	T_STR(target, "/usr");
	T_STR(none, NULL);
	T_STR(fd_proc_path(2147483647, buf), "/proc/self/fd/2147483647");
}

static void test_read_all(void)
{
	autofd int dir = tmpdir_new("fd");
	autofd int fd = openat(dir, "f", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	autofree char *big = xmalloc(100000), *got = NULL, *exact = NULL, *less = NULL;
	size_t len = 0;

	memset(big, 'z', 100000);
	T_EQ(fd_write_full(fd, big, 100000), 0);
	lseek(fd, 0, SEEK_SET);
	T_EQ(fd_read_all(fd, 99999, &less, &len), -EFBIG);
	T_ASSERT(less == NULL && len == 0);
	lseek(fd, 0, SEEK_SET);
	T_EQ(fd_read_all(fd, 100000, &got, &len), 0);
	T_EQ(len, 100000);
	T_EQ(strlen(got), 100000);
	/* At the end already. */
	T_EQ(fd_read_all(fd, 0, &exact, &len), 0);
	T_EQ(len, 0);
	T_STR(exact, "");
	T_EQ(fd_read_all(dir, 10, &got, &len), -EISDIR);
	lseek(fd, 99998, SEEK_SET);
	T_EQ(fd_read_full(fd, big, 2), 0);
	lseek(fd, 99999, SEEK_SET);
	T_EQ(fd_read_full(fd, big, 2), -ENODATA);
}

static void no_op(int sig)
{
	(void) sig;
}

/* A writer in small pieces, with a timer that interrupts reads and writes all the time. */
static void test_interrupted(void)
{
	const struct sigaction act = { .sa_handler = no_op }; /* no SA_RESTART */
	const struct itimerval every = { { 0, 500 }, { 0, 500 } }, never = { { 0, 0 }, { 0, 0 } };
	enum { N = 3000000 };
	autofree char *data = xmalloc(N), *got = xmalloc(N);
	int r, w, status;
	pid_t pid;

	for (int i = 0; i < N; i++)
		data[i] = (char) (i * 7);
	T_EQ(fd_pipe(&r, &w), 0);
	T_ASSERT(fcntl(r, F_GETFD) & FD_CLOEXEC);
	sigaction(SIGALRM, &act, NULL);
	pid = fork();
	if (pid == 0) {
		setitimer(ITIMER_REAL, &every, NULL);
		_exit(fd_write_full(w, data, N) == 0 ? 0 : 1);
	}
	close(w);
	setitimer(ITIMER_REAL, &every, NULL);
	status = fd_read_full(r, got, N);
	setitimer(ITIMER_REAL, &never, NULL);
	close(r);
	T_EQ(status, 0);
	T_ASSERT(memcmp(data, got, N) == 0);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
}

static void test_copy(void)
{
	autofd int dir = tmpdir_new("fd"),
		   out = openat(dir, "out", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	autofd int in = openat(dir, "in", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	autofd int proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	autofree char *got = NULL;
	int r, w;

	T_EQ(fd_write_full(in, "hello", 5), 0);
	lseek(in, 1, SEEK_SET);
	T_EQ(fd_copy(in, out), 0);
	T_EQ(fd_pipe(&r, &w), 0);
	T_EQ(fd_write_full(w, "-pipe", 5), 0);
	close(w);
	T_EQ(fd_copy(r, out), 0);
	close(r);
	lseek(out, 0, SEEK_SET);
	T_EQ(fd_read_all(out, 100, &got, NULL), 0);
	T_STR(got, "ello-pipe");
	T_EQ(fd_copy(proc, out), 0);
	T_ASSERT(lseek(out, 0, SEEK_CUR) > 100);
	T_EQ(fd_copy(FD_NONE, out), -EBADF);
}

static void test_flags(void)
{
	autofd int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	autofd int high = FD_NONE;

	T_EQ(fd_set_cloexec(fd, false), 0);
	T_EQ(fcntl(fd, F_GETFD), 0);
	T_EQ(fd_set_cloexec(fd, true), 0);
	T_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	T_EQ(fd_set_nonblock(fd, true), 0);
	T_ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
	T_EQ(fd_set_nonblock(fd, false), 0);
	T_ASSERT(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	T_EQ(fd_set_cloexec(FD_NONE, true), -EBADF);
	high = fd_dup_above(fd, 100);
	T_ASSERT(high >= 100);
	T_EQ(fcntl(high, F_GETFD), FD_CLOEXEC);
	T_EQ(fd_dup_above(fd, 1 << 30), -EINVAL);
	T_EQ(fd_fs_magic(fd) < 0, 0);
}

/* In a child: opens 20..39 without O_CLOEXEC, closes or marks from 25, and looks. */
static int close_some(bool mark)
{
	for (int fd = 20; fd < 40; fd++)
		dup2(0, fd);
	if ((mark ? fd_cloexec_from(25) : fd_close_from(25)) < 0)
		return 2;
	for (int fd = 20; fd < 40; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (fd < 25 ? flags != 0 : mark ? flags != FD_CLOEXEC : flags != -1)
			return 3;
	}
	return 0;
}

static void test_ranges(void)
{
	for (int way = 0; way < 4; way++) {
		int status;
		pid_t pid = fork();

		if (pid == 0) {
			/* Half of them through /proc/self/fd, with numbers above the limit. */
			if (way & 2) {
				const struct rlimit low = { 10, 10 };

				for (int fd = 20; fd < 40; fd++)
					dup2(0, fd);
				sys_note(SYS_F_CLOSE_RANGE, -ENOSYS);
				setrlimit(RLIMIT_NOFILE, &low);
				/* The listing itself needs a number below the limit. */
				for (int fd = 3; fd < 10; fd++)
					close(fd);
				_exit((way & 1 ? fd_cloexec_from(25) : fd_close_from(25)) < 0 ||
				      (fcntl(39, F_GETFD) != (way & 1 ? FD_CLOEXEC : -1)) ||
				      fcntl(24, F_GETFD) != 0);
			}
			_exit(close_some(way & 1));
		}
		T_EQ(waitpid(pid, &status, 0), pid);
		T_EQ(status, 0);
	}
	T_EQ(fd_close_from(-1), -EBADF);
}

static void test_magic(void)
{
	autofd int proc = open("/proc", O_PATH | O_CLOEXEC);

	T_EQ(fd_fs_magic(proc), PROC_SUPER_MAGIC);
	T_EQ(fd_fs_magic(FD_NONE), -EBADF);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_close),	  T_TEST(test_target), T_TEST(test_read_all),
		T_TEST(test_interrupted), T_TEST(test_copy),   T_TEST(test_flags),
		T_TEST(test_ranges),	  T_TEST(test_magic),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
