/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

static void test_path(void)
{
	automapped struct mapped m = mapped("");
	automapped struct mapped dir = mapped("lxc.cgroup.dir = a/b\n");
	automapped struct mapped exactly = mapped("lxc.cgroup.dir.container = x\n"
						  "lxc.cgroup.dir.monitor = y\n");
	automapped struct mapped relative = mapped("lxc.cgroup.relative = 1\n");

	HAS(m, "\"cgroupsPath\":\"/lxc.payload.c1\"");
	HAS(dir, "\"cgroupsPath\":\"/a/b/lxc.payload.c1\"");
	HAS(exactly, "\"cgroupsPath\":\"/x\"");
	HAS(relative, "\"cgroupsPath\":\"lxc.payload.c1\"");
}

static void test_unified(void)
{
	automapped struct mapped m = mapped("lxc.cgroup2.memory.max = 1G\n"
					    "lxc.cgroup2.io.max = 8:0 rbps=1048576\n"
					    "lxc.cgroup2.memory.max = 2G\n"
					    "lxc.cgroup2.io.max = 8:16 wbps=5\n");
	automapped struct mapped bad = mapped("lxc.cgroup2.a/../b = 1\n");
	automapped struct mapped no_value = mapped("lxc.cgroup2.memorymax = 1\n");

	HAS(m, "\"unified\":{\"io.max\":\"8:0 rbps=1048576\\n8:16 wbps=5\",\"memory.max\":\"2G\"}");
	T_EQ(verdict(&m, 2), LXC_V_DROPPED);
	T_EQ(verdict(&m, 4), LXC_V_KEPT);
	T_EQ(verdict(&m, 5), LXC_V_KEPT);
	REFUSED(bad, "LXC-E003");
	REFUSED(no_value, "LXC-E003");
}

static void test_v1(void)
{
	automapped struct mapped m = mapped(
		"lxc.cgroup.cpuset.cpus = 0-3,5\nlxc.cgroup.cpu.shares = 1234\n"
		"lxc.cgroup.cpu.cfs_quota_us = 50000\nlxc.cgroup.memory.limit_in_bytes = 512M\n"
		"lxc.cgroup.memory.memsw.limit_in_bytes = -1\nlxc.cgroup.pids.max = max\n"
		"lxc.cgroup.blkio.throttle.read_bps_device = 8:0 1048576\n"
		"lxc.cgroup.hugetlb.2MB.limit_in_bytes = 4M\n");

	HAS(m, "\"memory\":{\"limit\":536870912,\"swap\":-1}");
	HAS(m, "\"cpu\":{\"shares\":1234,\"quota\":50000,\"cpus\":\"0-3,5\"}");
	HAS(m, "\"pids\":{\"limit\":-1}");
	HAS(m, "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1048576}]");
	HAS(m, "\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}]");
	T_EQ(verdict(&m, 2), LXC_V_CHANGED);
}

static void test_v1_without_v2(void)
{
	automapped struct mapped m = mapped("lxc.cgroup.memory.swappiness = 10\n"
					    "lxc.cgroup.freezer.state = FROZEN\n"
					    "lxc.cgroup.net_cls.classid = 0x100001\n");
	automapped struct mapped beside =
		mapped("lxc.cgroup.memory.limit_in_bytes = 1G\n"
		       "lxc.cgroup.blkio.weight = 100\n"
		       "lxc.cgroup2.memory.max = 2G\nlxc.cgroup2.io.weight = 5\n");
	automapped struct mapped exact =
		mapped_with(ROOT "lxc.cgroup.memory.limit_in_bytes = 512M\n", EXACT);

	HAS_CODE(m, "LXC-W321");
	HAS(m, "\"swappiness\":10");
	HAS(m, "\"classID\":1048577");
	T_EQ(verdict(&m, 3), LXC_V_DROPPED);
	HAS_NOT(beside, "\"memory\":{");
	HAS_NOT(beside, "blockIO");
	T_EQ(verdict(&beside, 2), LXC_V_DROPPED);
	HAS_NOT(exact, "\"memory\":{");
	HAS_CODE(exact, "LXC-W320");
}

/* A number that is one, but none that the kernel takes: the line is named. */
static void test_v1_out_of_range(void)
{
	automapped struct mapped quota = mapped("lxc.cgroup.cpu.cfs_quota_us = 500\n");
	automapped struct mapped weight = mapped("lxc.cgroup.blkio.weight = 5\n");
	automapped struct mapped swap = mapped("lxc.cgroup.memory.limit_in_bytes = 2G\n"
					       "lxc.cgroup.memory.memsw.limit_in_bytes = 1G\n"
					       "lxc.cgroup.cpu.shares = 5\n");

	REFUSED(quota, "LXC-E003");
	REFUSED(weight, "LXC-E003");
	REFUSED(swap, "LXC-E003");
	T_EQ(swap.diag.errors, 1);
	T_EQ(verdict(&swap, 4), LXC_V_CHANGED);
}

static void test_v1_errors(void)
{
	automapped struct mapped m = mapped("lxc.cgroup.memory.limit_in_bytes = lots\n");
	automapped struct mapped cpus = mapped("lxc.cgroup.cpuset.cpus = 0;1\n");
	automapped struct mapped page = mapped("lxc.cgroup.hugetlb...MB.limit_in_bytes = 1\n");

	REFUSED(m, "LXC-E003");
	REFUSED(cpus, "LXC-E003");
	T_ASSERT(page.result < 0 || verdict(&page, 2) == LXC_V_DROPPED);
}

