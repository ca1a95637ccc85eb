/* SPDX-License-Identifier: Apache-2.0 */
/* The network plan of a converted container as lines again. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"
#include "lxc/netplan.h"
#include "lxc/reverse_internal.h"

#define POINTER "/annotations/org.hako.net"

struct nic {
	struct reverse *r;
	unsigned int index;
};

static void set(const struct nic *nic, const char *sub, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void set(const struct nic *nic, const char *sub, const char *fmt, ...)
{
	autofree char *key = xasprintf("lxc.net.%u.%s", nic->index, sub);
	autofree char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = xvasprintf(fmt, ap);
	va_end(ap);
	reverse_set(nic->r, POINTER, key, "%s", value);
}

static void set_text(const struct nic *nic, const char *sub, const char *value)
{
	if (!str_empty(value))
		set(nic, sub, "%s", value);
}

static void addresses(const struct nic *nic, const char *sub, const struct oci_net_address *v,
		      size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (v[i].bcast)
			set(nic, sub, "%s/%u %s", v[i].addr, v[i].prefix, v[i].bcast);
		else
			set(nic, sub, "%s/%u", v[i].addr, v[i].prefix);
	}
}

static void veth(const struct nic *nic, const struct oci_net_veth *v)
{
	if (str_eq(v->mode, "router"))
		set(nic, "veth.mode", "router");
	set_text(nic, "veth.pair", v->pair);
	if (v->has_vlan && v->vlan < 0)
		set(nic, "veth.vlan.id", "none");
	else if (v->has_vlan)
		set(nic, "veth.vlan.id", "%d", v->vlan);
	for (size_t i = 0; i < v->tagged_len; i++)
		set(nic, "veth.vlan.tagged.id", "%u", v->tagged[i]);
	addresses(nic, "veth.ipv4.route", v->routes4, v->routes4_len);
	addresses(nic, "veth.ipv6.route", v->routes6, v->routes6_len);
	if (v->has_rxq && v->rxq)
		set(nic, "veth.n_rxqueues", "%u", v->rxq);
	if (v->has_txq && v->txq)
		set(nic, "veth.n_txqueues", "%u", v->txq);
}

static void interface(struct reverse *r, const struct oci_net_interface *i)
{
	const struct nic nic = { r, i->index };

	/* first: it wipes what stands above it */
	set(&nic, "type", "%s", i->type);
	set_text(&nic, "link", i->link);
	set_text(&nic, "name", i->name);
	if (i->up)
		set(&nic, "flags", "up");
	set_text(&nic, "hwaddr", i->hwaddr);
	if (i->has_mtu && i->mtu)
		set(&nic, "mtu", "%u", i->mtu);
	addresses(&nic, "ipv4.address", i->ipv4, i->ipv4_len);
	addresses(&nic, "ipv6.address", i->ipv6, i->ipv6_len);
	set_text(&nic, "ipv4.gateway", i->gw4dev ? "dev" : i->gw4);
	set_text(&nic, "ipv6.gateway", i->gw6dev ? "dev" : i->gw6);
	if (i->veth)
		veth(&nic, i->veth);
	if (i->macvlan)
		set(&nic, "macvlan.mode", "%s", i->macvlan->mode);
	if (i->ipvlan) {
		set(&nic, "ipvlan.mode", "%s", i->ipvlan->mode);
		set(&nic, "ipvlan.isolation", "%s", i->ipvlan->isolation);
	}
	if (i->vlan)
		set(&nic, "vlan.id", "%u", i->vlan->id);
	if (i->l2proxy)
		set(&nic, "l2proxy", "1");
	if (!i->script)
		return;
	set_text(&nic, "script.up", i->script->up);
	set_text(&nic, "script.down", i->script->down);
}

void reverse_net(struct reverse *r)
{
	const char *text = reverse_annotation(r, NETPLAN_ANNOTATION);
	struct oci_net *plan = NULL;

	if (!text)
		return;
	if (netplan_parse(text, &plan) < 0) {
		reverse_lost(r, POINTER, "%s", err_get_text());
		err_clear();
		return;
	}
	for (size_t i = 0; i < plan->interfaces_len; i++)
		interface(r, &plan->interfaces[i]);
	oci_net_free(plan);
}
