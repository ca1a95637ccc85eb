/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/creds.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

/* --- ids --- */

static int all_ids(void *arg)
{
	uint32_t groups[] = { 7, 4294967294u, 9 };
	struct oci_user user = {
		.uid = 1000, .gid = 1001, .additional_gids = groups, .additional_gids_len = 3
	};
	uid_t r, e, s;
	gid_t got[4];

	(void) arg;
	CHILD_CHECK(creds_apply(&user, 0) == 0);
	CHILD_CHECK(getresuid(&r, &e, &s) == 0 && r == 1000 && e == 1000 && s == 1000);
	CHILD_CHECK(getresgid(&r, &e, &s) == 0 && r == 1001 && e == 1001 && s == 1001);
	/* the kernel keeps them sorted */
	CHILD_CHECK(getgroups(4, got) == 3 && got[0] == 7 && got[1] == 9 && got[2] == 4294967294u);
	CHILD_CHECK(setuid(0) < 0);
	return 0;
}

static int null_user(void *arg)
{
	gid_t groups[] = { 5 };

	(void) arg;
	CHILD_CHECK(setgroups(1, groups) == 0);
	CHILD_CHECK(creds_apply(NULL, CREDS_KEEP_GROUPS) == 0 && getgroups(0, NULL) == 1);
	CHILD_CHECK(creds_apply(NULL, 0) == 0 && getgroups(0, NULL) == 0);
	CHILD_CHECK(getuid() == 0 && getgid() == 0);
	return 0;
}

static int minus_one(void *arg)
{
	struct oci_user user = { .uid = UINT_MAX }, group = { .gid = UINT_MAX };

	(void) arg;
	CHILD_CHECK(creds_apply(&user, 0) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(), "user 4294967295:0 is no valid id"));
	CHILD_CHECK(creds_apply(&group, 0) == -EINVAL);
	return 0;
}

static void test_apply(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_EQ(child_run(all_ids, NULL), 0);
	T_EQ(child_run(null_user, NULL), 0);
	T_EQ(child_run(minus_one, NULL), 0);
}

/* A user namespace as a rootless caller gets it: one id mapped, setgroups denied. */
static int denied_groups(void *arg)
{
	uint32_t group = 0;
	struct oci_user plain = { 0 },
			grouped = { .additional_gids = &group, .additional_gids_len = 1 };
	struct oci_user other = { .uid = 5 };
	char map[32];

	(void) arg;
	CHILD_CHECK(file_write_at(AT_FDCWD, "/proc/self/setgroups", "deny") == 0);
	snprintf(map, sizeof(map), "0 %s 1", getenv("TEST_ID"));
	CHILD_CHECK(file_write_at(AT_FDCWD, "/proc/self/gid_map", map) == 0);
	CHILD_CHECK(file_write_at(AT_FDCWD, "/proc/self/uid_map", map) == 0);
	CHILD_CHECK(creds_apply(&plain, 0) == 0);
	CHILD_CHECK(creds_apply(&grouped, 0) == -EPERM);
	CHILD_CHECK(str_eq(err_get_text(),
			   "set additional groups: setgroups is denied in this user "
			   "namespace: operation not permitted"));
	CHILD_CHECK(creds_apply(&other, 0) == -EINVAL);
	CHILD_CHECK(str_eq(err_get_text(), "set user 5: it is not mapped in the user namespace"));
	return 0;
}

static void test_denied_groups(void)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", geteuid());
	setenv("TEST_ID", id, 1);
	if (geteuid() != getegid())
		t_skip("needs equal ids");
	T_CHILD(child_run_unshared(CLONE_NEWUSER, denied_groups, NULL));
}

static void test_umask(void)
{
	struct oci_user user = { .umask = 027, .has_umask = true };
	mode_t old = umask(0);

	creds_apply_umask(&user);
	T_EQ(umask(0), 027);
	creds_apply_umask(&(struct oci_user){ 0 });
	T_EQ(umask(0), 022);
	creds_apply_umask(NULL);
	T_EQ(umask(old), 022);
}

static int chown_stdio(void *arg)
{
	struct oci_user user = { .uid = 1234 };
	struct stat null_before, st;
	int fd = open(arg, O_RDWR | O_CREAT, 0600), null = open("/dev/null", O_RDWR);

	CHILD_CHECK(fstat(null, &null_before) == 0);
	CHILD_CHECK(dup2(null, 0) == 0 && dup2(fd, 2) == 2);
	CHILD_CHECK(dup2(open("/dev/zero", O_RDONLY), 1) == 1);
	CHILD_CHECK(creds_chown_stdio(&user) == 0);
	/* Devices are the host's, in the container as well. */
	CHILD_CHECK(fstat(1, &st) == 0 && st.st_uid != 1234);
	CHILD_CHECK(fstat(2, &st) == 0 && st.st_uid == 1234 && st.st_gid != 1234);
	CHILD_CHECK(fstat(0, &st) == 0 && st.st_uid == null_before.st_uid);
	return 0;
}

