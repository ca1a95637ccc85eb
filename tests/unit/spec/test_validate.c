/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#include "spec/template.h"
#include "spec/validate.h"

#include "tests/unit/t.h"

#define ROOT	     "\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"}"
#define CONFIG(x)    "{" ROOT "," x "}"
#define PROCESS(x)   CONFIG("\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]," x "}")
#define LINUX(x)     CONFIG("\"linux\":{" x "}")
#define NS(types)    "\"namespaces\":[" types "]"
#define T(type)	     "{\"type\":\"" type "\"}"
#define MAP(c, h, s) "{\"containerID\":" #c ",\"hostID\":" #h ",\"size\":" #s "}"

struct found {
	const char *json;
	const char *text; /* all findings, a line each; warnings begin with "W " */
};

static void collect(void *arg, enum validate_level level, const char *text)
{
	if (level == VALIDATE_WARNING)
		strbuf_add(arg, "W ");
	strbuf_addf(arg, "%s\n", text);
}

static struct oci_config *parse(const char *json)
{
	struct oci_error err = { NULL };
	struct oci_config *c = NULL;

	if (oci_config_parse(json, strlen(json), &c, &err) < 0)
		t_fail(__FILE__, __LINE__, "%s: %s", err.text, json);
	return c;
}

static void check_all(const struct found *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		autostrbuf struct strbuf b = STRBUF_INIT;
		struct oci_config *c = parse(t[i].json);
		int errors = validate_config_all(c, collect, &b), lines = 0;

		oci_config_free(c);
		if (!str_eq(strbuf_str(&b), t[i].text))
			t_fail(__FILE__, __LINE__, "%s\n# found:\n%s\n# expected:\n%s", t[i].json,
			       strbuf_str(&b), t[i].text);
		for (const char *s = t[i].text; *s; s = strchr(s, '\n') + 1)
			lines += !str_starts(s, "W ");
		T_EQ(errors, lines);
	}
}
#define CHECK(t) check_all(t, sizeof(t) / sizeof((t)[0]))

static void test_templates_are_fine(void)
{
	for (int i = 0; i < 4; i++) {
		struct template_opts opts = {
			.rootless = i & 1, .cgroup2_only = i & 2, .uid = 1000, .gid = 1000
		};
		struct oci_config *c = template_config(&opts);
		autostrbuf struct strbuf b = STRBUF_INIT;

		T_EQ(validate_config_all(c, collect, &b), 0);
		T_STR(strbuf_str(&b), "");
		T_EQ(validate_config(c), 0);
		oci_config_free(c);
	}
}

static void test_version(void)
{
	static const char *const good[] = { "1.0.0",	 "1.3.0",     "1.0.2-dev",     "1.99.12",
					    "1.0.0-rc5", "1.2.0+dev", "1.0.2-rc.1+x-y" };
	static const char *const bad[] = { "",	     "invalid",	  "1",	     "1.0",
					   "2.0.0",  "0.9.0",	  "1.0.0.0", "1.0.x",
					   "v1.0.0", "1.01.0",	  "1.0.0-",  "1.0.0 ",
					   "10.0.0", "1.0.0-a b", "1..0",    "-1.0.0" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!validate_version_ok(good[i]))
			t_fail(__FILE__, __LINE__, "refused: %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (validate_version_ok(bad[i]))
			t_fail(__FILE__, __LINE__, "accepted: %s", bad[i]);
	}
}

