/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_NOTIFY_H
#define HAKO_RUNTIME_NOTIFY_H

/*
 * sd_notify(3) from a container to whoever set NOTIFY_SOCKET for us. The socket is not given to the
 * container: it gets one of ours, in a directory that is mounted (read-only) where the caller's
 * socket is on the host, and what it says there is passed on, line by line, if it is about the
 * service and not about processes or descriptors.
 *
 *   create        the directory STATE/ID/notify, its mount, NOTIFY_SOCKET=…/notify in the program's
 *                 environment
 *   start         binds the socket before the program begins, waits for READY=1 or the end of init,
 *                 and tells init's pid (MAINPID)
 *   run           the same as long as the container lives
 *   run --detach  waits as start does; with a supervisor (supervise.h) that binds the socket,
 *                 hands it to the command, whom a manager listens to as long as it is the
 *                 main process, and goes on when the command has ended
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/fd.h"

struct container;
struct strv;

#define NOTIFY_NAME "notify" /* of the socket and of the directory around it */

struct notify {
	int sock;   /* bound in the container's directory; FD_NONE = nobody is to be notified */
	int host;   /* a socket to send from */
	char *path; /* the caller's socket; '@' begins an abstract name */
	pid_t main; /* told with READY=1; 0 = we are it ourselves */
	bool ready; /* READY=1 was passed on */
};
#define NOTIFY_INIT                              \
	{                                        \
		FD_NONE, FD_NONE, NULL, 0, false \
	}

/* The caller's NOTIFY_SOCKET if it can be one (absolute or abstract), or NULL. */
const char *notify_socket_of_caller(void);
/* Where the container has the directory; heap. An abstract socket has no path: /run/notify. */
char *notify_mount_point(const char *socket);

/* Makes the directory below the state directory. */
int notify_make(int state_dir_fd);
/* Binds the socket, if the container was created with one. *ret is NOTIFY_INIT otherwise. */
int notify_open(const struct container *c, struct notify *ret);
/* Takes over a socket that another process bound. 0 or -errno recorded; NOTIFY_SOCKET is ours. */
int notify_adopt(struct notify *n, int *sock, pid_t main);
void notify_close(struct notify *n);
#define autonotify __attribute__((cleanup(notify_close)))

/* Passes on one message that is there, or all of them. A receiver that is gone is not our
 * business. */
void notify_forward(struct notify *n);
void notify_rest(struct notify *n);
/* READY=1, with MAINPID, for a container that has said so in an earlier life. */
void notify_tell_ready(struct notify *n);
/* Until READY=1, or until the other descriptor (the process's) is readable or at its end. */
int notify_wait(struct notify *n, int end_fd);

/* PURE: what of a message is passed on; heap, "" for nothing. */
char *notify_filter(const char *message, bool *ret_ready);

#endif