static void test_chown_stdio(void)
{
	char path[] = "/tmp/hako-creds-XXXXXX";
	int fd, r;

	if (geteuid() != 0)
		t_skip("needs root");
	fd = mkstemp(path);
	close(fd);
	r = child_run(chown_stdio, path);
	unlink(path);
	T_EQ(r, 0);
}

/* --- home --- */

static char root[] = "/tmp/hako-home-XXXXXX";
static int root_fd = FD_NONE;

static const char *home(uid_t uid)
{
	static char *last;

	free(last);
	last = creds_home(root_fd, uid);
	return last;
}

static void write_passwd(const char *text, size_t len)
{
	int fd;

	unlinkat(root_fd, "etc/passwd", 0);
	fd = openat(root_fd, "etc/passwd", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	T_ASSERT(fd >= 0 && write(fd, text, len) == (ssize_t) len);
	close(fd);
}

static void test_home(void)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/sh\n"
				   "broken line\n"
				   ":::\n"
				   "1000:x:5:5::/five:\n"
				   "ann:x:1000:1000:Ann:/home/ann:/bin/sh\n"
				   "bob:x:1000:1000:Bob:/home/bob:/bin/sh\n"
				   "neg:x:-1:0::/neg:\n"
				   "hex:x:0x7:0::/hex:\n"
				   "rel:x:8:8::rel:\n"
				   "nohome:x:9:9::\n"
				   "last:x:10:10::/last:/bin/sh";

	T_STR(home(0), "/");
	write_passwd(text, sizeof(text) - 1);
	T_STR(home(0), "/root");
	T_STR(home(5), "/five");
	T_STR(home(1000), "/home/ann");
	T_STR(home(7), "/");
	T_STR(home(UINT_MAX), "/");
	T_STR(home(8), "/");
	T_STR(home(9), "/");
	T_STR(home(10), "/last");
	T_STR(home(11), "/");
}

static void test_home_of_hostile_files(void)
{
	static char big[1 << 20];
	int fd;

	/* a line of 1 MB, one that fits, NUL bytes */
	memset(big, 'x', sizeof(big));
	memcpy(big + sizeof(big) - 40, "\nann:x:1:1::/ann:/bin/sh\n\0b:x:2:2::/b:\n", 40);
	write_passwd(big, sizeof(big));
	T_STR(home(1), "/ann");
	T_STR(home(2), "/");
	/* the end of a line that is too long is no line */
	memset(big, 'x', sizeof(big));
	memcpy(big + 4095, "evil:x:3:3::/evil:\n", 19);
	write_passwd(big, sizeof(big));
	T_STR(home(3), "/");
	/* sparse and huge: bounded work */
	fd = openat(root_fd, "etc/passwd", O_WRONLY | O_TRUNC);
	T_ASSERT(ftruncate(fd, 1ll << 30) == 0);
	T_ASSERT(pwrite(fd, "\nz:x:4:4::/z:\n", 14, (1 << 30) - 14) == 14);
	close(fd);
	T_STR(home(4), "/");
	/* what blocks, what is a directory */
	unlinkat(root_fd, "etc/passwd", 0);
	T_EQ(mkfifoat(root_fd, "etc/passwd", 0600), 0);
	T_STR(home(0), "/");
	unlinkat(root_fd, "etc/passwd", 0);
	T_EQ(mkdirat(root_fd, "etc/passwd", 0700), 0);
	T_STR(home(0), "/");
	unlinkat(root_fd, "etc/passwd", AT_REMOVEDIR);
	/* links stay inside */
	T_EQ(symlinkat("/etc/passwd", root_fd, "etc/passwd"), 0);
	T_STR(home(0), "/");
	unlinkat(root_fd, "etc/passwd", 0);
	T_EQ(symlinkat("../../../../real", root_fd, "etc/passwd"), 0);
	fd = openat(root_fd, "real", O_WRONLY | O_CREAT, 0644);
	T_ASSERT(write(fd, "r:x:0:0::/inside:\n", 18) == 18);
	close(fd);
	T_STR(home(0), "/inside");
}

static void test_keyring(void)
{
	/* with keys or without them in the kernel */
	T_EQ(creds_join_keyring("hako-test"), 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_apply),   T_TEST(test_denied_groups),
		T_TEST(test_umask),   T_TEST(test_chown_stdio),
		T_TEST(test_home),    T_TEST(test_home_of_hostile_files),
		T_TEST(test_keyring),
	};
	int r;

	if (!mkdtemp(root))
		return 1;
	root_fd = open(root, O_PATH | O_DIRECTORY);
	mkdirat(root_fd, "etc", 0755);
	r = t_run(tests, sizeof(tests) / sizeof(tests[0]));
	file_remove_tree_at(AT_FDCWD, root);
	return r;
}
