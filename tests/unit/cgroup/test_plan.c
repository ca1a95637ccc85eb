/* SPDX-License-Identifier: Apache-2.0 */
/* Plans on made-up hosts: paths, writes for both versions, refusals with their text. */
#include <math.h>

#include "cgroup/cgpath.h"
#include "cgroup/host.h"
#include "cgroup/res.h"
#include "tests/unit/cgroup/scratch.h"

/* ---- hosts ---- */

/* Members are heap strings in the real thing; nobody frees or changes these. */
#define AT(controllers, mountpoint, own)                                      \
	{                                                                     \
		(char *) (controllers), (char *) (mountpoint), (char *) (own) \
	}
#define HOST(mode, at, v2_controllers)                                            \
	{                                                                         \
		mode, sizeof(at) / sizeof((at)[0]), at, (char *) (v2_controllers) \
	}

static struct cgroup_hierarchy v2_at[] = { AT("", "/sys/fs/cgroup",
					      "/user.slice/session-1.scope") };
static const struct cgroup_host v2_host =
	HOST(CGROUP_MODE_UNIFIED, v2_at, "cpuset cpu io memory hugetlb pids rdma misc");

static struct cgroup_hierarchy v1_at[] = {
	AT("memory", "/sys/fs/cgroup/memory", "/own"),
	AT("cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct", "/"),
	AT("cpuset", "/sys/fs/cgroup/cpuset", "/"),
	AT("blkio", "/sys/fs/cgroup/blkio", "/"),
	AT("pids", "/sys/fs/cgroup/pids", "/"),
	AT("hugetlb", "/sys/fs/cgroup/hugetlb", "/"),
	AT("rdma", "/sys/fs/cgroup/rdma", "/"),
	AT("net_cls,net_prio", "/sys/fs/cgroup/net_cls,net_prio", "/"),
	AT("devices", "/sys/fs/cgroup/devices", "/"),
	AT("freezer", "/sys/fs/cgroup/freezer", "/"),
	AT("name=systemd", "/sys/fs/cgroup/systemd", "/"),
};
static const struct cgroup_host v1_host = HOST(CGROUP_MODE_LEGACY, v1_at, "");

static struct cgroup_hierarchy hybrid_at[] = {
	AT("", "/sys/fs/cgroup/unified", "/"),
	AT("memory", "/sys/fs/cgroup/memory", "/own"),
	AT("devices", "/sys/fs/cgroup/devices", "/"),
	AT("name=systemd", "/sys/fs/cgroup/systemd", "/"),
};
static const struct cgroup_host hybrid_host = HOST(CGROUP_MODE_HYBRID, hybrid_at, "pids");

/* Everything that has a meaning on both versions. */
static const char all_resources[] =
	"{\"memory\":{\"limit\":1048576,\"swap\":3145728,\"reservation\":524288},"
	"\"cpu\":{\"shares\":1024,\"quota\":50000,\"period\":100000,\"burst\":20000,\"idle\":0,"
	"         \"cpus\":\"0-1\",\"mems\":\"0\"},"
	"\"pids\":{\"limit\":0},"
	"\"blockIO\":{\"weight\":500,\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10}],"
	"  \"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":600}],"
	"  \"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":16,\"rate\":0}]},"
	"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":4194304}],"
	"\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3,\"hcaObjects\":10}}}";

/* "FILE=VALUE" lines; "?" behind a file that may be missing, "|ALT=VALUE". */
static char *writes_text(const struct cgroup_plan *plan)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < plan->writes.len; i++) {
		const struct cg_write *w = &plan->writes.v[i];

		strbuf_addf(&b, "%s%s=%s", w->file, w->flags & CG_WRITE_OPTIONAL ? "?" : "",
			    w->value);
		if (w->alt_file)
			strbuf_addf(&b, "|%s=%s", w->alt_file, w->alt_value);
		strbuf_add_c(&b, '\n');
	}
	return strbuf_take(&b);
}