static void test_document(void)
{
	static const struct found t[] = {
		{ CONFIG("\"annotations\":{\"\":\"x\",\"a\":\"\"},\"windows\":{\"x\":1}"),
		  "annotations[\"\"]: the key is empty\n" },
		{ "{\"ociVersion\":\"invalid\"}",
		  "ociVersion: unsupported version 'invalid'\nroot: required, but missing\n" },
		{ "{\"ociVersion\":\"1.0.0\",\"root\":{\"path\":\"\"}}",
		  "root.path: must not be empty\n" },
		{ CONFIG("\"hostname\":\"x\",\"domainname\":\"y\""),
		  "hostname: cannot be set without a uts namespace\n"
		  "domainname: cannot be set without a uts namespace\n" },
		{ CONFIG("\"hostname\":\"\""), "" },
		{ CONFIG("\"hostname\":"
			 "\"0123456789012345678901234567890123456789012345678901234567890123\","
			 "\"linux\":{" NS(T("uts")) "}"),
		  "" },
		{ CONFIG("\"hostname\":"
			 "\"01234567890123456789012345678901234567890123456789012345678901234\","
			 "\"linux\":{" NS(T("uts")) "}"),
		  "hostname: longer than 64 bytes\n" },
	};

	CHECK(t);
}

static void test_process(void)
{
	static const struct found t[] = {
		{ PROCESS("\"env\":[\"A=\",\"B=c=d\",\"C\",\"=x\"]"),
		  "process.env[2]: 'C' has no '='\nprocess.env[3]: the name is empty\n" },
		{ CONFIG("\"process\":{\"cwd\":\"tmp\",\"args\":[]}"),
		  "process.args: must not be empty\nprocess.cwd: 'tmp' is not an absolute path\n" },
		{ CONFIG("\"process\":{\"cwd\":\"\"}"),
		  "process.args: must not be empty\nprocess.cwd: '' is not an absolute path\n" },
		{ PROCESS("\"consoleSize\":{\"height\":65535,\"width\":0}"), "" },
		{ PROCESS("\"consoleSize\":{\"height\":65536,\"width\":0}"),
		  "process.consoleSize: more than 65535 rows or columns\n" },
		{ PROCESS("\"user\":{\"umask\":511}"), "" },
		{ PROCESS("\"user\":{\"umask\":512}"),
		  "process.user.umask: 512 is more than 511 (0777)\n" },
		{ PROCESS("\"oomScoreAdj\":-1001"),
		  "process.oomScoreAdj: -1001 is out of range (-1000 to 1000)\n" },
		{ PROCESS("\"oomScoreAdj\":1000"), "" },
		{ PROCESS("\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\",\"priority\":8}"),
		  "process.ioPriority.priority: 8 is out of range (0 to 7)\n" },
		{ PROCESS("\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_FOO\"],\"ambient\":["
			  "\"chown\"]}"),
		  "W process.capabilities.bounding[1]: unknown capability 'CAP_FOO' is ignored\n"
		  "W process.capabilities.ambient[0]: unknown capability 'chown' is ignored\n" },
		{ PROCESS("\"commandLine\":\"x\""),
		  "W process.commandLine: ignored, it is for Windows\n" },
		{ PROCESS("\"execCPUAffinity\":{\"initial\":\"0-3, 7\",\"final\":\"x\"}"),
		  "process.execCPUAffinity.final: 'x' is not a list of CPUs\n" },
	};

	CHECK(t);
}

#define RLIMIT(t, s, h) "{\"type\":\"" t "\",\"soft\":" #s ",\"hard\":" #h "}"

static void test_rlimits(void)
{
	static const struct found t[] = {
		{ PROCESS("\"rlimits\":["
			  RLIMIT("RLIMIT_NOFILE", 1, 2) ","
			  RLIMIT("RLIMIT_FOO", 1, 2) ","
			  RLIMIT("RLIMIT_NOFILE", 1, 2) ","
			  RLIMIT("RLIMIT_AS", 3, 2) ","
			  RLIMIT("RLIMIT_CPU", 18446744073709551615, 18446744073709551615) ","
			  RLIMIT("RLIMIT_NOFIL", 1, 1) "]"),
		  "process.rlimits[1].type: unknown resource limit 'RLIMIT_FOO'\n"
		  "process.rlimits[2].type: 'RLIMIT_NOFILE' is given twice\n"
		  "process.rlimits[3].soft: 3 is above hard, which is 2\n"
		  "process.rlimits[5].type: unknown resource limit 'RLIMIT_NOFIL'\n" },
	};

	CHECK(t);
}

