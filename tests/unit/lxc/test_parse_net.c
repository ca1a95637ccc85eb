/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc_test.h"

static void test_order_by_index(void)
{
	parse("lxc.net.5.type = empty\nlxc.net.007.type = veth\nlxc.net.1.type = "
	      "none\nlxc.net.7.link = br0\n");
	T_EQ(got.r, 0);
	T_EQ(got.c->nets.len, 3);
	T_EQ(got.c->nets.v[0].index, 1);
	T_EQ(got.c->nets.v[1].index, 5);
	T_EQ(got.c->nets.v[2].index, 7);
	T_STR(got.c->nets.v[2].link.s, "br0");
	T_EQ(got.c->nets.v[2].pos.line, 2);
	forget();
}

static void test_all_sub_keys(void)
{
	const struct lxc_net *n;

	parse("lxc.net.0.type = veth\nlxc.net.0.link = lxcbr0\nlxc.net.0.name = "
	      "eth0\nlxc.net.0.flags = up\n"
	      "lxc.net.0.hwaddr = 10:66:6A:xx:xx:XX\nlxc.net.0.mtu = 1400\nlxc.net.0.l2proxy = 1\n"
	      "lxc.net.0.script.up = /a b\nlxc.net.0.script.down = /c\nlxc.net.0.veth.mode = "
	      "router\n"
	      "lxc.net.0.veth.pair = vhost\nlxc.net.0.veth.vlan.id = "
	      "none\nlxc.net.0.veth.vlan.tagged.id = 5\n"
	      "lxc.net.0.veth.vlan.tagged.id = 6\nlxc.net.0.veth.ipv4.route = 10.1.0.0/16\n"
	      "lxc.net.0.veth.ipv6.route = fd00:0::/48\nlxc.net.0.veth.n_rxqueues = 2\n"
	      "lxc.net.0.veth.n_txqueues = 3\n");
	T_STR(strbuf_str(&got.text), "");
	n = &got.c->nets.v[0];
	T_EQ(n->type, LXC_NET_VETH);
	T_STR(n->hwaddr.s, "10:66:6a:xx:xx:xx");
	T_ASSERT(n->up.on && n->l2proxy.on && n->veth_vlan.has && n->veth_vlan.none);
	T_EQ(n->mtu.n, 1400);
	T_STR(n->script_up.s, "/a b");
	T_STR(n->veth_mode.s, "router");
	T_EQ(n->veth_tagged.len, 2);
	T_EQ(n->veth_tagged.v[1].id, 6);
	T_STR(n->veth_routes4.v[0].addr, "10.1.0.0");
	T_STR(n->veth_routes4.v[0].bcast, NULL);
	T_STR(n->veth_routes6.v[0].addr, "fd00::");
	T_EQ(n->veth_rxq.n + n->veth_txq.n, 5);
	parse("lxc.net.0.type = macvlan\nlxc.net.0.macvlan.mode = vepa\nlxc.net.1.type = ipvlan\n"
	      "lxc.net.1.ipvlan.mode = l3s\nlxc.net.1.ipvlan.isolation = private\nlxc.net.2.type = "
	      "vlan\n"
	      "lxc.net.2.vlan.id = 4094\nlxc.net.3.type = phys\nlxc.net.3.link = enp+\n");
	T_STR(strbuf_str(&got.text), "");
	T_STR(got.c->nets.v[1].ipvlan_mode.s, "l3s");
	T_STR(got.c->nets.v[3].link.s, "enp+");
	forget();
}

static void check_addr(const struct lxc_net_addr *a, const char *addr, unsigned int prefix,
		       const char *bcast)
{
	T_STR(a->addr, addr);
	T_EQ(a->prefix, prefix);
	T_STR(a->bcast, bcast);
}

