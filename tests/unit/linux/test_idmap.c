/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/str.h"
#include "base/sys.h"
#include "linux/host.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

#define M(c, h, s)                                               \
	{                                                        \
		.container_id = (c), .host_id = (h), .size = (s) \
	}

static int check(struct oci_id_mapping *m, size_t n)
{
	struct oci_id_mapping one = M(0, 0, 1);
	struct idmap map = { m, n, &one, 1 };

	return idmap_check(&map);
}

static void test_check(void)
{
	struct oci_id_mapping good[] = { M(0, 1000, 1), M(1, 100000, 65536), M(70000, 1001, 5) };
	struct oci_id_mapping inside[] = { M(0, 1000, 10), M(9, 5000, 1) };
	struct oci_id_mapping outside[] = { M(0, 1000, 10), M(100, 1009, 1) };
	struct oci_id_mapping empty[] = { M(0, 1000, 0) };
	struct oci_id_mapping last[] = { M(0, 1, 4294967294u) };
	struct oci_id_mapping over[] = { M(5, 1, 4294967294u) };
	static struct oci_id_mapping many[IDMAP_MAX + 1];

	T_EQ(check(good, 3), 0);
	T_EQ(check(last, 1), 0);
	T_EQ(check(inside, 2), -EINVAL);
	T_STR(err_get_text(), "uid mappings 0:1000:10 and 9:5000:1 overlap");
	T_EQ(check(outside, 2), -EINVAL);
	T_STR(err_get_text(), "uid mappings 0:1000:10 and 100:1009:1 overlap");
	T_EQ(check(empty, 1), -EINVAL);
	T_STR(err_get_text(), "uid mapping 0:1000:0 is empty or out of range");
	T_EQ(check(over, 1), -EINVAL);
	T_EQ(check(NULL, 0), -EINVAL);
	T_STR(err_get_text(), "no uid mapping for the user namespace");
	for (int i = 0; i <= IDMAP_MAX; i++)
		many[i] = (struct oci_id_mapping) M(i, 1000 + i, 1);
	T_EQ(check(many, IDMAP_MAX), 0);
	T_EQ(check(many, IDMAP_MAX + 1), -EINVAL);
	T_STR(err_get_text(), "341 uid mappings, the kernel takes 340");
}

static void test_check_names_the_gids(void)
{
	struct oci_id_mapping one = M(0, 0, 1), bad = M(0, 0, 0);
	struct idmap map = { &one, 1, &bad, 1 };

	T_EQ(idmap_check(&map), -EINVAL);
	T_STR(err_get_text(), "gid mapping 0:0:0 is empty or out of range");
}

static void test_format(void)
{
	struct oci_id_mapping m[] = { M(0, 1000, 1), M(1, 100000, 65536) };
	autofree char *text = idmap_format(m, 2);

	T_STR(text, "0 1000 1\n1 100000 65536\n");
}

static void test_to_host(void)
{
	struct oci_id_mapping m[] = { M(0, 1000, 1), M(5, 100000, 10) };
	uint32_t id = 42;

	T_ASSERT(idmap_to_host(m, 2, 0, &id));
	T_EQ(id, 1000);
	T_ASSERT(idmap_to_host(m, 2, 14, &id));
	T_EQ(id, 100009);
	T_ASSERT(!idmap_to_host(m, 2, 15, &id));
	T_ASSERT(!idmap_to_host(m, 2, 4, &id));
	T_ASSERT(!idmap_to_host(m, 2, 4294967295u, &id));
	T_EQ(id, 100009);
}

static void test_subid_find(void)
{
	uint32_t start = 1, count = 2;
	const char *text =
		"# "
		"comment\nmallory\nann:100000\nann:x:5\nann:100000:65536\n1001:200000:10\nlast:5:6";

	T_ASSERT(idmap_subid_find(text, "ann", 1000, &start, &count));
	T_EQ(start, 100000);
	T_EQ(count, 65536);
	T_ASSERT(idmap_subid_find(text, "bob", 1001, &start, &count));
	T_EQ(start, 200000);
	T_ASSERT(idmap_subid_find(text, NULL, 1001, &start, &count));
	T_ASSERT(idmap_subid_find(text, "last", 7, &start, &count));
	T_EQ(count, 6);
	T_ASSERT(!idmap_subid_find(text, "an", 7, &start, &count));
	T_ASSERT(!idmap_subid_find(text, NULL, 1000, &start, &count));
	T_ASSERT(!idmap_subid_find("", "ann", 1000, &start, &count));
	T_ASSERT(!idmap_subid_find("ann:1:0\n", "ann", 1000, &start, &count));
}

