/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/netplan.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

#define VLAN_ID_MAX 4094
/* What IPv4 and IPv6 demand of a link, and the largest there is. */
#define MTU_MIN	     68
#define MTU_MIN_IPV6 1280
#define MTU_MAX	     65535

struct check {
	const struct oci_net *plan;
	const struct oci_net_interface *n;
	size_t i;
	netplan_fault_fn fn;
	void *arg;
};

__attribute__((format(printf, 3, 4))) static void fault(const struct check *c, const char *field,
							const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	c->fn(c->arg, c->i, field, text);
}

/* --- names --- */

/* As the kernel judges them; pattern allows one "%d", for which it counts. */
static bool is_ifname(const char *s, bool pattern)
{
	size_t len = strlen(s);
	const char *percent = strchr(s, '%');

	if (!len || len >= IFNAMSIZ || str_eq(s, ".") || str_eq(s, ".."))
		return false;
	for (const char *p = s; *p; p++) {
		if (*p == '/' || *p == ':' || isspace((unsigned char) *p))
			return false;
	}
	return !percent || (pattern && percent[1] == 'd' && !strchr(percent + 1, '%'));
}

static void check_names(const struct check *c)
{
	const struct oci_net_interface *n = c->n;
	bool empty = str_eq(n->type, "empty");

	if (n->link && !is_ifname(n->link, false))
		fault(c, "link", "'%s' is not the name of an interface", n->link);
	if (!n->link && !empty && !str_eq(n->type, "veth"))
		fault(c, "link", "type %s needs an interface of the host as its link", n->type);
	if (n->link && empty)
		fault(c, "link", "type empty has no interface");
	if (n->name && !is_ifname(n->name, true))
		fault(c, "name", "'%s' is not a name for an interface", n->name);
	if (n->name && (empty || str_eq(n->name, "lo")))
		fault(c, "name", empty ? "type empty has no interface" : "'lo' is the loopback");
	if (n->veth && n->veth->pair && !is_ifname(n->veth->pair, false))
		fault(c, "veth.pair", "'%s' is not a name for an interface", n->veth->pair);
}

static bool same_name(const char *a, const char *b)
{
	return a && b && !strchr(a, '%') && str_eq(a, b);
}

static const char *pair_of(const struct oci_net_interface *n)
{
	return n->veth ? n->veth->pair : NULL;
}

static void check_unique(const struct check *c)
{
	for (size_t i = 0; i < c->i; i++) {
		const struct oci_net_interface *o = &c->plan->interfaces[i];

		if (o->index == c->n->index)
			fault(c, "index", "there are two interfaces %u", o->index);
		if (same_name(o->name, c->n->name))
			fault(c, "name", "interface %u has the name '%s' already", o->index,
			      o->name);
		if (same_name(pair_of(o), pair_of(c->n)))
			fault(c, "veth.pair", "interface %u has the name '%s' already", o->index,
			      pair_of(o));
	}
}

/* --- MAC address, MTU --- */

static void check_hwaddr(const struct check *c)
{
	unsigned int v[6];
	int end = 0;

	if (!c->n->hwaddr)
		return;
	if (strlen(c->n->hwaddr) > 17 ||
	    sscanf(c->n->hwaddr, "%2x:%2x:%2x:%2x:%2x:%2x%n", &v[0], &v[1], &v[2], &v[3], &v[4],
		   &v[5], &end) != 6 ||
	    c->n->hwaddr[end])
		fault(c, "hwaddr", "'%s' is not a MAC address", c->n->hwaddr);
	else if (v[0] & 1 || !(v[0] | v[1] | v[2] | v[3] | v[4] | v[5]))
		fault(c, "hwaddr", "'%s' is not the address of one interface", c->n->hwaddr);
	else if (str_eq(c->n->type, "ipvlan") || str_eq(c->n->type, "empty"))
		fault(c, "hwaddr", "an interface of type %s has no address of its own", c->n->type);
}

static void check_mtu(const struct check *c)
{
	if (!c->n->has_mtu)
		return;
	if (c->n->mtu < MTU_MIN || c->n->mtu > MTU_MAX)
		fault(c, "mtu", "%u is not between %d and %d", c->n->mtu, MTU_MIN, MTU_MAX);
	else if (c->n->mtu < MTU_MIN_IPV6 && c->n->ipv6_len)
		fault(c, "mtu", "IPv6 needs %d, %u is less", MTU_MIN_IPV6, c->n->mtu);
}

/* --- addresses --- */

