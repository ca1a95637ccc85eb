/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_RELAY_H
#define HAKO_RUNTIME_RELAY_H

/* One direction of a terminal's traffic: what was read and is not yet written. Both ends are never
 * blocked on: poll says what can be done, a step does it. */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define RELAY_SIZE 16384

struct conlog;

struct relay {
	int from, to;	     /* borrowed; to may be FD_NONE: what comes is dropped */
	bool open;	     /* more may come */
	bool to_tty;	     /* an end of what is read is typed: who waits for input learns of it */
	bool in_line;	     /* the last byte that was read was no newline */
	int eof_repeats;     /* how often the end may still be typed again */
	struct conlog *copy; /* gets all that is read, or NULL */
	size_t begin, end;
	char buf[RELAY_SIZE];
};

/* For poll(2); fd -1 when there is nothing to wait for. */
struct pollfd relay_poll(const struct relay *r);
/* Reads or writes, if poll said so. */
void relay_step(struct relay *r, const struct pollfd *p);
/* When the other side has said something: an end that was typed before a shell began to edit its
 * line itself was lost by that (n_tty makes it a zero byte), so it is typed again while somebody
 * does. A few times only: it may be a program that answers to each. */
void relay_repeat_eof(struct relay *r);
/* What is there to be read at once: a slave that some other process holds open, or writes to all
 * the time, does not keep us. A slow reader gets timeout_ms for each piece, -1 = any time. */
void relay_rest(struct relay *r, int timeout_ms);

#endif
