/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/str.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

static int put(int dirfd, const char *name, const char *text)
{
	return file_replace_at(dirfd, name, text, strlen(text), 0644, 0);
}

static void test_read_write(void)
{
	autofd int dir = tmpdir_new("rw");
	autofree char *got = NULL;
	size_t len;

	T_EQ(file_write_at(dir, "f", "x"), -ENOENT);
	T_EQ(put(dir, "f", "hello"), 0);
	T_EQ(file_write_at(dir, "f", "J"), 0);
	T_EQ(file_read_at(dir, "f", 5, &got, &len), 0);
	T_STR(got, "Jello");
	T_EQ(len, 5);
	T_EQ(file_read_at(dir, "f", 4, &got, &len), -EFBIG);
	T_EQ(file_read_at(dir, "g", 4, &got, &len), -ENOENT);
	T_EQ(file_write_at(AT_FDCWD, "/dev/full", "x"), -ENOSPC);
	T_ASSERT(file_exists_at(dir, "f") && !file_exists_at(dir, "g"));
}

static int count(void *arg, int dirfd, const char *name)
{
	(void) dirfd;
	(void) name;
	++*(int *) arg;
	return 0;
}

static void test_replace(void)
{
	autofd int dir = tmpdir_new("replace");
	autofree char *path = xasprintf("%s/replace/sub/by-path", tmpdir()), *got = NULL;
	struct stat st;
	mode_t old = umask(077);
	int n = 0;

	T_EQ(file_replace_at(dir, "f", "a long first text", 17, 0644, FILE_SYNC), 0);
	umask(old);
	T_EQ(file_replace_at(dir, "f", "b\0c", 3, 0640, 0), 0);
	T_EQ(fstatat(dir, "f", &st, 0), 0);
	T_EQ(st.st_size, 3);
	T_EQ(st.st_mode, S_IFREG | 0640);
	/* A link of that name is replaced, not followed. */
	T_EQ(symlinkat("victim", dir, "l"), 0);
	T_EQ(put(dir, "l", "x"), 0);
	T_ASSERT(!file_exists_at(dir, "victim"));
	T_EQ(mkdirat(dir, "sub", 0755), 0);
	T_EQ(put(AT_FDCWD, path, "y"), 0);
	T_EQ(file_read_at(dir, "sub/by-path", 9, &got, NULL), 0);
	T_STR(got, "y");
	/* Failures leave nothing. */
	T_EQ(put(dir, "sub", "x"), -EISDIR);
	T_EQ(put(dir, "nodir/x", "x"), -ENOENT);
	T_EQ(put(dir, "", "x"), -EINVAL);
	T_EQ(put(dir, "sub/", "x"), -EINVAL);
	T_EQ(put(dir, "..", "x"), -EINVAL);
	T_EQ(file_each_at(dir, ".", count, &n), 0);
	T_EQ(n, 3);
}

static void test_mkdir_p(void)
{
	autofd int dir = tmpdir_new("mk");
	autofree char *deep = xasprintf("%s/mk/l//a/b/", tmpdir());
	autofree char *below_file = xasprintf("%s/mk/f/a", tmpdir());
	autofree char *file = xasprintf("%s/mk/f", tmpdir());

	T_EQ(mkdirat(dir, "real", 0755), 0);
	T_EQ(symlinkat("real", dir, "l"), 0);
	T_EQ(put(dir, "f", ""), 0);
	T_EQ(file_mkdir_p(deep, 0700), 0);
	T_EQ(file_mkdir_p(deep, 0700), 0);
	T_ASSERT(file_exists_at(dir, "real/a/b"));
	T_EQ(file_mkdir_p(below_file, 0700), -ENOTDIR);
	T_EQ(file_mkdir_p(file, 0700), -ENOTDIR);
	T_EQ(file_mkdir_p("", 0700), -ENOENT);
	T_EQ(file_mkdir_p("/", 0700), 0);
}

