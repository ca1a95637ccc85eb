/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "linux/procfs.h"
#include "ocispec.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

#define ALL (CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWUSER)

static const char *path_of(const char *key)
{
	static char *last;

	free(last);
	last = sysctl_path(key);
	return last;
}

static void test_path(void)
{
	T_STR(path_of("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
	T_STR(path_of("net/ipv4/ip_forward"), "net/ipv4/ip_forward");
	T_STR(path_of("net.ipv4.conf.eth0/1.mtu"), "net/ipv4/conf/eth0.1/mtu");
	T_STR(path_of("net/ipv4/conf/eth0.1/mtu"), "net/ipv4/conf/eth0.1/mtu");
	T_STR(path_of("single"), "single");
	T_STR(path_of(""), NULL);
	T_STR(path_of("."), NULL);
	T_STR(path_of(".."), NULL);
	T_STR(path_of("/net/x"), NULL);
	T_STR(path_of(".net.x"), NULL);
	T_STR(path_of("net/x/"), NULL);
	T_STR(path_of("net..x"), NULL);
	T_STR(path_of("net/../kernel/core_pattern"), NULL);
	T_STR(path_of("net/./x"), NULL);
	T_STR(path_of("net.//.kernel"), NULL);
}

static int check(const char *key, int own, const char *domainname)
{
	struct oci_map *map = NULL;
	int r;

	oci_map_set(&map, key, "1");
	r = sysctl_check(map, own, domainname);
	/* one entry, made by hand */
	free(map->keys[0]);
	free(map->values[0]);
	free(map->keys);
	free(map->values);
	free(map);
	return r;
}

static void test_check(void)
{
	T_EQ(sysctl_check(NULL, 0, NULL), 0);
	T_EQ(check("net.core.somaxconn", CLONE_NEWNET, NULL), 0);
	T_EQ(check("net/core/somaxconn", CLONE_NEWNET, NULL), 0);
	T_EQ(check("net.core.somaxconn", ALL & ~CLONE_NEWNET, NULL), -EINVAL);
	T_STR(err_get_text(), "sysctl 'net.core.somaxconn' is not allowed in the host's namespace");
	T_EQ(check("kernel.shmmax", CLONE_NEWIPC, NULL), 0);
	T_EQ(check("kernel.shmmax", 0, NULL), -EINVAL);
	T_EQ(check("fs.mqueue.msg_max", CLONE_NEWIPC, NULL), 0);
	T_EQ(check("fs.mqueue", CLONE_NEWIPC, NULL), -EINVAL);
	T_EQ(check("user.max_user_namespaces", CLONE_NEWUSER, NULL), 0);
	T_EQ(check("kernel.domainname", CLONE_NEWUTS, NULL), 0);
	T_EQ(check("kernel.domainname", CLONE_NEWUTS, "x"), -EINVAL);
	T_STR(err_get_text(), "sysctl 'kernel.domainname' conflicts with the domainname field");
	T_EQ(check("kernel.hostname", ALL, NULL), -EINVAL);
	T_STR(err_get_text(), "sysctl 'kernel.hostname' is not allowed: use the hostname field");
	T_EQ(check("kernel.core_pattern", ALL, NULL), -EINVAL);
	T_STR(err_get_text(), "sysctl 'kernel.core_pattern' is not in a separate kernel namespace");
	T_EQ(check("kernel.shmmaxx", ALL, NULL), -EINVAL);
	T_EQ(check("network.x", ALL, NULL), -EINVAL);
	T_EQ(check("net/../kernel/core_pattern", ALL, NULL), -EINVAL);
	T_STR(err_get_text(), "sysctl 'net/../kernel/core_pattern' is not a valid name");
}

static int apply(void *arg)
{
	char *keys[] = { (char *) "net.ipv4.ip_forward", (char *) "kernel.shmmni" };
	char *values[] = { (char *) "1", (char *) "77" };
	struct oci_map map = { 2, keys, values };
	autofree char *forward = NULL, *shmmni = NULL;
	autofd int proc = procfs_open(0);

	(void) arg;
	CHILD_CHECK(proc >= 0);
	CHILD_CHECK(sysctl_apply(proc, &map) == 0);
	CHILD_CHECK(file_read_at(proc, "sys/net/ipv4/ip_forward", 16, &forward, NULL) == 0);
	CHILD_CHECK(file_read_at(proc, "sys/kernel/shmmni", 16, &shmmni, NULL) == 0);
	CHILD_CHECK(str_eq(forward, "1\n") && str_eq(shmmni, "77\n"));
	keys[0] = (char *) "net.ipv4.no_such";
	CHILD_CHECK(sysctl_apply(proc, &map) == -ENOENT);
	CHILD_CHECK(str_eq(err_get_text(),
			   "set sysctl 'net.ipv4.no_such' to '1': no such file or directory"));
	keys[0] = (char *) "net.ipv4.ip_forward";
	values[0] = (char *) "many";
	CHILD_CHECK(sysctl_apply(proc, &map) == -EINVAL);
	return 0;
}

static void test_apply(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNET | CLONE_NEWIPC, apply, NULL));
}

static void test_apply_wants_a_procfs(void)
{
	char *key = (char *) "net.ipv4.ip_forward", *value = (char *) "1";
	struct oci_map map = { 1, &key, &value };
	autofd int fd = open("/tmp", O_PATH | O_DIRECTORY);

	T_EQ(sysctl_apply(fd, &map), -EINVAL);
	T_STR(err_get_text(), "write sysctls: not a proc file system");
	T_EQ(sysctl_apply(fd, NULL), 0);
}

/* Another file of the same procfs over the sysctl (CVE-2025-52881): not reached, or refused. */
static int overmounted(void *arg)
{
	char *key = (char *) "net.ipv4.ip_forward", *value = (char *) "1";
	struct oci_map map = { 1, &key, &value };
	autofree char *comm = NULL;
	autofd int private = FD_NONE, visible = FD_NONE;

	(void) arg;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("/proc/self/comm", "/proc/sys/net/ipv4/ip_forward", NULL, MS_BIND, NULL) < 0)
		return CHILD_SKIP;
	visible = open("/proc", O_PATH | O_DIRECTORY);
	CHILD_CHECK(sysctl_apply(visible, &map) == -EXDEV);
	private = procfs_open(0);
	CHILD_CHECK(private >= 0 && sysctl_apply(private, &map) == 0);
	CHILD_CHECK(file_read_at(AT_FDCWD, "/proc/self/comm", 64, &comm, NULL) == 0 &&
		    !str_eq(comm, "1\n"));
	return 0;
}

static void test_overmounted(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNET | CLONE_NEWNS, overmounted, NULL));
}

static void test_procfs_open_at(void)
{
	autofd int proc = procfs_open(PROCFS_PIDS_ONLY), fd = FD_NONE;

	T_ASSERT(proc >= 0);
	fd = procfs_open_at(proc, "thread-self/comm", O_RDONLY);
	T_ASSERT(fd >= 0);
	T_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	T_EQ(procfs_open_at(proc, "self/exe", O_RDONLY), -ELOOP);
	T_EQ(procfs_open_at(proc, "self/root/etc/passwd", O_RDONLY), -ELOOP);
	T_EQ(procfs_open_at(proc, "../etc/passwd", O_RDONLY), -EXDEV);
	T_ASSERT(procfs_open_at(proc, "thread-self/no-such", O_RDONLY) == -ENOENT);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_path),	  T_TEST(test_check),
		T_TEST(test_apply),	  T_TEST(test_apply_wants_a_procfs),
		T_TEST(test_overmounted), T_TEST(test_procfs_open_at),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