static void test_default(void)
{
	struct host_facts host = { .euid = 4000000, .egid = 5000000 };
	struct idmap map = { 0 };

	T_EQ(idmap_default(&host, &map), 0);
	T_EQ(map.uid_len, 1);
	T_EQ(map.uid[0].container_id, 0);
	T_EQ(map.uid[0].host_id, 4000000);
	T_EQ(map.uid[0].size, 1);
	T_ASSERT(map.uid[0].has_size && map.uid[0].has_host_id && map.uid[0].has_container_id);
	T_EQ(map.gid[0].host_id, 5000000);
	T_EQ(idmap_check(&map), 0);
	free(map.uid);
	free(map.gid);
}

static void test_default_of_root(void)
{
	struct host_facts host = { .caps = ~0ull, .initial_userns = true };
	struct idmap map = { 0 };

	T_EQ(idmap_default(&host, &map), 0);
	T_ASSERT(map.uid[0].size == UINT32_MAX || map.uid_len == 2);
	T_ASSERT(map.gid[0].size == UINT32_MAX || map.gid_len == 2);
	T_EQ(idmap_check(&map), 0);
	free(map.uid);
	free(map.gid);
}

static void test_with_caller(void)
{
	struct oci_id_mapping lxc[] = { M(0, 100000, 65536), M(70000, 300000, 2) };
	struct oci_id_mapping own[] = { M(0, 1000, 1), M(1, 100000, 65536) };
	struct idmap map = { lxc, 2, own, 2 }, both;
	struct host_facts user = { .euid = 1000, .egid = 1000 }, root = { 0 };
	autofree char *uids = NULL, *gids = NULL;

	T_ASSERT(idmap_is_foreign(&map, &user));
	T_ASSERT(!idmap_is_foreign(&map, &root));
	T_ASSERT(!idmap_is_foreign(&(struct idmap){ own, 2, lxc, 2 }, &user));
	T_ASSERT(!idmap_is_foreign(&(struct idmap){ 0 }, &user));
	idmap_with_caller(&map, &user, &both);
	uids = idmap_format(both.uid, both.uid_len);
	gids = idmap_format(both.gid, both.gid_len);
	T_STR(uids, "0 100000 65536\n70000 300000 2\n70002 1000 1\n");
	T_STR(gids, "0 1000 1\n1 100000 65536\n");
	T_EQ(idmap_check(&both), 0);
	free(both.uid);
	free(both.gid);
}

/* A child in a new user namespace that waits until its maps have been looked at. */
static pid_t start_waiting(int *ret_keep)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = CLONE_NEWUSER };
	int p[2];
	pid_t pid;

	T_ASSERT(pipe2(p, O_CLOEXEC) == 0);
	fflush(stdout);
	pid = sys_clone3(&args);
	if (pid == 0) {
		char c;

		close(p[1]);
		_exit(read(p[0], &c, 1) != 0);
	}
	close(p[0]);
	*ret_keep = p[1];
	return pid;
}

static char *read_proc(pid_t pid, const char *file)
{
	autofree char *path = xasprintf("/proc/%d/%s", pid, file);
	char *text = NULL;

	file_read_at(AT_FDCWD, path, 65536, &text, NULL);
	return text;
}

