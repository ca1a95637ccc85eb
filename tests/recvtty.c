/* SPDX-License-Identifier: Apache-2.0 */

/*
 * recvtty SOCKET: listens on a unix socket as an engine does for --console-socket, takes one
 * terminal from the runtime and joins it to its own standard input and output until the container
 * closes it. Ends after a minute whatever happens. With -s COLSxROWS it sets the size of the
 * terminal first.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "recvtty: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int accept_one(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

	if (strlen(path) >= sizeof addr.sun_path) {
		errno = ENAMETOOLONG;
		die(path);
	}
	memcpy(addr.sun_path, path, strlen(path));
	if (listener < 0 || bind(listener, (struct sockaddr *) &addr, sizeof addr) < 0 ||
	    listen(listener, 1) < 0)
		die(path);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		die("accept");
	close(listener);
	return fd;
}

static int receive_terminal(int sock)
{
	char text[4096], control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { text, sizeof text };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof control,
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) < 0)
		die("receive the terminal");
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = EPROTO;
		die("message without exactly one descriptor");
	}
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	if (!isatty(fd))
		die("the descriptor");
	return fd;
}

/* 0 at the end of the input, else the number of bytes moved. */
static ssize_t move_some(int from, int to)
{
	char buf[4096];
	ssize_t n = read(from, buf, sizeof buf);

	for (ssize_t done = 0, w; done < n; done += w) {
		w = write(to, buf + done, (size_t) (n - done));
		if (w < 0)
			die("write");
	}
	return n < 0 ? 0 : n; /* EIO: nobody has the other end open any more */
}

static void relay(int tty)
{
	struct pollfd fds[] = { { tty, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };

	while (poll(fds, 2, -1) >= 0) {
		if (fds[0].revents && move_some(tty, STDOUT_FILENO) == 0)
			return;
		if (fds[1].revents && move_some(STDIN_FILENO, tty) == 0)
			fds[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int opt, tty;

	while ((opt = getopt(argc, argv, "s:")) != -1)
		if (opt != 's' || sscanf(optarg, "%hux%hu", &size.ws_col, &size.ws_row) != 2)
			return 2;
	if (optind + 1 != argc) {
		fprintf(stderr, "usage: recvtty [-s COLSxROWS] SOCKET\n");
		return 2;
	}
	alarm(60);
	tty = receive_terminal(accept_one(argv[optind]));
	if (size.ws_col && ioctl(tty, TIOCSWINSZ, &size) < 0)
		die("set the size");
	relay(tty);
	return 0;
}
