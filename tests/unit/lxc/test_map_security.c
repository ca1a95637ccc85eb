/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

static void test_caps_all(void)
{
	automapped struct mapped m = mapped("");

	T_ASSERT(m.oci);
	T_EQ(m.oci->process->capabilities->bounding_len, 41);
	T_STR(m.oci->process->capabilities->bounding[0], "CAP_CHOWN");
	T_STR(m.oci->process->capabilities->bounding[40], "CAP_CHECKPOINT_RESTORE");
	T_EQ(m.oci->process->capabilities->effective_len, 41);
	T_EQ(m.oci->process->capabilities->permitted_len, 41);
	HAS(m, "\"inheritable\":[]");
	HAS(m, "\"ambient\":[]");
	HAS_CODE(m, "LXC-I404");
	HAS_CODE(m, "LXC-I405");
}

static void test_caps_drop(void)
{
	/* the idiom for a clock in a container: clear, then a shorter list */
	automapped struct mapped m =
		mapped("lxc.cap.drop = sys_module sys_time mac_admin\n"
		       "lxc.cap.drop =\nlxc.cap.drop = sys_module mac_admin\n");

	HAS(m, "CAP_SYS_TIME");
	HAS_NOT(m, "CAP_SYS_MODULE");
	HAS_NOT(m, "CAP_MAC_ADMIN");
	T_EQ(m.oci->process->capabilities->bounding_len, 39);
}

static void test_caps_keep(void)
{
	automapped struct mapped one = mapped("lxc.cap.keep = sys_time none sys_boot\n");
	automapped struct mapped none = mapped("lxc.cap.keep = none\n");
	automapped struct mapped after = mapped("lxc.cap.drop = sys_time\nlxc.cap.keep =\n"
						"lxc.cap.keep = sys_boot\n");

	HAS(one, "\"bounding\":[\"CAP_SYS_BOOT\"],\"effective\":[\"CAP_SYS_BOOT\"]");
	HAS(none,
	    "\"bounding\":[],\"effective\":[],\"inheritable\":[],\"permitted\":[],\"ambient\":[]");
	HAS(after, "\"bounding\":[\"CAP_SYS_BOOT\"]");
}

static void test_caps_other_user(void)
{
	automapped struct mapped m = mapped("lxc.cap.keep = sys_boot\nlxc.init.uid = 1000\n");

	HAS(m, "\"bounding\":[\"CAP_SYS_BOOT\"],\"effective\":[],\"inheritable\":[],\"permitted\":["
	       "],");
}

static void test_caps_numbers(void)
{
	automapped struct mapped drop = mapped("lxc.cap.drop = 25 0x19 041\n");
	automapped struct mapped high = mapped("lxc.cap.drop = 41\n");
	automapped struct mapped keep = mapped("lxc.cap.keep = 41 chown\n");

	HAS_NOT(drop, "CAP_SYS_TIME");
	HAS_NOT(drop, "CAP_MAC_ADMIN");
	T_EQ(drop.oci->process->capabilities->bounding_len, 39);
	if (high.result >= 0)
		HAS_CODE(high, "LXC-I402");
	if (keep.result >= 0)
		HAS_CODE(keep, "LXC-W401");
}

static void test_caps_userns(void)
{
	automapped struct mapped m = mapped("lxc.idmap = u 0 1000 10\nlxc.idmap = g 0 1000 10\n");

	HAS_NO_CODE(m, "LXC-I404");
	HAS_NO_CODE(m, "LXC-I405");
}