static bool parse_addr(int family, const char *text, unsigned char raw[16])
{
	return inet_pton(family, text, raw) == 1;
}

struct family {
	int af;
	unsigned int bits;
	const char *name;
};
static const struct family inet4 = { AF_INET, 32, "IPv4" };
static const struct family inet6 = { AF_INET6, 128, "IPv6" };

/* Is nothing set behind the prefix? */
static bool is_network(const unsigned char *raw, unsigned int prefix, unsigned int bits)
{
	for (unsigned int i = prefix; i < bits; i++) {
		if (raw[i / 8] & 0x80 >> i % 8)
			return false;
	}
	return true;
}

static void check_addr(const struct check *c, const struct family *f, const char *field,
		       const struct oci_net_address *a)
{
	unsigned char raw[16];

	if (!parse_addr(f->af, a->addr, raw))
		fault(c, field, "'%s' is not an %s address", a->addr, f->name);
	else if (a->prefix > f->bits)
		fault(c, field, "prefix %u is longer than an %s address", a->prefix, f->name);
	if (a->bcast && (f->af == AF_INET6 || !parse_addr(AF_INET, a->bcast, raw)))
		fault(c, field, "'%s' is not an IPv4 broadcast address", a->bcast);
}

/* The kernel refuses an IPv4 route with bits behind the prefix, and cuts those of an IPv6 one. */
static void check_route(const struct check *c, const struct family *f, const char *field,
			const struct oci_net_address *a)
{
	unsigned char raw[16];

	check_addr(c, f, field, a);
	if (a->bcast)
		fault(c, field, "a route has no broadcast address");
	if (f->af == AF_INET && a->prefix <= 32 && parse_addr(AF_INET, a->addr, raw) &&
	    !is_network(raw, a->prefix, 32))
		fault(c, field, "%s has bits behind its prefix of %u", a->addr, a->prefix);
}

static void check_list(const struct check *c, const struct family *f, const char *name,
		       const struct oci_net_address *v, size_t n,
		       void (*one)(const struct check *, const struct family *, const char *,
				   const struct oci_net_address *))
{
	for (size_t i = 0; i < n; i++) {
		autofree char *field = xasprintf("%s[%zu]", name, i);

		one(c, f, field, &v[i]);
	}
}

static bool is_link_local(const struct family *f, const char *gw)
{
	unsigned char raw[16];

	return f->af == AF_INET6 && parse_addr(f->af, gw, raw) && raw[0] == 0xfe &&
	       (raw[1] & 0xc0) == 0x80;
}

static bool has_gw(const struct family *f, const struct oci_net_interface *n)
{
	return f->af == AF_INET ? n->gw4 || n->gw4dev : n->gw6 || n->gw6dev;
}

static void check_gw(const struct check *c, const struct family *f, const char *gw, bool dev,
		     size_t addrs)
{
	const char *field = f->af == AF_INET ? dev ? "gw4dev" : "gw4" : dev ? "gw6dev" : "gw6";
	const struct oci_net_interface *n = c->n;
	unsigned char raw[16];

	if (!gw && !dev)
		return;
	if (gw && dev)
		fault(c, field, "a device route needs no gateway");
	if (gw && !str_eq(gw, "auto") && !parse_addr(f->af, gw, raw))
		fault(c, field, "'%s' is not an %s address", gw, f->name);
	if (str_eq(gw, "auto") &&
	    (!n->link || (!str_eq(n->type, "veth") && !str_eq(n->type, "macvlan"))))
		fault(c, field, "'auto' is the address of the link of a veth or macvlan");
	if (!n->up)
		fault(c, field, "a gateway needs an interface that is up");
	if (!addrs && (dev || !is_link_local(f, gw)))
		fault(c, field, "a gateway needs an %s address on the interface", f->name);
	for (size_t i = 0; i < c->i; i++) {
		if (has_gw(f, &c->plan->interfaces[i]))
			fault(c, field, "interface %u has the default route of %s already",
			      c->plan->interfaces[i].index, f->name);
	}
}

/* --- types --- */

static void check_vlans(const struct check *c, const struct oci_net_veth *v)
{
	bool port = c->n->link && !str_eq(v->mode, "router");

	if ((v->has_vlan || v->tagged_len) && !port)
		fault(c, "veth.vlan", "VLANs are a matter of a bridge's port: a link is needed%s",
		      c->n->link ? ", in mode bridge" : "");
	for (size_t i = 0; i < v->tagged_len; i++) {
		if (v->tagged[i] > VLAN_ID_MAX)
			fault(c, "veth.tagged", "%u is more than %d", v->tagged[i], VLAN_ID_MAX);
		if (v->has_vlan && v->vlan >= 0 && v->tagged[i] == (uint32_t) v->vlan)
			fault(c, "veth.tagged", "%u is the untagged one", v->tagged[i]);
	}
}