#define SCHED(p, x) PROCESS("\"scheduler\":{\"policy\":\"SCHED_" p "\"" x "}")

static void test_scheduler(void)
{
	static const struct found t[] = {
		{ SCHED("OTHER", ",\"nice\":19"), "" },
		{ SCHED("BATCH", ",\"nice\":20"),
		  "process.scheduler.nice: 20 is out of range (-20 to 19)\n" },
		{ SCHED("OTHER", ",\"priority\":1"),
		  "process.scheduler.priority: only SCHED_FIFO and SCHED_RR have it\n" },
		{ SCHED("FIFO", ""),
		  "process.scheduler.priority: 0 is out of range (1 to 99) for SCHED_FIFO\n" },
		{ SCHED("RR", ",\"priority\":100"),
		  "process.scheduler.priority: 100 is out of range (1 to 99) for SCHED_RR\n" },
		{ SCHED("RR", ",\"priority\":99"), "" },
		{ SCHED("IDLE", ",\"runtime\":1"),
		  "process.scheduler: only SCHED_DEADLINE has runtime, deadline and period\n" },
		{ SCHED("DEADLINE", ""),
		  "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires `runtime`\n" },
		{ SCHED("DEADLINE", ",\"runtime\":2000"),
		  "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires `deadline`\n" },
		{ SCHED("DEADLINE", ",\"runtime\":1023,\"deadline\":3000"),
		  "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires "
		  "`runtime` >= 1024\n" },
		{ SCHED("DEADLINE", ",\"runtime\":3001,\"deadline\":3000"),
		  "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires "
		  "`runtime` <= `deadline` <= `period`\n" },
		{ SCHED("DEADLINE", ",\"runtime\":2000,\"deadline\":3000,\"period\":2999"),
		  "process.scheduler: sched_setattr: `SCHED_DEADLINE` requires "
		  "`runtime` <= `deadline` <= `period`\n" },
		{ SCHED("DEADLINE", ",\"runtime\":2000,\"deadline\":3000"), "" },
		{ SCHED("DEADLINE", ",\"runtime\":2000,\"deadline\":3000,\"period\":3000"), "" },
	};

	CHECK(t);
}

static void test_mounts_and_hooks(void)
{
	static const struct found t[] = {
		{ CONFIG("\"mounts\":[{\"destination\":\"/"
			 "a\"},{\"destination\":\"\"},{\"destination\":\"b\"}]"),
		  "mounts[1].destination: must not be empty\n"
		  "W mounts[2].destination: 'b' is relative, taken as below /\n" },
		{ CONFIG("\"mounts\":[{\"destination\":\"/a\",\"uidMappings\":[" MAP(0, 0,
										     1) "]}]"),
		  "mounts[0]: uidMappings and gidMappings belong together\n" },
		{ CONFIG("\"mounts\":[{\"destination\":\"/a\",\"uidMappings\":[" MAP(
			  0, 0, 1) "],\"gidMappings\":[" MAP(0, 0, 0) "]}]"),
		  "mounts[0].gidMappings[0].size: must not be 0\n" },
		{ CONFIG("\"hooks\":{\"prestart\":[{\"path\":\"/"
			 "a\",\"timeout\":1},{\"path\":\"a\"}],"
			 "\"poststop\":[{\"path\":\"/"
			 "a\",\"timeout\":0}],\"createRuntime\":[{\"path\":\"\"}],"
			 "\"createContainer\":[{\"path\":\"/"
			 "a\",\"timeout\":-1}],\"startContainer\":[{\"path\":\"b\"}],"
			 "\"poststart\":[{\"path\":\"c\"}]}"),
		  "hooks.prestart[1].path: 'a' is not an absolute path\n"
		  "hooks.createRuntime[0].path: '' is not an absolute path\n"
		  "hooks.createContainer[0].timeout: -1 is not above zero\n"
		  "hooks.startContainer[0].path: 'b' is not an absolute path\n"
		  "hooks.poststart[0].path: 'c' is not an absolute path\n"
		  "hooks.poststop[0].timeout: 0 is not above zero\n" },
	};

	CHECK(t);
}

