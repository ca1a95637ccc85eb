/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_bridge.h>
#include <time.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/net.h"
#include "linux/netdev.h"

#define PATIENCE_TRIES 100
#define PATIENCE_MS    20

int net_patiently(int (*attempt)(void *arg), void *arg)
{
	const struct timespec pause = { .tv_nsec = PATIENCE_MS * 1000000L };
	int r = attempt(arg);

	for (int i = 0; i < PATIENCE_TRIES; i++) {
		if (r != -EEXIST && r != -EADDRINUSE && r != -EBUSY)
			break;
		err_forgive(r, "tried again");
		nanosleep(&pause, NULL);
		r = attempt(arg);
	}
	return r;
}

struct creation {
	struct net_job *job;
	struct netcfg_new what;
};

static int create(void *arg)
{
	struct creation *c = arg;

	return netcfg_create(&c->job->host, &c->what);
}

static const struct oci_net_interface *plan_of(const struct net_job *job, size_t i)
{
	return &job->plan->interfaces[i];
}

/* The host's interface that an interface of the plan stands on. */
static int find_link(struct net_job *job, const struct oci_net_interface *n,
		     struct netcfg_link *ret)
{
	int r = netcfg_find(&job->host, n->link, ret);

	if (r == 0)
		return err_code(ENODEV, "the host has no interface '%s'", n->link);
	return r < 0 ? r : 0;
}

/* ---- veth: the end on the host ---- */

static int join_vlans(struct net_job *job, const struct oci_net_veth *v,
		      const struct netcfg_link *bridge, uint32_t port)
{
	uint16_t pvid = bridge->default_vlan;
	int r = 0;

	if (!v->has_vlan && !v->tagged_len)
		return 0;
	if (!bridge->has_vlans)
		return err_code(EINVAL,
				"the bridge '%s' looks at no VLAN ids (ip link set %s type bridge "
				"vlan_filtering 1)",
				bridge->name, bridge->name);
	if (v->has_vlan && v->vlan != pvid) {
		if (pvid)
			r = netcfg_vlan_del(&job->host, port, pvid);
		if (r >= 0 && v->vlan >= 0)
			r = netcfg_vlan_add(&job->host, port, (uint16_t) v->vlan,
					    BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED);
	}
	for (size_t i = 0; i < v->tagged_len && r >= 0; i++)
		r = netcfg_vlan_add(&job->host, port, (uint16_t) v->tagged[i], 0);
	return r;
}

static int join_bridge(struct net_job *job, const struct oci_net_interface *n,
		       const struct netcfg_link *bridge, const struct netcfg_link *port)
{
	struct netcfg_change change = NETCFG_CHANGE(port->name);
	int r;

	change.master = bridge->index;
	r = netcfg_change(&job->host, port->index, &change);
	if (r >= 0)
		r = join_vlans(job, n->veth, bridge, port->index);
	return r < 0 ? err_wrap(r, "attach to the bridge '%s'", n->link) : 0;
}

/* A switch of another kind may look like anything: with its userspace datapath it is a tap. */
static int join_other(const struct oci_net_interface *n, const struct netcfg_link *port)
{
	if (!net_ovs_is_bridge(n->link))
		return err_code(EINVAL, "'%s' is no bridge, neither the kernel's nor one that "
					"ovs-vsctl(8) knows",
				n->link);
	return net_ovs_attach(n, port->name);
}

/* A port of a bridge has no business with IPv6 itself, unless there are routes over it. */
static int attach(struct net_job *job, const struct oci_net_interface *n,
		  const struct netcfg_link *port)
{
	struct netcfg_link bridge;
	int r = find_link(job, n, &bridge);

	if (r >= 0)
		r = str_eq(bridge.kind, "bridge") ? join_bridge(job, n, &bridge, port)
						  : join_other(n, port);
	if (r < 0)
		return r;
	if (!n->veth || !n->veth->routes6_len)
		r = netcfg_conf_write(AF_INET6, port->name, "disable_ipv6", 1);
	if (r < 0)
		err_forgive(r, "disable IPv6 on '%s'", port->name);
	return 0;
}

