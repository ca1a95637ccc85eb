/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_LINES_H
#define HAKO_RUNTIME_LINES_H

/*
 * The terminals of a container that its supervisor looks after: line 0 is the console, line N is
 * /dev/ttyN. Who wants one connects to the socket in the state directory, and says which in the
 * first record; one client a line. What a line without a client says is dropped (the console's goes
 * to the log) or, for a tty, waits in the kernel's buffer.
 *
 *   client -> supervisor                     supervisor -> client
 *   "t" NUMBER   attach; -1 = the first free tty    "o" NUMBER, or "e" TEXT and the end
 *   "b"          what the console said last         the bytes, and the end
 *   "d" BYTES    typed                              BYTES
 *   "w" ROWS " " COLUMNS   size of the window
 *
 * A record is one packet; there is nothing to be parsed across two.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/fd.h"
#include "runtime/conlog.h"
#include "runtime/relay.h"

#define LINES_SOCKET	"console.sock"
#define LINES_MAX	65 /* the console and as many ttys as anybody has */
#define LINES_PACKET	4096
#define LINES_POLL_MAX	(LINES_MAX * 2 + 2)

struct annotations;

struct line {
	int master;
	int slave; /* held, so that the master does not end while nobody inside has it open */
	int client;
	struct relay *out, *in; /* NULL without a master */
};

struct lines {
	int listen_fd;
	int pending; /* connected, has not said yet what it wants */
	int device;  /* org.hako.console.path, the console's standing client */
	size_t len;
	struct line v[LINES_MAX];
	struct conlog log;
};

void lines_init(struct lines *ls);
/* Takes the master (consumed) of line n. -EEXIST, -ERANGE when that is none. Quiet. */
int lines_add(struct lines *ls, unsigned int n, int *master);
/* Opens log, console device and socket. 0 or -errno recorded. */
int lines_open(struct lines *ls, int state_dir_fd, const struct annotations *a);
/* The descriptors to wait for; how many. */
size_t lines_poll(struct lines *ls, struct pollfd p[LINES_POLL_MAX]);
/* With what lines_poll() had filled in. */
void lines_step(struct lines *ls, const struct pollfd *p);
/* What is still in the ptys. */
void lines_rest(struct lines *ls);
void lines_close(struct lines *ls);
#define auto_lines __attribute__((cleanup(lines_close)))

#endif