static int plan_with(const struct cgroup_host *host, const char *json, struct cgroup_plan **ret)
{
	struct oci_resources *res = scratch_resources(json);
	struct cgroup_plan_args args = { .host = host, .id = "c1", .resources = res };
	int r;

	err_clear();
	r = cgroup_plan(&args, ret);
	oci_resources_free(res);
	return r;
}

static void expect_writes(const struct cgroup_host *host, const char *json, const char *expected)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	autofree char *text = NULL;

	if (plan_with(host, json, &plan) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", json, err_get_text());
	text = writes_text(plan);
	T_STR(text, expected);
}

static void expect_error(const struct cgroup_host *host, const char *json, int code,
			 const char *text)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	int r = plan_with(host, json, &plan);

	if (r != -code)
		t_fail(__FILE__, __LINE__, "%s gives %d: %s", json, r, err_get_text());
	T_STR(err_get_text(), text);
	err_clear();
}

/* ---- writes ---- */

static void test_v2_writes(void)
{
	expect_writes(&v2_host, all_resources,
		      "memory.max=1048576\n"
		      "memory.swap.max=2097152\n"
		      "memory.low=524288\n"
		      "cpu.idle?=0\n"
		      "cpu.weight=100\n"
		      "cpu.max.burst=20000\n"
		      "cpu.max=50000 100000\n"
		      "cpuset.cpus=0-1\n"
		      "cpuset.mems=0\n"
		      "pids.max=0\n"
		      "io.bfq.weight=500|io.weight=default 4950\n"
		      "io.bfq.weight=8:0 10|io.weight=8:0 1\n"
		      "io.max=8:0 rbps=600\n"
		      "io.max=8:16 wiops=max\n"
		      "hugetlb.2MB.max=4194304\n"
		      "hugetlb.2MB.rsvd.max?=4194304\n"
		      "rdma.max=mlx5_1 hca_handle=3 hca_object=10\n");
}

static void test_v1_writes(void)
{
	expect_writes(&v1_host, all_resources,
		      "memory.limit_in_bytes=1048576\n"
		      "memory.memsw.limit_in_bytes=3145728\n"
		      "memory.soft_limit_in_bytes=524288\n"
		      "cpu.idle?=0\n"
		      "cpu.shares=1024\n"
		      "cpu.cfs_period_us=100000\n"
		      "cpu.cfs_quota_us=50000\n"
		      "cpu.cfs_burst_us=20000\n"
		      "cpuset.cpus=0-1\n"
		      "cpuset.mems=0\n"
		      "pids.max=0\n"
		      "blkio.weight=500|blkio.bfq.weight=500\n"
		      "blkio.weight_device=8:0 10|blkio.bfq.weight_device=8:0 10\n"
		      "blkio.throttle.read_bps_device=8:0 600\n"
		      "blkio.throttle.write_iops_device=8:16 0\n"
		      "hugetlb.2MB.limit_in_bytes=4194304\n"
		      "hugetlb.2MB.rsvd.limit_in_bytes?=4194304\n"
		      "rdma.max=mlx5_1 hca_handle=3 hca_object=10\n");
}