static int add_host_routes(struct net_job *job, uint32_t index, int af,
			   const struct oci_net_address *v, size_t n, bool whole)
{
	for (size_t i = 0; i < n; i++) {
		struct netcfg_route route = { .index = index, .af = af, .prefix = v[i].prefix };
		struct netcfg_ip ip;
		int r = netcfg_ip_parse(af, v[i].addr, &ip);

		if (whole)
			route.prefix = af == AF_INET ? 32 : 128;
		route.dst = &ip;
		if (r >= 0)
			r = netcfg_route_add(&job->host, &route);
		if (r < 0)
			return r;
	}
	return 0;
}

static int forward(int af, const char *name)
{
	int r;

	if (af == AF_INET6 && netcfg_conf_read(af, "all", "forwarding") <= 0)
		return err_code(EINVAL, "the host does not forward IPv6 "
					"(sysctl net.ipv6.conf.all.forwarding=1)");
	r = netcfg_conf_write(af, name, "forwarding", 1);
	return r < 0 ? err_sys_r(r, "forward what comes from '%s'", name) : 0;
}

/* The gateway of a routed container is nobody's address: the host answers for it. */
static int stand_in(struct net_job *job, const struct netcfg_link *end, int af, const char *gw)
{
	struct netcfg_ip ip;
	int r;

	if (!gw || str_eq(gw, "auto"))
		return 0;
	r = netcfg_ip_parse(af, gw, &ip);
	if (r >= 0)
		r = forward(af, end->name);
	return r < 0 ? r : netcfg_proxy_add(&job->host, end->index, &ip);
}

static int route(struct net_job *job, const struct oci_net_interface *n,
		 const struct netcfg_link *end)
{
	const struct oci_net_veth *v = n->veth;
	bool router = v && str_eq(v->mode, "router");
	int r = 0;

	if (v)
		r = add_host_routes(job, end->index, AF_INET, v->routes4, v->routes4_len, false);
	if (v && r >= 0)
		r = add_host_routes(job, end->index, AF_INET6, v->routes6, v->routes6_len, false);
	if (!router || r < 0)
		return r;
	r = stand_in(job, end, AF_INET, n->gw4);
	if (r >= 0)
		r = stand_in(job, end, AF_INET6, n->gw6);
	if (r >= 0)
		r = add_host_routes(job, end->index, AF_INET, n->ipv4, n->ipv4_len, true);
	if (r >= 0)
		r = add_host_routes(job, end->index, AF_INET6, n->ipv6, n->ipv6_len, true);
	return r;
}

/* Who it belongs to comes first: what fails after that can be cleaned up by anybody. */
static int set_up_end(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = plan_of(job, i);
	struct netcfg_change mark = NETCFG_CHANGE(job->names[i].outside), up = mark;
	struct netcfg_link end;
	int r = netcfg_find(&job->host, mark.name, &end);

	if (r == 0)
		return err_code(ENODEV, "the interface '%s' went away", mark.name);
	mark.alias = job->alias;
	if (r >= 0)
		r = netcfg_change(&job->host, end.index, &mark);
	if (r >= 0 && n->link && !(n->veth && str_eq(n->veth->mode, "router")))
		r = attach(job, n, &end);
	up.up = true;
	if (r >= 0)
		r = netcfg_change(&job->host, end.index, &up);
	return r < 0 ? r : route(job, n, &end);
}

/* The other end of ours is the container's interface; else it is of a run that has ended. */
static int is_made(struct net_job *job, size_t i, const struct netcfg_link *outside)
{
	struct netcfg_link in;
	int r = netcfg_find(&job->inside, job->names[i].inside, &in);

	if (r <= 0)
		return r;
	return str_eq(in.kind, "veth") && in.link == outside->index;
}

