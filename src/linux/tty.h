/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_TTY_H
#define HAKO_LINUX_TTY_H

/*
 * A terminal out of the container's own devpts. No path below /dev is opened by name twice: the
 * container may be swapping them (CVE-2025-52565), so the slave comes from TIOCGPTPEER.
 */

#include <stdbool.h>

struct oci_console_size;

/*
 * pts_dir_fd is the container's devpts (checked to be one). Both descriptors are close-on-exec, the
 * slave is unlocked and nobody's controlling terminal.
 */
int tty_open(int pts_dir_fd, int *ret_master, int *ret_slave);
/* NULL, and 0x0, leave the size. More than 65535 is an error. */
int tty_set_size(int fd, const struct oci_console_size *size);
/* No "\n" -> "\r\n" on output: for a terminal that we relay to another one, which does it. */
int tty_clear_onlcr(int fd);
/* New session with the slave as its controlling terminal and as stdin, stdout and stderr. The slave
 * itself stays open. */
int tty_take(int slave_fd);
/* Another descriptor of the slave: while it is open the master does not end. Quiet. */
int tty_open_peer(int master);
/*
 * Makes /dev/NAME (dir_fd is the container's /dev, or a directory in it) the slave: mounted on a
 * file that is created if missing; a link there is refused, not followed.
 */
int tty_bind(int dir_fd, const char *name, int slave_fd);
/* The bind by mount(2) instead of open_tree(2), for tests. */
int tty_bind_legacy(int dir_fd, const char *name, int slave_fd);

#endif