static void test_v1_only_fields(void)
{
	static const char json[] =
		"{\"memory\":{\"kernel\":1,\"kernelTCP\":2,\"swappiness\":60,\"disableOOMKiller\":"
		"true,\"useHierarchy\":true},"
		"\"cpu\":{\"realtimePeriod\":1000000,\"realtimeRuntime\":950000},"
		"\"blockIO\":{\"leafWeight\":20,\"weightDevice\":[{\"major\":8,\"minor\":0,"
		"\"leafWeight\":30}]},"
		"\"network\":{\"classID\":1048577,\"priorities\":[{\"name\":\"eth0\",\"priority\":"
		"5}]}}";
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;

	expect_writes(&v1_host, json,
		      "memory.kmem.limit_in_bytes=1\n"
		      "memory.kmem.tcp.limit_in_bytes=2\n"
		      "memory.use_hierarchy=1\n"
		      "memory.swappiness=60\n"
		      "memory.oom_control=1\n"
		      "cpu.rt_period_us=1000000\n"
		      "cpu.rt_runtime_us=950000\n"
		      "blkio.leaf_weight=20\n"
		      "blkio.leaf_weight_device=8:0 30\n"
		      "net_cls.classid=1048577\n"
		      "net_prio.ifpriomap=eth0 5\n");
	/* On v2 each of them is told to be without effect. */
	T_EQ(plan_with(&v2_host, json, &plan), 0);
	T_EQ(plan->writes.len, 0);
	T_EQ(plan->notes.len, 9);
	T_STR(plan->notes.v[0], "linux.resources.memory.kernel has no effect: cgroup v2 counts "
				"kernel memory in memory.max");
	T_STR(plan->notes.v[8], "linux.resources.network.priorities has no effect: cgroup v2 has "
				"no network controllers");
}

/* docker's update sends zeros for what is to stay. */
static void test_zeros_mean_not_asked(void)
{
	static const char zeros[] = "{\"memory\":{\"limit\":0,\"reservation\":0,\"swap\":0,"
				    "\"kernel\":0,\"kernelTCP\":0},"
				    "\"cpu\":{\"shares\":0,\"quota\":0,\"period\":0,"
				    "\"realtimeRuntime\":0,\"realtimePeriod\":0,\"cpus\":\"\"},"
				    "\"blockIO\":{\"weight\":0,\"leafWeight\":0}}";

	expect_writes(&v2_host, zeros, "");
	expect_writes(&v1_host, zeros, "");
	/* Not even controllers are needed for it. */
	expect_writes(&hybrid_host, zeros, "");
}

static void test_memory_and_swap(void)
{
	expect_writes(&v2_host, "{\"memory\":{\"limit\":-1}}",
		      "memory.max=max\nmemory.swap.max?=max\n");
	expect_writes(&v1_host, "{\"memory\":{\"limit\":-1}}",
		      "memory.limit_in_bytes=-1\nmemory.memsw.limit_in_bytes?=-1\n");
	expect_writes(&v2_host, "{\"memory\":{\"limit\":5,\"swap\":5}}",
		      "memory.max=5\nmemory.swap.max=0\n");
	expect_writes(&v2_host, "{\"memory\":{\"limit\":5,\"swap\":-1}}",
		      "memory.max=5\nmemory.swap.max?=max\n");
	expect_error(&v2_host, "{\"memory\":{\"swap\":5}}", EINVAL,
		     "linux.resources.memory.swap: a limit of memory and swap needs "
		     "linux.resources.memory.limit");
	expect_error(&v2_host, "{\"memory\":{\"limit\":6,\"swap\":5}}", EINVAL,
		     "linux.resources.memory.swap: 5 is less than linux.resources.memory.limit "
		     "(6), which is a part of it");
	expect_error(&v1_host, "{\"memory\":{\"limit\":6,\"swap\":5}}", EINVAL,
		     "linux.resources.memory.swap: 5 is less than linux.resources.memory.limit "
		     "(6), which is a part of it");
	expect_error(&v2_host, "{\"memory\":{\"limit\":-2}}", EINVAL,
		     "linux.resources.memory.limit: -2 is neither a size nor -1");
}

static void test_cpu_and_pids(void)
{
	expect_writes(&v2_host, "{\"cpu\":{\"quota\":5000}}", "cpu.max=5000\n");
	expect_writes(&v2_host, "{\"cpu\":{\"period\":5000}}", "cpu.max=max 5000\n");
	expect_writes(&v2_host, "{\"cpu\":{\"quota\":-1}}", "cpu.max=max\n");
	expect_writes(&v2_host, "{\"cpu\":{\"shares\":2000,\"idle\":1}}", "cpu.idle=1\n");
	expect_writes(&v2_host, "{\"pids\":{\"limit\":-1}}", "pids.max=max\n");
	expect_writes(&v2_host, "{\"pids\":{\"limit\":1}}", "pids.max=1\n");
	expect_writes(&v1_host, "{\"pids\":{\"limit\":-1}}", "pids.max=max\n");
}

