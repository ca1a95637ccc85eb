/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/proc.h"
#include "base/sock.h"
#include "runtime/notify.h"
#include "runtime/sync.h"

/* The supervisor ends the stream when the container has ended. */
static int await_ready(int sock, struct sync_msg *m)
{
	autonotify struct notify n = NOTIFY_INIT;
	int r;

	if (m->fd < 0)
		return 0;
	r = notify_adopt(&n, &m->fd, (pid_t) m->index);
	return r < 0 ? r : notify_wait(&n, sock);
}

static int answer(int sock, struct sync_msg *m)
{
	int r = await_ready(sock, m);

	if (r < 0)
		return r;
	if (sync_send(sock, SYNC_GO, 0, NULL, FD_NONE) < 0)
		err_clear(); /* it has ended already */
	return 1;
}

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
	return m.type == SYNC_GO ? answer(sock, &m)
				 : err_code(EBADMSG, "unexpected answer of the supervisor");
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
	fd_close(&ours);
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

int supervise_report(const int *report, const struct notify *n)
{
	int r;

	if (*report < 0)
		return 0;
	r = sync_send(*report, SYNC_GO, (uint32_t) n->main, NULL, n->sock);
	leave_stdio();
	return r;
}

void supervise_report_failure(const int *report)
{
	if (*report >= 0)
		sync_send_failure(*report);
}

int supervise_hear(int *report)
{
	autosync struct sync_msg m = SYNC_MSG_INIT;
	int r = sync_recv(*report, &m);

	fd_close(report);
	if (r > 0)
		return 0;
	err_clear();
	return -EPIPE;
}

int supervise_await_answer(int *report, int pidfd)
{
	struct pollfd p[2] = { { .fd = *report, .events = POLLIN },
			       { .fd = pidfd, .events = POLLIN } };

	while (poll(p, ARRAY_SIZE(p), -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!p[0].revents)
		(void) shutdown(*report, SHUT_WR);
	return supervise_hear(report);
}
