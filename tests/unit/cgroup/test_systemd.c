/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd would be told, where it listens, and what is refused before it is asked. */
#include "base/alloc.h"
#include "base/err.h"
#include "cgroup/cgpath.h"
#include "cgroup/systemd_bus.h"
#include "cgroup/systemd_props.h"
#include "ocispec.h"
#include "tests/unit/t.h"

static struct cgroup_hierarchy v2_at[] = { { (char *) "", (char *) "/sys/fs/cgroup",
					     (char *) "/" } };
static struct cgroup_hierarchy v1_at[] = {
	{ (char *) "memory", (char *) "/sys/fs/cgroup/memory", (char *) "/" },
	{ (char *) "cpu,cpuacct", (char *) "/sys/fs/cgroup/cpu,cpuacct", (char *) "/" },
	{ (char *) "cpuset", (char *) "/sys/fs/cgroup/cpuset", (char *) "/" },
	{ (char *) "pids", (char *) "/sys/fs/cgroup/pids", (char *) "/" },
	{ (char *) "devices", (char *) "/sys/fs/cgroup/devices", (char *) "/" },
};
static const struct cgroup_host v2_host = {
	CGROUP_MODE_UNIFIED, 1,	  v2_at, (char *) "cpuset cpu io memory pids",
	(char *) "/",	     257, false,
};
static const struct cgroup_host old_host = {
	CGROUP_MODE_UNIFIED, 1,	  v2_at, (char *) "cpuset cpu io memory pids",
	(char *) "/",	     241, false,
};
static const struct cgroup_host v1_host = {
	CGROUP_MODE_LEGACY, ARRAY_SIZE(v1_at), v1_at, (char *) "", (char *) "/", 252, false,
};

static int plan(const struct cgroup_host *host, const char *path, const char *json,
		struct cgroup_plan **ret)
{
	auto_call(oci_resources_free) struct oci_resources *res = NULL;
	struct oci_error err = { 0 };
	struct cgroup_plan_args args = {
		.host = host,
		.manager = CGROUP_MANAGER_SYSTEMD,
		.id = "a",
		.cgroups_path = path,
	};

	err_clear();
	T_EQ(oci_resources_parse(json, strlen(json), &res, &err), 0);
	args.resources = res;
	return cgroup_plan(&args, ret);
}

/* The limits of a document as properties. */
static void expect(const struct cgroup_host *host, const char *json, const char *text)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
	autofree char *got = NULL;

	T_EQ(plan(host, NULL, json, &p), 0);
	got = systemd_props_format(p->limit_props);
	T_STR(got, text);
}

static void test_memory(void)
{
	expect(&v2_host, "{\"memory\":{\"limit\":100,\"swap\":300,\"reservation\":50}}",
	       "MemoryMax t 100\nMemorySwapMax t 200\nMemoryLow t 50\n");
	expect(&v2_host, "{\"memory\":{\"limit\":-1}}",
	       "MemoryMax t infinity\nMemorySwapMax t infinity\n");
	expect(&v1_host, "{\"memory\":{\"limit\":100,\"swap\":300}}", "MemoryLimit t 100\n");
	expect(&v2_host, "{}", "");
}

static void test_cpu(void)
{
	expect(&v2_host, "{\"cpu\":{\"shares\":1024,\"quota\":50000,\"period\":100000}}",
	       "CPUWeight t 100\nCPUQuotaPerSecUSec t 500000\nCPUQuotaPeriodUSec t 100000\n");
	/* A third of a CPU is not a whole percent: never less than the cgroup's own limit. */
	expect(&v2_host, "{\"cpu\":{\"quota\":10000,\"period\":30000}}",
	       "CPUQuotaPerSecUSec t 340000\nCPUQuotaPeriodUSec t 30000\n");
	expect(&v2_host, "{\"cpu\":{\"quota\":20000}}",
	       "CPUQuotaPerSecUSec t 200000\nCPUQuotaPeriodUSec t 100000\n");
	expect(&v2_host, "{\"cpu\":{\"quota\":-1}}",
	       "CPUQuotaPerSecUSec t infinity\nCPUQuotaPeriodUSec t 100000\n");
	expect(&v2_host, "{\"cpu\":{\"idle\":1,\"shares\":1024}}", "CPUWeight t 0\n");
	expect(&old_host, "{\"cpu\":{\"idle\":1,\"quota\":20000,\"cpus\":\"0\"}}",
	       "CPUQuotaPerSecUSec t 200000\n");
	expect(&v1_host, "{\"cpu\":{\"shares\":512,\"quota\":50000,\"period\":100000}}",
	       "CPUShares t 512\nCPUQuotaPerSecUSec t 500000\nCPUQuotaPeriodUSec t 100000\n");
}

