/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/tty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/sys.h"
#include "ocispec.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif

/* /dev/ptmx is 5:2; of the same devpts, and not something mounted over it. */
static int check_ptmx(int pts_dir_fd, int fd)
{
	struct stat dir, st;

	if (fstat(pts_dir_fd, &dir) < 0 || fstat(fd, &st) < 0)
		return err_sys("look at the container's 'ptmx'");
	if (fd_fs_magic(fd) != DEVPTS_SUPER_MAGIC || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(5, 2) || st.st_dev != dir.st_dev)
		return err_code(EINVAL,
				"the container's 'pts/ptmx' is not the multiplexer of a devpts");
	return 0;
}

int tty_open(int pts_dir_fd, int *ret_master, int *ret_slave)
{
	autofd int probe = FD_NONE, master = FD_NONE;
	int unlocked = 0, slave, r;

	/* Looked at before it is opened, as opening some devices has effects, and what was opened
	 * again. Not by the descriptor's name in /proc: of a running container that is its own. */
	probe = openat(pts_dir_fd, "ptmx", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (probe < 0)
		return err_sys("open the container's 'pts/ptmx'");
	r = check_ptmx(pts_dir_fd, probe);
	if (r < 0)
		return r;
	master = openat(pts_dir_fd, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (master < 0)
		return err_sys("allocate a terminal");
	r = check_ptmx(pts_dir_fd, master);
	if (r < 0)
		return r;
	if (ioctl(master, TIOCSPTLCK, &unlocked) < 0)
		return err_sys("unlock the terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys("open the terminal's other end");
	*ret_master = take_fd(&master);
	*ret_slave = slave;
	return 0;
}

int tty_set_size(int fd, const struct oci_console_size *size)
{
	struct winsize ws = { 0 };

	if (!size || (size->height == 0 && size->width == 0))
		return 0;
	if (size->height > 65535 || size->width > 65535)
		return err_code(EINVAL, "consoleSize %llux%llu is too large",
				(unsigned long long) size->width,
				(unsigned long long) size->height);
	ws.ws_row = size->height;
	ws.ws_col = size->width;
	if (ioctl(fd, TIOCSWINSZ, &ws) < 0)
		return err_sys("set the terminal's size");
	return 0;
}

int tty_clear_onlcr(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return err_sys("read the terminal's settings");
	t.c_oflag &= ~ONLCR;
	if (tcsetattr(fd, TCSANOW, &t) < 0)
		return err_sys("change the terminal's settings");
	return 0;
}

int tty_take(int slave_fd)
{
	/* EPERM: the caller leads a session already */
	if (setsid() < 0 && getsid(0) != getpid())
		return err_sys("create a session for the terminal");
	if (ioctl(slave_fd, TIOCSCTTY, 0) < 0)
		return err_sys("take the terminal as controlling terminal");
	for (int fd = 0; fd <= 2; fd++) {
		/* dup2 of a descriptor onto itself would keep close-on-exec */
		if (slave_fd == fd ? fd_set_cloexec(fd, false) < 0 : dup2(slave_fd, fd) < 0)
			return err_sys("make the terminal descriptor %d", fd);
	}
	return 0;
}

int tty_open_peer(int master)
{
	int fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The file to mount on, without following or opening what the container may have put there. */
static int open_target(int dir_fd, const char *name, int *ret_fd)
{
	autofd int fd = FD_NONE;
	struct stat st;

	/* mknod, not O_CREAT: it does not follow a dangling link */
	if (mknodat(dir_fd, name, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return err_sys("create '/dev/%s'", name);
	fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys("open '/dev/%s'", name);
	if (S_ISLNK(st.st_mode))
		return err_code(ELOOP, "'/dev/%s' in the container is a symbolic link", name);
	if (S_ISDIR(st.st_mode))
		return err_code(EISDIR, "'/dev/%s' in the container is a directory", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int bind_legacy(int slave_fd, int target, const char *name)
{
	char from[FD_PATH_MAX], to[FD_PATH_MAX];

	/* host path: descriptors in the host's /proc/self/fd */
	if (mount(fd_proc_path(slave_fd, from), fd_proc_path(target, to), NULL, MS_BIND, NULL) < 0)
		return err_sys("mount the terminal on '/dev/%s'", name);
	return 0;
}

int tty_bind_legacy(int dir_fd, const char *name, int slave_fd)
{
	autofd int target = FD_NONE;
	int r = open_target(dir_fd, name, &target);

	return r < 0 ? r : bind_legacy(slave_fd, target, name);
}

int tty_bind(int dir_fd, const char *name, int slave_fd)
{
	autofd int target = FD_NONE, tree = FD_NONE;
	int r;

	r = open_target(dir_fd, name, &target);
	if (r < 0)
		return r;
	if (sys_missing(SYS_F_OPEN_TREE))
		return bind_legacy(slave_fd, target, name);
	tree = sys_open_tree(slave_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0) {
		if (sys_note(SYS_F_OPEN_TREE, tree))
			return bind_legacy(slave_fd, target, name);
		return err_sys_r(tree, "mount the terminal on '/dev/%s'", name);
	}
	r = sys_move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	if (r < 0)
		return err_sys_r(r, "mount the terminal on '/dev/%s'", name);
	return 0;
}