/* The integer form against the formula in libm, for every value there is. */
static void test_shares_to_weight(void)
{
	T_EQ(res_shares_to_weight(0), 1);
	T_EQ(res_shares_to_weight(2), 1);
	T_EQ(res_shares_to_weight(1024), 100);
	T_EQ(res_shares_to_weight(262144), 10000);
	T_EQ(res_shares_to_weight(UINT64_MAX), 10000);
	for (uint64_t shares = 3; shares < 262144; shares++) {
		double l = log2((double) shares);
		double exact = pow(10, (l * l + 125 * l) / 612.0 - 7.0 / 34.0);

		T_EQ(res_shares_to_weight(shares), (uint64_t) ceil(exact - 1e-9));
	}
}

static void test_unified(void)
{
	expect_writes(&v2_host,
		      "{\"memory\":{\"limit\":5},\"unified\":{\"memory.max\":\"1G\",\"io.max\":\"8:"
		      "0 rbps=1\\n8:16 wbps=2\\n\","
		      "\"cgroup.max.depth\":\"3\"}}",
		      "memory.max=5\nmemory.max=1G\nio.max=8:0 rbps=1\nio.max=8:16 "
		      "wbps=2\ncgroup.max.depth=3\n");
	expect_error(&v2_host, "{\"unified\":{\"foo.max\":\"1\"}}", EINVAL,
		     "controller `foo` is not available under /sys/fs/cgroup (needed for 'foo.max' "
		     "of linux.resources.unified)");
	expect_error(&v2_host, "{\"unified\":{\"foo\":\"1\"}}", EINVAL,
		     "the specified key has not the form CONTROLLER.VALUE `foo`");
	expect_error(&v2_host, "{\"unified\":{\"memory.\":\"1\"}}", EINVAL,
		     "the specified key has not the form CONTROLLER.VALUE `memory.`");
	expect_error(&v2_host, "{\"unified\":{\"memory.max/../../x\":\"1\"}}", EINVAL,
		     "linux.resources.unified: 'memory.max/../../x' is not a valid name");
	expect_error(&v2_host, "{\"unified\":{\"memory..max\":\"1\"}}", EINVAL,
		     "linux.resources.unified: 'memory..max' is not a valid name");
	expect_error(&v2_host, "{\"unified\":{\"cgroup.procs\":\"1\"}}", EINVAL,
		     "linux.resources.unified: 'cgroup.procs' is not a limit");
	expect_error(&v1_host, "{\"unified\":{\"memory.max\":\"1\"}}", EINVAL,
		     "invalid configuration: linux.resources.unified needs cgroup v2, which this "
		     "host lacks");
	expect_error(&hybrid_host, "{\"unified\":{\"memory.max\":\"1\"}}", EINVAL,
		     "invalid configuration: linux.resources.unified: 'memory.max' needs "
		     "controller `memory` in cgroup v2, which is not available under "
		     "/sys/fs/cgroup/unified: this host has it in v1, at /sys/fs/cgroup/memory");
	expect_writes(&hybrid_host, "{\"unified\":{\"pids.max\":\"7\"}}", "pids.max=7\n");
}

static void test_names_as_paths(void)
{
	expect_error(&v2_host, "{\"rdma\":{\"a/b\":{\"hcaHandles\":1}}}", EINVAL,
		     "linux.resources.rdma: 'a/b' is not a valid name");
	expect_error(&v1_host, "{\"rdma\":{\"a b\":{\"hcaHandles\":1}}}", EINVAL,
		     "linux.resources.rdma: 'a b' is not a valid name");
	expect_error(&v1_host,
		     "{\"network\":{\"priorities\":[{\"name\":\"e\\n\",\"priority\":1}]}}", EINVAL,
		     "linux.resources.network.priorities: 'e\n' is not a valid name");
	expect_error(
		&v2_host,
		"{\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":-1,\"minor\":0,\"rate\":1}]}}",
		EINVAL,
		"linux.resources.blockIO.throttleReadBpsDevice: -1:0 is not a device number");
}

