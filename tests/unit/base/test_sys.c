/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/sys.h"
#include "tests/unit/t.h"

static void test_results(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC };
	autofd int fd = sys_openat2(AT_FDCWD, "/usr", &how);

	if (fd == -ENOSYS || fd == -EPERM)
		t_skip("no openat2 here");
	T_ASSERT(fd >= 0);
	/* The kernel's error comes as a negative number, whatever errno was. */
	errno = 0;
	T_EQ(sys_openat2(AT_FDCWD, "/nonexistent", &how), -ENOENT);
	T_EQ(sys_pidfd_send_signal(fd, 0), -EBADF);
	T_EQ(sys_fsconfig(FD_NONE, FSCONFIG_CMD_CREATE, NULL, NULL, 0), -EINVAL);
	T_EQ(sys_close_range(10, 5, 0), -EINVAL);
	T_EQ(sys_ioprio_set(99, 0, 0), -EINVAL);
}

static void test_clone3(void)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int status, pid = sys_clone3(&args);

	if (pid == -ENOSYS || pid == -EPERM)
		t_skip("no clone3 here");
	if (pid == 0)
		_exit(3);
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(WEXITSTATUS(status), 3);
}

static void test_notes(void)
{
	T_ASSERT(!sys_missing(SYS_F_FSOPEN));
	T_ASSERT(!sys_note(SYS_F_FSOPEN, 3) && !sys_note(SYS_F_FSOPEN, -ENODEV));
	T_ASSERT(!sys_missing(SYS_F_FSOPEN));
	T_ASSERT(sys_note(SYS_F_FSOPEN, -EPERM));
	T_ASSERT(sys_missing(SYS_F_FSOPEN) && !sys_missing(SYS_F_OPEN_TREE));
	T_ASSERT(sys_note(SYS_F_OPEN_TREE, -ENOSYS) && sys_missing(SYS_F_OPEN_TREE));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_results),
		T_TEST(test_clone3),
		T_TEST(test_notes),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
