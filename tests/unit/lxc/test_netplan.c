/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/netplan.h"

#include <errno.h>

#include "base/err.h"
#include "base/str.h"
#include "tests/unit/t.h"

/* The text is refused with these words. */
#define REFUSED(text, words)                                \
	do {                                                \
		struct oci_net *plan_ = NULL;               \
		T_EQ(netplan_parse(text, &plan_), -EINVAL); \
		T_ASSERT(!plan_);                           \
		T_CONTAINS(err_get_text(), words);          \
		err_clear();                                \
	} while (0)

static void test_round_trip(void)
{
	static const char text[] =
		"[{\"index\":0,\"type\":\"veth\",\"link\":\"br0\",\"name\":\"eth0\",\"up\":true,"
		"\"hwaddr\":\"00:16:3e:aa:bb:cc\",\"mtu\":1500,\"ipv4\":[{\"addr\":\"10.0.3.5\","
		"\"prefix\":24,\"bcast\":\"10.0.3.255\"}],\"gw4\":\"10.0.3.1\","
		"\"veth\":{\"mode\":\"bridge\",\"vlan\":-1,\"tagged\":[2,3]}},"
		"{\"index\":1,\"type\":\"macvlan\",\"link\":\"eth0\","
		"\"macvlan\":{\"mode\":\"vepa\"}}]";
	struct oci_net *plan = NULL;
	char *again;

	T_EQ(netplan_parse(text, &plan), 0);
	T_EQ(plan->interfaces_len, 2);
	T_EQ(plan->interfaces[0].veth->vlan, -1);
	again = netplan_format(plan);
	T_STR(again, text);
	free(again);
	oci_net_free(plan);
}

static void test_syntax(void)
{
	REFUSED("", "org.hako.net");
	REFUSED("{}", "interfaces");
	REFUSED("[]} ", "org.hako.net");
	REFUSED("[],\"more\":1", "more: unknown field");
	REFUSED("[{\"index\":0,\"type\":\"tap\"}]", "type");
	REFUSED("[{\"index\":0,\"type\":\"veth\",\"hwadr\":\"x\"}]", "unknown field");
	REFUSED("[{\"index\":0,\"type\":\"vlan\",\"link\":\"e\",\"vlan\":{\"id\":4095}}]", "id");
}

#define VETH(more)    "[{\"index\":0,\"type\":\"veth\",\"link\":\"br0\"," more "}]"
#define UP_VETH(more) VETH("\"up\":true," more)

static void test_names(void)
{
	REFUSED("[{\"index\":0,\"type\":\"phys\"}]", "[0].link: type phys needs");
	REFUSED(VETH("\"name\":\"a/b\""), "[0].name");
	REFUSED(VETH("\"name\":\"lo\""), "loopback");
	REFUSED(VETH("\"name\":\"x%s\""), "[0].name");
	REFUSED(VETH("\"name\":\"sixteen-letters-\""), "[0].name");
	REFUSED(VETH("\"veth\":{\"pair\":\"v%d\"}"), "veth.pair");
	REFUSED("[{\"index\":1,\"type\":\"veth\",\"name\":\"a\"},"
		"{\"index\":2,\"type\":\"veth\",\"name\":\"a\"}]",
		"[1].name: interface 1 has");
	REFUSED("[{\"index\":1,\"type\":\"veth\"},{\"index\":1,\"type\":\"veth\"}]", "[1].index");
}

static void test_addresses(void)
{
	REFUSED(VETH("\"hwaddr\":\"01:00:00:00:00:01\""), "one interface");
	REFUSED(VETH("\"hwaddr\":\"00:00:00:00:00:00\""), "one interface");
	REFUSED(VETH("\"hwaddr\":\"00:16:3e:aa:bb\""), "MAC");
	REFUSED(VETH("\"hwaddr\":\"00:16:3e:aa:bb:ccc\""), "MAC");
	REFUSED(VETH("\"mtu\":67"), "[0].mtu");
	REFUSED(VETH("\"ipv4\":[{\"addr\":\"10.0.0.256\",\"prefix\":8}]"), "ipv4[0]");
	REFUSED(VETH("\"ipv4\":[{\"addr\":\"10.0.0.1\",\"prefix\":33}]"), "prefix 33");
	REFUSED(VETH("\"ipv6\":[{\"addr\":\"fd00::1\",\"prefix\":64,\"bcast\":\"1.2.3.4\"}]"),
		"broadcast");
	REFUSED(VETH("\"veth\":{\"routes4\":[{\"addr\":\"10.1.0.0\",\"prefix\":15}]}"),
		"veth.routes4[0]: 10.1.0.0 has bits");
	REFUSED(VETH("\"veth\":{\"routes6\":[{\"addr\":\"10.1.0.0\",\"prefix\":15}]}"),
		"veth.routes6[0]");
}

static void test_gateways(void)
{
	struct oci_net *plan = NULL;

	REFUSED(VETH("\"ipv4\":[{\"addr\":\"10.0.0.2\",\"prefix\":8}],\"gw4\":\"10.0.0.1\""),
		"needs an interface that is up");
	REFUSED(UP_VETH("\"gw4\":\"10.0.0.1\""), "needs an IPv4 address");
	REFUSED(UP_VETH("\"gw6\":\"fd00::1\""), "needs an IPv6 address");
	REFUSED(UP_VETH("\"gw6dev\":true"), "needs an IPv6 address");
	REFUSED(UP_VETH("\"gw4\":\"fd00::1\""), "not an IPv4 address");
	REFUSED("[{\"index\":0,\"type\":\"vlan\",\"link\":\"e\",\"up\":true,\"vlan\":{\"id\":1},"
		"\"ipv4\":[{\"addr\":\"10.0.0.2\",\"prefix\":8}],\"gw4\":\"auto\"}]",
		"'auto'");
	/* every link has a network that such a gateway is in */
	T_EQ(netplan_parse(UP_VETH("\"gw6\":\"fe80::1\""), &plan), 0);
	oci_net_free(plan);
	REFUSED("[{\"index\":0,\"type\":\"veth\",\"up\":true,\"gw6\":\"fe80::1\"},"
		"{\"index\":1,\"type\":\"veth\",\"up\":true,\"gw6\":\"fe80::2\"}]",
		"[1].gw6: interface 0 has the default route");
}

static void test_types(void)
{
	REFUSED(VETH("\"macvlan\":{\"mode\":\"bridge\"}"), "[0].macvlan: does not go with");
	REFUSED("[{\"index\":0,\"type\":\"ipvlan\",\"link\":\"e\"}]", "ipvlan: is missing");
	REFUSED("[{\"index\":0,\"type\":\"empty\",\"mtu\":1500}]", "type empty");
	REFUSED("[{\"index\":0,\"type\":\"veth\",\"veth\":{\"vlan\":5}}]", "link is needed");
	REFUSED(VETH("\"veth\":{\"mode\":\"router\",\"vlan\":5}"), "in mode bridge");
	REFUSED(VETH("\"veth\":{\"tagged\":[4095]}"), "4095 is more");
	REFUSED("[{\"index\":0,\"type\":\"veth\",\"l2proxy\":true}]", "l2proxy");
	REFUSED("[{\"index\":0,\"type\":\"ipvlan\",\"link\":\"e\",\"l2proxy\":true,"
		"\"ipvlan\":{\"mode\":\"l2\",\"isolation\":\"bridge\"}}]",
		"l3s");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_round_trip), T_TEST(test_syntax),	T_TEST(test_names),
		T_TEST(test_addresses),	 T_TEST(test_gateways), T_TEST(test_types),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