/* A limit is applied where its controller is, or refused by name: never dropped. */
static void test_missing_controllers(void)
{
	static struct cgroup_hierarchy small_at[] = { AT("", "/sys/fs/cgroup", "/") };
	static const struct cgroup_host small = HOST(CGROUP_MODE_UNIFIED, small_at, "pids");
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;

	expect_error(&small, "{\"memory\":{\"limit\":5}}", ENOTSUP,
		     "controller `memory` is not available under /sys/fs/cgroup (needed for "
		     "linux.resources.memory)");
	expect_error(&small, "{\"cpu\":{\"cpus\":\"0\"}}", ENOTSUP,
		     "controller `cpuset` is not available under /sys/fs/cgroup (needed for "
		     "linux.resources.cpu.cpus)");
	expect_error(&hybrid_host, "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}]}",
		     ENOTSUP,
		     "controller `hugetlb` is not available under /sys/fs/cgroup/unified (needed "
		     "for linux.resources.hugepageLimits)");
	expect_error(&hybrid_host, "{\"network\":{\"classID\":1}}", ENOTSUP,
		     "controller `net_cls` is not available under /sys/fs/cgroup/unified (needed "
		     "for linux.resources.network.classID)");
	T_EQ(plan_with(&hybrid_host, "{\"memory\":{\"limit\":5},\"pids\":{\"limit\":3}}", &plan),
	     0);
	T_EQ(plan->writes.len, 2);
	T_EQ(plan->writes.v[0].v2, false);
	T_STR(plan->writes.v[0].file, "memory.limit_in_bytes");
	T_EQ(plan->writes.v[1].v2, true);
	T_STR(plan->writes.v[1].controller, "pids");
	T_STR(plan->dirs[0].need, "pids");
}

/* ---- directories ---- */

static char *dirs_text(const struct cgroup_plan *plan)
{
	autostrv struct strv refs = { 0 };
	struct strbuf b = STRBUF_INIT;

	cgroup_plan_refs(plan, &refs);
	for (size_t i = 0; i < refs.len; i++)
		strbuf_addf(&b, "%s\n", refs.v[i]);
	return strbuf_take(&b);
}

static char *dirs_of(const struct cgroup_plan_args *args)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;

	if (cgroup_plan(args, &plan) < 0)
		t_fail(__FILE__, __LINE__, "%s", err_get_text());
	return dirs_text(plan);
}

static void expect_dirs(const struct cgroup_host *host, const char *path, const char *expected)
{
	autofree char *text = dirs_of(
		&(struct cgroup_plan_args){ .host = host, .id = "c1", .cgroups_path = path });

	T_STR(text, expected);
}

static void test_paths(void)
{
	expect_dirs(&v2_host, NULL, "=/sys/fs/cgroup:/user.slice/c1\n");
	expect_dirs(&v2_host, "", "=/sys/fs/cgroup:/user.slice/c1\n");
	expect_dirs(&v2_host, "a//b/", "=/sys/fs/cgroup:/user.slice/a/b\n");
	expect_dirs(&v2_host, "/k8s.io/x", "=/sys/fs/cgroup:/k8s.io/x\n");
	expect_dirs(
		&hybrid_host, NULL,
		"=/sys/fs/cgroup/unified:/c1\nmemory=/sys/fs/cgroup/memory:/own/c1\n"
		"devices=/sys/fs/cgroup/devices:/c1\nname=systemd=/sys/fs/cgroup/systemd:/c1\n");
	expect_dirs(&hybrid_host, "/a",
		    "=/sys/fs/cgroup/unified:/a\nmemory=/sys/fs/cgroup/memory:/a\n"
		    "devices=/sys/fs/cgroup/devices:/a\nname=systemd=/sys/fs/cgroup/systemd:/a\n");
}

