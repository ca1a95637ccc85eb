/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "cli/net.h"

static int add_addresses(struct net_job *job, uint32_t index, int af,
			 const struct oci_net_address *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct netcfg_ip ip, bcast;
		int r = netcfg_ip_parse(af, v[i].addr, &ip);

		if (r >= 0 && v[i].bcast)
			r = netcfg_ip_parse(af, v[i].bcast, &bcast);
		if (r >= 0)
			r = netcfg_addr_add(&job->inside, index, &ip, v[i].prefix,
					    v[i].bcast ? &bcast : NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

struct raise {
	struct net_job *job;
	uint32_t index;
	struct netcfg_change change;
};

static int raise(void *arg)
{
	struct raise *a = arg;

	return netcfg_change(&a->job->inside, a->index, &a->change);
}

static int bring_up(struct net_job *job, const struct netcfg_link *link)
{
	struct raise a = { job, link->index, NETCFG_CHANGE(link->name) };
	struct netcfg_link lo;
	int r;

	a.change.up = true;
	r = net_patiently(raise, &a);
	if (r < 0)
		return r;
	/* LXC brings the loopback up with the first interface */
	r = netcfg_find(&job->inside, "lo", &lo);
	if (r <= 0 || lo.up)
		return r < 0 ? r : 0;
	a.index = lo.index;
	a.change.name = "lo";
	return raise(&a);
}

/* ---- default routes ---- */

/* The address of the host's link, for "auto". */
static int gateway_of_link(struct net_job *job, const char *name, int af, struct netcfg_ip *ret)
{
	struct netcfg_link link;
	int r = netcfg_find(&job->host, name, &link);

	if (r == 0)
		return err_code(ENODEV, "the host has no interface '%s'", name);
	if (r > 0)
		r = netcfg_addr_first(&job->host, link.index, af, ret);
	if (r == 0)
		return err_code(EADDRNOTAVAIL,
				"'%s' has no IPv%d address to be the gateway ('auto')", name,
				af == AF_INET ? 4 : 6);
	return r < 0 ? r : 0;
}

static bool is_unreachable(int r)
{
	return r == -ENETUNREACH || r == -EHOSTUNREACH || r == -EINVAL;
}

/* A gateway outside of the interface's network is reached by a route of its own. */
static int route_through(struct net_job *job, uint32_t index, const struct netcfg_ip *gw)
{
	struct netcfg_route dflt = { .index = index, .af = gw->af, .via = gw };
	struct netcfg_route host = {
		.index = index, .af = gw->af, .dst = gw, .prefix = gw->af == AF_INET ? 32 : 128
	};
	int r = netcfg_route_add(&job->inside, &dflt);

	if (!is_unreachable(r))
		return r;
	err_forgive(r, "the gateway gets a route");
	r = netcfg_route_add(&job->inside, &host);
	return r < 0 ? r : netcfg_route_add(&job->inside, &dflt);
}

static int add_gateway(struct net_job *job, size_t i, uint32_t index, int af)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	struct netcfg_route device = { .index = index, .af = af };
	const char *gw = af == AF_INET ? n->gw4 : n->gw6;
	struct netcfg_ip ip;
	int r;

	if (af == AF_INET ? n->gw4dev : n->gw6dev)
		return netcfg_route_add(&job->inside, &device);
	if (!gw)
		return 0;
	r = str_eq(gw, "auto") ? gateway_of_link(job, n->link, af, &ip)
			       : netcfg_ip_parse(af, gw, &ip);
	return r < 0 ? r : route_through(job, index, &ip);
}

int net_inside(struct net_job *job, size_t i)
{
	const struct oci_net_interface *n = &job->plan->interfaces[i];
	struct netcfg_link link;
	int r;

	if (str_eq(n->type, "empty"))
		return 0;
	r = netcfg_find(&job->inside, job->names[i].inside, &link);
	if (r == 0)
		return err_code(ENODEV, "the interface '%s' is not in the container",
				job->names[i].inside);
	if (r >= 0)
		r = add_addresses(job, link.index, AF_INET, n->ipv4, n->ipv4_len);
	if (r >= 0)
		r = add_addresses(job, link.index, AF_INET6, n->ipv6, n->ipv6_len);
	if (r >= 0 && n->up)
		r = bring_up(job, &link);
	if (r >= 0)
		r = add_gateway(job, i, link.index, AF_INET);
	if (r >= 0)
		r = add_gateway(job, i, link.index, AF_INET6);
	return r;
}
