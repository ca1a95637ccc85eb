/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

#define DEFAULT_NS                                                                    \
	"\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"}," \
	"{\"type\":\"ipc\"},{\"type\":\"network\"},{\"type\":\"cgroup\"}]"

static void test_default(void)
{
	automapped struct mapped m = mapped("");

	HAS(m, DEFAULT_NS);
	HAS(m, "\"rootfsPropagation\":\"rslave\"");
	HAS_CODE(m, "LXC-I301");
}

static void test_clone(void)
{
	automapped struct mapped m =
		mapped("lxc.namespace.clone = mnt PID\nlxc.namespace.clone = net\n");
	automapped struct mapped both =
		mapped("lxc.namespace.clone = mnt\nlxc.namespace.keep = pid\n");
	automapped struct mapped no_mnt = mapped("lxc.namespace.clone = pid\n");

	HAS(m, "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"network\"}]");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
	REFUSED(both, "LXC-E003");
	REFUSED(no_mnt, "LXC-E003");
}

static void test_keep(void)
{
	automapped struct mapped m = mapped("lxc.namespace.keep = net\n");
	automapped struct mapped exact = mapped_with(ROOT "lxc.namespace.keep = net user\n", EXACT);
	automapped struct mapped fine = mapped("lxc.namespace.keep = net user time\n");

	/* LXC would make a user namespace without maps and fail */
	HAS(m, "\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"},"
	       "{\"type\":\"ipc\"},{\"type\":\"cgroup\"}]");
	HAS_CODE(m, "LXC-W220");
	HAS(exact, "{\"type\":\"time\"}");
	HAS_NO_CODE(fine, "LXC-W220");
}

static void test_share(void)
{
	automapped struct mapped m = mapped("lxc.namespace.share.net = /run/netns/a\n"
					    "lxc.namespace.share.ipc = 42\n");
	automapped struct mapped name = mapped("lxc.namespace.share.ipc = c2\n");
	automapped struct mapped foreign =
		mapped_with(ROOT "lxc.namespace.share.ipc = c2\n", GENERIC);
	automapped struct mapped hole = mapped("lxc.namespace.share.pid = 42\n"
					       "lxc.namespace.share.user = 42\n");

	HAS(m, "{\"type\":\"ipc\",\"path\":\"/proc/42/ns/ipc\"},"
	       "{\"type\":\"network\",\"path\":\"/run/netns/a\"}");
	HAS(name, DEFAULT_NS);
	HAS(name, "\"org.hako.ns.share.ipc\":\"c2\"");
	T_EQ(verdict(&name, 2), LXC_V_KEPT);
	REFUSED(foreign, "LXC-E222");
	HAS_CODE(hole, "LXC-W221");
}

static void test_idmap(void)
{
	automapped struct mapped m =
		mapped("lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 200000 10\n"
		       "lxc.idmap = g 10 300000 5\n");
	automapped struct mapped half = mapped("lxc.idmap = u 0 100000 65536\n");
	automapped struct mapped empty = mapped("lxc.idmap = u 0 1 0\nlxc.idmap = g 0 1 1\n");
	automapped struct mapped kept = mapped("lxc.idmap = u 0 1 9\nlxc.idmap = g 0 1 9\n"
					       "lxc.namespace.keep = user\n");

	HAS(m, "\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"
	       "\"gidMappings\":[{\"containerID\":0,\"hostID\":200000,\"size\":10},"
	       "{\"containerID\":10,\"hostID\":300000,\"size\":5}]");
	HAS(m, "{\"type\":\"cgroup\"},{\"type\":\"user\"}]");
	REFUSED(half, "LXC-E230");
	REFUSED(empty, "LXC-E003");
	REFUSED(kept, "LXC-E230");
}

static void test_hostname(void)
{
	automapped struct mapped m = mapped("lxc.uts.name = web\n");
	automapped struct mapped shared =
		mapped("lxc.uts.name = web\nlxc.namespace.share.uts = 42\n");
	automapped struct mapped kept =
		mapped("lxc.uts.name = web\nlxc.namespace.keep = uts user time\n");

	HAS(m, "\"hostname\":\"web\"");
	HAS_NOT(shared, "hostname");
	T_EQ(verdict(&shared, 2), LXC_V_DROPPED);
	REFUSED(kept, "LXC-E003");
}

static void test_time(void)
{
	automapped struct mapped m =
		mapped("lxc.time.offset.boot = 1h\nlxc.time.offset.boot = 5ms\n"
		       "lxc.time.offset.monotonic = -1ms\n");
	automapped struct mapped exact = mapped_with(ROOT "lxc.time.offset.boot = 1h\n"
							  "lxc.time.offset.boot = 5ms\n",
						     EXACT);
	automapped struct mapped refused =
		mapped_with(ROOT "lxc.time.offset.monotonic = -1ms\n", EXACT);
	automapped struct mapped zero = mapped("lxc.time.offset.boot = 0s\n");

	HAS(m, "\"boottime\":{\"secs\":3600,\"nanosecs\":5000000}");
	HAS(m, "\"monotonic\":{\"secs\":-1,\"nanosecs\":999000000}");
	HAS(m, "{\"type\":\"time\"}");
	T_EQ(verdict(&m, 3), LXC_V_CHANGED);
	/* LXC forgets nanoseconds beside seconds */
	HAS(exact, "\"boottime\":{\"secs\":3600,\"nanosecs\":0}");
	REFUSED(refused, "LXC-E003");
	HAS(zero, DEFAULT_NS);
	T_EQ(verdict(&zero, 2), LXC_V_KEPT);
}

static void test_net(void)
{
	automapped struct mapped none = mapped("lxc.net.0.type = none\n");
	automapped struct mapped mix = mapped("lxc.net.0.type = none\nlxc.net.1.type = veth\n");
	automapped struct mapped empty = mapped("lxc.net.0.type = empty\nlxc.net.0.flags = up\n");
	automapped struct mapped untyped = mapped("lxc.net.0.flags = up\n");

	HAS_NOT(none, "network");
	T_EQ(verdict(&none, 2), LXC_V_KEPT);
	HAS(mix, DEFAULT_NS);
	HAS(mix, "org.hako.net");
	T_EQ(verdict(&mix, 2), LXC_V_KEPT);
	T_EQ(verdict(&mix, 3), LXC_V_KEPT);
	HAS(empty, DEFAULT_NS);
	HAS_NO_CODE(empty, "LXC-I301");
	T_EQ(verdict(&empty, 3), LXC_V_KEPT);
	REFUSED(untyped, "LXC-E003");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_default), T_TEST(test_clone),    T_TEST(test_keep), T_TEST(test_share),
		T_TEST(test_idmap),   T_TEST(test_hostname), T_TEST(test_time), T_TEST(test_net),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
