/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

static void test_none(void)
{
	automapped struct mapped m = mapped("lxc.net.0.type = none\n");
	automapped struct mapped empty = mapped("lxc.net.0.type = empty\nlxc.net.0.flags = up\n"
						"lxc.net.0.ipv4.address = 10.0.0.1\n");

	HAS_NOT(m, "org.hako.net");
	HAS_NOT(m, "\"hooks\"");
	HAS_NOT(m, "\"network\"");
	HAS_NOT(empty, "\"hooks\"");
	HAS(empty, "{\"type\":\"network\"}");
	T_EQ(verdict(&empty, 4), LXC_V_KEPT);
}

/* Another's namespace has its interfaces already; ours would be moved into it. */
static void test_shared(void)
{
	automapped struct mapped m = mapped("lxc.namespace.share.net = other\n"
					    "lxc.net.0.type = phys\nlxc.net.0.link = eth0\n");

	HAS_NOT(m, "org.hako.net");
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
}

static void test_hooks(void)
{
	automapped struct mapped m = mapped("lxc.net.0.type = veth\nlxc.net.0.link = br0\n");

	HAS(m, "\"createRuntime\":[{\"path\":\"/usr/bin/hako\",\"args\":[\"hako\",\"hook\","
	       "\"net\"]}]");
	HAS(m, "\"poststop\":[{\"path\":\"/usr/bin/hako\",\"args\":[\"hako\",\"hook\",\"net\","
	       "\"down\"]}]");
	HAS(m, "\"org.hako.net\":\"[{\\\"index\\\":0,\\\"type\\\":\\\"veth\\\",\\\"link\\\":"
	       "\\\"br0\\\",\\\"veth\\\":{\\\"mode\\\":\\\"bridge\\\"}}]\"");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
}

/* Digits are rolled once, for this machine and this container. */
static void test_hwaddr(void)
{
	static const char text[] = "lxc.net.0.type = veth\nlxc.net.0.hwaddr = xx:66:6a:xx:xx:xx\n";
	automapped struct mapped a = mapped(text), b = mapped(text);
	automapped struct mapped other = mapped("lxc.net.1.type = veth\n"
						"lxc.net.1.hwaddr = xx:66:6a:xx:xx:xx\n");
	const char *at = strstr(a.json, "hwaddr\\\":\\\"");

	T_STR(a.json, b.json);
	T_ASSERT(at);
	at += strlen("hwaddr\\\":\\\"");
	T_ASSERT(!memchr(at, 'x', 17));
	T_ASSERT(strchr("02468ace", at[1]));
	T_ASSERT(strncmp(at + 3, "66:6a:", 6) == 0);
	T_ASSERT(strncmp(strstr(other.json, ":66:6a:") - 2, at, 17) != 0);
	T_EQ(verdict(&a, 3), LXC_V_CHANGED);
}

static void test_faults_have_lines(void)
{
	automapped struct mapped m =
		mapped("lxc.net.0.type = veth\nlxc.net.0.flags = up\nlxc.net.0.ipv4.address = "
		       "10.0.0.1\nlxc.net.0.veth.ipv4.route = 10.0.0.0/8\n"
		       "lxc.net.0.veth.ipv4.route = 10.1.0.0/8\n");

	REFUSED(m, "LXC-E003");
	T_EQ(find_code(&m, "LXC-E003")->pos.line, 6);
	T_EQ(verdict(&m, 5), LXC_V_KEPT);
	T_EQ(verdict(&m, 6), LXC_V_REFUSED);
}

static void test_kept_namespace(void)
{
	automapped struct mapped m = mapped("lxc.namespace.keep = net user\n"
					    "lxc.net.0.type = veth\nlxc.net.0.link = br0\n");

	HAS_NOT(m, "org.hako.net");
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
}

static void test_clear(void)
{
	automapped struct mapped m = mapped("lxc.net.0.type = macvlan\nlxc.net =\n"
					    "lxc.net.1.type = vlan\nlxc.net.1.link = eth0\n"
					    "lxc.net.1.vlan.id = 9\n");

	HAS_NOT(m, "macvlan");
	HAS(m, "\\\"vlan\\\":{\\\"id\\\":9}");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_none),
		T_TEST(test_shared),
		T_TEST(test_hooks),
		T_TEST(test_hwaddr),
		T_TEST(test_clear),
		T_TEST(test_faults_have_lines),
		T_TEST(test_kept_namespace),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