static void test_addresses(void)
{
	const struct lxc_net *n;

	parse("lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.2.3.5/24\nlxc.net.0.ipv4.address "
	      "= 10.2.3.5\n"
	      "lxc.net.0.ipv4.address = 172.16.0.1\nlxc.net.0.ipv4.address = 192.168.1.9\n"
	      "lxc.net.0.ipv4.address = 10.0.0.1/31\nlxc.net.0.ipv4.address = 10.0.0.1/32\n"
	      "lxc.net.0.ipv4.address = 10.2.3.5/24 10.2.3.254\nlxc.net.0.ipv4.address = "
	      "1.2.3.4/0\n"
	      "lxc.net.0.ipv6.address = 2003:DB8:1:0:214:1234:fe0b:3596\nlxc.net.0.ipv6.address = "
	      "fe80::1/10\n");
	T_STR(strbuf_str(&got.text), "");
	n = &got.c->nets.v[0];
	check_addr(&n->ipv4.v[0], "10.2.3.5", 24, "10.2.3.255");
	check_addr(&n->ipv4.v[1], "10.2.3.5", 8, "10.255.255.255");
	check_addr(&n->ipv4.v[2], "172.16.0.1", 16, "172.16.255.255");
	check_addr(&n->ipv4.v[3], "192.168.1.9", 24, "192.168.1.255");
	check_addr(&n->ipv4.v[4], "10.0.0.1", 31, NULL);
	check_addr(&n->ipv4.v[5], "10.0.0.1", 32, NULL);
	check_addr(&n->ipv4.v[6], "10.2.3.5", 24, "10.2.3.254");
	check_addr(&n->ipv4.v[7], "1.2.3.4", 0, "255.255.255.255");
	check_addr(&n->ipv6.v[0], "2003:db8:1:0:214:1234:fe0b:3596", 64, NULL);
	check_addr(&n->ipv6.v[1], "fe80::1", 10, NULL);
	forget();
}

static void test_gateway(void)
{
	parse("lxc.net.0.type = veth\nlxc.net.0.ipv4.gateway = dev\nlxc.net.0.ipv4.gateway = "
	      "10.0.0.1\n"
	      "lxc.net.0.ipv6.gateway = auto\n");
	T_EQ(got.r, 0);
	T_ASSERT(got.c->nets.v[0].gw4.dev); /* sticky */
	T_STR(got.c->nets.v[0].gw4.addr, "10.0.0.1");
	T_ASSERT(got.c->nets.v[0].gw6.automatic);
	T_STR(strbuf_str(&got.text),
	      "config:3: warning: lxc.net.0.ipv4.gateway: the device route of line 2 stays in "
	      "force [LXC-W102]\n");
	parse("lxc.net.0.type = ipvlan\nlxc.net.0.ipv4.gateway = auto\n");
	T_STR(err_get_text(),
	      "config:2: lxc.net.0.ipv4.gateway: 'auto' works with types veth and macvlan only");
	parse("lxc.net.0.type = veth\nlxc.net.0.ipv4.gateway = 10.0.0.1\nlxc.net.0.ipv4.gateway "
	      "=\n");
	T_STR(got.c->nets.v[0].gw4.addr, NULL);
	T_ASSERT(!got.c->nets.v[0].gw4.automatic);
	forget();
}

/* The type line erases: lines above it are lost, and the reader is told. */
static void test_type_erases(void)
{
	parse("lxc.net.0.flags = up\nlxc.net.0.link = br0\nlxc.net.0.type = veth\n");
	T_EQ(got.r, 0);
	T_STR(got.c->nets.v[0].link.s, NULL);
	T_ASSERT(!got.c->nets.v[0].up.has);
	T_EQ(got.c->lines.v[0].fate, LXC_LINE_CLEARED);
	T_STR(strbuf_str(&got.text),
	      "config:3: warning: lxc.net.0.type: erases the 2 lines above that speak of "
	      "interface 0, from config:1 on [LXC-W103]\n");
	/* the shipped lxc-complex.conf: three interfaces, all of index 0 */
	parse("lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net.0.type = "
	      "macvlan\nlxc.net.0.link = eth0\n"
	      "lxc.net.0.type = phys\nlxc.net.0.link = random0\n");
	T_EQ(got.c->nets.len, 1);
	T_EQ(got.c->nets.v[0].type, LXC_NET_PHYS);
	T_STR(got.c->nets.v[0].link.s, "random0");
	T_EQ(got.d.warnings, 2);
	forget();
}

