/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals out of a devpts of one's own, in a mount namespace of one's own. */
#include "linux/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static char dir[] = "/tmp/hako-tty-XXXXXX";

/* dir becomes a tmpfs with pts/ in it: the container's /dev. Its descriptor, or -1. */
static int make_dev(void)
{
	autofree char *pts = xasprintf("%s/pts", dir);

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", dir, "tmpfs", 0, NULL) < 0)
		return -1;
	if (mkdir(pts, 0755) < 0 ||
	    mount("devpts", pts, "devpts", 0, "newinstance,ptmxmode=0666,mode=0620") < 0)
		return -1;
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int open_pts(int dev)
{
	return openat(dev, "pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int use_terminal(void *arg)
{
	struct oci_console_size size = { .height = 33, .width = 122 };
	int dev = make_dev(), master, slave;
	struct winsize ws;
	struct stat st;
	char buf[32];

	(void) arg;
	if (dev < 0)
		return CHILD_SKIP;
	CHILD_CHECK(tty_open(open_pts(dev), &master, &slave) == 0);
	CHILD_CHECK(fcntl(master, F_GETFD) == FD_CLOEXEC && fcntl(slave, F_GETFD) == FD_CLOEXEC);
	CHILD_CHECK(fstat(slave, &st) == 0 && major(st.st_rdev) == 136);
	CHILD_CHECK(tty_set_size(slave, NULL) == 0 && tty_set_size(slave, &size) == 0);
	CHILD_CHECK(ioctl(master, TIOCGWINSZ, &ws) == 0 && ws.ws_row == 33 && ws.ws_col == 122);
	size.width = 65536;
	CHILD_CHECK(tty_set_size(slave, &size) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(), "consoleSize 65536x33 is too large"));
	CHILD_CHECK(write(slave, "a\n", 2) == 2 && read(master, buf, sizeof(buf)) == 3 &&
		    buf[1] == '\r');
	CHILD_CHECK(tty_clear_onlcr(slave) == 0);
	CHILD_CHECK(write(slave, "b\n", 2) == 2 && read(master, buf, sizeof(buf)) == 2 &&
		    buf[1] == '\n');
	return 0;
}

static int take_terminal(void *arg)
{
	int dev = make_dev(), master, slave, tty, out;

	(void) arg;
	if (dev < 0)
		return CHILD_SKIP;
	CHILD_CHECK(tty_open(open_pts(dev), &master, &slave) == 0);
	out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	CHILD_CHECK(tty_take(slave) == 0);
	/* what follows is printed to where it was */
	tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool all = isatty(0) && isatty(1) && isatty(2) && !(fcntl(0, F_GETFD) & FD_CLOEXEC);
	dup2(out, 1);
	CHILD_CHECK(all);
	CHILD_CHECK(getsid(0) == getpid() && tcgetpgrp(0) == getpid());
	CHILD_CHECK(tty >= 0);
	/* leading a session already is no error */
	CHILD_CHECK(tty_take(slave) == 0);
	dup2(out, 1);
	return 0;
}

static int fake_ptmx(void *arg)
{
	autofree char *ptmx = xasprintf("%s/pts/ptmx", dir);
	int dev = make_dev(), master = -1, slave = -1;
	autofd int root = open(dir, O_PATH | O_DIRECTORY);

	(void) arg;
	if (dev < 0)
		return CHILD_SKIP;
	/* no devpts at all */
	CHILD_CHECK(tty_open(root, &master, &slave) == -ENOENT);
	/* something mounted over it */
	if (mount("/dev/null", ptmx, NULL, MS_BIND, NULL) < 0)
		return CHILD_SKIP;
	CHILD_CHECK(tty_open(open_pts(dev), &master, &slave) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(),
			   "the container's 'pts/ptmx' is not the multiplexer of a devpts"));
	CHILD_CHECK(master == -1 && slave == -1);
	return 0;
}

static int bind_console(void *arg)
{
	int (*bind)(int, const char *, int) = arg ? tty_bind_legacy : tty_bind;
	int dev = make_dev(), master, slave;
	struct stat a, b;

	if (dev < 0)
		return CHILD_SKIP;
	CHILD_CHECK(tty_open(open_pts(dev), &master, &slave) == 0 && fstat(slave, &a) == 0);
	CHILD_CHECK(bind(dev, "console", slave) == 0);
	CHILD_CHECK(fstatat(dev, "console", &b, AT_SYMLINK_NOFOLLOW) == 0 &&
		    b.st_rdev == a.st_rdev && S_ISCHR(b.st_mode));
	/* over a file that is there */
	CHILD_CHECK(bind(dev, "console", slave) == 0);
	return 0;
}

static int hostile_console(void *arg)
{
	autofree char *outside = xasprintf("%s.outside", dir);
	int dev = make_dev(), master, slave;
	struct stat st;

	(void) arg;
	if (dev < 0)
		return CHILD_SKIP;
	CHILD_CHECK(tty_open(open_pts(dev), &master, &slave) == 0);
	/* a dangling link is neither followed nor created through */
	CHILD_CHECK(symlinkat(outside, dev, "console") == 0);
	CHILD_CHECK(tty_bind(dev, "console", slave) == -ELOOP);
	CHILD_CHECK(str_eq(err_get_text(), "'/dev/console' in the container is a symbolic link"));
	CHILD_CHECK(stat(outside, &st) < 0 && errno == ENOENT);
	CHILD_CHECK(unlinkat(dev, "console", 0) == 0 && mkdirat(dev, "console", 0755) == 0);
	CHILD_CHECK(tty_bind(dev, "console", slave) == -EISDIR);
	CHILD_CHECK(unlinkat(dev, "console", AT_REMOVEDIR) == 0 &&
		    mkfifoat(dev, "console", 0600) == 0);
	CHILD_CHECK(tty_bind(dev, "console", slave) == 0);
	return 0;
}

static void test_terminal(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, use_terminal, NULL));
}

static void test_take(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, take_terminal, NULL));
}

static void test_fake_ptmx(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, fake_ptmx, NULL));
}

static void test_bind_console(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, bind_console, NULL));
}

static void test_bind_console_legacy(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, bind_console, dir));
}

static void test_hostile_console(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNS, hostile_console, NULL));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_terminal),
		T_TEST(test_take),
		T_TEST(test_fake_ptmx),
		T_TEST(test_bind_console),
		T_TEST(test_bind_console_legacy),
		T_TEST(test_hostile_console),
	};
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = t_run(tests, sizeof(tests) / sizeof(tests[0]));
	rmdir(dir);
	return r;
}