static void test_write_privileged(void)
{
	struct oci_id_mapping uid[] = { M(0, 100000, 10), M(10, 5, 1) }, gid = M(0, 200000, 20);
	struct idmap map = { uid, 2, &gid, 1 };
	struct host_facts host;
	int keep, r;
	pid_t pid;

	T_EQ(host_probe(&host), 0);
	if (!host_has_cap(&host, CAP_SETUID))
		t_skip("needs CAP_SETUID");
	pid = start_waiting(&keep);
	if (pid < 0)
		t_skip("no user namespaces");
	r = idmap_write(pid, &map, &host);
	autofree char *u = read_proc(pid, "uid_map"), *g = read_proc(pid, "gid_map"),
		      *s = read_proc(pid, "setgroups");
	close(keep);
	waitpid(pid, NULL, 0);
	T_EQ(r, 0);
	T_STR(u, "         0     100000         10\n        10          5          1\n");
	T_STR(g, "         0     200000         20\n");
	T_STR(s, "allow\n");
}

/* As nobody: mapping only oneself goes without help, everything else needs the programs. */
static int unprivileged(void *arg)
{
	struct oci_id_mapping self = M(0, 65534, 1), other[] = { M(0, 65534, 1), M(1, 100000, 5) };
	struct idmap map = { &self, 1, &self, 1 }, more = { &self, 1, other, 2 };
	struct host_facts host;
	int keep;
	pid_t pid;

	(void) arg;
	CHILD_CHECK(setgid(65534) == 0 && setuid(65534) == 0);
	/* setuid clears it, and /proc/PID of the child would be root's */
	CHILD_CHECK(prctl(PR_SET_DUMPABLE, 1) == 0);
	CHILD_CHECK(host_probe(&host) == 0 && host.euid == 65534 && host_is_rootless(&host));
	pid = start_waiting(&keep);
	if (pid < 0)
		return CHILD_SKIP;
	CHILD_CHECK(idmap_write(pid, &map, &host) == 0);
	autofree char *s = read_proc(pid, "setgroups"), *u = read_proc(pid, "uid_map");
	close(keep);
	waitpid(pid, NULL, 0);
	CHILD_CHECK(str_eq(s, "deny\n"));
	CHILD_CHECK(str_eq(u, "         0      65534          1\n"));

	pid = start_waiting(&keep);
	setenv("PATH", "/nonexistent", 1);
	CHILD_CHECK(idmap_write(pid, &more, &host) == -ENOENT);
	CHILD_CHECK(str_eq(err_get_text(),
			   "write gid mappings: run 'newgidmap': no such file or directory"));
	close(keep);
	waitpid(pid, NULL, 0);
	return 0;
}

static void test_write_unprivileged(void)
{
	if (geteuid() != 0)
		t_skip("needs root");
	T_CHILD(child_run(unprivileged, NULL));
}

/* A helper of our own in PATH that fails: what it says must arrive. */
static int failing_helper(void *arg)
{
	struct oci_id_mapping m[] = { M(0, 65534, 1), M(1, 100000, 5) };
	struct idmap map = { m, 2, m, 2 };
	struct host_facts host = { .euid = 65534, .egid = 65534 };

	setenv("PATH", arg, 1);
	CHILD_CHECK(idmap_write(4242, &map, &host) == -EPERM);
	CHILD_CHECK(str_eq(err_get_text(),
			   "write gid mappings: 'newgidmap' failed with exit code 3: "
			   "4242 0 65534 1 1 100000 5"));
	return 0;
}

static void test_helper_that_fails(void)
{
	char dir[] = "/tmp/hako-idmap-XXXXXX";
	autofree char *path = NULL;
	FILE *f;
	int r;

	T_ASSERT(mkdtemp(dir));
	path = xasprintf("%s/newgidmap", dir);
	f = fopen(path, "w");
	fprintf(f, "#!/bin/sh\necho \"$*\" >&2\nexit 3\n");
	fclose(f);
	chmod(path, 0755);
	r = child_run(failing_helper, dir);
	unlink(path);
	rmdir(dir);
	T_EQ(r, 0);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_check),
		T_TEST(test_check_names_the_gids),
		T_TEST(test_format),
		T_TEST(test_to_host),
		T_TEST(test_subid_find),
		T_TEST(test_default),
		T_TEST(test_default_of_root),
		T_TEST(test_with_caller),
		T_TEST(test_write_privileged),
		T_TEST(test_write_unprivileged),
		T_TEST(test_helper_that_fails),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
