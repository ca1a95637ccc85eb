/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces of Proxmox VE: always one end of a veth pair, the other one in a bridge. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/pve_internal.h"

struct net {
	struct pve *v;
	const struct pve_line *l;
	const char *n; /* number of the interface */
};

__attribute__((format(printf, 3, 4))) static void set(const struct net *net, const char *sub,
						      const char *fmt, ...)
{
	autofree char *key = xasprintf("lxc.net.%s.%s", net->n, sub);
	autofree char *value = NULL;
	va_list ap;

	va_start(ap, fmt);
	value = xvasprintf(fmt, ap);
	va_end(ap);
	pve_set(net->v, net->l->pos, key, "%s", value);
}

static void set_prop(const struct net *net, const char *prop, const char *sub)
{
	autofree char *value = pve_prop(net->l->value, NULL, prop);

	if (value)
		set(net, sub, "%s", value);
}

static bool is_address(const char *s)
{
	return s && !str_eq(s, "dhcp") && !str_eq(s, "auto") && !str_eq(s, "manual");
}

/* Only of an interface that the host manages; else they are in files of the root file system. */
static void addresses(const struct net *net)
{
	static const char *const families[][4] = {
		{ "ip", "ipv4.address", "gw", "ipv4.gateway" },
		{ "ip6", "ipv6.address", "gw6", "ipv6.gateway" },
	};
	bool managed = pve_prop_flag(net->l->value, "host-managed");

	if (managed)
		set(net, "flags", "up");
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		autofree char *ip = pve_prop(net->l->value, NULL, families[i][0]);
		autofree char *gw = pve_prop(net->l->value, NULL, families[i][2]);

		if (managed && is_address(ip))
			set(net, families[i][1], "%s", ip);
		else if (managed && ip && !str_eq(ip, "manual"))
			diag_add(net->v->p->d, "LXC-W108", net->l->pos, net->l->key,
				 "%s=%s: Proxmox runs a client on the host, here the container has "
				 "to run one",
				 families[i][0], ip);
		if (managed && gw)
			set(net, families[i][3], "%s", gw);
	}
	if (!managed)
		parse_set_fate(net->v->p, net->l->pos, LXC_LINE_LIVE,
			       "addresses are in files of the root file system, as Proxmox wrote "
			       "them");
}

static void vlans(const struct net *net)
{
	autofree char *trunks = pve_prop(net->l->value, NULL, "trunks");
	autostrv struct strv ids = { NULL, 0 };

	set_prop(net, "tag", "veth.vlan.id");
	strv_split(&ids, trunks ? trunks : "", ";");
	for (size_t i = 0; i < ids.len; i++) {
		if (ids.v[i][strspn(ids.v[i], "0123456789")])
			pve_bad(net->v, net->l, "trunks: '%s' is no VLAN id", ids.v[i]);
		else
			set(net, "veth.vlan.tagged.id", "%s", ids.v[i]);
	}
}

static void differences(const struct net *net)
{
	autofree char *rate = pve_prop(net->l->value, NULL, "rate");

	if (rate)
		diag_add(net->v->p->d, "LXC-W108", net->l->pos, net->l->key,
			 "rate=%s: the speed is not limited (tc(8) on the host does it)", rate);
	if (pve_prop_flag(net->l->value, "firewall"))
		*MODEL_ADD(&net->v->p->c->pve_lost) = (struct lxc_pair){
			.key = xstrdup(net->l->key),
			.value = xstrdup("firewall=1: the rules of Proxmox's firewall are not "
					 "carried"),
			.pos = net->l->pos,
		};
}

void pve_network(struct pve *v, const struct pve_line *l)
{
	static const char *const known[] = { "bridge",	  "firewall",	  "gw",	  "gw6",
					     "hwaddr",	  "host-managed", "ip",	  "ip6",
					     "link_down", "mtu",	  "name", "rate",
					     "tag",	  "trunks",	  "type", NULL };
	autofree char *unknown = pve_prop_unknown(l->value, NULL, known);
	autofree char *name = pve_prop(l->value, NULL, "name");
	autofree char *type = pve_prop(l->value, NULL, "type");
	const struct net net = { v, l, l->key + strlen("net") };

	if (unknown || !name || (type && !str_eq(type, "veth"))) {
		pve_bad(v, l,
			unknown ? "unknown option '%s'"
			: !name ? "no name=%s"
				: "unknown type '%s'",
			unknown ? unknown
			: type	? type
				: "");
		return;
	}
	set(&net, "type", "veth");
	set(&net, "name", "%s", name);
	if (v->id)
		set(&net, "veth.pair", "veth%si%s", v->id, net.n);
	if (pve_prop_flag(l->value, "link_down"))
		diag_add(v->p->d, "LXC-W108", l->pos, l->key,
			 "link_down: the interface is made, and put into no bridge");
	else
		set_prop(&net, "bridge", "link");
	set_prop(&net, "hwaddr", "hwaddr");
	set_prop(&net, "mtu", "mtu");
	if (!pve_prop_flag(l->value, "link_down"))
		vlans(&net);
	addresses(&net);
	differences(&net);
}