static void test_apparmor(void)
{
	static const struct {
		int state;
		const char *line, *fragment, *code;
	} cases[] = {
		{ LXC_APPARMOR_OFF, "", NULL, NULL },
		{ LXC_APPARMOR_MISSING, "", NULL, "LXC-I280" },
		{ LXC_APPARMOR_LOADED, "", "\"apparmorProfile\":\"lxc-container-default-cgns\"",
		  NULL },
		{ LXC_APPARMOR_LOADED, "lxc.apparmor.profile = unchanged\n", NULL, NULL },
		{ LXC_APPARMOR_LOADED, "lxc.apparmor.profile = unconfined\n",
		  "\"apparmorProfile\":\"unconfined\"", NULL },
		{ LXC_APPARMOR_OFF, "lxc.apparmor.profile = unconfined\n", NULL, NULL },
		/* fail closed: the runtime will refuse to start without it */
		{ LXC_APPARMOR_OFF, "lxc.apparmor.profile = mine\n", "\"apparmorProfile\":\"mine\"",
		  "LXC-I280" },
		{ LXC_APPARMOR_OFF, "lxc.apparmor.profile = generated\n", NULL, "LXC-W281" },
		{ LXC_APPARMOR_OFF, "lxc.apparmor.raw = deny x\n", NULL, "LXC-I282" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		automapped struct mapped m = { 0 };

		fake_apparmor_state = cases[i].state;
		m = mapped(cases[i].line);
		if (cases[i].fragment)
			HAS(m, cases[i].fragment);
		else
			HAS_NOT(m, "apparmorProfile");
		if (cases[i].code)
			HAS_CODE(m, cases[i].code);
		else
			HAS_NO_CODE(m, "LXC-I280");
	}
	fake_apparmor_state = LXC_APPARMOR_OFF;
}

static void test_apparmor_generated(void)
{
	static const char text[] = "lxc.apparmor.profile = generated\n"
				   "lxc.apparmor.allow_nesting = 1\n"
				   "lxc.apparmor.allow_incomplete = 1\n"
				   "lxc.apparmor.raw = deny /x w,\nlxc.apparmor.raw = mount,\n";

	for (int state = LXC_APPARMOR_MISSING; state <= LXC_APPARMOR_LOADED; state++) {
		automapped struct mapped m = { 0 };

		fake_apparmor_state = state;
		m = mapped(text);
		HAS(m, "\"apparmorProfile\":\"hako-c1-");
		HAS(m, "\"args\":[\"hako\",\"hook\",\"apparmor\",\"--allow-incomplete\",\"load\","
		       "\"hako-c1-");
		HAS(m, "\"args\":[\"hako\",\"hook\",\"apparmor\",\"unload\",\"hako-c1-");
		HAS(m, "\"org.hako.apparmor.generate\":\"1\"");
		HAS(m, "\"org.hako.apparmor.raw\":\"deny /x w,\\nmount,\"");
		HAS_NO_CODE(m, "LXC-W281");
		for (unsigned int line = 2; line <= 6; line++)
			T_EQ(verdict(&m, line), LXC_V_KEPT);
	}
	{
		automapped struct mapped bad = mapped("lxc.apparmor.profile = generated\n"
						      "lxc.apparmor.raw = }\n");

		REFUSED(bad, "LXC-E003");
		T_EQ(verdict(&bad, 3), LXC_V_REFUSED);
	}
	fake_no_parser = true;
	{
		automapped struct mapped m = mapped("lxc.apparmor.profile = generated\n");

		HAS(m, "\"apparmorProfile\":\"hako-c1-");
		HAS_CODE(m, "LXC-W281");
	}
	fake_apparmor_state = LXC_APPARMOR_OFF;
	{
		automapped struct mapped off = mapped(text);
		automapped struct mapped other =
			mapped_with(ROOT "lxc.apparmor.profile = generated\n", APPARMOR);

		HAS_NOT(off, "apparmorProfile");
		HAS_NOT(off, "\"apparmor\"");
		T_EQ(verdict(&off, 2), LXC_V_CHANGED);
		T_EQ(verdict(&off, 5), LXC_V_DROPPED);
		HAS(other, "\"apparmorProfile\":\"hako-c1-");
		HAS_NO_CODE(other, "LXC-W281");
	}
	fake_no_parser = false;
}

static void test_selinux(void)
{
	automapped struct mapped m = mapped("lxc.selinux.context = u:r:t:s0\n");
	automapped struct mapped off = mapped("lxc.selinux.context = unconfined_t\n");

	HAS(m, "\"selinuxLabel\":\"u:r:t:s0\"");
	HAS_NOT(off, "selinuxLabel");
	T_EQ(verdict(&off, 2), LXC_V_KEPT);
}

static void test_seccomp(void)
{
	fake_profile = "2\ndenylist\nkexec_load errno 1\nmkdri\nmkdir allow\n";
	{
		automapped struct mapped m = mapped("lxc.seccomp.profile = /etc/profile.seccomp\n");

		HAS(m, "{\"names\":[\"kexec_load\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":1}");
		HAS_CODE(m, "LXC-I609");
		T_CONTAINS(find_code(&m, "LXC-I609")->text, "/etc/profile.seccomp:5: ");
	}
	{
		automapped struct mapped exact =
			mapped_with(ROOT "lxc.seccomp.profile = /etc/profile.seccomp\n", EXACT);

		REFUSED(exact, "LXC-E602");
	}
	fake_profile = NULL;
	{
		automapped struct mapped m = mapped("lxc.seccomp.profile = /etc/profile.seccomp\n");

		REFUSED(m, "LXC-E602");
		T_EQ(verdict(&m, 2), LXC_V_REFUSED);
	}
}

static void test_notify_proxy(void)
{
	static const char text[] = ROOT "lxc.seccomp.notify.proxy = unix:/run/p\n"
					"lxc.seccomp.notify.cookie = x\n";
	automapped struct mapped refused = mapped_with(text, 0);
	automapped struct mapped alone = mapped("lxc.seccomp.notify.cookie = x\n");

	REFUSED(refused, "LXC-E284");
	T_EQ(verdict(&refused, 2), LXC_V_REFUSED);
	T_EQ(verdict(&refused, 3), LXC_V_DROPPED);
	T_EQ(verdict(&alone, 2), LXC_V_KEPT);
}

static void test_sysctl(void)
{
	automapped struct mapped m = mapped("lxc.sysctl.net.ipv4.ip_forward = 1\n"
					    "lxc.sysctl.kernel.msgmax = 4096\n"
					    "lxc.sysctl.vm.swappiness = 10\n"
					    "lxc.mount.auto = proc:mixed\n");
	automapped struct mapped host = mapped("lxc.sysctl.net.ipv4.ip_forward = 1\n"
					       "lxc.net.0.type = none\n");
	automapped struct mapped bad = mapped("lxc.sysctl.net/../kernel = 1\n");
	automapped struct mapped slashes =
		mapped("lxc.sysctl.net/ipv4/conf/eth0.1/forwarding = 1\n");

	HAS(slashes, "\"sysctl\":{\"net/ipv4/conf/eth0.1/forwarding\":\"1\"}");
	HAS(m, "\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"kernel.msgmax\":\"4096\"}");
	T_EQ(verdict(&m, 4), LXC_V_DROPPED);
	HAS_CODE(m, "LXC-W211");
	HAS_NOT(host, "ip_forward");
	REFUSED(bad, "LXC-E003");
}

static void test_management(void)
{
	automapped struct mapped m = mapped("lxc.start.auto = 1\nlxc.start.order = -2\n"
					    "lxc.group = onboot web\nlxc.log.level = DEBUG\n"
					    "lxc.rootfs.managed = 0\n");

	HAS(m, "\"org.hako.start.auto\":\"1\"");
	HAS(m, "\"org.hako.start.order\":\"-2\"");
	HAS(m, "\"org.hako.group\":\"onboot web\"");
	HAS(m, "\"org.hako.rootfs.managed\":\"0\"");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
}

static void test_source(void)
{
	automapped struct mapped m = mapped("");

	HAS(m, "\"org.hako.source\":\"{\\\"name\\\":\\\"c1\\\",\\\"files\\\":[\\\"config\\\"]}\"");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_caps_all),
		T_TEST(test_caps_drop),
		T_TEST(test_caps_keep),
		T_TEST(test_caps_other_user),
		T_TEST(test_caps_numbers),
		T_TEST(test_caps_userns),
		T_TEST(test_apparmor),
		T_TEST(test_selinux),
		T_TEST(test_seccomp),
		T_TEST(test_sysctl),
		T_TEST(test_management),
		T_TEST(test_source),
		T_TEST(test_apparmor_generated), T_TEST(test_notify_proxy),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
