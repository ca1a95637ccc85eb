/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SYNC_H
#define HAKO_RUNTIME_SYNC_H

/* clang-format off */
/*
 * What a container's init and the runtime say to each other: the child asks, the parent serves,
 * over one SEQPACKET pair. One record is one message; a descriptor may go with it; the sender's pid
 * arrives as credentials that the kernel translates, so no pid is ever told, and none can be
 * forged.
 *
 *   child -> parent                                parent -> child
 *   IDMAP        write my id maps                  GO
 *   TIMENS       write my time offsets             GO
 *   HELLO        I am init (credentials)           GO pid in the cgroup, limits set; pid outside
 *   MOUNT index  make the tree of mount <index>    TREE   + descriptor
 *   HOOKS        run prestart and createRuntime    GO
 *   TTY index    + pty master of console or ttyN   GO
 *   READY        set up; waiting for START         START
 *   HOST         run the start-host hooks          GO     only to whoever said START
 *   EXEC         about to execute the program      -      then end of file = executed
 *   LOG level    a line for the log                -
 *   FAIL code    the error record                  FAIL code
 *
 * START comes on this socket for `run`; for `create` it comes on a connection to the start socket
 * of the state directory.
 *
 * Which message is allowed when, and how often, is the table in serve.c.
 */
/* clang-format on */

#include <stdint.h>
#include <sys/types.h>

#include "base/fd.h"

enum sync_type {
	SYNC_NONE,
	SYNC_IDMAP,
	SYNC_TIMENS,
	SYNC_HELLO,
	SYNC_MOUNT,
	SYNC_HOOKS,
	SYNC_TTY,
	SYNC_READY,
	SYNC_HOST,
	SYNC_EXEC,
	SYNC_LOG,
	SYNC_FAIL,
	SYNC_GO,
	SYNC_TREE,
	SYNC_START,
	SYNC_TYPE_COUNT_,
};

struct sync_msg {
	enum sync_type type;
	uint32_t index; /* MOUNT: which; LOG: the level; FAIL: the errno */
	char *text;	/* heap or NULL */
	int fd;		/* ours, or FD_NONE */
	pid_t pid;	/* sender, in our pid namespace; 0 = unknown */
};
#define SYNC_MSG_INIT         \
	{                     \
		.fd = FD_NONE \
	}

void sync_msg_clear(struct sync_msg *m);
#define autosync __attribute__((cleanup(sync_msg_clear)))

const char *sync_name(enum sync_type type);

/* fd = FD_NONE sends none; text may be NULL, a long one is cut. 0 or -errno, recorded. */
int sync_send(int sock, enum sync_type type, uint32_t index, const char *text, int fd);
/* 1, 0 at the end of the stream, or -errno recorded; a malformed record is -EBADMSG. */
int sync_recv(int sock, struct sync_msg *ret);
/* Sends the error record as FAIL; nothing can be done if that fails. */
void sync_send_failure(int sock);

/*
 * Child: sends the request and waits for its answer (GO, or TREE with *ret_fd when ret_fd is
 * given). FAIL adopts the parent's record. The end of the stream means that the parent is gone:
 * -EPIPE.
 */
int sync_request(int sock, enum sync_type type, uint32_t index, int fd, int *ret_fd);
/* The same for a request without arguments that is answered by GO and a number. */
int sync_ask_number(int sock, enum sync_type type, uint32_t *ret);

#endif
