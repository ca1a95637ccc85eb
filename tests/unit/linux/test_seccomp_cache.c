/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "linux/seccomp_filter.h"
#include "ocispec.h"
#include "tests/unit/base/tmpdir.h"
#include "tests/unit/t.h"

#define DENY_SETUID                                                       \
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":" \
	"[\"setuid\"],\"action\":\"SCMP_ACT_ERRNO\"}]}"
#define ALLOW "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}"

static int root;

static struct seccomp_program build(const char *json, int options)
{
	auto_call(oci_seccomp_free) struct oci_seccomp *doc = NULL;
	struct oci_error err = { NULL };
	struct seccomp_program p = { NULL };

	T_EQ(oci_seccomp_parse(json, strlen(json), &doc, &err), 0);
	T_EQ(seccomp_cache_build(root, doc, options, &p), 0);
	return p;
}

static bool same(const struct seccomp_program *a, const struct seccomp_program *b)
{
	return a->len == b->len && a->flags == b->flags && a->listener == b->listener &&
	       memcmp(a->insns, b->insns, a->len * 8) == 0;
}

/* The entries; with one of them in name. */
static int entries(char name[128])
{
	DIR *dir = fdopendir(openat(root, ".seccomp", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct dirent *e;
	int n = 0;

	T_ASSERT(dir);
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, 128, ".seccomp/%.100s", e->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

static void begin(void)
{
	if (!seccomp_is_available())
		t_skip("no libseccomp");
	unsetenv("LD_PRELOAD"); /* of a sanitizer, perhaps */
	unsetenv("LD_LIBRARY_PATH");
	umask(022);
	root = tmpdir_new("state");
}

static void test_hit(void)
{
	struct seccomp_program first, second;
	struct stat before, after;
	char name[128];

	begin();
	first = build(DENY_SETUID, 0);
	T_EQ(entries(name), 1);
	T_EQ(fstatat(root, name, &before, 0), 0);
	T_EQ(before.st_mode & 07777, 0600);
	second = build(DENY_SETUID, 0);
	T_ASSERT(same(&first, &second));
	T_EQ(fstatat(root, name, &after, 0), 0);
	T_EQ(before.st_ino, after.st_ino);
	seccomp_program_clear(&first);
	seccomp_program_clear(&second);
}

/* Whatever decides the content is in the name. */
static void test_names(void)
{
	char name[128];

	begin();
	struct seccomp_program a = build(DENY_SETUID, 0), b = build(ALLOW, 0),
			       c = build(DENY_SETUID, SECCOMP_HAVE_RECEIVER);

	T_EQ(entries(name), 3);
	T_ASSERT(!a.listener && c.listener);
	seccomp_program_clear(&a);
	seccomp_program_clear(&b);
	seccomp_program_clear(&c);
}

static void overwrite(const char *name, off_t at, const void *data, size_t len)
{
	int fd = openat(root, name, O_WRONLY | O_CLOEXEC);

	T_ASSERT(fd >= 0);
	T_EQ(pwrite(fd, data, len, at), (ssize_t) len);
	close(fd);
}

static void flip(const char *name)
{
	struct stat st;

	T_EQ(fstatat(root, name, &st, 0), 0);
	overwrite(name, st.st_size - 4, "\377\377\377\177", 4);
}

static void cut(const char *name)
{
	int fd = openat(root, name, O_WRONLY | O_CLOEXEC);

	T_EQ(ftruncate(fd, 130), 0);
	close(fd);
}

static void empty(const char *name)
{
	int fd = openat(root, name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	T_ASSERT(fd >= 0);
	close(fd);
}

static void open_to_all(const char *name)
{
	flip(name);
	T_EQ(fchmodat(root, name, 0666, 0), 0);
}

/* The weak filter of another profile, whole and sound, under the name of this one. */
static void exchange(const char *name)
{
	autofree char *own = xstrdup(name);
	struct seccomp_program weak;
	char other[128];

	T_EQ(renameat(root, own, root, "kept"), 0);
	weak = build(ALLOW, 0);
	seccomp_program_clear(&weak);
	T_EQ(entries(other), 1);
	T_EQ(renameat(root, other, root, own), 0);
	T_EQ(unlinkat(root, "kept", 0), 0);
}

static void link_to(const char *name)
{
	T_EQ(renameat(root, name, root, "elsewhere"), 0);
	flip("elsewhere");
	T_EQ(symlinkat("../elsewhere", root, name), 0);
}

static void second_name(const char *name)
{
	flip(name);
	T_EQ(linkat(root, name, root, "second", 0), 0);
}

static void fifo(const char *name)
{
	T_EQ(unlinkat(root, name, 0), 0);
	T_EQ(mkfifoat(root, name, 0600), 0);
}

/* Each time the filter is the right one, and the next one comes from a sound entry. */
static void test_poison(void)
{
	static void (*const attacks[])(const char *) = { flip,	      cut,	empty,
							 open_to_all, exchange, second_name,
							 link_to,     fifo };

	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		struct seccomp_program good, again, third;
		char name[128];

		begin();
		good = build(DENY_SETUID, 0);
		T_EQ(entries(name), 1);
		attacks[i](name);
		again = build(DENY_SETUID, 0);
		third = build(DENY_SETUID, 0);
		if (!same(&good, &again) || !same(&good, &third))
			t_fail(__FILE__, __LINE__, "attack %zu changed the filter", i);
		seccomp_program_clear(&good);
		seccomp_program_clear(&again);
		seccomp_program_clear(&third);
		close(root);
	}
}

/* In a directory that others may write to nothing is kept and nothing is read. */
static void test_directory(void)
{
	struct seccomp_program good, again;
	char name[128];

	begin();
	good = build(DENY_SETUID, 0);
	T_EQ(entries(name), 1);
	flip(name);
	T_EQ(fchmodat(root, ".seccomp", 0777, 0), 0);
	again = build(DENY_SETUID, 0);
	T_ASSERT(same(&good, &again));
	T_EQ(file_remove_tree_at(root, ".seccomp"), 0);
	T_EQ(mkdirat(root, "target", 0700), 0);
	T_EQ(symlinkat("target", root, ".seccomp"), 0);
	seccomp_program_clear(&again);
	again = build(DENY_SETUID, 0);
	T_ASSERT(same(&good, &again));
	T_EQ(unlinkat(root, "target", AT_REMOVEDIR), 0);
	seccomp_program_clear(&good);
	seccomp_program_clear(&again);
}

static void test_bounded(void)
{
	char name[128];

	begin();
	for (int i = 0; i < 150; i++) {
		autofree char *json = xasprintf("{\"defaultAction\":\"SCMP_ACT_ALLOW\","
						"\"syscalls\":[{\"names\":[\"setuid\"],\"action\":"
						"\"SCMP_ACT_ERRNO\",\"errnoRet\":%d}]}",
						i + 1);
		struct seccomp_program p = build(json, 0);

		seccomp_program_clear(&p);
	}
	T_ASSERT(entries(name) <= 128);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_hit),	T_TEST(test_names),   T_TEST(test_poison),
		T_TEST(test_directory), T_TEST(test_bounded),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