static void test_cpuset(void)
{
	expect(&v2_host, "{\"cpu\":{\"cpus\":\"0-1,9\",\"mems\":\"0\"}}",
	       "AllowedCPUs ay 3 2\nAllowedMemoryNodes ay 1\n");
	expect(&v2_host, "{\"cpu\":{\"cpus\":\"64\"}}", "AllowedCPUs ay 0 0 0 0 0 0 0 0 1\n");
	/* Not systemd's on v1, and nonsense is the kernel's to refuse. */
	expect(&v1_host, "{\"cpu\":{\"cpus\":\"0\"}}", "");
	expect(&v2_host, "{\"cpu\":{\"cpus\":\"x\"}}", "");
}

static void test_pids_io(void)
{
	expect(&v2_host, "{\"pids\":{\"limit\":42}}", "TasksMax t 42\n");
	/* systemd takes no 0; the file gets it. */
	expect(&v2_host, "{\"pids\":{\"limit\":0}}", "TasksMax t 1\n");
	expect(&v2_host, "{\"pids\":{\"limit\":-1}}", "TasksMax t infinity\n");
	expect(&v2_host,
	       "{\"blockIO\":{\"weight\":10,"
	       "\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":1000}],"
	       "\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":5},"
	       "{\"major\":8,\"minor\":16,\"rate\":6}],"
	       "\"throttleWriteIOPSDevice\":[{\"major\":8,\"minor\":0,\"rate\":0}]}}",
	       "IOWeight t 1\nIODeviceWeight a(st) (/dev/block/8:0 10000)\n"
	       "IOReadBandwidthMax a(st) (/dev/block/8:0 5) (/dev/block/8:16 6)\n"
	       "IOWriteIOPSMax a(st) (/dev/block/8:0 18446744073709551615)\n");
}

/* The kernel's words, told to systemd as well; they come last. */
static void test_unified(void)
{
	expect(&v2_host,
	       "{\"memory\":{\"limit\":100},\"unified\":{\"memory.max\":\"200\","
	       "\"memory.high\":\"150\",\"cpu.max\":\"max 50000\",\"io.max\":\"8:0 rbps=1 wbps=2\","
	       "\"memory.oom.group\":\"1\"}}",
	       "MemoryMax t 200\nMemoryHigh t 150\n"
	       "IOReadBandwidthMax a(st) (/dev/block/8:0 1)\n"
	       "IOWriteBandwidthMax a(st) (/dev/block/8:0 2)\n"
	       "CPUQuotaPerSecUSec t infinity\nCPUQuotaPeriodUSec t 50000\n");
}

static void test_unit(void)
{
	static const char start[] = "Description s 'OCI container a'\nSlice s 'm.slice'\n"
				    "Delegate b true\nDefaultDependencies b false\n"
				    "CPUAccounting b true\nIOAccounting b true\n"
				    "MemoryAccounting b true\nTasksAccounting b true\n";
	auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
	autofree char *text = NULL;
	struct strv refs = { 0 };

	T_EQ(plan(&v2_host, "m.slice:p:n", "{\"devices\":[{\"allow\":false}]}", &p), 0);
	T_STR(p->unit, "p-n.scope");
	text = systemd_props_format(p->unit_props);
	T_STR(text, start);
	T_ASSERT(!p->device_props);
	cgroup_plan_refs(p, &refs);
	T_EQ(refs.len, 2);
	T_STR(refs.v[0], "systemd-system:p-n.scope");
	T_STR(refs.v[1], "=/sys/fs/cgroup:/m.slice/p-n.scope");
	strv_clear(&refs);
}

