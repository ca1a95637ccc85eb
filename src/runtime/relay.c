/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/relay.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/conlog.h"

#define EOF_REPEATS 10
/* More than a pty holds, which is 64 KiB and a little: what comes behind was written later. */
#define REST_MAX (256 * 1024)

/* As on a keyboard: the first one in a line only ends the line. */
static void relay_type_eof(struct relay *r, const struct termios *t)
{
	if (t->c_cc[VEOF] == _POSIX_VDISABLE)
		return;
	r->begin = 0;
	r->end = r->in_line && t->c_lflag & ICANON ? 2 : 1;
	memset(r->buf, t->c_cc[VEOF], r->end);
}

void relay_repeat_eof(struct relay *r)
{
	struct termios t;

	if (r->eof_repeats <= 0 || r->begin < r->end || tcgetattr(r->to, &t) < 0 ||
	    t.c_lflag & ICANON)
		return;
	r->eof_repeats--;
	relay_type_eof(r, &t);
}

static void relay_fill(struct relay *r)
{
	ssize_t n = read(r->from, r->buf, sizeof(r->buf));
	struct termios t;

	/* EIO is how a pty says that its last slave is closed. */
	if (n > 0) {
		r->begin = 0;
		r->end = (size_t) n;
		r->in_line = r->buf[n - 1] != '\n';
		if (r->copy)
			conlog_write(r->copy, r->buf, r->end);
		if (r->to < 0)
			r->begin = r->end;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		r->open = false;
		if (r->to_tty && tcgetattr(r->to, &t) == 0) {
			r->eof_repeats = EOF_REPEATS;
			relay_type_eof(r, &t);
		}
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

struct pollfd relay_poll(const struct relay *r)
{
	if (r->begin < r->end)
		return (struct pollfd){ .fd = r->to, .events = POLLOUT };
	return (struct pollfd){ .fd = r->open ? r->from : -1, .events = POLLIN };
}

void relay_step(struct relay *r, const struct pollfd *p)
{
	if (!p->revents)
		return;
	if (r->begin < r->end)
		relay_drain(r);
	else
		relay_fill(r);
}

void relay_rest(struct relay *out, int timeout_ms)
{
	for (size_t read = 0;;) {
		struct pollfd p = relay_poll(out);
		bool fill = p.events == POLLIN;

		if (p.fd < 0 || (fill && read >= REST_MAX) ||
		    poll(&p, 1, fill ? 0 : timeout_ms) <= 0)
			return;
		relay_step(out, &p);
		read += fill ? out->end : 0;
	}
}