static void test_first_error_is_recorded(void)
{
	struct oci_config *c = parse(CONFIG("\"process\":{\"cwd\":\"x\",\"args\":[\"a\"]},"
					    "\"mounts\":[{\"destination\":\"\"}]"));

	T_EQ(validate_config(c), -EINVAL);
	T_EQ(err_get_code(), EINVAL);
	T_STR(err_get_text(), "process.cwd: 'x' is not an absolute path");
	err_clear();
	T_EQ(validate_process(c->process), -EINVAL);
	T_STR(err_get_text(), "process.cwd: 'x' is not an absolute path");
	err_clear();
	oci_config_free(c);
}

static void count_warning(void *arg, enum log_level level, const char *text)
{
	T_EQ(level, LOG_L_WARN);
	T_STR(text, "mounts[0].destination: 'x' is relative, taken as below /");
	(*(int *) arg)++;
}

/* Those of capabilities are left to the mechanism, which knows what the kernel grants. */
static void test_warnings_are_logged(void)
{
	struct oci_config *c = parse(PROCESS("\"capabilities\":{\"bounding\":[\"CAP_NEW\"]}")),
			  *d = parse(CONFIG("\"mounts\":[{\"destination\":\"x\"}]"));
	int n = 0;

	log_set_callback(count_warning, &n);
	T_EQ(validate_config(c), 0);
	T_EQ(n, 0);
	T_EQ(validate_config(d), 0);
	log_set_callback(NULL, NULL);
	T_EQ(n, 1);
	T_ASSERT(!err_is_set());
	oci_config_free(c);
	oci_config_free(d);
}

static void test_namespaces(void)
{
	static const struct found t[] = {
		{ LINUX(NS(T("pid") "," T("mount") "," T("pid"))),
		  "linux.namespaces[2].type: 'pid' is given twice\n" },
		{ LINUX(NS("{\"type\":\"pid\",\"path\":\"proc/1/ns/"
			   "pid\"},{\"type\":\"ipc\",\"path\":\"\"},"
			   "{\"type\":\"network\",\"path\":\"/run/netns/x\"}")),
		  "linux.namespaces[0].path: 'proc/1/ns/pid' is not an absolute path\n"
		  "linux.namespaces[1].path: '' is not an absolute path\n" },
		{ LINUX("\"uidMappings\":[" MAP(0, 1, 1) "]"),
		  "linux.uidMappings: there is no user namespace to map\n" },
		{ LINUX("\"gidMappings\":[" MAP(0, 1, 1) "]"),
		  "linux.gidMappings: there is no user namespace to map\n" },
		{ LINUX(NS(T("user"))), "" },
		{ LINUX(NS(T("user")) ",\"uidMappings\":[" MAP(0, 1, 1) "]"),
		  "linux.gidMappings: must be there when uidMappings is\n" },
		{ LINUX(NS(T("user")) ",\"gidMappings\":[" MAP(0, 1, 1) "]"),
		  "linux.uidMappings: must be there when gidMappings is\n" },
		{ LINUX("\"timeOffsets\":{\"boottime\":{\"secs\":1}}"),
		  "linux.timeOffsets: there is no time namespace to set\n" },
		{ LINUX(NS(T("time")) ",\"timeOffsets\":{\"boottime\":{\"nanosecs\":999999999},"
				      "\"monotonic\":{\"nanosecs\":1000000000}}"),
		  "linux.timeOffsets.monotonic.nanosecs: more than 999999999\n" },
		{ LINUX(NS("{\"type\":\"time\",\"path\":\"/x\"}") ",\"timeOffsets\":{}"),
		  "linux.timeOffsets: the time namespace is joined, not made\n" },
	};

	CHECK(t);
}

