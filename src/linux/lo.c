/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/lo.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"

/* A new network namespace has only lo, whose flags are known: it need not be asked for them. Up, it
 * gets 127.0.0.1 and ::1 from the kernel. */
int lo_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	autofd int sock = FD_NONE;

	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return err_sys("bring loopback device up: open socket");
	if (ioctl(sock, SIOCSIFFLAGS, &req) < 0)
		return err_sys("bring loopback device up");
	return 0;
}
