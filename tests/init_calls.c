/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says to system calls that cannot do harm, and the network as it is seen here. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/init.h"

#define BAD ((long) -1)

/* Arguments that fail behind the checks of privilege, or do nothing at all. */
static const struct {
	const char *name;
	long number;
	long arg[4];
} calls[] = {
	{ "acct", SYS_acct, { BAD, 0, 0, 0 } },
	{ "add_key", SYS_add_key, { 0, 0, 0, 0 } },
	{ "adjtimex", SYS_adjtimex, { BAD, 0, 0, 0 } },
	{ "bpf", SYS_bpf, { 9999, 0, 0, 0 } },
	{ "chroot", SYS_chroot, { BAD, 0, 0, 0 } },
	{ "clock_settime", SYS_clock_settime, { 0, BAD, 0, 0 } },
	{ "delete_module", SYS_delete_module, { BAD, 0, 0, 0 } },
	{ "fanotify_init", SYS_fanotify_init, { BAD, 0, 0, 0 } },
	{ "finit_module", SYS_finit_module, { BAD, 0, 0, 0 } },
	{ "init_module", SYS_init_module, { BAD, 0, 0, 0 } },
	{ "io_uring_setup", SYS_io_uring_setup, { 0, 0, 0, 0 } },
	{ "kcmp", SYS_kcmp, { BAD, BAD, 0, 0 } },
	{ "kexec_load", SYS_kexec_load, { 0, 0, 0, BAD } },
	{ "keyctl", SYS_keyctl, { BAD, 0, 0, 0 } },
	{ "mount", SYS_mount, { BAD, BAD, BAD, 0 } },
	{ "move_pages", SYS_move_pages, { BAD, 0, 0, 0 } },
	{ "name_to_handle_at", SYS_name_to_handle_at, { BAD, BAD, BAD, BAD } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { BAD, BAD, 0, 0 } },
	{ "perf_event_open", SYS_perf_event_open, { BAD, 0, BAD, BAD } },
	{ "pivot_root", SYS_pivot_root, { BAD, BAD, 0, 0 } },
	{ "ptrace", SYS_ptrace, { 9999, BAD, 0, 0 } },
	{ "quotactl", SYS_quotactl, { BAD, 0, 0, 0 } },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 } },
	{ "request_key", SYS_request_key, { BAD, 0, 0, 0 } },
	{ "sethostname", SYS_sethostname, { BAD, 5, 0, 0 } },
	{ "setns", SYS_setns, { BAD, 0, 0, 0 } },
	{ "settimeofday", SYS_settimeofday, { BAD, 0, 0, 0 } },
	{ "swapoff", SYS_swapoff, { BAD, 0, 0, 0 } },
	{ "swapon", SYS_swapon, { BAD, 0, 0, 0 } },
	{ "syslog", SYS_syslog, { 9999, 0, 0, 0 } },
	{ "umount2", SYS_umount2, { BAD, 0, 0, 0 } },
	{ "umount2 force", SYS_umount2, { BAD, 1, 0, 0 } },
	{ "unshare", SYS_unshare, { BAD, 0, 0, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { BAD, 0, 0, 0 } },
};

int verb_calls(int argc, char **argv)
{
	(void) argc, (void) argv;
	for (size_t i = 0; i < N_ELEMENTS(calls); i++) {
		long r;

		r = syscall(calls[i].number, calls[i].arg[0], calls[i].arg[1], calls[i].arg[2],
			    calls[i].arg[3]);
		printf("call %s: %s\n", calls[i].name, r < 0 ? strerror(errno) : "fine");
	}
	return 0;
}

static void show_address(const struct ifaddrs *i)
{
	char text[INET6_ADDRSTRLEN];
	const void *address = NULL;

	if (i->ifa_addr->sa_family == AF_INET)
		address = &((const struct sockaddr_in *) (const void *) i->ifa_addr)->sin_addr;
	else if (i->ifa_addr->sa_family == AF_INET6)
		address = &((const struct sockaddr_in6 *) (const void *) i->ifa_addr)->sin6_addr;
	if (address && inet_ntop(i->ifa_addr->sa_family, address, text, sizeof(text)))
		printf("address %s %s\n", i->ifa_name, text);
}

int verb_net(int argc, char **argv)
{
	struct if_nameindex *names = if_nameindex();
	struct ifaddrs *list = NULL;

	(void) argc, (void) argv;
	for (struct if_nameindex *n = names; n && n->if_index; n++)
		printf("interface %s\n", n->if_name);
	if (getifaddrs(&list) < 0)
		return -errno;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
		if (!i->ifa_addr)
			continue;
		if (i->ifa_addr->sa_family == AF_PACKET)
			printf("link %s %s%s\n", i->ifa_name,
			       i->ifa_flags & IFF_UP ? "up" : "down",
			       i->ifa_flags & IFF_LOOPBACK ? " loopback" : "");
		else
			show_address(i);
	}
	return 0;
}
