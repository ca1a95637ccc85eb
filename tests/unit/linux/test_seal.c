/* SPDX-License-Identifier: Apache-2.0 */
/* Started with a method this program protects itself, otherwise it tries to break in. */
#include "linux/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

struct sealed {
	pid_t pid;
	int ready, go; /* a byte comes when it is protected; closing go ends it */
};

/* The started program: see main(). */
static int protected_main(char **argv)
{
	char c = 'r';
	int r = seal_self_by(atoi(argv[1]), argv);

	if (r < 0) {
		printf("# %s\n", err_get_text());
		return r == -EPERM || r == -ENOSYS ? CHILD_SKIP : 1;
	}
	if (!seal_is_protected() || getenv("_HAKO_SEALED") || !str_eq(argv[2], "an argument"))
		return 2;
	if (seal_self(argv) != 0 || write(3, &c, 1) != 1)
		return 3;
	return read(4, &c, 1) == 0 ? 0 : 4;
}

static struct sealed start(enum seal_method method)
{
	int ready[2], go[2];
	char method_text[8], c;
	struct sealed s;

	snprintf(method_text, sizeof(method_text), "%d", method);
	T_ASSERT(pipe2(ready, O_CLOEXEC) == 0 && pipe2(go, O_CLOEXEC) == 0);
	fflush(stdout);
	s.pid = fork();
	if (s.pid == 0) {
		int out = fcntl(ready[1], F_DUPFD, 10), in = fcntl(go[0], F_DUPFD, 10);

		dup2(out, 3);
		dup2(in, 4);
		fd_close_from(5);
		execl("/proc/self/exe", "test", method_text, "an argument", NULL);
		_exit(5);
	}
	close(ready[1]);
	close(go[0]);
	s.go = go[1];
	s.ready = ready[0];
	if (read(s.ready, &c, 1) != 1) {
		int status;

		waitpid(s.pid, &status, 0);
		if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_SKIP)
			t_skip("method %d is not allowed here", method);
		t_fail(__FILE__, __LINE__, "method %d: exit %d", method, WEXITSTATUS(status));
	}
	return s;
}

static int stop(struct sealed *s)
{
	int status;

	close(s->go);
	close(s->ready);
	waitpid(s->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int open_exe(const struct sealed *s, int flags)
{
	autofree char *path = xasprintf("/proc/%d/exe", s->pid);

	return open(path, flags | O_CLOEXEC);
}

/* What a container with CAP_SYS_ADMIN of the host would try with the descriptor. */
static int attack_mount(int exe)
{
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	char path[FD_PATH_MAX];
	int fd;

	if (sys_mount_setattr(exe, "", AT_EMPTY_PATH, &writable) == 0)
		return 1;
	if (mount(NULL, fd_proc_path(exe, path), NULL, MS_REMOUNT | MS_BIND, NULL) == 0)
		return 2;
	if (mount(path, "/tmp", NULL, MS_BIND, NULL) == 0)
		return 3;
	fd = sys_open_tree(exe, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (fd >= 0 && sys_mount_setattr(fd, "", AT_EMPTY_PATH, &writable) == 0 &&
	    open(fd_proc_path(fd, path), O_RDWR) >= 0)
		return 4;
	return 0;
}

static int attack_entry(void *arg)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return CHILD_SKIP;
	return attack_mount(*(int *) arg);
}

static void check_protection(enum seal_method method)
{
	struct sealed s = start(method);
	struct stat own, its;
	char path[FD_PATH_MAX];
	int exe = open_exe(&s, O_PATH), code, reopened, attacked;
	bool writable = open_exe(&s, O_WRONLY) >= 0;

	attacked = child_run_unshared(CLONE_NEWNS, attack_entry, &exe);
	T_ASSERT(stat("/proc/self/exe", &own) == 0);
	its = own;
	fstat(exe, &its);
	code = stop(&s);
	/* nobody executes it any more, so it is no longer ETXTBSY that protects it */
	reopened = open(fd_proc_path(exe, path), O_WRONLY);
	if (reopened >= 0 && method == SEAL_MEMFD) {
		/* may be opened, never written */
		T_ASSERT(write(reopened, "x", 1) < 0 && ftruncate(reopened, 0) < 0);
		T_EQ(fcntl(reopened, F_GET_SEALS) & 0xf,
		     F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
		close(reopened);
	} else {
		T_ASSERT(reopened < 0);
	}
	close(exe);
	T_EQ(code, 0);
	T_ASSERT(!writable);
	if (method == SEAL_MEMFD)
		T_ASSERT(own.st_ino != its.st_ino);
	if (attacked != CHILD_SKIP)
		T_EQ(attacked, 0);
}

static void test_memfd(void)
{
	check_protection(SEAL_MEMFD);
}

static void test_clone(void)
{
	check_protection(SEAL_CLONE);
}

static void test_auto(void)
{
	check_protection(SEAL_AUTO);
}

/* A caller that sets the marker gets an error, not a loop and not an unprotected run. */
static int marked(void *arg)
{
	char *argv[] = { (char *) "test", NULL };

	(void) arg;
	setenv("_HAKO_SEALED", "1", 1);
	CHILD_CHECK(seal_self(argv) == -EPERM);
	CHILD_CHECK(str_eq(err_get_text(), "protect own executable: the copy is not recognised"));
	return 0;
}

static void test_marker(void)
{
	T_ASSERT(!seal_is_protected());
	T_EQ(child_run(marked, NULL), 0);
}

static void test_can_skip(void)
{
	struct oci_id_mapping m[] = { { .container_id = 0, .host_id = 0, .size = 1 },
				      { .container_id = 0, .host_id = 100000, .size = 65536 } };
	struct stat st;

	T_ASSERT(stat("/proc/self/exe", &st) == 0);
	m[0].host_id = st.st_uid;
	T_ASSERT(!seal_can_skip(m, 1));
	T_ASSERT(!seal_can_skip(m, 2));
	T_ASSERT(!seal_can_skip(NULL, 0));
	if (!(st.st_mode & 022))
		T_ASSERT(seal_can_skip(m + 1, 1));
}

int main(int argc, char **argv)
{
	static const struct t_test tests[] = {
		T_TEST(test_memfd),  T_TEST(test_clone),    T_TEST(test_auto),
		T_TEST(test_marker), T_TEST(test_can_skip),
	};

	if (argc > 2)
		return protected_main(argv);
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
