/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/resolve.h"
#include "base/str.h"
#include "base/sys.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

/* What the kernel does is what the walk is compared with. */
static int oracle(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int) flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	int fd;

	/* Any rename or mount on the whole machine while it goes through ".." is EAGAIN. */
	do {
		fd = sys_openat2(root, path, &how);
	} while (fd == -EAGAIN);
	return fd;
}

/* Without it the tests still walk, and know some of the results themselves. */
static bool have_oracle(void)
{
	autofd int fd = oracle(AT_FDCWD, "/", O_PATH);

	return fd >= 0;
}

/* xorshift: the same trees in every run. */
static uint32_t state;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static const char *draw_name(void)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };

	return names[draw(ARRAY_SIZE(names))];
}

/* A path of one to max parts; wild ones have "..", ".", extra slashes. */
static char *draw_path(unsigned int max)
{
	struct strbuf b = STRBUF_INIT;
	unsigned int n = 1 + draw(max);

	if (draw(3) == 0)
		strbuf_add_c(&b, '/');
	for (unsigned int i = 0; i < n; i++) {
		uint32_t kind = draw(10);

		if (i)
			strbuf_add(&b, draw(8) ? "/" : "//");
		strbuf_add(&b, kind == 0 ? "." : kind <= 2 ? ".." : draw_name());
	}
	if (draw(6) == 0)
		strbuf_add_c(&b, '/');
	return strbuf_take(&b);
}

/* Directories, files, fifos and links of any kind (dangling, absolute, looping, through each
 * other). */
static void plant_tree(int dir, int depth, bool odd_modes)
{
	unsigned int n = 2 + draw(4);

	for (unsigned int i = 0; i < n; i++) {
		const char *name = draw_name();
		uint32_t kind = draw(10);

		if (kind < 4 && depth < 4 && mkdirat(dir, name, 0755) == 0) {
			autofd int sub = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

			plant_tree(sub, depth + 1, odd_modes);
			if (odd_modes && draw(3) == 0)
				(void) fchmod(sub, draw(2) ? 0 : 0644);
		} else if (kind < 6) {
			(void) mknodat(dir, name, S_IFREG | 0644, 0);
		} else {
			autofree char *target = draw_path(4);

			(void) symlinkat(target, dir, name);
		}
	}
}

static int walk_open(int root, const char *path, int flags)
{
	int fd;

	resolve_force_walk(1);
	fd = resolve_open(root, path, flags);
	resolve_force_walk(0);
	return fd;
}

static void compare(int root, const char *path, int flags, uint32_t seed)
{
	autofd int want = oracle(root, path, flags), got = walk_open(root, path, flags);
	struct stat a, b;

	if (want == -ENOSYS || (want == -EPERM && !have_oracle()))
		return;
	/* The walk adds O_NOFOLLOW at the end, which the description keeps. */
	if (want < 0 || got < 0
		    ? want != got
		    : fstat(want, &a) < 0 || fstat(got, &b) < 0 || a.st_ino != b.st_ino ||
			      a.st_dev != b.st_dev ||
			      ((fcntl(want, F_GETFL) ^ fcntl(got, F_GETFL)) & ~O_NOFOLLOW))
		t_fail(__FILE__, __LINE__, "seed %u, path \"%s\", flags %#x: walk %d, openat2 %d",
		       seed, path, (unsigned int) flags, got, want);
}

/* Compares trees grown from n seeds. */
static void compare_trees(uint32_t first, uint32_t n, bool odd_modes)
{
	static const int flags[] = {
		O_PATH,
		O_PATH | O_NOFOLLOW,
		O_PATH | O_DIRECTORY,
		O_PATH | O_NOFOLLOW | O_DIRECTORY,
		O_RDONLY,
		O_RDWR,
		O_RDONLY | O_NOFOLLOW,
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
	};

	for (uint32_t seed = first; seed < first + n; seed++) {
		autofd int root = FD_NONE;
		char name[24];

		/* A tree that may not be searched cannot be removed for the next one either. */
		snprintf(name, sizeof(name), "root%u", odd_modes ? seed : 0);
		root = tmpdir_new(name);
		state = seed * 2654435761U;
		plant_tree(root, 0, odd_modes);
		for (int i = 0; i < 150; i++) {
			autofree char *path = draw_path(7);

			compare(root, path, flags[draw(ARRAY_SIZE(flags))], seed);
		}
	}
}

