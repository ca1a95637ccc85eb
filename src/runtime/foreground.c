/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "runtime/halt.h"
#include "spec/annotations.h"

#define RELAY_SIZE 16384

/* One direction of the terminal relay: what was read and is not yet written. */
struct relay {
	int from, to;
	bool open; /* more may come */
	size_t begin, end;
	char buf[RELAY_SIZE];
};

/* Signals that are about ourselves or about a bug in us, not messages for the container. */
static const int signals_kept[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,	SIGFPE,	 SIGILL,
				    SIGABRT, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };

int foreground_prepare(struct foreground *fg)
{
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals_kept); i++)
		sigdelset(&set, signals_kept[i]);
	/* An inherited SIG_IGN would make the kernel reap our children behind our back. */
	signal(SIGCHLD, SIG_DFL);
	/* Nobody reads our output any more: the container must still be waited for and removed. */
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys("block signals");
	fg->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fg->signal_fd < 0)
		return err_sys("open a descriptor for signals");
	return 0;
}

static void copy_window_size(int from, int to)
{
	struct winsize ws;

	if (from >= 0 && ioctl(from, TIOCGWINSZ, &ws) == 0)
		(void) ioctl(to, TIOCSWINSZ, &ws); /* a size is a courtesy */
}

static int find_host_tty(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (isatty(fd))
			return fd_dup_above(fd, 3);
	}
	return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void foreground_take_tty(struct foreground *fg, int *master)
{
	struct termios raw;

	fg->tty_master = take_fd(master);
	fg->host_tty = find_host_tty();
	if (fg->host_tty < 0 || tcgetattr(fg->host_tty, &raw) < 0)
		return;
	copy_window_size(fg->host_tty, fg->tty_master);
	fg->saved = xmemdup(&raw, sizeof(raw));
	cfmakeraw(&raw);
	/* The container's lines end in a bare newline, as its pty leaves them. */
	raw.c_oflag |= OPOST | ONLCR;
	(void) tcsetattr(fg->host_tty, TCSANOW, &raw);
}

void foreground_clear(struct foreground *fg)
{
	if (fg->saved && fg->host_tty >= 0)
		(void) tcsetattr(fg->host_tty, TCSANOW, fg->saved);
	free(fg->saved);
	fg->saved = NULL;
	fd_close(&fg->host_tty);
	fd_close(&fg->tty_master);
	fd_close(&fg->signal_fd);
}

static void relay_fill(struct relay *r)
{
	ssize_t n = read(r->from, r->buf, sizeof(r->buf));

	/* EIO is how a pty says that its last slave is closed. */
	if (n > 0) {
		r->begin = 0;
		r->end = (size_t) n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		r->open = false;
	}
}

static void relay_drain(struct relay *r)
{
	/* A pipe that polls writable takes this much without blocking; signals must not wait. */
	size_t len = r->end - r->begin < PIPE_BUF ? r->end - r->begin : PIPE_BUF;
	ssize_t n = write(r->to, r->buf + r->begin, len);

	if (n > 0) {
		r->begin += (size_t) n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* The reader is gone: keep reading, so that the container does not block. */
		r->begin = r->end;
	}
}

static struct pollfd relay_poll(const struct relay *r)
{
	if (r->begin < r->end)
		return (struct pollfd){ .fd = r->to, .events = POLLOUT };
	return (struct pollfd){ .fd = r->open ? r->from : -1, .events = POLLIN };
}

static void relay_step(struct relay *r, const struct pollfd *p)
{
	if (!p->revents)
		return;
	if (r->begin < r->end)
		relay_drain(r);
	else
		relay_fill(r);
}

/* Reaps whatever ended. Returns 1 when it was pid, whose status is then in *ret_status. */
static int reap_all(struct foreground *fg, pid_t pid, int *ret_status)
{
	int status, found = 0;
	pid_t p;

	while ((p = waitpid(-1, &status, WNOHANG)) > 0) {
		if (p == pid && (WIFEXITED(status) || WIFSIGNALED(status))) {
			*ret_status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			fg->death_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
			found = 1;
		}
	}
	return found;
}

/* Who stops us stops the container, in the words of its init. */
static void forward(struct foreground *fg, pid_t pid, int sig)
{
	int halt = sig == SIGTERM && fg->annotations ? halt_signal(fg->annotations, pid, false) : 0;

	(void) kill(pid, halt ? halt : sig);
}

/* Returns 1 when pid has ended. */
static int handle_signals(struct foreground *fg, pid_t pid, int *ret_status)
{
	struct signalfd_siginfo si;
	int ended = 0;

	while (read(fg->signal_fd, &si, sizeof(si)) == (ssize_t) sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			ended |= reap_all(fg, pid, ret_status);
		else if (si.ssi_signo == SIGWINCH && fg->tty_master >= 0)
			copy_window_size(fg->host_tty, fg->tty_master);
		else if (!ended)
			forward(fg, pid, (int) si.ssi_signo); /* not reaped, so still ours */
	}
	return ended;
}

/* What the container wrote before it ended is still in the pty; a slave that some other process
 * holds open must not keep us: read until nothing is there. */
static void relay_rest(struct relay *out)
{
	for (;;) {
		struct pollfd p = relay_poll(out);

		if (p.fd < 0 || poll(&p, 1, p.events == POLLIN ? 0 : -1) <= 0)
			return;
		relay_step(out, &p);
	}
}

static int wait_loop(struct foreground *fg, pid_t pid, struct relay *in, struct relay *out)
{
	int status = 0;

	for (;;) {
		struct pollfd p[3] = { { .fd = fg->signal_fd, .events = POLLIN },
				       { .fd = -1 },
				       { .fd = -1 } };

		if (fg->tty_master >= 0) {
			p[1] = relay_poll(in);
			p[2] = relay_poll(out);
		}
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return err_sys("wait for the container");
		if (p[0].revents && handle_signals(fg, pid, &status))
			break;
		relay_step(in, &p[1]);
		relay_step(out, &p[2]);
	}
	if (fg->tty_master >= 0)
		relay_rest(out);
	return status;
}

int foreground_wait(struct foreground *fg, pid_t pid)
{
	autofree struct relay *in = NULL, *out = NULL;

	if (fg->tty_master < 0)
		return wait_loop(fg, pid, NULL, NULL);
	in = xnew(struct relay);
	out = xnew(struct relay);
	*in = (struct relay){ .from = STDIN_FILENO, .to = fg->tty_master, .open = true };
	*out = (struct relay){ .from = fg->tty_master, .to = STDOUT_FILENO, .open = true };
	(void) fd_set_nonblock(fg->tty_master, true);
	return wait_loop(fg, pid, in, out);
}