/* An update says nothing of devices. */
static void test_skip_devices(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
	struct cgroup_plan_args args = {
		.host = &v2_host,
		.manager = CGROUP_MANAGER_SYSTEMD,
		.id = "a",
		.skip_devices = true,
	};

	T_EQ(cgroup_plan(&args, &p), 0);
	T_ASSERT(!p->device_props);
	T_EQ(p->limit_props->len, 0);
}

static void test_devices(void)
{
	auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
	autofree char *text = NULL;

	T_EQ(plan(&v1_host, NULL, "{\"devices\":[{\"allow\":false}]}", &p), 0);
	text = systemd_props_format(p->device_props);
	T_CONTAINS(text, "DevicePolicy s 'strict'\nDeviceAllow a(ss) ");
	T_CONTAINS(text, " (char-* m)");
	T_CONTAINS(text, " (block-* m)");
	T_CONTAINS(text, " (/dev/char/1:3 rwm)");
	T_CONTAINS(text, " (char-136 rwm)");
}

/* What DeviceAllow cannot say is left to the program alone. */
static void test_devices_unsayable(void)
{
	static const char *const lists[] = {
		"[{\"allow\":true}]",
		"[{\"allow\":true},{\"allow\":false,\"type\":\"c\",\"major\":1,\"minor\":3}]",
		"[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"minor\":3}]",
		"[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":4096,\"minor\":3}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		auto_call(cgroup_plan_free) struct cgroup_plan *p = NULL;
		autofree char *json = xasprintf("{\"devices\":%s}", lists[i]), *text = NULL;

		T_EQ(plan(&v1_host, NULL, json, &p), 0);
		text = systemd_props_format(p->device_props);
		T_STR(text, "");
	}
}

/* ---- values of annotations ---- */

static void expect_value(const char *name, const char *value, const char *text)
{
	struct systemd_props props = { 0 };
	autofree char *got = NULL;
	int r = systemd_props_parse(name, value, &props);

	got = r < 0 ? xstrdup(err_get_text()) : systemd_props_format(&props);
	systemd_props_clear(&props);
	T_STR(got, text);
}

static void test_values(void)
{
	expect_value("A", "true", "A b true\n");
	expect_value("A", "'x y'", "A s 'x y'\n");
	expect_value("A", "\"it\\'s\"", "A s 'it's'\n");
	expect_value("A", "-5", "A i -5\n");
	expect_value("A", "uint64 5", "A t 5\n");
	expect_value("A", "@u 5", "A u 5\n");
	expect_value("A", " int64  -7 ", "A x -7\n");
	expect_value("A", "['a', 'b']", "A as 'a' 'b'\n");
	expect_value("A", "@as []", "A as\n");
	expect_value("TimeoutStopSec", "uint64 5", "TimeoutStopUSec t 5000000\n");
	expect_value("TimeoutStopSec", "7", "TimeoutStopUSec t 7000000\n");
	expect_value("TimeoutStopUSec", "uint64 5", "TimeoutStopUSec t 5\n");
}

static void test_values_refused(void)
{
	expect_value("A", "", "property 'A' of the unit: '' is no value");
	expect_value("A", "yes", "property 'A' of the unit: 'yes' is no value");
	expect_value("A", "'x", "property 'A' of the unit: ''x' is no value");
	expect_value("A", "'x' y", "property 'A' of the unit: 'y' behind the value");
	expect_value("A", "truth", "property 'A' of the unit: 'truth' is no value");
	expect_value("A", "uint32 -1", "property 'A' of the unit: 'uint32 -1' is no value");
	expect_value("A", "uint32 'x'", "property 'A' of the unit: 'uint32 'x'' is no value");
	expect_value("A", "3000000000", "property 'A' of the unit: '3000000000' is no value");
	expect_value("A", "['a' 'b']", "property 'A' of the unit: '['a' 'b']' is no value");
	expect_value("TimeoutStopSec", "'5'",
		     "property 'TimeoutStopSec' of the unit: ''5'' is no number of seconds");
}

/* ---- paths ---- */