static int clear_way(struct net_job *job, size_t i)
{
	struct netcfg_link old;
	int r = netcfg_find(&job->host, job->names[i].outside, &old);

	if (r <= 0)
		return r;
	if (!str_eq(old.alias, job->alias))
		return err_code(EEXIST,
				"the host has an interface '%s' already, not of this container",
				old.name);
	r = is_made(job, i, &old);
	return r ? r : netcfg_delete(&job->host, old.index, old.name);
}

/* Without a word the bridge decides how long a frame may be. */
static int choose_mtu(struct net_job *job, const struct oci_net_interface *n, uint32_t *ret)
{
	struct netcfg_link link;
	int r;

	*ret = n->has_mtu ? n->mtu : 0;
	if (n->has_mtu || !n->link)
		return 0;
	r = find_link(job, n, &link);
	if (r >= 0)
		*ret = link.mtu;
	return r;
}

static int make_veth(struct net_job *job, size_t i)
{
	struct creation c = { job,
			      { .plan = plan_of(job, i),
				.name = job->names[i].inside,
				.pair = job->names[i].outside,
				.pair_mac = job->names[i].outside_mac,
				.netns_fd = job->netns_fd } };
	int r = clear_way(job, i);

	if (r != 0)
		return r < 0 ? r : 0;
	r = choose_mtu(job, c.what.plan, &c.what.mtu);
	if (r >= 0)
		r = net_patiently(create, &c);
	if (r >= 0)
		r = set_up_end(job, i);
	return r < 0 ? r : 1;
}

/* ---- macvlan, ipvlan, vlan: on an interface of the host ---- */

static int make_upper(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = plan_of(job, i);
	struct creation c = { job,
			      { .plan = n,
				.name = job->names[i].inside,
				.netns_fd = job->netns_fd,
				.mtu = n->has_mtu ? n->mtu : 0 } };
	struct netcfg_link in, link;
	int r = netcfg_find(&job->inside, job->names[i].inside, &in);

	if (r > 0 && str_eq(in.kind, n->type))
		return 0;
	if (r > 0)
		return err_code(EEXIST, "the container has another interface '%s'", in.name);
	if (r >= 0)
		r = find_link(job, n, &link);
	if (r < 0)
		return r;
	c.what.parent = link.index;
	r = net_patiently(create, &c);
	return r < 0 ? err_wrap(r, "on '%s'", n->link) : 1;
}

/* "eth+" is the last one that begins so. */
static int find_by_prefix(struct netlink *nl, const char *link, struct netcfg_link *ret)
{
	autofree char *prefix = xstrndup(link, strlen(link) - 1);

	return netcfg_find_last(nl, prefix, ret);
}

static int make_phys(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = plan_of(job, i);
	char *inside = job->names[i].inside;
	struct netcfg_link in, link;
	int r = *inside ? netcfg_find(&job->inside, inside, &in)
			: find_by_prefix(&job->inside, n->link, &in);

	if (r > 0)
		memcpy(inside, in.name, IFNAMSIZ);
	if (r != 0)
		return r < 0 ? r : 0;
	r = str_ends(n->link, "+") ? find_by_prefix(&job->host, n->link, &link)
				   : find_link(job, n, &link);
	if (r == 0 && str_ends(n->link, "+"))
		return err_code(ENODEV, "the host has no interface '%s'", n->link);
	if (r >= 0)
		r = netdev_refuse_wireless(link.name);
	if (r >= 0)
		r = net_lend(job, i, &link);
	return r < 0 ? r : 1;
}

/* ---- l2proxy ---- */

static int need_conf(int af, const char *name, const char *key)
{
	if (netcfg_conf_read(af, name, key) > 0)
		return 0;
	return err_code(EINVAL, "the host has to set net.%s.conf.%s.%s=1 for l2proxy",
			af == AF_INET ? "ipv4" : "ipv6", name, key);
}

