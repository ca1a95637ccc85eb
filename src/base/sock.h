/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_SOCK_H
#define HAKO_BASE_SOCK_H

/* Unix sockets. Quiet. Paths longer than sun_path go through
 * /proc/self/fd of the parent directory. */

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#define SOCK_MAX_FDS 16

/* One datagram or record with descriptors and, when SO_PASSCRED is on, the sender's credentials
 * as the kernel translates them into our pid and user namespace. */
struct sock_msg {
	void *data;
	size_t len; /* capacity before, length after a receive */
	int fds[SOCK_MAX_FDS];
	size_t n_fds;
	pid_t pid; /* 0 when no credentials came */
	uid_t uid;
	gid_t gid;
};

/* AF_UNIX SOCK_SEQPACKET | SOCK_CLOEXEC pair. */
int sock_pair(int *ret_a, int *ret_b);
/* Connected SOCK_STREAM (or type) socket, or -errno. */
int sock_connect(const char *path, int type);
int sock_listen(const char *path, int type);
/* Sends one record; with_creds attaches our SCM_CREDENTIALS. 0 or
 * -errno, over EINTR; MSG_NOSIGNAL. */
int sock_send(int fd, const struct sock_msg *msg, int with_creds);
/* Receives one record. Received descriptors are O_CLOEXEC and the caller's. 1, 0 at the end of the
 * stream, or -errno; a record cut short (data or control) is -EMSGSIZE, its descriptors closed. */
int sock_recv(int fd, struct sock_msg *msg);
/* Sends text with one descriptor attached (console socket, seccomp agent). */
int sock_send_fd(int sock, int fd, const char *text, size_t len);

#endif