static void test_clear(void)
{
	parse("lxc.net.0.type = veth\nlxc.net.1.type = veth\nlxc.net.1.ipv4.address = "
	      "10.0.0.1/8\nlxc.net.0 =\n"
	      "lxc.net.1.ipv4.address =\n");
	T_STR(strbuf_str(&got.text), "");
	T_EQ(got.c->nets.len, 1);
	T_EQ(got.c->nets.v[0].index, 1);
	T_EQ(got.c->nets.v[0].ipv4.len, 0);
	parse("lxc.net.0.type = veth\nlxc.net.0.link = br0\nlxc.net =\n");
	T_EQ(got.c->nets.len, 0);
	T_EQ(got.c->lines.v[1].fate, LXC_LINE_CLEARED);
	forget();
}

static void test_refusals(void)
{
	static const struct saying v[] = {
		{ "lxc.net.0.type = tun", "config:1: lxc.net.0.type: unknown type 'tun' (one of "
					  "none empty veth macvlan ipvlan vlan phys) "
					  "[LXC-E003]\n" },
		{ "lxc.net.0.type = phys\nlxc.net.0.veth.pair = x",
		  "config:2: lxc.net.0.veth.pair: works with type veth only, and interface 0 is "
		  "phys [LXC-E003]\n" },
		{ "lxc.net.0.link = br0", "config:1: interface 0 has no type: LXC cannot start "
					  "this (set lxc.net.0.type above its other "
					  "lines) [LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.name = averyverylongifname0",
		  "config:2: warning: lxc.net.0.name: LXC cuts 'averyverylongifname0' to 15 bytes "
		  "[LXC-W102]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.flags = down",
		  "config:2: warning: lxc.net.0.flags: any text means up, 'down' too "
		  "[LXC-W102]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.link = ../x",
		  "config:2: lxc.net.0.link: '../x' is not the name of an interface [LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.hwaddr = 00:11:22:33:44",
		  "config:2: lxc.net.0.hwaddr: '00:11:22:33:44' is not a MAC address "
		  "[LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.0.0.1/33",
		  "config:2: lxc.net.0.ipv4.address: '33' is larger than 32 [LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.ipv4.address = 10.0.0.1/8  10.0.0.2",
		  "config:2: lxc.net.0.ipv4.address: ' 10.0.0.2' is not an IPv4 address "
		  "[LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.ipv6.address = 10.0.0.1",
		  "config:2: lxc.net.0.ipv6.address: '10.0.0.1' is not an IPv6 address "
		  "[LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.veth.ipv4.route = 10.0.0.0",
		  "config:2: lxc.net.0.veth.ipv4.route: the prefix is missing in '10.0.0.0' "
		  "[LXC-E003]\n" },
		{ "lxc.net.0.type = vlan\nlxc.net.0.vlan.id = 4095",
		  "config:2: lxc.net.0.vlan.id: '4095' is larger than 4094 [LXC-E003]\n" },
		{ "lxc.net.0.type = veth\nlxc.net.0.veth.n_rxqueues = 0",
		  "config:2: lxc.net.0.veth.n_rxqueues: '0' is not between 1 and 2147483647 "
		  "[LXC-E003]\n" },
	};
	check_sayings(v, sizeof(v) / sizeof(v[0]));
	parse("lxc.net.0.type = veth\nlxc.net.0.name = averyverylongifname0");
	T_STR(got.c->nets.v[0].name.s, "averyverylongif");
	parse("lxc.net.0.type = veth\nlxc.net.0.flags = down");
	T_ASSERT(got.c->nets.v[0].up.on);
	forget();
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_order_by_index), T_TEST(test_all_sub_keys), T_TEST(test_addresses),
		T_TEST(test_gateway),	     T_TEST(test_type_erases),	T_TEST(test_clear),
		T_TEST(test_refusals),
	};
	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
