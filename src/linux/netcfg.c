/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netcfg.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "base/table.h"
#include "ocispec.h"

/* ---- looking ---- */

static void copy_text(const struct nlattr *a, char *ret, size_t size)
{
	const char *s = netlink_attr_str(a);

	snprintf(ret, size, "%s", s ? s : "");
}

static void read_bridge(const struct nlattr *data, struct netcfg_link *ret)
{
	const struct nlattr *filtering = netlink_attr_in(data, IFLA_BR_VLAN_FILTERING);
	const struct nlattr *pvid = netlink_attr_in(data, IFLA_BR_VLAN_DEFAULT_PVID);

	if (filtering && netlink_attr_len(filtering) >= 1)
		ret->has_vlans = *(const uint8_t *) netlink_attr_data(filtering);
	if (pvid && netlink_attr_len(pvid) >= sizeof(ret->default_vlan))
		memcpy(&ret->default_vlan, netlink_attr_data(pvid), sizeof(ret->default_vlan));
}

static int read_link(const struct nlmsghdr *m, struct netcfg_link *ret)
{
	const struct ifinfomsg *head = netlink_head(m, sizeof(*head));
	const struct nlattr *info;

	if (!head)
		return err_code(EBADMSG, "the netlink answer is malformed");
	*ret = (struct netcfg_link){ .index = (uint32_t) head->ifi_index,
				     .up = head->ifi_flags & IFF_UP };
	copy_text(netlink_attr(m, sizeof(*head), IFLA_IFNAME), ret->name, sizeof(ret->name));
	copy_text(netlink_attr(m, sizeof(*head), IFLA_IFALIAS), ret->alias, sizeof(ret->alias));
	(void) netlink_attr_u32(netlink_attr(m, sizeof(*head), IFLA_MTU), &ret->mtu);
	(void) netlink_attr_u32(netlink_attr(m, sizeof(*head), IFLA_LINK), &ret->link);
	info = netlink_attr(m, sizeof(*head), IFLA_LINKINFO);
	copy_text(netlink_attr_in(info, IFLA_INFO_KIND), ret->kind, sizeof(ret->kind));
	if (str_eq(ret->kind, "bridge"))
		read_bridge(netlink_attr_in(info, IFLA_INFO_DATA), ret);
	return 1;
}

int netcfg_find(struct netlink *nl, const char *name, struct netcfg_link *ret)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	autofree struct nlmsghdr *m = NULL;
	struct netlink_req q;
	int r;

	netlink_req_init(&q, RTM_GETLINK, 0, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, name);
	r = netlink_get(nl, &q, &m);
	if (r == -ENODEV) {
		err_forgive(r, "there is no interface '%s'", name);
		return 0;
	}
	return r < 0 ? err_wrap(r, "look for the interface '%s'", name) : read_link(m, ret);
}

struct last {
	const char *prefix;
	struct netcfg_link *ret;
	int found;
};

static int take_later(void *arg, const struct nlmsghdr *m)
{
	struct last *last = arg;
	struct netcfg_link link;
	int r = read_link(m, &link);

	if (r < 0 || !str_starts(link.name, last->prefix) ||
	    (last->found && link.index < last->ret->index))
		return r < 0 ? r : 0;
	*last->ret = link;
	last->found = 1;
	return 0;
}

int netcfg_find_last(struct netlink *nl, const char *prefix, struct netcfg_link *ret)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct last last = { prefix, ret, 0 };
	struct netlink_req q;
	int r;

	netlink_req_init(&q, RTM_GETLINK, 0, &head, sizeof(head));
	r = netlink_dump(nl, &q, take_later, &last);
	return r < 0 ? err_wrap(r, "list the interfaces") : last.found;
}

/* ---- making ---- */

static uint32_t mode_of(const struct name_value *table, size_t n, const char *name)
{
	int64_t v = 0;

	(void) table_find(table, n, name, &v);
	return (uint32_t) v;
}