static void test_mappings(void)
{
#define MAPS(m) LINUX(NS(T("user")) ",\"gidMappings\":[" MAP(0, 0, 1) "],\"uidMappings\":[" m "]")
	static const struct found t[] = {
		{ MAPS(MAP(0, 100000, 65536) "," MAP(65536, 1000, 1)), "" },
		{ MAPS(MAP(0, 0, 4294967295)), "" },
		{ MAPS(MAP(1, 0, 4294967295)),
		  "linux.uidMappings[0]: goes beyond the last id, 4294967294\n" },
		{ MAPS(MAP(0, 4294967295, 1)),
		  "linux.uidMappings[0]: goes beyond the last id, 4294967294\n" },
		{ MAPS(MAP(0, 1, 0)), "linux.uidMappings[0].size: must not be 0\n" },
		{ MAPS(MAP(0, 1000, 10) "," MAP(9, 5000, 1)),
		  "linux.uidMappings[1]: overlaps the container's ids of linux.uidMappings[0]\n" },
		{ MAPS(MAP(0, 1000, 10) "," MAP(10, 1009, 1)),
		  "linux.uidMappings[1]: overlaps the host's ids of linux.uidMappings[0]\n" },
		{ MAPS(MAP(5, 1000, 10) "," MAP(0, 5000, 5)), "" },
	};
	struct oci_id_mapping m[341];
	autostrbuf struct strbuf b = STRBUF_INIT;
	struct oci_namespace user = { .type = (char *) "user" };
	struct oci_root root = { .path = (char *) "x" };
	struct oci_linux l = {
		.uid_mappings = m, .gid_mappings = m, .namespaces = &user, .namespaces_len = 1
	};
	struct oci_config c = { .oci_version = (char *) "1.0.0", .root = &root, .linux = &l };

	CHECK(t);
	for (uint32_t i = 0; i < 341; i++)
		m[i] = (struct oci_id_mapping){ .container_id = i, .host_id = i, .size = 1 };
	l.uid_mappings_len = l.gid_mappings_len = 340;
	T_EQ(validate_config_all(&c, collect, &b), 0);
	l.gid_mappings_len = 341;
	T_EQ(validate_config_all(&c, collect, &b), 1);
	T_STR(strbuf_str(&b), "linux.gidMappings: more than 340 mappings\n");
}

#define DEV(x) LINUX("\"devices\":[{" x "}]")

static void test_devices(void)
{
	static const struct found t[] = {
		{ DEV("\"type\":\"c\",\"path\":\"/dev/"
		      "x\",\"major\":4095,\"minor\":1048575,\"fileMode\":8630"),
		  "" },
		{ DEV("\"type\":\"p\",\"path\":\"/dev/x\",\"major\":-5"), "" },
		{ DEV("\"type\":\"b\",\"path\":\"dev/x\",\"major\":1"),
		  "linux.devices[0].path: 'dev/x' is not an absolute path\n"
		  "linux.devices[0]: type 'b' needs major and minor\n" },
		{ DEV("\"type\":\"u\",\"path\":\"/dev/../\",\"major\":4096,\"minor\":0"),
		  "linux.devices[0].path: '/dev/../' is the root directory\n"
		  "linux.devices[0]: there is no device 4096:0\n" },
		{ DEV("\"type\":\"c\",\"path\":\"/x\",\"major\":1,\"minor\":-1,\"fileMode\":65536"),
		  "linux.devices[0].fileMode: 65536 has unknown bits\nlinux.devices[0]: there is "
		  "no device 1:-1\n" },
		{ LINUX("\"netDevices\":{\"eth0\":{}}"),
		  "linux.netDevices: there is no network namespace to move them to\n" },
		{ LINUX(NS(T("network")) ",\"netDevices\":{\"eth0\":{\"name\":\"\"},"
					 "\"0123456789abcde\":{},"
					 "\"0123456789abcdef\":{},\"..\":{},\"a\":{\"name\":\"b/"
					 "c\"}}"),
		  "linux.netDevices[\"0123456789abcdef\"]: not a name for a network device\n"
		  "linux.netDevices[\"..\"]: not a name for a network device\n"
		  "linux.netDevices[\"a\"].name: 'b/c' is not a name for a network device\n" },
		{ LINUX(NS(T("network")) ",\"netDevices\":{\"eth0\":{},\"eth1\":{\"name\":"
					 "\"eth0\"},\"e2\":{\"name\":\"e%d\"}}"),
		  "linux.netDevices[\"eth1\"].name: 'eth0' is the name of "
		  "linux.netDevices[\"eth0\"], too\n"
		  "linux.netDevices[\"e2\"].name: 'e%d' is not a name for a network device\n" },
	};

	CHECK(t);
}