static int stop_at_b(void *arg, int dirfd, const char *name)
{
	struct stat st;

	T_EQ(fstatat(dirfd, name, &st, 0), 0);
	++*(int *) arg;
	return strcmp(name, "b") == 0 ? -EDOM : 0;
}

static void test_each(void)
{
	autofd int dir = tmpdir_new("each"), o_path = openat(dir, ".", O_PATH | O_CLOEXEC);
	int n = 0;

	T_EQ(put(dir, "a", ""), 0);
	T_EQ(put(dir, ".b", ""), 0);
	T_EQ(file_each_at(o_path, ".", count, &n), 0);
	T_EQ(file_each_at(dir, ".", count, &n), 0);
	T_EQ(file_each_at(dir, ".", count, &n), 0);
	T_EQ(n, 6);
	T_EQ(put(dir, "b", ""), 0);
	T_EQ(file_each_at(dir, ".", stop_at_b, &n), -EDOM);
	T_EQ(file_each_at(dir, "a", count, &n), -ENOTDIR);
	T_EQ(file_each_at(dir, "none", count, &n), -ENOENT);
}

static void test_append(void)
{
	autofd int dir = tmpdir_new("append"), fd = FD_NONE;
	autofree char *file = xasprintf("%s/append/file", tmpdir()), *got = NULL;
	autofree char *link = xasprintf("%s/append/link", tmpdir());
	autofree char *fifo = xasprintf("%s/append/fifo", tmpdir());

	T_EQ(mkfifoat(dir, "fifo", 0600), 0);
	T_EQ(file_open_append(fifo, 0600), -ENXIO);
	T_EQ(symlinkat("file", dir, "link"), 0);
	T_ASSERT(!file_link_is_trusted(file) && file_link_is_trusted(link));
	fd = file_open_append(link, 0600);
	T_ASSERT(fd >= 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK));
	T_EQ(fd_write_full(fd, "x", 1), 0);
	T_EQ(file_read_at(dir, "file", 16, &got, NULL), 0);
	T_STR(got, "x");
	/* Nobody but its owner may exchange a link in a sticky directory. */
	T_EQ(fchmod(dir, 01777), 0);
	T_ASSERT(file_link_is_trusted(link));
	T_EQ(fchmod(dir, 0777), 0);
	T_ASSERT(!file_link_is_trusted(link));
	T_EQ(file_open_append(link, 0600), -ELOOP);
	if (geteuid() != 0)
		return;
	T_EQ(fchmod(dir, 01777), 0);
	T_EQ(fchownat(dir, "link", 12345, 12345, AT_SYMLINK_NOFOLLOW), 0);
	T_ASSERT(!file_link_is_trusted(link));
}

static void test_remove(void)
{
	autofd int dir = tmpdir_new("rm");

	T_EQ(file_remove_tree_at(dir, "none"), 0);
	T_EQ(put(dir, "f", ""), 0);
	T_EQ(file_remove_tree_at(dir, "f"), 0);
	T_EQ(mkdirat(dir, "keep", 0755), 0);
	T_EQ(put(dir, "keep/me", ""), 0);
	T_EQ(mkdirat(dir, "t", 0755), 0);
	T_EQ(mkdirat(dir, "t/empty", 0), 0);
	T_EQ(mkdirat(dir, "t/full", 0755), 0);
	T_EQ(put(dir, "t/full/f", ""), 0);
	T_EQ(mkfifoat(dir, "t/full/fifo", 0600), 0);
	T_EQ(symlinkat("../keep", dir, "t/link"), 0);
	T_EQ(symlinkat("../../keep", dir, "t/full/link"), 0);
	T_EQ(symlinkat("keep", dir, "toplink"), 0);
	T_EQ(file_remove_tree_at(dir, "t"), 0);
	T_EQ(file_remove_tree_at(dir, "toplink"), 0);
	T_ASSERT(!file_exists_at(dir, "t") && !file_exists_at(dir, "toplink"));
	T_ASSERT(file_exists_at(dir, "keep/me"));
}

