/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"

#define PROC_FILE_MAX (1 << 20)

/* Field 22 is the start time; the name in field 2 may hold blanks and brackets, so counting begins
 * behind the last bracket, with field 3. */
int proc_stat_parse(const char *text, struct proc_stat *ret)
{
	const char *close = strrchr(text, ')');
	autostrv struct strv fields = { NULL, 0 };
	uint32_t ppid;
	uint64_t start;

	if (!close)
		return -EINVAL;
	strv_split(&fields, close + 1, " \n");
	if (fields.len < 20 || strlen(fields.v[0]) != 1 || str_to_u32(fields.v[1], &ppid) < 0 ||
	    str_to_u64(fields.v[19], &start) < 0)
		return -EINVAL;
	*ret = (struct proc_stat){ .state = fields.v[0][0], .ppid = (pid_t) ppid, .start = start };
	return 0;
}

static int stat_read_at(int dirfd, const char *path, struct proc_stat *ret)
{
	autofree char *text = NULL;
	int r = file_read_at(dirfd, path, PROC_FILE_MAX, &text, NULL);

	/* procfs says ENOENT before the open and ESRCH after it. */
	if (r == -ENOENT)
		return -ESRCH;
	return r < 0 ? r : proc_stat_parse(text, ret);
}

int proc_stat_read(pid_t pid, struct proc_stat *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int) pid);
	return stat_read_at(AT_FDCWD, path, ret);
}

static bool has_ended(const struct proc_stat *st)
{
	return st->state == 'Z' || st->state == 'X' || st->state == 'x';
}

/*
 * Without pidfd_open (before Linux 5.3, or refused by a filter around us) the directory /proc/PID
 * is the handle: it refers to one process too, its files give ESRCH when that is gone.
 */
static int open_handle(pid_t pid)
{
	char path[64];
	int fd;

	if (!sys_missing(SYS_F_PIDFD)) {
		fd = sys_pidfd_open(pid, 0);
		if (!sys_note(SYS_F_PIDFD, fd))
			return fd;
	}
	snprintf(path, sizeof(path), "/proc/%d", (int) pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return fd;
}

static bool is_proc_dir(int handle)
{
	return fd_fs_magic(handle) == PROC_SUPER_MAGIC;
}

int proc_open(struct proc_id id)
{
	autofd int fd = FD_NONE;
	struct proc_stat st;
	int r;

	if (id.pid <= 0 || id.start == 0)
		return -ESRCH;
	fd = open_handle(id.pid);
	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd; /* EINVAL: the pid is a thread's now */
	/* In this order: with the start time meant, the process is older than the descriptor. */
	r = proc_stat_read(id.pid, &st);
	if (r < 0)
		return r;
	return st.start != id.start || has_ended(&st) ? -ESRCH : take_fd(&fd);
}

bool proc_is_alive(struct proc_id id)
{
	struct proc_stat st;

	if (id.pid <= 0 || id.start == 0 || proc_stat_read(id.pid, &st) < 0)
		return false;
	return st.start == id.start && !has_ended(&st);
}

/* The pid behind a handle, as far as it still has one. */
static int handle_pid(int handle)
{
	autofree char *text = NULL;
	char path[64];
	const char *p;
	int pid, r;

	if (is_proc_dir(handle)) {
		r = file_read_at(handle, "stat", PROC_FILE_MAX, &text, NULL);
		p = text;
	} else {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", handle);
		r = file_read_at(AT_FDCWD, path, PROC_FILE_MAX, &text, NULL);
		p = r < 0 ? NULL : strstr(text, "\nPid:\t");
		p = p ? p + strlen("\nPid:\t") : NULL;
	}
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	if (!p || sscanf(p, "%d", &pid) != 1)
		return -EBADF;
	return pid > 0 ? pid : -ESRCH;
}

int proc_signal(int pidfd, int sig)
{
	int r = sys_pidfd_send_signal(pidfd, sig);

	/* Not to be had, or really not permitted: kill(2) knows. Between the look at the handle and
	 * the signal the pid would have to come round once, which the kernel makes take long. */
	if (r == -ENOSYS || r == -EPERM) {
		int pid = handle_pid(pidfd);

		if (pid < 0)
			return pid;
		r = kill(pid, sig) < 0 ? -errno : 0;
	}
	return r;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* /proc/PID cannot be polled. */
static int wait_proc_dir(int dir_fd, int64_t deadline)
{
	static const struct timespec pause = { .tv_nsec = 5000000 };

	for (;;) {
		struct proc_stat st;
		int r = stat_read_at(dir_fd, "stat", &st);

		if (r == -ESRCH || (r == 0 && has_ended(&st)))
			return 0;
		if (r < 0)
			return r;
		if (deadline >= 0 && now_ms() >= deadline)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
}

int proc_wait_exit(int pidfd, int timeout_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;

	if (is_proc_dir(pidfd))
		return wait_proc_dir(pidfd, deadline);
	for (;;) {
		int64_t left = deadline < 0 ? -1 : deadline - now_ms();
		int r = poll(&p, 1, deadline < 0 ? -1 : left > 0 ? (int) left : 0);

		if (r > 0)
			return p.revents & POLLNVAL ? -EBADF : 0;
		if (r == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

int proc_reap(pid_t pid, int *ret_status)
{
	int status;

	/* __WALL: a child made by clone without SIGCHLD as well. */
	while (waitpid(pid, &status, __WALL) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	*ret_status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	return 0;
}

char *proc_status_get(pid_t pid, const char *key)
{
	autofree char *text = NULL, *want = xasprintf("\n%s:\t", key);
	char path[64];
	const char *p;

	snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);
	if (file_read_at(AT_FDCWD, path, PROC_FILE_MAX, &text, NULL) < 0)
		return NULL;
	/* "Name" is the first line, which no line feed precedes. */
	if (str_starts(text, want + 1))
		p = text + strlen(want + 1);
	else if ((p = strstr(text, want)))
		p += strlen(want);
	return p ? xstrndup(p, strcspn(p, "\n")) : NULL;
}

void proc_set_name(const char *name)
{
	(void) prctl(PR_SET_NAME, name, 0, 0, 0);
}
