/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/lxc/map_test.h"

static void test_moments_of_oci(void)
{
	automapped struct mapped m = mapped("lxc.hook.mount = /m --flag 'a b'\n"
					    "lxc.hook.autodev = /a\n"
					    "lxc.hook.start = /s\n"
					    "lxc.hook.post-stop = /p\n"
					    "lxc.hook.stop = /q\n");

	HAS(m, "\"createContainer\":[{\"path\":\"/usr/bin/hako\",\"args\":[\"hako\",\"hook\","
	       "\"lxc-env\",\"--hook\",\"mount\",\"--\",\"/m --flag 'a b'\"]");
	HAS(m, "\"--hook\",\"autodev\",\"--\",\"/a\"]");
	HAS(m, "\"startContainer\":[{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"exec /s 'c1' "
	       "'lxc' 'start' </dev/null\"]");
	/* stop before post-stop, whatever the order of the lines */
	HAS(m, "\"--hook\",\"stop\",\"--\",\"/q\"]");
	T_ASSERT(strstr(m.json, "/q") < strstr(m.json, "\"/p\""));
	HAS_CODE(m, "LXC-W704");
	T_EQ(verdict(&m, 6), LXC_V_CHANGED);
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
}

static void test_environment(void)
{
	automapped struct mapped m = mapped("lxc.environment = A=1\n"
					    "lxc.environment.hooks = B=2\n"
					    "lxc.environment.runtime = C=3\n"
					    "lxc.log.level = debug\n"
					    "lxc.console.logfile = /log\n"
					    "lxc.hook.mount = /m\n"
					    "lxc.hook.stop = /s\n");

	HAS(m, "\"A=1\",\"B=2\",\"LXC_NAME=c1\",\"LXC_ROOTFS_MOUNT=/srv/c1/rootfs\","
	       "\"LXC_ROOTFS_PATH=/srv/c1/rootfs\",\"LXC_LOG_LEVEL=DEBUG\","
	       "\"LXC_HOOK_VERSION=0\",\"LXC_CGNS_AWARE=1\",\"LXC_CONSOLE_LOGPATH=/log\"]");
	/* hooks on the host see nothing of the container's */
	T_CONTAINS(strstr(m.json, "\"/s\"]"), "bin\",\"LXC_NAME=c1\"");
}

static void test_version_1(void)
{
	automapped struct mapped m = mapped("lxc.hook.version = 1\n"
					    "lxc.hook.start = /s\n"
					    "lxc.hook.mount = /m\n");

	HAS(m, "\"exec /s </dev/null\"");
	HAS(m, "\"LXC_HOOK_VERSION=1\",\"LXC_CGNS_AWARE=1\",\"LXC_HOOK_TYPE=start\","
	       "\"LXC_HOOK_SECTION=lxc\"]");
}

static void test_moments_of_lxc(void)
{
	static const char text[] = ROOT "lxc.hook.pre-start = /a\nlxc.hook.pre-mount = /b\n"
					"lxc.hook.start-host = /c\nlxc.hook.destroy = /d\n"
					"lxc.hook.clone = /e\n";
	automapped struct mapped m = mapped_with(text, 0), foreign = mapped_with(text, GENERIC);

	HAS(m, "\"org.hako.hooks.pre-start\":\"[{\\\"path\\\":\\\"/usr/bin/hako\\\"");
	HAS(m, "\"org.hako.hooks.pre-mount\":\"[{");
	HAS(m, "\"org.hako.hooks.start-host\":\"[{");
	HAS(m, "\"org.hako.hooks.destroy\":\"[{");
	HAS_NOT(m, "createRuntime");
	HAS_NO_CODE(m, "LXC-W701");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	T_EQ(verdict(&m, 6), LXC_V_KEPT);

	HAS(foreign, "\"createRuntime\":[{");
	T_ASSERT(strstr(foreign.json, "\"/a\"") < strstr(foreign.json, "\"/c\""));
	HAS_NOT(foreign, "org.hako.hooks");
	HAS_CODE(foreign, "LXC-W701");
	HAS_CODE(foreign, "LXC-W702");
	HAS_CODE(foreign, "LXC-I703");
	T_EQ(verdict(&foreign, 2), LXC_V_CHANGED);
	T_EQ(verdict(&foreign, 3), LXC_V_DROPPED);
	T_EQ(verdict(&foreign, 4), LXC_V_KEPT);
	T_EQ(verdict(&foreign, 5), LXC_V_DROPPED);
}

static void test_what_lxc_does_not_run(void)
{
	automapped struct mapped off = mapped("lxc.autodev = 0\nlxc.hook.autodev = /a\n");
	automapped struct mapped args = mapped("lxc.hook.start = /bin/touch /x\n");

	T_EQ(verdict(&off, 3), LXC_V_DROPPED);
	HAS_NOT(off, "lxc-env");
	HAS(args, "exec /bin/touch /x 'c1'");
	HAS_CODE(args, "LXC-W705");
	T_EQ(verdict(&args, 2), LXC_V_CHANGED);
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_moments_of_oci),
		T_TEST(test_environment),
		T_TEST(test_version_1),
		T_TEST(test_moments_of_lxc),
		T_TEST(test_what_lxc_does_not_run),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