static void expect_scope(const char *path, const char *root, bool user, const char *text)
{
	struct cgpath_scope scope = { 0 };
	autofree char *got = NULL;
	int r = cgpath_scope_plan(path, "id", root, user, &scope);

	got = r < 0 ? xstrdup(err_get_text())
		    : xasprintf("%s %s %s", scope.slice, scope.unit, scope.path);
	cgpath_scope_clear(&scope);
	T_STR(got, text);
}

static void test_scope(void)
{
	expect_scope(NULL, "/", false, "system.slice hako-id.scope /system.slice/hako-id.scope");
	expect_scope("", "/u/user@1.service", true,
		     "user.slice hako-id.scope /u/user@1.service/user.slice/hako-id.scope");
	expect_scope("a-b-c.slice:p:n", "/", false,
		     "a-b-c.slice p-n.scope /a.slice/a-b.slice/a-b-c.slice/p-n.scope");
	expect_scope("-.slice::n", "/", false, "-.slice n.scope /n.scope");
	expect_scope("m.slice:p:a:b", "/", false, "m.slice p-a:b.scope /m.slice/p-a:b.scope");
	expect_scope(":p:a+b", "/", false,
		     "system.slice p-a\\x2bb.scope /system.slice/p-a\\x2bb.scope");
}

static void test_scope_refused(void)
{
	static const char form[] = " has not the form SLICE:PREFIX:NAME that the systemd cgroup "
				   "manager needs";
	static const char *const bad[] = { "/a/b", "a", "a.slice:b", "a.slice:b:" };
	static const char *const slices[] = { "a",	    "a/b.slice", "-a.slice",  "a-.slice",
					      "a--b.slice", ".slice",	 "../x.slice" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		autofree char *text = xasprintf("linux.cgroupsPath: '%s'%s", bad[i], form);

		expect_scope(bad[i], "/", false, text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(slices); i++) {
		autofree char *path = xasprintf("%s:p:n", slices[i]);
		autofree char *text = xasprintf("linux.cgroupsPath: '%s' is no slice", slices[i]);

		expect_scope(path, "/", false, text);
	}
}

/* ---- addresses ---- */

static void expect_addresses(bool user, const char *const *env, const char *text)
{
	autostrv struct strv v = { 0 };
	struct strbuf b = STRBUF_INIT;
	autofree char *got = NULL;

	systemd_bus_addresses(user, (char *const *) (uintptr_t) env, 1000, &v);
	for (size_t i = 0; i < v.len; i++)
		strbuf_addf(&b, "%s%s\n", v.v[i], systemd_bus_is_direct(v.v[i]) ? " direct" : "");
	got = strbuf_take(&b);
	T_STR(got, text);
}

static void test_addresses(void)
{
	static const char *const none[] = { NULL };
	static const char *const some[] = { "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/s",
					    "DBUS_SESSION_BUS_ADDRESS=unix:path=/u",
					    "XDG_RUNTIME_DIR=/r x", NULL };

	expect_addresses(false, none,
			 "unix:path=/run/systemd/private direct\n"
			 "unix:path=/run/dbus/system_bus_socket\n");
	expect_addresses(true, none,
			 "unix:path=/run/user/1000/bus\n"
			 "unix:path=/run/user/1000/systemd/private direct\n");
	expect_addresses(false, some,
			 "unix:path=/s\nunix:path=/run/systemd/private direct\n"
			 "unix:path=/run/dbus/system_bus_socket\n");
	expect_addresses(true, some,
			 "unix:path=/u\nunix:path=/r%20x/bus\n"
			 "unix:path=/r%20x/systemd/private direct\n");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_memory),
		T_TEST(test_cpu),
		T_TEST(test_cpuset),
		T_TEST(test_pids_io),
		T_TEST(test_unified),
		T_TEST(test_unit),
		T_TEST(test_devices_unsayable),
		T_TEST(test_skip_devices),
		T_TEST(test_devices),
		T_TEST(test_values),
		T_TEST(test_values_refused),
		T_TEST(test_scope),
		T_TEST(test_scope_refused),
		T_TEST(test_addresses),
	};

	return t_run(tests, ARRAY_SIZE(tests));
}