static void test_bad_paths(void)
{
	static const char *const bad[] = { "..", "/../a", "a/../b", "/a/..", "/", "//", "." };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cgroup_plan_args args = { .host = &hybrid_host,
						 .id = "c1",
						 .cgroups_path = bad[i] };
		struct cgroup_plan *plan = NULL;

		if (cgroup_plan(&args, &plan) != -EINVAL)
			t_fail(__FILE__, __LINE__, "accepted: '%s'", bad[i]);
		T_CONTAINS(err_get_text(), "linux.cgroupsPath: '");
	}
	T_CONTAINS(err_get_text(), "is the root of the hierarchy");
	err_clear();
}

static void test_lean(void)
{
	struct oci_resources *res = scratch_resources("{\"memory\":{\"limit\":5}}");
	struct cgroup_plan_args args = { .host = &hybrid_host, .id = "c1", .lean = true };
	autofree char *bare = dirs_of(&args), *limited = NULL;

	args.resources = res;
	limited = dirs_of(&args);
	oci_resources_free(res);
	T_STR(bare, "=/sys/fs/cgroup/unified:/c1\n");
	T_STR(limited, "=/sys/fs/cgroup/unified:/c1\nmemory=/sys/fs/cgroup/memory:/own/c1\n");
}

static void test_rootless_is_optional_where_nothing_is_asked(void)
{
	struct oci_resources *res = scratch_resources("{\"memory\":{\"limit\":5}}");
	struct cgroup_plan_args args = {
		.host = &hybrid_host, .id = "c1", .rootless = true, .resources = res
	};
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL, *with_path = NULL;

	T_EQ(cgroup_plan(&args, &plan), 0);
	T_EQ(plan->dirs[0].optional, true);
	T_EQ(plan->dirs[1].optional, false);
	T_EQ(plan->has_devices, false);
	args.cgroups_path = "/x";
	T_EQ(cgroup_plan(&args, &with_path), 0);
	T_EQ(with_path->dirs[0].optional, false);
	oci_resources_free(res);
}

static void test_refs_round_trip(void)
{
	static const char *const bad[] = { "",	    "=",     "=/a",	    "=/a:",
					   "=/a:/", "=/a:b", "=/a:/b/../c", "a" };
	char *controllers, *mountpoint, *path;

	T_EQ(cgpath_ref_parse("name=systemd=/sys/fs/cgroup/systemd:/a/b", &controllers, &mountpoint,
			      &path),
	     0);
	T_STR(controllers, "name=systemd");
	T_STR(mountpoint, "/sys/fs/cgroup/systemd");
	T_STR(path, "/a/b");
	free(controllers);
	free(mountpoint);
	free(path);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (cgpath_ref_parse(bad[i], &controllers, &mountpoint, &path) != -EINVAL)
			t_fail(__FILE__, __LINE__, "accepted: '%s'", bad[i]);
	}
	err_clear();
}

/* ---- managers, devices ---- */

static void test_managers(void)
{
	struct cgroup_plan_args args = { .host = &v2_host,
					 .id = "c1",
					 .manager = CGROUP_MANAGER_DISABLED };
	struct oci_resources *limit = scratch_resources("{\"pids\":{\"limit\":5}}");
	struct oci_resources *devices =
		scratch_resources("{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}");
	struct cgroup_plan *plan = NULL;
	enum cgroup_manager manager;

	args.resources = devices;
	T_EQ(cgroup_plan(&args, &plan), 0);
	T_EQ(plan->n_dirs, 0);
	T_EQ(plan->mode, CGROUP_MODE_NONE);
	cgroup_plan_free(plan);
	args.resources = limit;
	T_EQ(cgroup_plan(&args, &plan), -ENOTSUP);
	T_STR(err_get_text(),
	      "linux.resources.pids needs a cgroup, but the cgroup manager is 'disabled'");
	args.host = &(struct cgroup_host){ 0 };
	args.manager = CGROUP_MANAGER_CGROUPFS;
	T_EQ(cgroup_plan(&args, &plan), -ENOTSUP);
	T_STR(err_get_text(),
	      "linux.resources.pids needs a cgroup, but no cgroup file system is mounted");
	oci_resources_free(limit);
	oci_resources_free(devices);
	T_EQ(cgroup_manager_parse("systemd", &manager), 0);
	T_EQ(manager, CGROUP_MANAGER_SYSTEMD);
	T_EQ(cgroup_manager_parse("Systemd", &manager), -EINVAL);
	err_clear();
}

