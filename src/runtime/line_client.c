/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/line_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/sock.h"
#include "base/str.h"
#include "runtime/container.h"
#include "runtime/lines.h"

struct client {
	int sock, signals;
	int escape;
	bool escaped; /* the last character was the escape */
	bool raw;
	struct termios saved;
};

static int connect_line(const struct runtime_opts *rt, const char *id, int *ret_sock)
{
	autocontainer struct container c = CONTAINER_INIT;
	autofree char *path = NULL;
	char dir[FD_PATH_MAX];
	int r = container_open(rt, id, 0, &c);

	if (r < 0)
		return r;
	if (c.state != CONTAINER_RUNNING && c.state != CONTAINER_PAUSED)
		return err_code(ESRCH, "container '%s' is not running", id);
	path = xasprintf("%s/" LINES_SOCKET, fd_proc_path(c.dir_fd, dir));
	r = sock_connect(path, SOCK_SEQPACKET);
	if (r == -ENOENT || r == -ECONNREFUSED)
		return err_code(ENOTCONN,
				"nobody looks after the terminals of container '%s': it was not "
				"started for that, or its supervisor has died",
				id);
	if (r < 0)
		return err_sys_r(r, "reach the supervisor of container '%s'", id);
	*ret_sock = r;
	return 0;
}

static int send_text(int sock, const char *text)
{
	if (send(sock, text, strlen(text), MSG_NOSIGNAL) < 0)
		return err_sys("ask the container's supervisor");
	return 0;
}

/* 0 and the number of the line in *ret_n. */
static int request(int sock, int n, int *ret_n)
{
	char text[LINES_PACKET + 1];
	ssize_t len;
	int r;

	snprintf(text, sizeof(text), "t%d", n);
	r = send_text(sock, text);
	if (r < 0)
		return r;
	do
		len = recv(sock, text, LINES_PACKET, 0);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return err_sys("ask the container's supervisor");
	text[len] = '\0';
	if (text[0] == 'e')
		return err_code(EBUSY, "%s", text + 1);
	if (text[0] != 'o' || str_to_int(text + 1, ret_n) < 0)
		return err_code(EPIPE, "the container has ended");
	return 0;
}

/* ---- our terminal ---- */

static void send_size(const struct client *c)
{
	struct winsize ws;
	char text[32];

	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0)
		return;
	snprintf(text, sizeof(text), "w%u %u", ws.ws_row, ws.ws_col);
	(void) send(c->sock, text, strlen(text), MSG_NOSIGNAL);
}

static int take_terminal(struct client *c)
{
	struct termios raw;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys("block signals");
	c->signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (c->signals < 0)
		return err_sys("open a descriptor for signals");
	if (tcgetattr(STDIN_FILENO, &c->saved) < 0)
		return 0;
	raw = c->saved;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
		return err_sys("change the terminal's settings");
	c->raw = true;
	send_size(c);
	return 0;
}

static void client_clear(struct client *c)
{
	if (c->raw)
		(void) tcsetattr(STDIN_FILENO, TCSADRAIN, &c->saved);
	fd_close(&c->signals);
	fd_close(&c->sock);
}

/* ---- the loop: each part returns 1 to go on, 0 at the end ---- */

/* What is typed without the escape sequences; *ret_quit when one was to leave. */
static size_t filter(struct client *c, const char *in, size_t n, char *out, bool *ret_quit)
{
	size_t len = 0;

	for (size_t i = 0; i < n && !*ret_quit; i++) {
		if (c->escaped && in[i] == 'q') {
			*ret_quit = true;
		} else if (c->escape && in[i] == c->escape && !c->escaped) {
			c->escaped = true;
			continue;
		} else {
			if (c->escaped && in[i] != c->escape)
				out[len++] = (char) c->escape;
			out[len++] = in[i];
		}
		c->escaped = false;
	}
	return len;
}

static int on_input(struct client *c)
{
	char in[LINES_PACKET / 2], out[LINES_PACKET + 1];
	bool quit = false;
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	size_t len;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n <= 0)
		return 0;
	len = filter(c, in, (size_t) n, out + 1, &quit);
	out[0] = 'd';
	if (len && send(c->sock, out, len + 1, MSG_NOSIGNAL) < 0)
		return 0;
	return !quit;
}

static int on_output(struct client *c)
{
	char buf[RELAY_SIZE];
	ssize_t n = recv(c->sock, buf, sizeof(buf), 0);

	if (n < 0 && errno == EINTR)
		return 1;
	if (n <= 0)
		return 0;
	return fd_write_full(STDOUT_FILENO, buf, (size_t) n) >= 0;
}

static int on_signal(struct client *c)
{
	struct signalfd_siginfo si;

	if (read(c->signals, &si, sizeof(si)) != (ssize_t) sizeof(si))
		return 1;
	if (si.ssi_signo != SIGWINCH)
		return 0;
	send_size(c);
	return 1;
}

static int talk(struct client *c)
{
	int on = 1;

	while (on) {
		struct pollfd p[] = { { .fd = c->sock, .events = POLLIN },
				      { .fd = c->signals, .events = POLLIN },
				      { .fd = STDIN_FILENO, .events = POLLIN } };

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return err_sys("wait for the container's terminal");
		if (p[0].revents)
			on = on_output(c);
		if (on && p[1].revents)
			on = on_signal(c);
		if (on && p[2].revents)
			on = on_input(c);
	}
	return 0;
}

static void greet(const struct client *c, int n)
{
	char key = (char) (c->escape + 'a' - 1);

	if (!c->raw)
		return;
	fprintf(stderr, n ? "\r\nConnected to tty %d\r\n" : "\r\nConnected to the console\r\n", n);
	if (c->escape)
		fprintf(stderr,
			"Type <Ctrl+%c q> to exit the console, <Ctrl+%c Ctrl+%c> to enter Ctrl+%c "
			"itself\r\n",
			key, key, key, key);
}

int line_attach(const struct runtime_opts *rt, const char *id, int n, int escape)
{
	__attribute__((cleanup(client_clear))) struct client c = { .sock = FD_NONE,
								   .signals = FD_NONE,
								   .escape = escape };
	int r, got;

	r = connect_line(rt, id, &c.sock);
	if (r >= 0)
		r = request(c.sock, n, &got);
	if (r >= 0)
		r = take_terminal(&c);
	if (r < 0)
		return r;
	greet(&c, got);
	return talk(&c);
}

int line_print_log(const struct runtime_opts *rt, const char *id)
{
	__attribute__((cleanup(client_clear))) struct client c = { .sock = FD_NONE,
								   .signals = FD_NONE };
	int r = connect_line(rt, id, &c.sock);

	if (r >= 0)
		r = send_text(c.sock, "b");
	while (r == 0 && on_output(&c))
		;
	return r;
}
