/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/sock.h"
#include "base/str.h"
#include "linux/tty.h"
#include "spec/annotations.h"

/* How long a client that does not read can keep the end of a container waiting. */
#define LAST_WORDS_MS 500

static const struct line no_line = { FD_NONE, FD_NONE, FD_NONE, NULL, NULL };

void lines_init(struct lines *ls)
{
	*ls = (struct lines){
		.listen_fd = FD_NONE, .pending = FD_NONE, .device = FD_NONE, .log = CONLOG_INIT
	};
	for (size_t i = 0; i < LINES_MAX; i++)
		ls->v[i] = no_line;
}

int lines_add(struct lines *ls, unsigned int n, int *master)
{
	struct line *line;

	if (n >= LINES_MAX)
		return -ERANGE;
	line = &ls->v[n];
	if (line->master >= 0)
		return -EEXIST;
	line->master = take_fd(master);
	line->slave = tty_open_peer(line->master);
	(void) fd_set_nonblock(line->master, true);
	line->out = xnew(struct relay);
	line->in = xnew(struct relay);
	*line->out = (struct relay){ .from = line->master, .to = FD_NONE, .open = true };
	*line->in = (struct relay){ .from = FD_NONE, .to = line->master, .open = false };
	if (ls->len <= n)
		ls->len = n + 1;
	return 0;
}

/* udev's names of devices are links. */
static int open_linked_device(const char *path)
{
	autofd int fd = FD_NONE;
	struct stat st;

	if (!file_link_is_trusted(path))
		return -ELOOP;
	fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISCHR(st.st_mode) ? take_fd(&fd) : -ELOOP;
}

static int open_device(struct lines *ls, const char *path)
{
	struct line *console = &ls->v[0];
	struct stat st;
	int fd;

	if (!path || console->master < 0)
		return 0;
	fd = conlog_open_sink(path, O_RDWR, &st);
	if (fd == -ELOOP)
		fd = open_linked_device(path);
	if (fd < 0)
		return conlog_explain_sink(fd, "console", path);
	ls->device = fd;
	console->out->to = ls->device;
	if (isatty(ls->device)) {
		console->in->from = ls->device;
		console->in->open = true;
	}
	return 0;
}

int lines_open(struct lines *ls, int state_dir_fd, const struct annotations *a)
{
	char dir[FD_PATH_MAX];
	autofree char *path = xasprintf("%s/" LINES_SOCKET, fd_proc_path(state_dir_fd, dir));
	int r;

	r = conlog_open(&ls->log, a);
	if (r >= 0)
		r = open_device(ls, a->console_path);
	if (r < 0)
		return r;
	if (ls->v[0].out)
		ls->v[0].out->copy = &ls->log;
	ls->listen_fd = sock_listen(path, SOCK_SEQPACKET);
	if (ls->listen_fd < 0)
		return err_sys_r(ls->listen_fd, "make the console socket");
	return 0;
}

/* ---- clients ---- */

static void detach(struct lines *ls, struct line *line)
{
	bool device = line == &ls->v[0] && ls->device >= 0;

	fd_close(&line->client);
	line->out->to = device ? ls->device : FD_NONE;
	line->out->begin = line->out->end = 0;
	line->in->from = device && isatty(ls->device) ? ls->device : FD_NONE;
	line->in->open = line->in->from >= 0;
}