/* The attributes of one link that is to be. */
static void put_link(struct netlink_req *q, const char *name, int netns_fd, uint32_t mtu)
{
	netlink_put_str(q, IFLA_IFNAME, name);
	if (netns_fd >= 0)
		netlink_put_u32(q, IFLA_NET_NS_FD, (uint32_t) netns_fd);
	if (mtu)
		netlink_put_u32(q, IFLA_MTU, mtu);
}

static void put_mac(struct netlink_req *q, const char *text)
{
	unsigned char mac[6];

	if (!text)
		return;
	netcfg_mac_parse(text, mac);
	netlink_put(q, IFLA_ADDRESS, mac, sizeof(mac));
}

static void put_queues(struct netlink_req *q, const struct oci_net_veth *v)
{
	if (v && v->has_rxq)
		netlink_put_u32(q, IFLA_NUM_RX_QUEUES, v->rxq);
	if (v && v->has_txq)
		netlink_put_u32(q, IFLA_NUM_TX_QUEUES, v->txq);
}

static void put_veth(struct netlink_req *q, const struct netcfg_new *what)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };

	netlink_nest_begin_with(q, VETH_INFO_PEER, &head, sizeof(head));
	put_link(q, what->name, what->netns_fd, what->mtu);
	put_mac(q, what->plan->hwaddr);
	put_queues(q, what->plan->veth);
	netlink_nest_end(q);
}

static void put_macvlan(struct netlink_req *q, const struct netcfg_new *what)
{
	static const struct name_value modes[] = {
		{ "private", MACVLAN_MODE_PRIVATE },
		{ "vepa", MACVLAN_MODE_VEPA },
		{ "bridge", MACVLAN_MODE_BRIDGE },
		{ "passthru", MACVLAN_MODE_PASSTHRU },
	};

	netlink_put_u32(q, IFLA_MACVLAN_MODE,
			mode_of(modes, ARRAY_SIZE(modes), what->plan->macvlan->mode));
}

static void put_ipvlan(struct netlink_req *q, const struct netcfg_new *what)
{
	static const struct name_value modes[] = { { "l2", IPVLAN_MODE_L2 },
						   { "l3", IPVLAN_MODE_L3 },
						   { "l3s", IPVLAN_MODE_L3S } };
	static const struct name_value isolations[] = { { "bridge", 0 },
							{ "private", IPVLAN_F_PRIVATE },
							{ "vepa", IPVLAN_F_VEPA } };
	const struct oci_net_ipvlan *ipvlan = what->plan->ipvlan;

	netlink_put_u16(q, IFLA_IPVLAN_MODE,
			(uint16_t) mode_of(modes, ARRAY_SIZE(modes), ipvlan->mode));
	netlink_put_u16(q, IFLA_IPVLAN_FLAGS,
			(uint16_t) mode_of(isolations, ARRAY_SIZE(isolations), ipvlan->isolation));
}

static void put_vlan(struct netlink_req *q, const struct netcfg_new *what)
{
	netlink_put_u16(q, IFLA_VLAN_ID, (uint16_t) what->plan->vlan->id);
}

static const struct kind {
	const char *type;
	void (*put)(struct netlink_req *q, const struct netcfg_new *what);
} kinds[] = {
	{ "veth", put_veth },
	{ "macvlan", put_macvlan },
	{ "ipvlan", put_ipvlan },
	{ "vlan", put_vlan },
};

static const struct kind *kind_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (str_eq(kinds[i].type, type))
			return &kinds[i];
	}
	return NULL;
}

