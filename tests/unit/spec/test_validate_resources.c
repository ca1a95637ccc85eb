/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "base/str.h"

#include "spec/validate.h"

#include "tests/unit/t.h"

/* What validate_resources() says of the document, "" when nothing. */
static void check(const char *json, const char *text)
{
	struct oci_error err = { NULL };
	struct oci_resources *r = NULL;

	if (oci_resources_parse(json, strlen(json), &r, &err) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", err.text, json);
	if (validate_resources(r) != (*text ? -EINVAL : 0) || !str_eq(err_get_text(), text))
		t_fail(__FILE__, __LINE__, "%s\n# found \"%s\", expected \"%s\"", json,
		       err_get_text(), text);
	err_clear();
	oci_resources_free(r);
}

static void test_devices(void)
{
	check("{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"a\","
	      "\"major\":-1,\"minor\":-1},"
	      "{\"allow\":true,\"type\":\"\"},{\"allow\":true,\"type\":\"c\",\"access\":\"mr\"}]}",
	      "");
	check("{\"devices\":[{\"allow\":true},{\"allow\":false,\"type\":\"p\"}]}",
	      "devices[1].type: 'p' is not one of a, b, c");
	check("{\"devices\":[{\"allow\":true,\"access\":\"rwx\"}]}",
	      "devices[0].access: 'rwx' has other letters than r, w, m");
	check("{\"devices\":[{\"allow\":true,\"major\":-2}]}",
	      "devices[0].major: -2 is no device number");
	check("{\"devices\":[{\"allow\":true,\"minor\":4294967296}]}",
	      "devices[0].minor: 4294967296 is no device number");
}

static void test_memory(void)
{
	check("{\"memory\":{\"limit\":-1,\"swap\":-1,\"reservation\":0,\"swappiness\":100}}", "");
	check("{\"memory\":{\"limit\":-2}}", "memory.limit: -2 is neither a limit nor -1");
	check("{\"memory\":{\"kernelTCP\":-2}}", "memory.kernelTCP: -2 is neither a limit nor -1");
	check("{\"memory\":{\"limit\":10,\"swap\":9}}",
	      "memory.swap: 9 is below limit, which it includes (10)");
	check("{\"memory\":{\"limit\":10,\"swap\":0}}", "");
	check("{\"memory\":{\"limit\":10,\"swap\":10}}", "");
	check("{\"memory\":{\"swappiness\":101}}",
	      "memory.swappiness: 101 is out of range (0 to 100)");
	check("{\"memory\":{\"swappiness\":18446744073709551615}}", "");
}

static void test_cpu(void)
{
	check("{\"cpu\":{\"shares\":0,\"period\":0,\"quota\":0,\"cpus\":\"\",\"mems\":\"0-1,3\","
	      "\"idle\":1}}",
	      "");
	check("{\"cpu\":{\"period\":999}}", "cpu.period: 999 is out of range (1000 to 1000000)");
	check("{\"cpu\":{\"quota\":-1}}", "");
	check("{\"cpu\":{\"quota\":999}}", "cpu.quota: 999 is below the least value, 1000");
	check("{\"cpu\":{\"quota\":-2}}", "cpu.quota: -2 is neither a limit nor -1");
	check("{\"cpu\":{\"quota\":5000,\"burst\":5001}}",
	      "cpu.burst: 5001 is above quota, which is 5000");
	check("{\"cpu\":{\"idle\":2}}", "cpu.idle: 2 is neither 0 nor 1");
	check("{\"cpu\":{\"cpus\":\"all\"}}", "cpu.cpus: 'all' is not a list of CPUs");
	check("{\"cpu\":{\"mems\":\"0;1\"}}", "cpu.mems: '0;1' is not a list of memory nodes");
}

static void test_block_io(void)
{
	check("{\"blockIO\":{\"weight\":0,\"leafWeight\":1000}}", "");
	check("{\"blockIO\":{\"weight\":9}}", "blockIO.weight: 9 is out of range (10 to 1000)");
	check("{\"blockIO\":{\"weightDevice\":[{\"major\":8,\"minor\":0,\"leafWeight\":1001}]}}",
	      "blockIO.weightDevice[0].leafWeight: 1001 is out of range (10 to 1000)");
	check("{\"blockIO\":{\"throttleReadIOPSDevice\":[{\"major\":8,\"minor\":0},{\"major\":8,"
	      "\"minor\":-1}]}}",
	      "blockIO.throttleReadIOPSDevice[1]: there is no device 8:-1");
	check("{\"blockIO\":{\"throttleWriteBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1},"
	      "{\"major\":8,\"minor\":0,\"rate\":2}]}}",
	      "");
}

/* Keys that name files must not lead out of the cgroup. */
static void test_file_names(void)
{
	check("{\"unified\":{\"memory.max\":\"max\",\"cgroup.subtree_control\":\"\"}}", "");
	check("{\"unified\":{\"foo\":\"\"}}",
	      "unified[\"foo\"]: the specified key has not the form CONTROLLER.VALUE `foo`");
	check("{\"unified\":{\"..\":\"\"}}",
	      "unified[\"..\"]: the specified key has not the form CONTROLLER.VALUE `..`");
	check("{\"unified\":{\"a.\":\"\"}}",
	      "unified[\"a.\"]: the specified key has not the form CONTROLLER.VALUE `a.`");
	check("{\"unified\":{\"../memory.max\":\"\"}}",
	      "unified[\"../memory.max\"]: must be the name of a file, without slashes");
	check("{\"hugepageLimits\":[{\"pageSize\":\"64KB\",\"limit\":0},{\"pageSize\":\"1GB\","
	      "\"limit\":1}]}",
	      "");
	check("{\"hugepageLimits\":[{\"pageSize\":\"02MB\",\"limit\":0}]}",
	      "hugepageLimits[0].pageSize: '02MB' is not of the form 2MB");
	check("{\"hugepageLimits\":[{\"pageSize\":\"2MB/../../x\",\"limit\":0}]}",
	      "hugepageLimits[0].pageSize: '2MB/../../x' is not of the form 2MB");
	check("{\"hugepageLimits\":[{\"pageSize\":\"2\",\"limit\":0}]}",
	      "hugepageLimits[0].pageSize: '2' is not of the form 2MB");
	check("{\"rdma\":{\"mlx5_0\":{}}}", "");
	check("{\"rdma\":{\"a b\":{}}}", "rdma[\"a b\"]: not a name for a device");
	check("{\"network\":{\"priorities\":[{\"name\":\"a b\",\"priority\":1}]}}",
	      "network.priorities[0].name: 'a b' is not a name for a network device");
}

static void seccomp(const char *json, const char *annotations, const char *text)
{
	autofree char *config = xasprintf(
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"x\"},\"annotations\":{%s},"
		"\"linux\":{\"seccomp\":{%s}}}",
		annotations, json);
	struct oci_error err = { NULL };
	struct oci_config *c = NULL;

	if (oci_config_parse(config, strlen(config), &c, &err) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", err.text, config);
	if (validate_config(c) != (*text ? -EINVAL : 0) || !str_eq(err_get_text(), text))
		t_fail(__FILE__, __LINE__, "%s\n# found \"%s\", expected \"%s\"", json,
		       err_get_text(), text);
	err_clear();
	oci_config_free(c);
}

#define DEFAULT	 "\"defaultAction\":\"SCMP_ACT_ALLOW\""
#define CALLS(x) DEFAULT ",\"syscalls\":[{" x "}]"

static void test_seccomp(void)
{
	seccomp(DEFAULT, "", "");
	seccomp("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4095", "", "");
	seccomp("\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":4096", "",
		"linux.seccomp.defaultErrnoRet: 4096 is out of range (0 to 4095)");
	seccomp(DEFAULT ",\"defaultErrnoRet\":1", "",
		"linux.seccomp.defaultErrnoRet: SCMP_ACT_ALLOW gives no errno");
	seccomp("\"defaultAction\":\"SCMP_ACT_NOTIFY\"", "",
		"linux.seccomp.defaultAction: SCMP_ACT_NOTIFY cannot be used as default action");
	seccomp(CALLS("\"names\":[\"a\",\"\"],\"action\":\"SCMP_ACT_LOG\""), "",
		"linux.seccomp.syscalls[0].names[1]: must not be empty");
	seccomp(CALLS("\"names\":[\"a\"],\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1"), "",
		"linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_KILL gives no errno");
	seccomp(CALLS("\"names\":[\"a\"],\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65535"), "",
		"");
	seccomp(CALLS("\"names\":[\"a\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":6,"
		      "\"value\":0,\"op\":\"SCMP_CMP_EQ\"}]"),
		"", "linux.seccomp.syscalls[0].args[0].index: 6 is out of range (0 to 5)");
}

static void test_seccomp_listener(void)
{
	static const char notify[] = CALLS("\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"");
	static const char notify_write[] = CALLS("\"names\":[\"read\",\"write\"],\"action\":\"SCMP_"
						 "ACT_NOTIFY\"") ",\"listenerPath\":\"/x\"";

	seccomp(notify, "",
		"linux.seccomp.listenerPath: required, but missing: there is an SCMP_ACT_NOTIFY");
	seccomp(notify, "\"run.oci.seccomp.receiver\":\"/x\"", "");
	seccomp(notify_write, "",
		"linux.seccomp.syscalls[0].names[1]: "
		"SCMP_ACT_NOTIFY cannot be used for the write syscall");
	seccomp(DEFAULT ",\"listenerPath\":\"/run/x\",\"listenerMetadata\":\"m\"", "", "");
	seccomp(DEFAULT ",\"listenerPath\":\"run/x\"", "",
		"linux.seccomp.listenerPath: 'run/x' is not an absolute path");
	seccomp(DEFAULT ",\"listenerMetadata\":\"m\"", "",
		"linux.seccomp.listenerMetadata: there is no listenerPath");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_devices),	       T_TEST(test_memory),	T_TEST(test_cpu),
		T_TEST(test_block_io),	       T_TEST(test_file_names), T_TEST(test_seccomp),
		T_TEST(test_seccomp_listener),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