/* Deeper than descriptors and PATH_MAX go. */
static void test_remove_deep(void)
{
	autofd int dir = tmpdir_new("deep"), at = openat(dir, ".", O_PATH | O_CLOEXEC);

	for (int i = 0; i < 3000; i++) {
		int next;

		T_EQ(mkdirat(at, "directory", 0755), 0);
		T_EQ(mkdirat(at, "other", 0755), 0);
		next = openat(at, "directory", O_PATH | O_CLOEXEC);
		T_ASSERT(next >= 0);
		fd_close(&at);
		at = next;
	}
	T_EQ(file_remove_tree_at(dir, "directory"), 0);
	T_ASSERT(!file_exists_at(dir, "directory"));
}

static int remove_with_mounts(const char *top, int dir)
{
	autofree char *inner = xasprintf("%s/t/a/mnt", top), *keep = xasprintf("%s/keep", top);
	autofree char *outer = xasprintf("%s/t", top);
	int r;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	/* A bind mount of the same file system, below and at the top. */
	if (mount(keep, inner, NULL, MS_BIND, NULL) < 0)
		return 2;
	r = file_remove_tree_at(dir, "t");
	if (r != -EBUSY || !file_exists_at(dir, "keep/me"))
		return 3;
	if (mount(keep, outer, NULL, MS_BIND, NULL) < 0)
		return 4;
	r = file_remove_tree_at(dir, "t");
	if (r != -EBUSY || !file_exists_at(dir, "keep/me"))
		return 5;
	return umount2(outer, MNT_DETACH) < 0 ? 6 : 0;
}

static void test_remove_mounts(void)
{
	autofd int dir = tmpdir_new("mounts");
	autofree char *top = xasprintf("%s/mounts", tmpdir());
	int status;
	pid_t pid;

	T_EQ(mkdirat(dir, "keep", 0755), 0);
	T_EQ(put(dir, "keep/me", ""), 0);
	T_EQ(mkdirat(dir, "t", 0755), 0);
	T_EQ(mkdirat(dir, "t/a", 0755), 0);
	T_EQ(mkdirat(dir, "t/a/mnt", 0755), 0);
	pid = fork();
	if (pid == 0)
		_exit(remove_with_mounts(top, dir));
	T_EQ(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		t_skip("needs the right to mount");
	T_EQ(status, 0);
}

/* Another process swaps a directory and a link to a place outside all the time. */
static void test_remove_race(void)
{
	autofd int dir = tmpdir_new("race");
	pid_t pid;

	T_EQ(mkdirat(dir, "keep", 0755), 0);
	T_EQ(mkdirat(dir, "keep/sub", 0755), 0);
	T_EQ(put(dir, "keep/sub/me", ""), 0);
	T_EQ(symlinkat("../keep", dir, "bait"), 0);
	pid = fork();
	if (pid == 0) {
		for (;;)
			(void) renameat2(dir, "bait", dir, "t/d", RENAME_EXCHANGE);
	}
	for (int i = 0; i < 2000; i++) {
		(void) mkdirat(dir, "t", 0755);
		(void) mkdirat(dir, "t/d", 0755);
		(void) mkdirat(dir, "t/d/sub", 0755);
		(void) put(dir, "t/d/sub/f", "");
		(void) file_remove_tree_at(dir, "t");
		if (!file_exists_at(dir, "bait"))
			(void) symlinkat("../keep", dir, "bait");
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	T_ASSERT(file_exists_at(dir, "keep/sub/me"));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_read_write),  T_TEST(test_replace),	      T_TEST(test_mkdir_p),
		T_TEST(test_each),	  T_TEST(test_append),	      T_TEST(test_remove),
		T_TEST(test_remove_deep), T_TEST(test_remove_mounts), T_TEST(test_remove_race),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