#define SYSCTL(k) "\"sysctl\":{\"" k "\":\"1\"}"

static void test_sysctl(void)
{
	static const struct found t[] = {
		{ LINUX(NS(T("network")) "," SYSCTL("net.ipv4.ip_forward")), "" },
		{ LINUX(NS(T("network")) "," SYSCTL("net/ipv4/conf/eth0.5/forwarding")), "" },
		{ LINUX(NS(T("network")) "," SYSCTL("net.ipv4.conf.eth0/5.forwarding")), "" },
		{ LINUX(NS(T("ipc")) "," SYSCTL("net.ipv4.ip_forward")),
		  "linux.sysctl[\"net.ipv4.ip_forward\"]: cannot be set without a network "
		  "namespace\n" },
		{ LINUX(NS(T("ipc")) ",\"sysctl\":{\"kernel.sem\":\"\",\"fs.mqueue.msg_max\":\"\","
				     "\"kernel.shmmax\":\"\",\"kernel.shm_rmid_forced\":\"\"}"),
		  "" },
		{ LINUX(SYSCTL("kernel.shmmax")),
		  "linux.sysctl[\"kernel.shmmax\"]: cannot be set without a ipc namespace\n" },
		{ LINUX(NS(T("ipc")) "," SYSCTL("kernel.shmmax2")),
		  "linux.sysctl[\"kernel.shmmax2\"]: does not belong to a namespace, would be the "
		  "host's\n" },
		{ LINUX(NS(T("ipc")) "," SYSCTL("kernel.core_pattern")),
		  "linux.sysctl[\"kernel.core_pattern\"]: does not belong to a namespace, would be "
		  "the host's\n" },
		{ LINUX(NS(T("uts")) "," SYSCTL("kernel.hostname")),
		  "linux.sysctl[\"kernel.hostname\"]: conflicts with the field hostname, which is "
		  "for this\n" },
		{ LINUX(NS(T("uts")) "," SYSCTL("kernel/hostname")),
		  "linux.sysctl[\"kernel/hostname\"]: conflicts with the field hostname, which is "
		  "for this\n" },
		{ LINUX(NS(T("uts")) "," SYSCTL("kernel.domainname")), "" },
		{ CONFIG("\"domainname\":\"1\",\"linux\":{" NS(T("uts")) "," SYSCTL(
			  "kernel.domainname") "}"),
		  "" },
		{ CONFIG("\"domainname\":\"x\",\"linux\":{" NS(T("uts")) "," SYSCTL(
			  "kernel.domainname") "}"),
		  "linux.sysctl[\"kernel.domainname\"]: conflicts with domainname, which is "
		  "'x'\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("net/../kernel/core_pattern")),
		  "linux.sysctl[\"net/../kernel/core_pattern\"]: not a name of a sysctl\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("net.//.kernel.core_pattern")),
		  "linux.sysctl[\"net.//.kernel.core_pattern\"]: not a name of a sysctl\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("net..x")),
		  "linux.sysctl[\"net..x\"]: not a name of a sysctl\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("net.")),
		  "linux.sysctl[\"net.\"]: not a name of a sysctl\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("")),
		  "linux.sysctl[\"\"]: not a name of a sysctl\n" },
		{ LINUX(NS(T("network")) "," SYSCTL("net")),
		  "linux.sysctl[\"net\"]: does not belong to a namespace, would be the host's\n" },
		{ LINUX(NS(T("user")) "," SYSCTL("user.max_net_namespaces")), "" },
	};

	CHECK(t);
}