/* An address on the link that is answered for; an ipvlan's also gets a route, or nobody asks. */
static int proxy_one(struct net_job *job, uint32_t link, uint32_t lo, const struct netcfg_ip *ip,
		     bool add)
{
	struct netcfg_route route = {
		.index = lo, .af = ip->af, .dst = ip, .prefix = ip->af == AF_INET ? 32 : 128
	};
	int r = add ? netcfg_proxy_add(&job->host, link, ip)
		    : netcfg_proxy_del(&job->host, link, ip);

	if (r < 0 || !lo)
		return r;
	return add ? netcfg_route_add(&job->host, &route) : netcfg_route_del(&job->host, &route);
}

static int proxy_list(struct net_job *job, const struct oci_net_interface *n, int af, bool add)
{
	const struct oci_net_address *v = af == AF_INET ? n->ipv4 : n->ipv6;
	size_t len = af == AF_INET ? n->ipv4_len : n->ipv6_len;
	struct netcfg_link link, lo = { 0 };
	int r = netcfg_find(&job->host, n->link, &link);

	if (!len || (r == 0 && !add))
		return 0; /* the entries went with it */
	if (r == 0)
		return err_code(ENODEV, "the host has no interface '%s'", n->link);
	if (r > 0 && add)
		r = need_conf(af, n->link, "forwarding");
	if (r >= 0 && add && af == AF_INET6)
		r = need_conf(af, n->link, "proxy_ndp");
	if (r >= 0 && n->ipvlan)
		r = netcfg_find(&job->host, "lo", &lo);
	for (size_t i = 0; i < len && r >= 0; i++) {
		struct netcfg_ip ip;

		r = netcfg_ip_parse(af, v[i].addr, &ip);
		if (r >= 0)
			r = proxy_one(job, link.index, lo.index, &ip, add);
	}
	return r;
}

static int proxy(struct net_job *job, const struct oci_net_interface *n, bool add)
{
	int r;

	if (!n->l2proxy)
		return 0;
	r = proxy_list(job, n, AF_INET, add);
	return r < 0 ? r : proxy_list(job, n, AF_INET6, add);
}

/* ---- all types ---- */

int net_make(struct net_job *job, size_t i)
{
	static const struct {
		const char *type;
		int (*make)(struct net_job *job, size_t i);
	} types[] = {
		{ "veth", make_veth },	{ "macvlan", make_upper }, { "ipvlan", make_upper },
		{ "vlan", make_upper }, { "phys", make_phys },
	};
	const struct oci_net_interface *n = plan_of(job, i);
	int made = 1, r;

	for (size_t k = 0; k < ARRAY_SIZE(types); k++) {
		if (str_eq(types[k].type, n->type))
			made = types[k].make(job, i);
	}
	r = made < 0 ? made : proxy(job, n, true);
	return r < 0 ? r : made;
}

/* The port is in the switch's database, whether or not its device is there. */
static void leave_switch(struct net_job *job, const struct oci_net_interface *n, const char *port)
{
	struct netcfg_link bridge;
	int r;

	if (!n->link || (n->veth && str_eq(n->veth->mode, "router")))
		return;
	r = netcfg_find(&job->host, n->link, &bridge);
	if (r > 0 && !str_eq(bridge.kind, "bridge") && net_ovs_is_bridge(n->link))
		r = net_ovs_detach(n, port);
	if (r < 0)
		err_warn(r, "take '%s' out of '%s'", port, n->link);
}

int net_unmake(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = plan_of(job, i);
	struct netcfg_link end;
	int r = 0;

	if (str_eq(n->type, "veth")) {
		leave_switch(job, n, job->names[i].outside);
		r = netcfg_find(&job->host, job->names[i].outside, &end);
		if (r > 0 && str_eq(end.alias, job->alias))
			r = netcfg_delete(&job->host, end.index, end.name);
	}
	return r < 0 ? r : proxy(job, n, false);
}