static void test_devices(void)
{
	static const char list[] =
		"{\"devices\":[{\"allow\":true,\"access\":\"rwm\"},"
		"{\"allow\":false,\"type\":\"c\",\"major\":10,\"minor\":-1,\"access\":\"rwm\"}]}";
	struct oci_resources *res = scratch_resources(list);
	struct cgroup_plan_args args = {
		.host = &v1_host, .id = "c1", .resources = res, .no_device_defaults = true
	};
	struct cgroup_plan *plan = NULL;

	T_EQ(cgroup_plan(&args, &plan), 0);
	T_EQ(plan->has_devices, true);
	T_EQ(plan->prog.len, 0);
	T_EQ(plan->v1_devices.len, 2);
	T_STR(plan->v1_devices.v[0], "devices.allow a *:* rwm");
	T_STR(plan->v1_devices.v[1], "devices.deny c 10:* rwm");
	cgroup_plan_free(plan);
	args.host = &hybrid_host;
	T_EQ(cgroup_plan(&args, &plan), 0);
	T_ASSERT(plan->prog.len > 0);
	T_EQ(plan->v1_devices.len, 0);
	T_EQ(plan->devices.len, 2);
	cgroup_plan_free(plan);
	args.skip_devices = true;
	T_EQ(cgroup_plan(&args, &plan), 0);
	T_EQ(plan->has_devices, false);
	cgroup_plan_free(plan);
	oci_resources_free(res);
	/* Without a list everything but the defaults is denied. */
	args = (struct cgroup_plan_args){ .host = &v2_host, .id = "c1" };
	T_EQ(cgroup_plan(&args, &plan), 0);
	T_ASSERT(plan->has_devices && plan->prog.len > 0);
	T_EQ(plan->devices.len, 11);
	cgroup_plan_free(plan);
}

static void test_json(void)
{
	struct oci_resources *res =
		scratch_resources("{\"pids\":{\"limit\":5},\"network\":{\"classID\":1},\"devices\":"
				  "[{\"allow\":true,\"access\":\"rwm\"}]}");
	struct cgroup_plan_args args = {
		.host = &v2_host,
		.id = "c1",
		.cgroups_path = "/x",
		.resources = res,
		.no_device_defaults = true,
		.inner = "payload",
		.has_owner = true,
		.owner_uid = 100000,
		.owner_gid = 100000,
	};
	auto_call(cgroup_plan_free) struct cgroup_plan *plan = NULL;
	autofree char *json = NULL;

	T_EQ(cgroup_plan(&args, &plan), 0);
	oci_resources_free(res);
	json = cgroup_plan_json(plan);
	T_STR(json, "{\"manager\":\"cgroupfs\",\"mode\":\"unified\",\"directories\":[{"
		    "\"controllers\":\"\",\"mountpoint\":"
		    "\"/sys/fs/cgroup\",\"path\":\"/"
		    "x\",\"need\":\"pids\"}],\"inner\":\"payload\",\"owner\":\"100000:100000\","
		    "\"writes\":[{\"version\":2,\"file\":\"pids.max\",\"value\":\"5\",\"field\":"
		    "\"linux.resources.pids.limit\"}],"
		    "\"devices\":{\"default\":\"deny\",\"rules\":[{\"rule\":\"allow a *:* "
		    "rwm\",\"source\":\"entry 0\"}]},"
		    "\"notes\":[\"linux.resources.network.classID has no effect: cgroup v2 has no "
		    "network controllers\"]}");
}