static void test_random_trees(void)
{
	if (!have_oracle())
		t_skip("no openat2 here");
	compare_trees(1, 200, false);
}

/* The same without the rights of root, among directories that may not be searched. */
static void test_random_permissions(void)
{
	int status, r;
	pid_t pid;

	if (geteuid() != 0 || !have_oracle())
		t_skip("needs root, to become somebody else, and openat2");
	T_EQ(chmod(tmpdir(), 0777), 0);
	pid = fork();
	if (pid == 0) {
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(3);
		r = setjmp(t_jmp);
		if (r == 0)
			compare_trees(1000, 60, true);
		fflush(stdout);
		_exit(r);
	}
	T_EQ(waitpid(pid, &status, 0), pid);
	T_EQ(status, 0);
}

static void test_edges(void)
{
	autofd int root = tmpdir_new("root");
	autofree char *longest = xmalloc(5001);
	static const char *const paths[] = { "",      "/",	 ".",	  "..",	  "/..",
					     "//",    "f",	 "f/",	  "f/.",  "f/..",
					     "d/",    "l",	 "l/",	  "l/.",  "none",
					     "none/", "none/..", "up/up", "loop", "loop/x" };

	T_EQ(mknodat(root, "f", S_IFREG | 0644, 0), 0);
	T_EQ(mkdirat(root, "d", 0755), 0);
	T_EQ(symlinkat("f", root, "l"), 0);
	T_EQ(symlinkat("../../..", root, "up"), 0);
	T_EQ(symlinkat("loop", root, "loop"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		compare(root, paths[i], O_PATH, 0);
		compare(root, paths[i], O_PATH | O_NOFOLLOW, 0);
		compare(root, paths[i], O_RDONLY | O_DIRECTORY, 0);
		compare(root, paths[i], O_RDONLY | O_NOFOLLOW, 0);
	}
	memset(longest, '/', 5000);
	longest[4095] = '\0';
	compare(root, longest, O_PATH, 0);
	longest[4095] = '/';
	longest[4096] = '\0';
	compare(root, longest, O_PATH, 0);
	memset(longest, 'n', 300);
	compare(root, longest, O_PATH, 0);
	T_EQ(resolve_open(root, "new", O_WRONLY | O_CREAT), -EINVAL);
	T_EQ(resolve_open(root, ".", O_WRONLY | O_TMPFILE), -EINVAL);
	T_EQ(walk_open(FD_NONE, "f", O_PATH), -EBADF);
	T_ASSERT(!file_exists_at(root, "new"));
}

static void test_link_budget(void)
{
	autofd int root = tmpdir_new("root"), fd = FD_NONE;
	char name[16], target[16];

	T_EQ(mknodat(root, "l0", S_IFREG | 0644, 0), 0);
	for (int i = 1; i <= 41; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(target, sizeof(target), "/l%d", i - 1);
		T_EQ(symlinkat(target, root, name), 0);
	}
	fd = walk_open(root, "l40", O_RDONLY);
	T_ASSERT(fd >= 0);
	T_EQ(walk_open(root, "l41", O_RDONLY), -ELOOP);
	compare(root, "l40", O_PATH, 0);
	compare(root, "l41", O_PATH, 0);
	compare(root, "l41", O_PATH | O_NOFOLLOW, 0);
}

static void test_procfs(void)
{
	autofd int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	static const char *const paths[] = { "proc/self/exe",	 "proc/self/root/etc",
					     "proc/self/fd/0",	 "proc/self/cwd",
					     "proc/self/ns/mnt", "proc/thread-self/exe" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		T_EQ(walk_open(root, paths[i], O_PATH), -ELOOP);
		compare(root, paths[i], O_PATH, 0);
		compare(root, paths[i], O_PATH | O_NOFOLLOW, 0);
	}
	compare(root, "/proc/self/status", O_RDONLY, 0);
	compare(root, "/proc/mounts", O_RDONLY, 0);
	compare(proc, "net/dev", O_RDONLY, 0);
	compare(proc, "/mounts", O_RDONLY, 0);
}

/* Deep in a tree each ".." is a long way: a path of them is not to take for ever. */
static void test_deep(void)
{
	autofd int root = tmpdir_new("root"), at = fd_dup_above(root, 0), fd = FD_NONE;
	struct strbuf b = STRBUF_INIT;

	for (int i = 0; i < 1000; i++) {
		int next;

		T_ASSERT(mkdirat(at, "d", 0755) == 0);
		next = openat(at, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		T_ASSERT(next >= 0);
		fd_close(&at);
		at = next;
		strbuf_add(&b, "d/");
	}
	for (int i = 0; i < 50; i++)
		strbuf_add(&b, "../d/");
	fd = walk_open(root, b.s, O_PATH);
	T_ASSERT(fd >= 0);
	for (int i = 0; i < 300; i++)
		strbuf_add(&b, "../d/");
	T_EQ(walk_open(root, b.s, O_PATH), -ELOOP);
	strbuf_clear(&b);
}

/* Both ways of opening must create alike. */
static void each_way(void (*fn)(void))
{
	for (int walk = 0; walk < 2; walk++) {
		resolve_force_walk(walk);
		fn();
	}
	resolve_force_walk(0);
}

static void check_mkdir(void)
{
	autofd int root = tmpdir_new("root"), fd = FD_NONE, again = FD_NONE, dots = FD_NONE;
	mode_t old = umask(0);
	struct stat st;

	fd = resolve_mkdir_p(root, "/a/b/c", 0700);
	T_ASSERT(fd >= 0);
	T_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	T_EQ(fstatat(root, "a/b/c", &st, 0), 0);
	T_EQ(st.st_mode, S_IFDIR | 0700);
	T_EQ(fstatat(root, "a/b", &st, 0), 0);
	T_EQ(st.st_mode, S_IFDIR | 0755);
	again = resolve_mkdir_p(root, "a/b/c/", 0777);
	T_ASSERT(again >= 0);
	T_EQ(fstatat(root, "a/b/c", &st, 0), 0);
	T_EQ(st.st_mode, S_IFDIR | 0700);
	dots = resolve_mkdir_p(root, "../x/../../y/./", 0711);
	T_ASSERT(dots >= 0);
	T_ASSERT(file_exists_at(root, "x") && file_exists_at(root, "y"));
	T_EQ(mknodat(root, "f", S_IFREG, 0), 0);
	T_EQ(resolve_mkdir_p(root, "f", 0755), -ENOTDIR);
	T_EQ(resolve_mkdir_p(root, "f/x", 0755), -ENOTDIR);
	T_EQ(resolve_mkdir_p(root, "", 0755), -ENOENT);
	umask(old);
}

static void test_mkdir_p(void)
{
	each_way(check_mkdir);
}

/* What must not be made: anything beside the root. */
static void check_links(void)
{
	autofd int top = tmpdir_new("links"), root = FD_NONE;
	struct stat st;
	int fd, n = 0;
	static const struct {
		const char *link, *target, *path, *made;
		int file;
	} cases[] = {
		{ "abs", "/made/by/abs", "abs", "made/by/abs", 0 },
		{ "absfile", "/made/file", "absfile", "made/file", 1 },
		{ "up", "../../../../outside", "up", "outside", 0 },
		{ "upfile", "../../outfile", "upfile", "outfile", 1 },
		{ "mid", "../../middle", "mid/x/y", "middle/x/y", 1 },
		{ "chain1", "chain2/z", "chain1/w", "/chained/z/w", 0 },
		{ "slash", "/slashed/", "slash", "slashed", 0 },
	};

	T_EQ(mkdirat(top, "root", 0755), 0);
	root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	T_EQ(symlinkat("/chained", root, "chain2"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *made = cases[i].made;
		struct stat opened;

		made += *made == '/';
		T_EQ(symlinkat(cases[i].target, root, cases[i].link), 0);
		fd = cases[i].file ? resolve_create_file(root, cases[i].path, 0640)
				   : resolve_mkdir_p(root, cases[i].path, 0755);
		T_ASSERT(fd >= 0);
		T_EQ(fstat(fd, &opened), 0);
		T_EQ(fstatat(root, made, &st, AT_SYMLINK_NOFOLLOW), 0);
		T_EQ(st.st_ino, opened.st_ino);
		T_EQ(st.st_mode & S_IFMT, cases[i].file ? S_IFREG : S_IFDIR);
		T_EQ(fstatat(root, cases[i].link, &st, AT_SYMLINK_NOFOLLOW), 0);
		T_ASSERT(S_ISLNK(st.st_mode));
		close(fd);
	}
	T_EQ(symlinkat("self", root, "self"), 0);
	T_EQ(resolve_create_file(root, "self", 0600), -ELOOP);
	T_EQ(resolve_mkdir_p(root, "self/x", 0700), -ELOOP);
	T_EQ(symlinkat("/newdir/", root, "dirlink"), 0);
	T_EQ(resolve_create_file(root, "dirlink", 0600), -EISDIR);
	n = file_exists_at(top, "outside") + file_exists_at(top, "outfile") +
	    file_exists_at(top, "middle") + file_exists_at(AT_FDCWD, "/made");
	T_EQ(n, 0);
}

static void test_links(void)
{
	each_way(check_links);
}

static void check_files(void)
{
	autofd int root = tmpdir_new("root"), fd = FD_NONE, again = FD_NONE;
	mode_t old = umask(0);
	struct stat st;

	fd = resolve_create_file(root, "d/f", 0604);
	T_ASSERT(fd >= 0);
	T_EQ(fstat(fd, &st), 0);
	T_EQ(st.st_mode, S_IFREG | 0604);
	again = resolve_create_file(root, "/d/../d/f", 0777);
	T_ASSERT(again >= 0);
	T_EQ(fstat(again, &st), 0);
	T_EQ(st.st_mode, S_IFREG | 0604);
	T_EQ(resolve_create_file(root, "d", 0600), -EISDIR);
	T_EQ(resolve_create_file(root, "d/new/", 0600), -EISDIR);
	T_EQ(resolve_create_file(root, "d/f/", 0600), -ENOTDIR);
	T_EQ(resolve_create_file(root, "d/f/x", 0600), -ENOTDIR);
	T_EQ(resolve_create_file(root, "/", 0600), -EISDIR);
	T_EQ(resolve_create_file(root, "new/..", 0600), -EISDIR);
	umask(old);
}

static void test_create_file(void)
{
	each_way(check_files);
}

/* Random trees again: what has been made is what the kernel finds under that path, in the root. */
static void test_random_creation(void)
{
	for (uint32_t seed = 5000; seed < 5100; seed++) {
		autofd int top = tmpdir_new("creation"), root = FD_NONE;
		autofree char *outer = xasprintf("%s/creation", tmpdir());

		T_EQ(mkdirat(top, "root", 0755), 0);
		root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		state = seed * 2654435761U;
		plant_tree(root, 0, false);
		for (int i = 0; i < 40; i++) {
			autofree char *path = draw_path(6), *text = NULL;
			bool file = draw(2);
			autofd int fd = FD_NONE, found = FD_NONE;
			struct stat a, b;

			resolve_force_walk(1);
			fd = file ? resolve_create_file(root, path, 0644)
				  : resolve_mkdir_p(root, path, 0755);
			resolve_force_walk(0);
			if (fd < 0) {
				if (fd != -ELOOP && fd != -ENOTDIR && fd != -EISDIR)
					t_fail(__FILE__, __LINE__, "seed %u, path \"%s\": %d", seed,
					       path, fd);
				continue;
			}
			found = have_oracle() ? oracle(root, path, O_PATH)
					      : walk_open(root, path, O_PATH);
			T_ASSERT(found >= 0);
			T_ASSERT(fstat(fd, &a) == 0 && fstat(found, &b) == 0);
			T_EQ(a.st_ino, b.st_ino);
			text = resolve_text(root, fd);
			T_ASSERT(text && *text == '/');
		}
		T_EQ(file_remove_tree_at(top, "root"), 0);
		/* Nothing was made beside it. */
		T_EQ(rmdir(outer), 0);
	}
}

static void test_parent(void)
{
	autofd int root = tmpdir_new("root"), dir = FD_NONE;
	autofree char *name = NULL, *text = NULL;

	T_EQ(symlinkat("/target/dir", root, "l"), 0);
	T_EQ(resolve_parent(root, "l/name/", 0, &dir, &name), -ENOENT);
	T_EQ(resolve_parent(root, "/l/./name/.", 1, &dir, &name), 0);
	T_STR(name, "name");
	text = resolve_text(root, dir);
	T_STR(text, "/target/dir");
	free(take_ptr(&text));
	free(take_ptr(&name));
	fd_close(&dir);
	/* The last name is not followed. */
	T_EQ(resolve_parent(root, "l", 0, &dir, &name), 0);
	T_STR(name, "l");
	text = resolve_text(root, dir);
	T_STR(text, "/");
	T_EQ(resolve_parent(root, "/", 1, &dir, &name), -EINVAL);
	T_EQ(resolve_parent(root, "", 1, &dir, &name), -EINVAL);
	T_EQ(resolve_parent(root, "a/..", 1, &dir, &name), -EINVAL);
	T_EQ(resolve_parent(root, ".", 1, &dir, &name), -EINVAL);
	T_ASSERT(!file_exists_at(root, "a"));
}

static void test_text(void)
{
	autofd int top = tmpdir_new("text"), a = FD_NONE, ab = FD_NONE, slash = FD_NONE;
	autofree char *inside = NULL, *other = NULL, *from_top = NULL;

	T_EQ(mkdirat(top, "a", 0755), 0);
	T_EQ(mkdirat(top, "ab", 0755), 0);
	T_EQ(mkdirat(top, "a/x", 0755), 0);
	a = openat(top, "a", O_PATH | O_CLOEXEC);
	ab = openat(top, "ab", O_PATH | O_CLOEXEC);
	slash = open("/", O_PATH | O_CLOEXEC);
	inside = resolve_text(top, ab);
	T_STR(inside, "/ab");
	T_ASSERT(resolve_text(a, ab) == NULL);
	T_ASSERT(resolve_text(a, top) == NULL);
	T_ASSERT(resolve_text(a, FD_NONE) == NULL);
	other = resolve_text(slash, ab);
	T_ASSERT(other && str_starts(other, tmpdir()) && str_ends(other, "/ab"));
	from_top = resolve_text(slash, slash);
	T_STR(from_top, "/");
}

/* Somebody swaps a directory and a link to a place outside while we open and make things below. */
static void race(int walk)
{
	autofd int top = tmpdir_new("race"), root = FD_NONE;
	autofree char *out = xasprintf("%s/race/out", tmpdir());
	int n_ok = 0;
	pid_t pid;

	T_EQ(mkdirat(top, "out", 0755), 0);
	T_EQ(mkdirat(top, "root", 0755), 0);
	root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	T_EQ(mkdirat(root, "d", 0755), 0);
	T_EQ(symlinkat("../out", root, "l"), 0);
	pid = fork();
	if (pid == 0) {
		for (;;)
			(void) renameat2(root, "d", root, "l", RENAME_EXCHANGE);
	}
	resolve_force_walk(walk);
	for (int i = 0; i < 3000; i++) {
		autofd int fd = FD_NONE;
		char path[64];

		snprintf(path, sizeof(path), "d/x/../../d/y%d/../z/%d", i % 7, i % 50);
		fd = i % 2 ? resolve_mkdir_p(root, path, 0755)
			   : resolve_create_file(root, path, 0644);
		n_ok += fd >= 0;
		/* EBUSY and the like would be our fault. */
		if (fd < 0 && fd != -EAGAIN && fd != -ENOTDIR && fd != -EISDIR && fd != -ENOENT)
			printf("# result %d\n", fd);
	}
	resolve_force_walk(0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	T_ASSERT(n_ok > 0);
	T_EQ(rmdir(out), 0); /* still empty */
}

static void test_race(void)
{
	race(1);
	race(0);
}

/* Where openat2 is refused the walk takes over; an honest EPERM is not taken for that. */
static void test_missing(void)
{
	autofd int root = tmpdir_new("root");
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int fd;

		/* As after a first try. */
		sys_note(SYS_F_OPENAT2, -ENOSYS);
		fd = resolve_mkdir_p(root, "a/../b", 0755);
		_exit(fd >= 0 && file_exists_at(root, "b") ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	T_EQ(status, 0);
	if (geteuid() != 0)
		t_skip("needs root, to become somebody else");
	pid = fork();
	if (pid == 0) {
		/* O_NOATIME on somebody else's file. */
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(3);
		_exit(resolve_open(root, "b", O_RDONLY | O_NOATIME) != -EPERM ? 1
		      : sys_missing(SYS_F_OPENAT2)			      ? 2
									      : 0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		t_skip("no openat2 here");
	T_EQ(status, 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_random_trees),
		T_TEST(test_random_permissions),
		T_TEST(test_edges),
		T_TEST(test_link_budget),
		T_TEST(test_procfs),
		T_TEST(test_mkdir_p),
		T_TEST(test_links),
		T_TEST(test_create_file),
		T_TEST(test_random_creation),
		T_TEST(test_parent),
		T_TEST(test_text),
		T_TEST(test_race),
		T_TEST(test_deep),
		T_TEST(test_missing),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
