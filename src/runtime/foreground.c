/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "linux/tty.h"
#include "runtime/halt.h"
#include "runtime/lines.h"
#include "runtime/relay.h"
#include "runtime/supervise.h"
#include "spec/annotations.h"

/* Signals that are about ourselves or about a bug in us, not messages for the container. */
static const int signals_kept[] = { SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,	SIGFPE,	 SIGILL,
				    SIGABRT, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE };

int foreground_prepare(struct foreground *fg)
{
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals_kept); i++)
		sigdelset(&set, signals_kept[i]);
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
	/* Held, because an init opens its console now and then only. */
	fg->tty_slave = tty_open_peer(fg->tty_master);
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
	fd_close(&fg->tty_slave);
	fd_close(&fg->tty_master);
	fd_close(&fg->signal_fd);
	notify_close(&fg->notify);
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

struct wait {
	struct relay *in, *out; /* NULL: no terminal of ours */
	struct lines *lines;	/* NULL: none */
	struct pollfd p[5 + LINES_POLL_MAX];
};

/* Until the caller has answered it is the one who passes on what the container says. */
static bool is_unanswered(const struct foreground *fg)
{
	return fg->report && *fg->report >= 0;
}

static size_t fill_poll(struct foreground *fg, struct wait *w)
{
	size_t n = 0;

	w->p[n++] = (struct pollfd){ .fd = fg->signal_fd, .events = POLLIN };
	w->p[n++] = w->in ? relay_poll(w->in) : (struct pollfd){ .fd = -1 };
	w->p[n++] = w->out ? relay_poll(w->out) : (struct pollfd){ .fd = -1 };
	w->p[n++] = (struct pollfd){ .fd = is_unanswered(fg) ? -1 : fg->notify.sock,
				     .events = POLLIN };
	w->p[n++] = (struct pollfd){ .fd = is_unanswered(fg) ? *fg->report : -1,
				     .events = POLLIN };
	if (w->lines)
		n += lines_poll(w->lines, w->p + n);
	return n;
}

/* What the container wrote before it ended is still in the pty. */
static void last_words(struct wait *w)
{
	if (w->out)
		relay_rest(w->out, -1);
	if (w->lines)
		lines_rest(w->lines);
}

static int wait_loop(struct foreground *fg, pid_t pid, struct wait *w)
{
	int status = 0;

	for (;;) {
		size_t n = fill_poll(fg, w);

		if (poll(w->p, n, -1) < 0 && errno != EINTR)
			return err_sys("wait for the container");
		if (w->p[3].revents)
			notify_forward(&fg->notify);
		if (w->p[0].revents && handle_signals(fg, pid, &status))
			break;
		if (w->p[4].revents && supervise_hear(fg->report) < 0) {
			fg->deserted = true;
			return 128 + SIGKILL;
		}
		if (w->in)
			relay_step(w->in, &w->p[1]);
		if (w->out)
			relay_step(w->out, &w->p[2]);
		if (w->in && w->p[2].revents)
			relay_repeat_eof(w->in);
		if (w->lines)
			lines_step(w->lines, w->p + 5);
	}
	last_words(w);
	if (!is_unanswered(fg))
		notify_rest(&fg->notify);
	return status;
}

int foreground_wait(struct foreground *fg, pid_t pid)
{
	autofree struct wait *w = xnew(struct wait);
	autofree struct relay *in = NULL, *out = NULL;

	w->lines = fg->lines;
	if (fg->tty_master < 0)
		return wait_loop(fg, pid, w);
	w->in = in = xnew(struct relay);
	w->out = out = xnew(struct relay);
	*in = (struct relay){
		.from = STDIN_FILENO, .to = fg->tty_master, .open = true, .to_tty = true
	};
	*out = (struct relay){ .from = fg->tty_master, .to = STDOUT_FILENO, .open = true };
	out->copy = fg->lines ? &fg->lines->log : fg->log;
	(void) fd_set_nonblock(fg->tty_master, true);
	return wait_loop(fg, pid, w);
}
