/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"
#include "base/sock.h"
#include "runtime/sync.h"

static int await_report(int sock)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r = sync_recv(sock, &m);

	if (r < 0)
		return r;
	if (r == 0)
		return err_code(EPIPE, "the container's supervisor died");
	if (m.type == SYNC_FAIL)
		return err_adopt((int) m.index, m.text ? m.text : "unknown failure");
	return m.type == SYNC_GO ? 1 : err_code(EBADMSG, "unexpected answer of the supervisor");
}

int supervise_fork(int *ret_report)
{
	autofd int ours = FD_NONE, theirs = FD_NONE;
	int r, status;
	pid_t pid;

	r = sock_pair(&ours, &theirs);
	if (r < 0)
		return err_sys_r(r, "make a socket pair");
	pid = fork();
	if (pid < 0)
		return err_sys("start the container's supervisor");
	if (pid == 0) {
		fd_close(&ours);
		*ret_report = take_fd(&theirs);
		/* A signal to the caller's terminal is not for us. */
		(void) setsid();
		return 0;
	}
	fd_close(&theirs);
	r = await_report(ours);
	if (r < 0)
		(void) proc_reap(pid, &status);
	return r;
}

static void leave_stdio(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++)
		(void) dup2(null, fd);
	if (null > STDERR_FILENO)
		fd_close(&null);
}

void supervise_report(int *report, int r)
{
	if (*report < 0)
		return;
	if (r < 0) {
		sync_send_failure(*report);
	} else {
		if (sync_send(*report, SYNC_GO, 0, NULL, FD_NONE) < 0)
			err_clear();
		leave_stdio();
	}
	fd_close(report);
}