int netcfg_create(struct netlink *nl, const struct netcfg_new *what)
{
	const char *type = what->plan->type;
	const struct kind *kind = kind_of(type);
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	bool veth = str_eq(type, "veth");
	struct netlink_req q;
	int r;

	if (!kind)
		return err_code(EINVAL, "an interface of type %s is not made", type);
	netlink_req_init(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	put_link(&q, veth ? what->pair : what->name, veth ? FD_NONE : what->netns_fd, what->mtu);
	if (veth) {
		netlink_put(&q, IFLA_ADDRESS, what->pair_mac, 6);
		put_queues(&q, what->plan->veth);
	} else {
		put_mac(&q, what->plan->hwaddr);
		netlink_put_u32(&q, IFLA_LINK, what->parent);
	}
	netlink_nest_begin(&q, IFLA_LINKINFO);
	netlink_put_str(&q, IFLA_INFO_KIND, type);
	netlink_nest_begin(&q, IFLA_INFO_DATA);
	kind->put(&q, what);
	netlink_nest_end(&q);
	netlink_nest_end(&q);
	r = netlink_ask(nl, &q);
	if (r == -EOPNOTSUPP)
		return err_wrap(r, "make %s '%s' (does the kernel have this type?)", type,
				what->name);
	return r < 0 ? err_wrap(r, "make %s '%s'", type, what->name) : 0;
}

int netcfg_delete(struct netlink *nl, uint32_t index, const char *name)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int) index };
	struct netlink_req q;
	int r;

	netlink_req_init(&q, RTM_DELLINK, 0, &head, sizeof(head));
	r = netlink_ask(nl, &q);
	return r < 0 ? err_wrap(r, "remove the interface '%s'", name) : 0;
}

/* ---- changing ---- */

int netcfg_change(struct netlink *nl, uint32_t index, const struct netcfg_change *c)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC, .ifi_index = (int) index };
	struct netlink_req q;
	int r;

	if (c->up || c->down) {
		head.ifi_change = IFF_UP;
		head.ifi_flags = c->up ? IFF_UP : 0;
	}
	netlink_req_init(&q, RTM_NEWLINK, 0, &head, sizeof(head));
	if (c->master)
		netlink_put_u32(&q, IFLA_MASTER, c->master);
	if (c->mac)
		netlink_put(&q, IFLA_ADDRESS, c->mac, 6);
	if (c->mtu)
		netlink_put_u32(&q, IFLA_MTU, c->mtu);
	if (c->alias)
		netlink_put(&q, IFLA_IFALIAS, c->alias, strlen(c->alias));
	if (c->rename)
		netlink_put_str(&q, IFLA_IFNAME, c->rename);
	if (c->netns_fd >= 0)
		netlink_put_u32(&q, IFLA_NET_NS_FD, (uint32_t) c->netns_fd);
	r = netlink_ask(nl, &q);
	return r < 0 ? err_wrap(r, "set up the interface '%s'", c->name) : 0;
}

static int vlan(struct netlink *nl, uint16_t type, uint32_t index, struct bridge_vlan_info *info)
{
	struct ifinfomsg head = { .ifi_family = AF_BRIDGE, .ifi_index = (int) index };
	struct netlink_req q;

	netlink_req_init(&q, type, 0, &head, sizeof(head));
	netlink_nest_begin(&q, IFLA_AF_SPEC);
	netlink_put(&q, IFLA_BRIDGE_VLAN_INFO, info, sizeof(*info));
	netlink_nest_end(&q);
	return netlink_ask(nl, &q);
}

int netcfg_vlan_add(struct netlink *nl, uint32_t index, uint16_t id, uint16_t flags)
{
	struct bridge_vlan_info info = { .flags = flags, .vid = id };
	int r = vlan(nl, RTM_SETLINK, index, &info);

	return r < 0 ? err_wrap(r, "put the bridge's port into VLAN %u", id) : 0;
}

int netcfg_vlan_del(struct netlink *nl, uint32_t index, uint16_t id)
{
	struct bridge_vlan_info info = { .vid = id };
	int r = vlan(nl, RTM_DELLINK, index, &info);

	if (r == -ENOENT) {
		err_forgive(r, "the bridge's port is not in VLAN %u", id);
		return 0;
	}
	return r < 0 ? err_wrap(r, "take the bridge's port out of VLAN %u", id) : 0;
}

void netcfg_mac_parse(const char *text, unsigned char ret[6])
{
	char *end = NULL;

	for (int i = 0; i < 6; i++) {
		ret[i] = (unsigned char) strtoul(text, &end, 16);
		text = *end ? end + 1 : end;
	}
}
