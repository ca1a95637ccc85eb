/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sys.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

#define SPACES (CLONE_NEWNS | CLONE_NEWUSER)

static int open_both(int procfs, const char *path, int want)
{
	for (int walk = 0; walk < 2; walk++) {
		autofd int fd = FD_NONE;

		if (walk)
			sys_note(SYS_F_OPENAT2, -ENOSYS);
		fd = procfs_open_at(procfs, path, O_RDONLY);
		if (want == 0 ? fd < 0 : fd != want) {
			printf("# '%s', walk %d: %d instead of %d\n", path, walk, fd, want);
			return 1;
		}
	}
	return 0;
}

/* What is mounted on its files is not what is opened. */
static int child_covered(void *arg)
{
	autofd int proc = FD_NONE;

	(void) arg;
	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHILD_CHECK(mount("/proc/sys/kernel/ostype", "/proc/self/comm", NULL, MS_BIND, NULL) == 0);
	CHILD_CHECK(mount("/proc/self/fdinfo", "/proc/self/attr", NULL, MS_BIND, NULL) == 0);
	proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHILD_CHECK(proc >= 0);
	CHILD_CHECK(open_both(proc, "self/comm", -EXDEV) == 0);
	CHILD_CHECK(open_both(proc, "self/attr/0", -EXDEV) == 0);
	CHILD_CHECK(open_both(proc, "self/oom_score", 0) == 0);
	CHILD_CHECK(open_both(proc, "self/exe", -ELOOP) == 0);
	return 0;
}

static int child_private(void *arg)
{
	autofd int proc = FD_NONE;

	(void) arg;
	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHILD_CHECK(mount("/proc/sys/kernel/ostype", "/proc/self/comm", NULL, MS_BIND, NULL) == 0);
	proc = procfs_open(PROCFS_PIDS_ONLY);
	if (proc < 0)
		return CHILD_SKIP;
	CHILD_CHECK(open_both(proc, "self/comm", 0) == 0);
	CHILD_CHECK(open_both(proc, "sys/kernel/ostype", -ENOENT) == 0);
	CHILD_CHECK(fd_mount_id(proc) != 0);
	CHILD_CHECK(procfs_write_at(proc, "self/comm", "renamed") == 0);
	return 0;
}

static int child_fake(void *arg)
{
	(void) arg;
	CHILD_CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	CHILD_CHECK(mount("/proc/self", "/proc", NULL, MS_BIND, NULL) == 0);
	sys_note(SYS_F_FSOPEN, -ENOSYS);
	/* an own one or an error, but never what pretends to be one */
	for (int flags = 0; flags <= PROCFS_PIDS_ONLY; flags++) {
		autofd int proc = procfs_open(flags);

		CHILD_CHECK(proc < 0 || open_both(proc, "self/comm", 0) == 0);
	}
	return 0;
}

static void test_covered(void)
{
	T_CHILD(child_run_unshared(SPACES, child_covered, NULL));
}

static void test_private(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, child_private, NULL));
}

static void test_fake(void)
{
	T_CHILD(child_run_unshared(SPACES, child_fake, NULL));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_covered),
		T_TEST(test_private),
		T_TEST(test_fake),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
