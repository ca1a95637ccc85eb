/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_FOREGROUND_H
#define HAKO_RUNTIME_FOREGROUND_H

/*
 * A command that stays in front of its container: it forwards signals, relays the terminal if it
 * has one, and ends with the container's exit status.
 */

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "runtime/notify.h"

struct annotations;
struct conlog;
struct lines;

struct foreground {
	int signal_fd;
	int tty_master; /* FD_NONE = the container has our stdio, or somebody else its terminal */
	int tty_slave;
	int host_tty; /* the terminal we stand in, in raw mode while we relay; FD_NONE = none */
	void *saved;  /* its settings (struct termios), to be put back */
	struct notify notify; /* what the container says to our caller's service manager */
	/* NULL, or the container's: SIGTERM is then forwarded as org.hako.signal.halt */
	const struct annotations *annotations;
	struct lines *lines; /* NULL, or terminals that others attach to; the log is also of ours */
	struct conlog *log;  /* NULL, or what gets a copy of our terminal's output */
	int *report;   /* of a supervisor (supervise.h), until it is answered; or NULL */
	bool deserted; /* whoever was to answer is gone */
	int death_signal;    /* what ended the process that was waited for, 0 = its own exit */
};
#define FOREGROUND_INIT                                                            \
	{                                                                          \
		.signal_fd = FD_NONE, .tty_master = FD_NONE, .tty_slave = FD_NONE, \
		.host_tty = FD_NONE, .notify = NOTIFY_INIT,                        \
	}

/* Blocks the signals that will be forwarded and opens the signalfd: before the container's process
 * exists, so that none is lost. The child must reset its mask. 0 or -errno recorded. */
int foreground_prepare(struct foreground *fg);
/* Takes the pty master to relay: sizes it like our terminal, which is put into raw mode. */
void foreground_take_tty(struct foreground *fg, int *master);
/*
 * Until process pid (our child) ends: returns its exit status (0..255, 128 + signal) or -errno
 * recorded. Other children that we inherit as a subreaper are reaped on the way. Does not wait for
 * the end when the caller of a supervisor is gone: deserted, and 128 + SIGKILL.
 */
int foreground_wait(struct foreground *fg, pid_t pid);
/* Restores the terminal and closes all. */
void foreground_clear(struct foreground *fg);
#define autoforeground __attribute__((cleanup(foreground_clear)))

#endif
