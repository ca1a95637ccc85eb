/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/notify.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/sock.h"
#include "base/str.h"
#include "ocispec.h"
#include "runtime/container.h"

#define MESSAGE_MAX 65536
/* Above any net.unix.max_dgram_qlen: the kernel has 10, systemd sets 512. */
#define REST_MAX 1024

/*
 * What is about the service. Not MAINPID, which is a number of the container's; nor descriptors
 * (FDSTORE), which would be kept by the host's manager.
 */
static const char *const passed[] = {
	"READY=",    "RELOADING=",	     "STOPPING=",	"STATUS=", "ERRNO=", "BUSERROR=",
	"WATCHDOG=", "EXTEND_TIMEOUT_USEC=", "MONOTONIC_USEC=",
};

const char *notify_socket_of_caller(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && (path[0] == '/' || path[0] == '@') && path[1] ? path : NULL;
}

char *notify_mount_point(const char *socket)
{
	return xstrdup(socket[0] == '@' ? "/run/notify" : socket);
}

int notify_make(int state_dir_fd)
{
	if (mkdirat(state_dir_fd, NOTIFY_NAME, 0755) < 0 ||
	    fchmodat(state_dir_fd, NOTIFY_NAME, 0755, 0) < 0)
		return err_sys("make the directory of the notify socket");
	return 0;
}

void notify_close(struct notify *n)
{
	fd_close(&n->sock);
	fd_close(&n->host);
	free(n->path);
	n->path = NULL;
}

/* The way to the caller's manager. */
static int open_host(struct notify *n, const char *path)
{
	n->host = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (n->host < 0)
		return err_sys("make a socket to notify from");
	n->path = xstrdup(path);
	return 0;
}

int notify_adopt(struct notify *n, int *sock, pid_t main)
{
	const char *path = notify_socket_of_caller();

	if (!path)
		return err_code(EPROTO, "nobody is to be notified");
	n->sock = take_fd(sock);
	n->main = main;
	return open_host(n, path);
}

int notify_open(const struct container *c, struct notify *ret)
{
	autonotify struct notify n = NOTIFY_INIT;
	char dir[FD_PATH_MAX];
	autofree char *path = NULL;
	int r;

	if (!c->status->notify_socket)
		return 0;
	path = xasprintf("%s/" NOTIFY_NAME "/" NOTIFY_NAME, fd_proc_path(c->dir_fd, dir));
	(void) unlink(path); /* of a start that was interrupted */
	n.sock = sock_listen(path, SOCK_DGRAM);
	if (n.sock < 0)
		return err_sys_r(n.sock, "make the container's notify socket");
	/* Any user of the container may speak; nobody else can reach the directory. */
	if (chmod(path, 0777) < 0)
		return err_sys("open the container's notify socket to its users");
	r = open_host(&n, c->status->notify_socket);
	if (r < 0)
		return r;
	*ret = n;
	n = (struct notify) NOTIFY_INIT;
	return 0;
}

/* ---- passing on ---- */

char *notify_filter(const char *message, bool *ret_ready)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	autostrv struct strv lines = { NULL, 0 };

	*ret_ready = false;
	strv_split(&lines, message, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(passed); k++) {
			if (!str_starts(lines.v[i], passed[k]))
				continue;
			strbuf_addf(&b, "%s\n", lines.v[i]);
			*ret_ready |= str_eq(lines.v[i], "READY=1");
		}
	}
	return xstrdup(strbuf_str(&b));
}

static void send_to_caller(const struct notify *n, const char *text)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(n->path);

	if (len >= sizeof(addr.sun_path)) {
		log_warn("notify socket '%s': the path is too long", n->path);
		return;
	}
	memcpy(addr.sun_path, n->path, len);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	if (sendto(n->host, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *) &addr,
		   (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		log_warn("notify '%s': %s", n->path, err_describe(errno));
}

void notify_tell_ready(struct notify *n)
{
	autofree char *text =
		n->main ? xasprintf("READY=1\nMAINPID=%d\n", (int) n->main) : xstrdup("READY=1\n");

	if (n->sock < 0)
		return;
	send_to_caller(n, text);
	n->ready = true;
}

void notify_forward(struct notify *n)
{
	autofree char *buf = xmalloc(MESSAGE_MAX + 1), *text = NULL;
	ssize_t len = recv(n->sock, buf, MESSAGE_MAX, MSG_DONTWAIT);
	bool ready;

	if (len <= 0)
		return;
	buf[len] = '\0';
	text = notify_filter(buf, &ready);
	if (ready && n->main) {
		char *with_pid = xasprintf("%sMAINPID=%d\n", text, (int) n->main);

		free(text);
		text = with_pid;
	}
	if (*text)
		send_to_caller(n, text);
	n->ready |= ready;
}

void notify_rest(struct notify *n)
{
	struct pollfd p = { .fd = n->sock, .events = POLLIN };

	/* No more than are queued: who writes all the time does not keep us. */
	for (int i = 0; i < REST_MAX; i++) {
		if (n->sock < 0 || poll(&p, 1, 0) <= 0 || !(p.revents & POLLIN))
			return;
		notify_forward(n);
	}
}

int notify_wait(struct notify *n, int end_fd)
{
	while (n->sock >= 0 && !n->ready) {
		struct pollfd p[2] = { { .fd = n->sock, .events = POLLIN },
				       { .fd = end_fd, .events = POLLIN } };

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return err_sys("wait for the container's notification");
		if (p[0].revents & POLLIN)
			notify_forward(n);
		else if (p[1].revents)
			break;
	}
	notify_rest(n);
	return 0;
}