static void answer(struct lines *ls, const char *text)
{
	(void) send(ls->pending, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* -1 is any that is free. */
static int choose(const struct lines *ls, int n)
{
	if (n >= 0)
		return n < (int) ls->len && ls->v[n].master >= 0 ? n : -ENODEV;
	for (size_t i = 1; i < ls->len; i++) {
		if (ls->v[i].master >= 0 && ls->v[i].client < 0)
			return (int) i;
	}
	return -EBUSY;
}

static void attach(struct lines *ls, const char *number)
{
	char text[64];
	struct line *line;
	int n;

	if (str_to_int(number, &n) < 0 || (n = choose(ls, n)) < 0) {
		answer(ls, n == -EBUSY ? "eno tty is free" : "ethere is no such tty");
		return;
	}
	line = &ls->v[n];
	if (line->client >= 0) {
		answer(ls, "esomebody is attached to it");
		return;
	}
	line->client = take_fd(&ls->pending);
	line->out->to = line->client;
	line->in->from = line->client;
	line->in->open = true;
	snprintf(text, sizeof(text), "o%d", n);
	(void) send(line->client, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A client that does not read loses the rest. */
static void send_buffer(struct lines *ls)
{
	size_t len;
	autofree char *data = conlog_buffer(&ls->log, &len);

	for (size_t done = 0; done < len;) {
		size_t n = len - done < LINES_PACKET ? len - done : LINES_PACKET;

		if (send(ls->pending, data + done, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		done += n;
	}
}

static void hear(struct lines *ls)
{
	char text[32];
	ssize_t n = recv(ls->pending, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	text[n > 0 ? n : 0] = '\0';
	if (text[0] == 't')
		attach(ls, text + 1);
	else if (text[0] == 'b')
		send_buffer(ls);
	fd_close(&ls->pending);
}

/* One that connects and says nothing gives way to the next. */
static void welcome(struct lines *ls)
{
	int fd = accept4(ls->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	fd_close(&ls->pending);
	ls->pending = fd;
}

static void set_size(struct line *line, char *text)
{
	struct winsize ws = { 0 };
	char *cols = strchr(text, ' ');
	int rows, columns;

	if (!cols)
		return;
	*cols++ = '\0';
	if (str_to_int(text, &rows) < 0 || str_to_int(cols, &columns) < 0 || rows < 0 ||
	    columns < 0 || rows > 65535 || columns > 65535)
		return;
	ws.ws_row = (unsigned short) rows;
	ws.ws_col = (unsigned short) columns;
	(void) ioctl(line->master, TIOCSWINSZ, &ws);
}

/* One packet of a client: what it typed goes to the buffer of the relay. */
static void listen_to(struct lines *ls, struct line *line)
{
	struct relay *in = line->in;
	ssize_t n = recv(line->client, in->buf, LINES_PACKET + 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		detach(ls, line);
		return;
	}
	in->buf[n] = '\0';
	if (in->buf[0] == 'd') {
		in->begin = 1;
		in->end = (size_t) n;
	} else if (in->buf[0] == 'w') {
		set_size(line, in->buf + 1);
	}
}

static void step_in(struct lines *ls, struct line *line, const struct pollfd *p)
{
	if (!p->revents)
		return;
	if (line->client < 0 || line->in->begin < line->in->end)
		relay_step(line->in, p);
	else
		listen_to(ls, line);
}

/* ---- the loop's part ---- */

/* A tty that nobody looks at keeps what it says until somebody does, as far as the kernel goes. */
static struct pollfd poll_out(const struct lines *ls, const struct line *line)
{
	if (line != &ls->v[0] && line->client < 0)
		return (struct pollfd){ .fd = -1 };
	return relay_poll(line->out);
}

size_t lines_poll(struct lines *ls, struct pollfd p[LINES_POLL_MAX])
{
	size_t n = 0;

	p[n++] = (struct pollfd){ .fd = ls->listen_fd, .events = POLLIN };
	p[n++] = (struct pollfd){ .fd = ls->pending, .events = POLLIN };
	for (size_t i = 0; i < ls->len; i++) {
		bool used = ls->v[i].master >= 0;

		p[n++] = used ? poll_out(ls, &ls->v[i]) : (struct pollfd){ .fd = -1 };
		p[n++] = used ? relay_poll(ls->v[i].in) : (struct pollfd){ .fd = -1 };
	}
	return n;
}

void lines_step(struct lines *ls, const struct pollfd *p)
{
	/* first those that were polled, as who comes new is not among them */
	for (size_t i = 0; i < ls->len; i++) {
		if (ls->v[i].master < 0)
			continue;
		relay_step(ls->v[i].out, &p[2 + 2 * i]);
		step_in(ls, &ls->v[i], &p[3 + 2 * i]);
	}
	if (p[1].revents)
		hear(ls);
	if (p[0].revents)
		welcome(ls);
}

void lines_rest(struct lines *ls)
{
	for (size_t i = 0; i < ls->len; i++) {
		if (ls->v[i].master >= 0 && (i == 0 || ls->v[i].client >= 0))
			relay_rest(ls->v[i].out, LAST_WORDS_MS);
	}
}

void lines_close(struct lines *ls)
{
	for (size_t i = 0; i < ls->len; i++) {
		fd_close(&ls->v[i].client);
		fd_close(&ls->v[i].slave);
		fd_close(&ls->v[i].master);
		free(ls->v[i].out);
		free(ls->v[i].in);
	}
	fd_close(&ls->device);
	fd_close(&ls->pending);
	fd_close(&ls->listen_fd);
	conlog_close(&ls->log);
	lines_init(ls);
}
