/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lxc_addrs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/proc.h"

#define TEXT_MAX (1u << 16)

static bool enter(pid_t pid, const char *kind, int flag)
{
	autofree char *path = xasprintf("/proc/%d/ns/%s", (int) pid, kind);
	autofd int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && setns(fd, flag) == 0;
}

static void print_address(const struct ifaddrs *i)
{
	char text[INET6_ADDRSTRLEN];
	const void *address;

	if (!i->ifa_addr || i->ifa_flags & IFF_LOOPBACK)
		return;
	if (i->ifa_addr->sa_family == AF_INET) {
		address = &((const struct sockaddr_in *) (const void *) i->ifa_addr)->sin_addr;
	} else if (i->ifa_addr->sa_family == AF_INET6) {
		const struct in6_addr *a =
			&((const struct sockaddr_in6 *) (const void *) i->ifa_addr)->sin6_addr;

		if (IN6_IS_ADDR_LINKLOCAL(a))
			return;
		address = a;
	} else {
		return;
	}
	if (inet_ntop(i->ifa_addr->sa_family, address, text, sizeof(text)))
		printf("%c%s\n", i->ifa_addr->sa_family == AF_INET ? '4' : '6', text);
}

/* An interface has one entry of this family, addresses or not. */
static void print_interface(const struct ifaddrs *i)
{
	if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET)
		printf("i%s\n", i->ifa_name);
}

/* The child: a namespace cannot be left again without privilege. */
__attribute__((noreturn)) static void list_inside(pid_t pid, int out)
{
	struct ifaddrs *list = NULL;

	if (!enter(pid, "net", CLONE_NEWNET)) {
		(void) enter(pid, "user", CLONE_NEWUSER);
		if (!enter(pid, "net", CLONE_NEWNET))
			_exit(1);
	}
	if (dup2(out, STDOUT_FILENO) < 0 || getifaddrs(&list) < 0)
		_exit(1);
	for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
		print_interface(i);
		print_address(i);
	}
	_exit(fflush(stdout) != 0);
}

static void take(struct lxc_addrs *a, const char *line)
{
	struct strv *list = *line == '4' ? &a->v4 : *line == '6' ? &a->v6 : &a->interfaces;

	strv_add(list, line + 1);
}

void lxc_addrs_clear(struct lxc_addrs *a)
{
	strv_clear(&a->v4);
	strv_clear(&a->v6);
	strv_clear(&a->interfaces);
}

void lxc_addrs(pid_t pid, struct lxc_addrs *ret)
{
	autofd int in = FD_NONE, out = FD_NONE;
	autofree char *text = NULL;
	struct strv all = { 0 };
	size_t len;
	int status;
	pid_t child;

	*ret = (struct lxc_addrs){ 0 };
	if (pid <= 0 || fd_pipe(&in, &out) < 0)
		return;
	(void) fflush(stdout);
	child = fork();
	if (child == 0)
		list_inside(pid, out);
	fd_close(&out);
	if (child < 0)
		return;
	if (fd_read_all(in, TEXT_MAX, &text, &len) >= 0)
		strv_split(&all, text, "\n");
	(void) proc_reap(child, &status);
	for (size_t i = 0; i < all.len; i++)
		take(ret, all.v[i]);
	strv_clear(&all);
}
