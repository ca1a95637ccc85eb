/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../t.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "ocispec.h"

static char dir[64];

static int open_root(void)
{
	int fd = FD_NONE;

	snprintf(dir, sizeof(dir), "/tmp/hako-store.XXXXXX");
	T_ASSERT(mkdtemp(dir));
	T_EQ(store_open_root(dir, false, &fd), 0);
	return fd;
}

static void close_root(int fd)
{
	close(fd);
	T_EQ(file_remove_tree_at(AT_FDCWD, dir), 0);
}

static void test_ids(void)
{
	static const char *const good[] = { "a", "A-1_b+c.d", "0", "-x", "+" };
	static const char *const bad[] = { "",	      ".",   "..",	 ".foo", "foo bar",
					   "foo/bar", "a\n", "\xc3\xa9", "a:b" };
	char long_id[STORE_ID_MAX + 2];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		T_EQ(store_check_id(good[i]), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		T_EQ(store_check_id(bad[i]), -EINVAL);
		T_CONTAINS(err_get_text(), "invalid container id '");
	}
	memset(long_id, 'a', sizeof(long_id));
	long_id[STORE_ID_MAX] = '\0';
	T_EQ(store_check_id(long_id), 0);
	long_id[STORE_ID_MAX] = 'a';
	long_id[STORE_ID_MAX + 1] = '\0';
	T_EQ(store_check_id(long_id), -EINVAL);
	err_clear();
}

static void test_reserve_once(void)
{
	int root = open_root(), a = FD_NONE, b = FD_NONE;

	T_EQ(store_reserve(root, "c1", &a), 0);
	T_EQ(store_reserve(root, "c1", &b), -EEXIST);
	T_STR(err_get_text(), "container with id 'c1' already exists");
	T_EQ(store_open(root, "c1", &b), 0);
	/* flock belongs to the open file, so a second descriptor is another holder. */
	T_EQ(store_lock(b, "c1", 0), -EAGAIN);
	T_EQ(store_lock(b, "c1", 30), -EAGAIN);
	close(a);
	T_EQ(store_lock(b, "c1", 0), 0);
	T_EQ(store_remove(root, b, "c1"), 0);
	T_EQ(store_lock(b, "c1", 0), -ENOENT);
	close(b);
	T_EQ(store_open(root, "c1", &b), -ENOENT);
	T_STR(err_get_text(), "container 'c1' does not exist");
	err_clear();
	close_root(root);
}

static void test_root_is_ours(void)
{
	int root = open_root(), fd = FD_NONE;

	T_EQ(chmod(dir, 0770), 0);
	T_EQ(store_open_root(dir, false, &fd), -EPERM);
	T_EQ(chmod(dir, 0700), 0);
	T_EQ(store_open_root("/nonexistent/hako", false, &fd), -ENOENT);
	err_clear();
	close_root(root);
}

static void test_status(void)
{
	int root = open_root(), c = FD_NONE;
	struct oci_status *s = NULL, *t = NULL;
	struct oci_error e = { NULL };
	static const char text[] =
		"{\"version\":1,\"id\":\"c1\",\"bundle\":\"/b\",\"status\":\"creating\","
		"\"pid\":7,\"pidStart\":18446744073709551615}";

	T_EQ(oci_status_parse(text, strlen(text), &s, &e), 0);
	T_EQ(store_reserve(root, "c1", &c), 0);
	T_EQ(store_read_status(c, "c1", &t), -ENOENT);
	T_EQ(store_write_status(c, s), 0);
	T_EQ(store_write_status(c, s), 0);
	T_EQ(store_read_status(c, "c1", &t), 0);
	T_ASSERT(oci_status_equal(s, t));
	oci_status_free(t);
	t = NULL;
	/* the status has precedence over the intent */
	T_EQ(file_replace_at(c, "status.json", "{\"id\":", 6, 0600, 0), 0);
	T_EQ(store_read_status(c, "c1", &t), -EINVAL);
	T_CONTAINS(err_get_text(), "state of container 'c1': ");
	T_ASSERT(!t);
	err_clear();
	oci_status_free(s);
	close(c);
	close_root(root);
}

static void test_list(void)
{
	int root = open_root(), c = FD_NONE;
	char **ids = NULL;

	T_EQ(store_reserve(root, "b", &c), 0);
	close(c);
	T_EQ(store_reserve(root, "a", &c), 0);
	close(c);
	T_EQ(mknodat(root, "file", S_IFREG | 0600, 0), 0);
	T_EQ(mkdirat(root, ".hidden", 0700), 0);
	T_EQ(store_list(root, &ids), 0);
	T_EQ(strs_len(ids), 2);
	T_STR(ids[0], "a");
	T_STR(ids[1], "b");
	strs_free(ids);
	close_root(root);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_ids),    T_TEST(test_reserve_once), T_TEST(test_root_is_ours),
		T_TEST(test_status), T_TEST(test_list),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
