/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"

/* Room for everything a peer of ours may attach, aligned for the headers inside. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(SOCK_MAX_FDS * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

int sock_pair(int *ret_a, int *ret_b)
{
	int s[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0)
		return -errno;
	*ret_a = s[0];
	*ret_b = s[1];
	return 0;
}

static int fill_address(struct sockaddr_un *addr, const char *path)
{
	size_t len = strlen(path);

	if (len == 0)
		return -EINVAL;
	if (len >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	memcpy(addr->sun_path, path, len);
	return 0;
}

/* The address of an existing socket; *hold keeps a descriptor that the address refers to. */
static int address_of_socket(struct sockaddr_un *addr, const char *path, int *hold)
{
	char link[FD_PATH_MAX];
	int r = fill_address(addr, path);

	if (r != -ENAMETOOLONG)
		return r;
	*hold = open(path, O_PATH | O_CLOEXEC);
	if (*hold < 0)
		return -errno;
	return fill_address(addr, fd_proc_path(*hold, link));
}

/* The address of a socket to be made: its parent directory as descriptor, and the name. */
static int address_to_make(struct sockaddr_un *addr, const char *path, int *hold)
{
	autofree char *dir = NULL, *short_path = NULL;
	const char *name = path_base(path);
	char link[FD_PATH_MAX];
	int r = fill_address(addr, path);

	if (r != -ENAMETOOLONG)
		return r;
	dir = name == path ? xstrdup(".") : xstrndup(path, (size_t) (name - path));
	*hold = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*hold < 0)
		return -errno;
	short_path = path_join(fd_proc_path(*hold, link), name);
	return fill_address(addr, short_path);
}

int sock_connect(const char *path, int type)
{
	autofd int fd = FD_NONE, hold = FD_NONE;
	struct sockaddr_un addr;
	int r = address_of_socket(&addr, path, &hold);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	do {
		r = connect(fd, (struct sockaddr *) &addr, sizeof(addr));
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : take_fd(&fd);
}

int sock_listen(const char *path, int type)
{
	autofd int fd = FD_NONE, hold = FD_NONE;
	struct sockaddr_un addr;
	int r = address_to_make(&addr, path, &hold);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0)
		return -errno;
	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_DGRAM && listen(fd, SOMAXCONN) < 0)
		return -errno;
	return take_fd(&fd);
}

static struct cmsghdr *add_control(struct msghdr *h, struct cmsghdr *after, int type,
				   const void *data, size_t len)
{
	struct cmsghdr *c;

	h->msg_controllen += CMSG_SPACE(len);
	c = after ? CMSG_NXTHDR(h, after) : CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	return c;
}

/* Sends the first bytes with what is attached; returns how many, or -errno. */
static ssize_t send_attached(int fd, const struct sock_msg *msg, bool with_creds)
{
	union control control = { 0 };
	struct iovec iov = { .iov_base = msg->data, .iov_len = msg->len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room };
	struct ucred creds = { .pid = getpid(), .uid = getuid(), .gid = getgid() };
	struct cmsghdr *c = NULL;
	ssize_t n;

	if (with_creds)
		c = add_control(&h, c, SCM_CREDENTIALS, &creds, sizeof(creds));
	if (msg->n_fds)
		(void) add_control(&h, c, SCM_RIGHTS, msg->fds, msg->n_fds * sizeof(int));
	do {
		n = sendmsg(fd, &h, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int sock_send(int fd, const struct sock_msg *msg, int with_creds)
{
	const char *p = msg->data;
	size_t left = msg->len;
	ssize_t n;

	if (msg->n_fds > SOCK_MAX_FDS)
		return -EINVAL;
	n = send_attached(fd, msg, with_creds);
	/* Ids without a mapping in our user namespace cannot be named; the kernel attaches them
	 * itself when the receiver asks with SO_PASSCRED. */
	if (n == -EINVAL && with_creds)
		n = send_attached(fd, msg, false);
	if (n < 0)
		return (int) n;
	/* Only a stream may take a part. */
	while ((size_t) n < left) {
		p += n;
		left -= (size_t) n;
		n = send(fd, p, left, MSG_NOSIGNAL);
		if (n < 0 && errno != EINTR)
			return -errno;
		n = n < 0 ? 0 : n;
	}
	return 0;
}

static void take_control(struct msghdr *h, struct sock_msg *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
			struct ucred creds;

			memcpy(&creds, CMSG_DATA(c), sizeof(creds));
			msg->pid = creds.pid;
			msg->uid = creds.uid;
			msg->gid = creds.gid;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

			/* The room for credentials may have been used for more descriptors. */
			for (size_t i = 0; i < n; i++) {
				int fd;

				memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
				if (msg->n_fds < SOCK_MAX_FDS)
					msg->fds[msg->n_fds++] = fd;
				else
					close(fd);
			}
		}
	}
}

int sock_recv(int fd, struct sock_msg *msg)
{
	union control control;
	struct iovec iov = { .iov_base = msg->data, .iov_len = msg->len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	do {
		h.msg_control = control.room;
		h.msg_controllen = sizeof(control.room);
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	msg->len = (size_t) n;
	msg->n_fds = 0;
	msg->pid = 0;
	msg->uid = (uid_t) -1;
	msg->gid = (gid_t) -1;
	take_control(&h, msg);
	if (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (msg->n_fds)
			fd_close(&msg->fds[--msg->n_fds]);
		return -EMSGSIZE;
	}
	return n > 0 || msg->n_fds ? 1 : 0;
}

int sock_send_fd(int sock, int fd, const char *text, size_t len)
{
	struct sock_msg msg = { .data = (void *) text, .len = len, .fds = { fd }, .n_fds = 1 };

	return sock_send(sock, &msg, 0);
}