static void check_veth(const struct check *c)
{
	const struct oci_net_veth *v = c->n->veth;

	if (!v)
		return;
	check_vlans(c, v);
	check_list(c, &inet4, "veth.routes4", v->routes4, v->routes4_len, check_route);
	check_list(c, &inet6, "veth.routes6", v->routes6, v->routes6_len, check_route);
}

static void check_type(const struct check *c)
{
	const struct oci_net_interface *n = c->n;
	const struct {
		const char *name;
		const void *part;
		bool needed;
	} parts[] = {
		{ "veth", n->veth, false },
		{ "macvlan", n->macvlan, true },
		{ "ipvlan", n->ipvlan, true },
		{ "vlan", n->vlan, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		bool own = str_eq(parts[i].name, n->type);

		if (parts[i].part && !own)
			fault(c, parts[i].name, "does not go with type %s", n->type);
		if (!parts[i].part && own && parts[i].needed)
			fault(c, parts[i].name, "is missing");
	}
	if (str_eq(n->type, "empty") && (n->ipv4_len || n->ipv6_len || n->has_mtu))
		fault(c, "type", "type empty has no interface for addresses or an MTU");
}

static void check_l2proxy(const struct check *c)
{
	const struct oci_net_interface *n = c->n;

	if (!n->l2proxy)
		return;
	if (!n->link)
		fault(c, "l2proxy", "a link is needed, to answer for the addresses on it");
	if (n->ipvlan && !str_eq(n->ipvlan->mode, "l3s"))
		fault(c, "l2proxy", "an ipvlan has to be in mode l3s for it");
}

void netplan_check(const struct oci_net *plan, netplan_fault_fn fn, void *arg)
{
	for (size_t i = 0; i < plan->interfaces_len; i++) {
		const struct oci_net_interface *n = &plan->interfaces[i];
		const struct check c = { plan, n, i, fn, arg };

		check_names(&c);
		check_unique(&c);
		check_hwaddr(&c);
		check_mtu(&c);
		check_list(&c, &inet4, "ipv4", n->ipv4, n->ipv4_len, check_addr);
		check_list(&c, &inet6, "ipv6", n->ipv6, n->ipv6_len, check_addr);
		check_gw(&c, &inet4, n->gw4, n->gw4dev, n->ipv4_len);
		check_gw(&c, &inet6, n->gw6, n->gw6dev, n->ipv6_len);
		check_type(&c);
		check_veth(&c);
		check_l2proxy(&c);
	}
}

/* --- text --- */

static void record_first(void *arg, size_t i, const char *field, const char *text)
{
	int *r = arg;

	if (*r == 0)
		*r = err_code(EINVAL, "annotations[\"%s\"]: [%zu].%s: %s", NETPLAN_ANNOTATION, i,
			      field, text);
}

static void record_unknown(void *arg, const char *path)
{
	int *r = arg;

	/* a typing error would be a setting that is silently not made */
	if (*r == 0)
		*r = err_code(EINVAL, "annotations[\"%s\"]: %s: unknown field", NETPLAN_ANNOTATION,
			      path);
}

int netplan_parse(const char *text, struct oci_net **ret)
{
	autofree char *json = xasprintf("{\"interfaces\":%s}", text);
	auto_call(oci_net_free) struct oci_net *plan = NULL;
	struct oci_error err = { NULL };
	int r = 0;

	if (oci_net_parse(json, strlen(json), &plan, &err) < 0) {
		r = err_code(EINVAL, "annotations[\"%s\"]: %s", NETPLAN_ANNOTATION, err.text);
		oci_error_clear(&err);
		return r;
	}
	ocispec_each_unknown(&oci_net_desc, plan, record_unknown, &r);
	netplan_check(plan, record_first, &r);
	if (r == 0)
		*ret = take_ptr(&plan);
	return r;
}

char *netplan_format(const struct oci_net *plan)
{
	static const char before[] = "{\"interfaces\":";
	char *json = oci_net_generate(plan, 0);
	size_t len = strlen(json) - strlen(before) - 1;

	memmove(json, json + strlen(before), len);
	json[len] = '\0';
	return json;
}
