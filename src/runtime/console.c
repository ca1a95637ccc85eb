/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/console.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/sock.h"
#include "runtime/launch.h"
#include "runtime/lines.h"

int console_deliver_tty(struct launch *l, unsigned int n, int *master)
{
	int r = l->lines && n <= l->plan.ttys ? lines_add(l->lines, n, master) : -ENODEV;

	if (r < 0)
		return err_sys_r(r, "take terminal %u", n);
	return 0;
}

int console_deliver(struct launch *l, int *master)
{
	autofree char *name = NULL;
	int r;

	if (l->console_socket < 0 && l->plan.supervised)
		return console_deliver_tty(l, 0, master);
	if (l->console_socket < 0) {
		fd_close(&l->tty_master);
		l->tty_master = take_fd(master);
		return 0;
	}
	/* Receivers show the name; that of the descriptor is all that we know of it. */
	name = fd_target(*master);
	r = sock_send_fd(l->console_socket, *master, name ? name : "pty",
			 strlen(name ? name : "pty"));
	fd_close(master);
	fd_close(&l->console_socket);
	if (r < 0)
		return err_sys_r(r, "send the terminal to console socket '%s'",
				 l->opts->console_socket);
	return 0;
}