/* ---- the host ---- */

static void test_host_parse(void)
{
	static const char self[] =
		"12:cpu,cpuacct:/a\n11:name=systemd:/user.slice (deleted)\ngarbage\n"
		"3:memory:/../../x\n0::/b\n";
	struct cgroup_host host;

	host_parse_self(self, "/sys/fs/cgroup", &host);
	T_EQ(host.len, 4);
	T_STR(host.at[0].controllers, "");
	T_STR(host.at[0].mountpoint, "/sys/fs/cgroup/unified");
	T_STR(host.at[0].own, "/b");
	T_STR(host.at[1].mountpoint, "/sys/fs/cgroup/cpu,cpuacct");
	T_STR(host.at[2].mountpoint, "/sys/fs/cgroup/systemd");
	T_STR(host.at[2].own, "/user.slice");
	T_STR(host.at[3].own, "/");
	T_EQ(host_mode(&host), CGROUP_MODE_HYBRID);
	cgroup_host_clear(&host);
	host_parse_self("4:memory:/\n", "/x", &host);
	T_EQ(host_mode(&host), CGROUP_MODE_LEGACY);
	cgroup_host_clear(&host);
	host_parse_self("0::/\n", "/x", &host);
	T_EQ(host_mode(&host), CGROUP_MODE_UNIFIED);
	cgroup_host_clear(&host);
	host_parse_self("", "/x", &host);
	T_EQ(host_mode(&host), CGROUP_MODE_NONE);
	cgroup_host_clear(&host);
}

/* In a container without a cgroup namespace a part is mounted, at some odd place. */
static void test_host_mountinfo(void)
{
	static const char self[] =
		"5:cpuacct,cpu:/docker/abc/sub\n4:memory:/elsewhere\n3:pids:/\n0::/docker/abc\n";
	static const char mounts[] =
		"30 23 0:26 /docker/abc /dev/cpuctl rw - cgroup none rw,cpu,cpuacct\n"
		"31 23 0:27 /docker/abc /cg/memory rw - cgroup cgroup rw,memory\n"
		"32 23 0:28 /docker/abc /cg/unified rw,nosuid shared:3 - cgroup2 cgroup2 rw\n"
		"33 23 0:29 / /proc rw - proc proc rw\n";
	struct cgroup_host host;

	host_parse_self(self, "/sys/fs/cgroup", &host);
	T_EQ(host_apply_mountinfo(mounts, &host), 0);
	T_EQ(host.len, 3);
	T_STR(host.at[0].mountpoint, "/cg/unified");
	T_STR(host.at[0].own, "/");
	T_STR(host.at[1].mountpoint, "/dev/cpuctl");
	T_STR(host.at[1].own, "/sub");
	T_STR(host.at[2].mountpoint, "/cg/memory");
	T_STR(host.at[2].own, "/");
	cgroup_host_clear(&host);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_v2_writes),
		T_TEST(test_v1_writes),
		T_TEST(test_v1_only_fields),
		T_TEST(test_zeros_mean_not_asked),
		T_TEST(test_memory_and_swap),
		T_TEST(test_cpu_and_pids),
		T_TEST(test_shares_to_weight),
		T_TEST(test_unified),
		T_TEST(test_names_as_paths),
		T_TEST(test_missing_controllers),
		T_TEST(test_paths),
		T_TEST(test_bad_paths),
		T_TEST(test_lean),
		T_TEST(test_rootless_is_optional_where_nothing_is_asked),
		T_TEST(test_refs_round_trip),
		T_TEST(test_managers),
		T_TEST(test_devices),
		T_TEST(test_json),
		T_TEST(test_host_parse),
		T_TEST(test_host_mountinfo),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
