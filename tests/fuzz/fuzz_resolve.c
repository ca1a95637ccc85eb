/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening below a root that somebody else has filled (base/resolve.h), on a tree made from the
 * input: the walk must find what the kernel's RESOLVE_IN_ROOT finds, fail as it fails, and what is
 * made must be where the kernel finds it afterwards. Beside the root is a directory that nothing
 * may get into. Without openat2 there is no oracle, and nothing is done.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/resolve.h"
#include "base/str.h"
#include "base/sys.h"
#include "fuzz.h"

#define OPS_MAX 24

static char scratch[] = "/dev/shm/hako-fuzz-XXXXXX";
static int top = FD_NONE;

static void remove_scratch(void)
{
	(void) file_remove_tree_at(AT_FDCWD, scratch);
}

struct input {
	const uint8_t *p, *end;
};

static unsigned int take(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

/* A path of up to eight parts; few names, so that they meet. */
static void take_path(struct input *in, char *buf, size_t size)
{
	static const char *const parts[] = {
		"a", "b", "c", "d", "a", "b", ".", "..", "../..", "", "a/b", "b/a", "out", "../out",
	};
	unsigned int shape = take(in), n = shape % 8;

	snprintf(buf, size, "%s", shape & 0x40 ? "/" : "");
	for (unsigned int i = 0; i < n; i++) {
		size_t len = strlen(buf);

		snprintf(buf + len, size - len, "%s%s", i ? "/" : "",
			 parts[take(in) % ARRAY_SIZE(parts)]);
	}
	if ((shape & 0x80) && strlen(buf) + 1 < size)
		strcat(buf, "/");
}

static int oracle(int root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int) flags | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

	int r;

	/* EAGAIN: somebody renamed or mounted, anywhere. */
	do
		r = sys_openat2(root, path, &how);
	while (r == -EAGAIN);
	return r;
}

static bool no_oracle(int root)
{
	autofd int fd = oracle(root, ".", O_PATH);

	return fd == -ENOSYS || fd == -EPERM;
}

/* The kernel stays in the root, too, when the tree is made. */
static void make_tree(int root, struct input *in)
{
	static const char *const dirs[] = { ".", ".", ".", "a", "b" };
	static const char *const names[] = { "a", "b", "c", "d" };
	unsigned int n = take(in) % OPS_MAX;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int what = take(in);
		autofd int dir = oracle(root, dirs[what % ARRAY_SIZE(dirs)], O_PATH | O_DIRECTORY);
		const char *name = names[(what >> 3) % ARRAY_SIZE(names)];
		char text[128];

		if (dir < 0)
			continue;
		switch (what >> 5 & 3) {
		case 0:
			(void) mkdirat(dir, name, 0755);
			break;
		case 1:
			(void) mknodat(dir, name, S_IFREG | 0644, 0);
			break;
		default:
			take_path(in, text, sizeof text);
			(void) symlinkat(text, dir, name);
		}
	}
}

static size_t count_outside(void)
{
	struct stat st;
	size_t n;

	FUZZ_CHECK(fstatat(top, "out", &st, AT_SYMLINK_NOFOLLOW) == 0);
	n = st.st_nlink * 1000 + (size_t) st.st_size;
	FUZZ_CHECK(fstatat(top, ".", &st, 0) == 0);
	return n * 1000 + st.st_nlink * 100 + (size_t) st.st_size;
}

static void show(const char *what, const char *path, int flags, int got, int want)
{
	fprintf(stderr, "%s '%s' flags %#x: %d, the kernel %d\n", what, path, (unsigned int) flags,
		got, want);
}

static void check_same(const char *what, const char *path, int flags, int got, int want)
{
	struct stat a, b;
	bool same = (got < 0 || want < 0) ? got == want
					  : fstat(got, &a) == 0 && fstat(want, &b) == 0 &&
						    a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	if (!same)
		show(what, path, flags, got, want);
	FUZZ_CHECK(same);
}

static void try_open(int root, const char *path)
{
	static const int flags[] = { O_PATH,
				     O_PATH | O_DIRECTORY,
				     O_PATH | O_NOFOLLOW,
				     O_RDONLY | O_NONBLOCK,
				     O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
				     O_PATH | O_NOFOLLOW | O_DIRECTORY };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		autofd int want = oracle(root, path, flags[i]);
		autofd int got = FD_NONE;

		resolve_force_walk(1);
		got = resolve_open(root, path, flags[i]);
		resolve_force_walk(0);
		check_same("open", path, flags[i], got, want);
	}
}

static void try_make(int root, const char *path, bool walk, bool dir)
{
	autofd int made = FD_NONE, want = FD_NONE;
	size_t outside = count_outside();

	resolve_force_walk(walk);
	made = dir ? resolve_mkdir_p(root, path, 0755) : resolve_create_file(root, path, 0644);
	resolve_force_walk(0);
	FUZZ_CHECK(count_outside() == outside);
	if (made < 0)
		return;
	want = oracle(root, path, O_PATH | (dir ? O_DIRECTORY : 0));
	check_same(dir ? "mkdir" : "create", path, walk, made, want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	autofd int root = FD_NONE;
	char path[160];

	if (top < 0 && mkdtemp(scratch)) {
		top = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		atexit(remove_scratch);
	}
	FUZZ_CHECK(top >= 0);
	FUZZ_CHECK(mkdirat(top, "root", 0755) == 0 && mkdirat(top, "out", 0755) == 0);
	root = openat(top, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FUZZ_CHECK(root >= 0);
	if (!no_oracle(root)) {
		make_tree(root, &in);
		for (int i = 0; i < 3; i++) {
			take_path(&in, path, sizeof path);
			try_open(root, path);
			try_make(root, path, i & 1, take(&in) & 1);
			try_open(root, path);
		}
	}
	fd_close(&root);
	FUZZ_CHECK(file_remove_tree_at(top, "root") == 0 && file_remove_tree_at(top, "out") == 0);
	return 0;
}