static void test_linux_rest(void)
{
	static const struct found t[] = {
		{ LINUX("\"cgroupsPath\":\"/a/../b\""),
		  "linux.cgroupsPath: `..` components are not allowed\n" },
		{ LINUX("\"cgroupsPath\":\"system.slice:hako:a..b\""), "" },
		{ LINUX("\"maskedPaths\":[\"/a\",\"b\"],\"readonlyPaths\":[\"c\"]"),
		  "linux.maskedPaths[1]: 'b' is not an absolute path\nlinux.readonlyPaths[0]: 'c' "
		  "is not an absolute path\n"
		  "linux.maskedPaths: cannot be set without a mount namespace\n"
		  "linux.readonlyPaths: cannot be set without a mount namespace\n" },
		{ LINUX(NS(T("mount")) ",\"maskedPaths\":[\"/a\"],\"readonlyPaths\":[]"), "" },
		{ LINUX("\"intelRdt\":{\"closID\":\"../"
			"x\",\"memBwSchema\":\"MB:0=1\\nL3:0=1\",\"schemata\":[\"MB:0=2\",\"x\"]}"),
		  "linux.intelRdt.closID: '../x' is not a name for a directory\n"
		  "linux.intelRdt.memBwSchema: 'MB:0=1?L3:0=1' is not one line that begins with "
		  "MB:\n"
		  "linux.intelRdt.schemata[1]: 'x' is not one line of the form NAME:VALUE\n" },
		{ LINUX("\"memoryPolicy\":{}"),
		  "linux.memoryPolicy.mode: invalid memory policy mode ''\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_X\",\"flags\":[\"y\",\"MPOL_F_STATIC_"
			"NODES\"]}"),
		  "linux.memoryPolicy.mode: invalid memory policy mode 'MPOL_X'\n"
		  "linux.memoryPolicy.flags[0]: invalid memory policy flag 'y'\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_LOCAL\",\"nodes\":\"0-3,8,10-12\"}"),
		  "linux.memoryPolicy.nodes: invalid memory policy: MPOL_LOCAL mode requires 0 "
		  "nodes but got 8\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}"),
		  "linux.memoryPolicy.nodes: invalid memory policy: MPOL_BIND mode requires at "
		  "least 1 node but got 0\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0,\"}"),
		  "linux.memoryPolicy.nodes: invalid memory policy node list '0,'\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"3-1\"}"),
		  "linux.memoryPolicy.nodes: invalid memory policy node list '3-1'\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"99999999999\"}"),
		  "linux.memoryPolicy.nodes: invalid memory policy node list '99999999999'\n" },
		{ LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_PREFERRED\",\"nodes\":\"\"}"), "" },
		{ LINUX("\"personality\":{\"domain\":\"LINUX32\"}"), "" },
		{ LINUX("\"personality\":{\"flags\":[\"ADDR_NO_RANDOMIZE\"]}"),
		  "linux.personality.domain: required, but missing\n"
		  "linux.personality.flags[0]: unknown flag 'ADDR_NO_RANDOMIZE'; none are "
		  "defined\n" },
	};

	CHECK(t);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_templates_are_fine),
		T_TEST(test_version),
		T_TEST(test_document),
		T_TEST(test_process),
		T_TEST(test_rlimits),
		T_TEST(test_scheduler),
		T_TEST(test_mounts_and_hooks),
		T_TEST(test_first_error_is_recorded),
		T_TEST(test_warnings_are_logged),
		T_TEST(test_namespaces),
		T_TEST(test_mappings),
		T_TEST(test_devices),
		T_TEST(test_sysctl),
		T_TEST(test_linux_rest),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