#define ALL  "\"devices\":[{\"allow\":true,\"access\":\"rwm\"}]"
#define NONE "\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]"

static void test_devices(void)
{
	automapped struct mapped m = mapped("");
	automapped struct mapped list = mapped("lxc.cgroup2.devices.deny = a\n"
					       "lxc.cgroup2.devices.allow = c 1:3 rwm\n");
	automapped struct mapped deny = mapped("lxc.cgroup2.devices.deny = a\n");
	automapped struct mapped fuse = mapped("lxc.cgroup2.devices.deny = a\n"
					       "lxc.cgroup2.devices.allow = /dev/fuse rwm\n");

	/* always written: a runtime given no list denies nearly everything */
	HAS(m, ALL);
	HAS(m, "\"org.hako.devices.defaults\":\"none\"");
	HAS_CODE(m, "LXC-W331");
	HAS(list, "{\"allow\":false,\"access\":\"rwm\"},"
		  "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"rwm\"}]");
	HAS(deny, NONE);
	HAS(deny, "\"org.hako.devices.defaults\":\"oci\"");
	HAS_CODE(deny, "LXC-W332");
	HAS(fuse, "\"major\":10,\"minor\":229");
	HAS_CODE(fuse, "LXC-I333");
}

static void test_devices_userns(void)
{
	automapped struct mapped m = mapped("lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\n");

	HAS(m, ALL);
	HAS_NO_CODE(m, "LXC-W331");
}

static void test_devices_refused(void)
{
	automapped struct mapped m = mapped("lxc.cgroup2.devices.deny = /dev/sda rw\n");
	automapped struct mapped exact =
		mapped_with(ROOT "lxc.cgroup2.devices.deny = /dev/sda rw\n", EXACT);
	automapped struct mapped odd = mapped("lxc.cgroup2.devices.deny = a\n"
					      "lxc.cgroup2.devices.foo = c 1:3 rwm\n");

	REFUSED(m, "LXC-E330");
	T_EQ(verdict(&m, 2), LXC_V_REFUSED);
	T_EQ(find_code(&m, "LXC-E330")->pos.line, 2);
	HAS_CODE(exact, "LXC-W330");
	T_EQ(verdict(&exact, 2), LXC_V_DROPPED);
	/* whatever is not "allow" denies */
	HAS(odd, NONE);
}

static void test_devices_later_wins(void)
{
	automapped struct mapped m = mapped("lxc.cgroup2.devices.deny = a\n"
					    "lxc.cgroup2.devices.allow = c *:* rwm\n"
					    "lxc.cgroup2.devices.deny = c 10:200 rwm\n");

	HAS_CODE(m, "LXC-W338");
	T_CONTAINS(find_code(&m, "LXC-W338")->text, "(the earlier: 'c *:* rwm' in config:3)");
	T_EQ(verdict(&m, 4), LXC_V_CHANGED);
}

static void test_devices_families(void)
{
	automapped struct mapped both = mapped("lxc.cgroup.devices.deny = a\n"
					       "lxc.cgroup.devices.allow = c 1:3 rwm\n"
					       "lxc.cgroup.devices.allow = c 10:200 rwm\n"
					       "lxc.cgroup2.devices.deny = a\n"
					       "lxc.cgroup2.devices.allow = c 1:3 rwm\n");
	automapped struct mapped old = mapped("lxc.cgroup.devices.deny = a\n"
					      "lxc.cgroup.devices.allow = c 1:3 r\n"
					      "lxc.cgroup.devices.allow = c 1:3 w\n");

	HAS_NOT(both, "\"minor\":200");
	HAS_CODE(both, "LXC-I337");
	T_EQ(verdict(&both, 2), LXC_V_DROPPED);
	/* alone they count, and by their own rules: r and w make rw */
	HAS(old, "\"minor\":3,\"access\":\"rw\"}]");
}

static void test_late_devices(void)
{
	static const char text[] = ROOT "lxc.cgroup2.devices.deny = a\n"
					"lxc.cgroup2.devices.allow = c 1:3 rwm\n"
					"lxc.cgroup2.devices.allow = /dev/none  rw\n";
	automapped struct mapped late = mapped_with(text, LATE);
	automapped struct mapped now = mapped_with(text, 0);
	automapped struct mapped alone =
		mapped_with(ROOT "lxc.cgroup2.devices.allow = /dev/none rw\n", LATE);

	HAS(late, "\"org.hako.devices.paths\":\"[{\\\"path\\\":\\\"/dev/none\\\",\\\"access\\\":"
		  "\\\"rw\\\"}]\"");
	HAS(late, "{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":3,\"access\":\"rwm\"}]");
	T_EQ(verdict(&late, 4), LXC_V_KEPT);
	REFUSED(now, "LXC-E330");
	HAS(alone, "\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]");
	HAS_NO_CODE(alone, "LXC-W331");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_path),
		T_TEST(test_unified),
		T_TEST(test_v1),
		T_TEST(test_v1_without_v2),
		T_TEST(test_v1_out_of_range),
		T_TEST(test_v1_errors),
		T_TEST(test_devices),
		T_TEST(test_devices_userns),
		T_TEST(test_devices_refused),
		T_TEST(test_devices_later_wins),
		T_TEST(test_devices_families),
		T_TEST(test_late_devices),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
