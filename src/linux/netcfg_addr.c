/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/str.h"
#include "linux/netcfg.h"

static size_t ip_len(int af)
{
	return af == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

static const char *ip_text(const struct netcfg_ip *ip, char buf[INET6_ADDRSTRLEN])
{
	return inet_ntop(ip->af, ip->raw, buf, INET6_ADDRSTRLEN);
}

static void put_ip(struct netlink_req *q, uint16_t type, const struct netcfg_ip *ip)
{
	netlink_put(q, type, ip->raw, ip_len(ip->af));
}

int netcfg_ip_parse(int af, const char *text, struct netcfg_ip *ret)
{
	*ret = (struct netcfg_ip){ .af = af };
	if (inet_pton(af, text, ret->raw) != 1)
		return err_code(EINVAL, "'%s' is not an IPv%d address", text,
				af == AF_INET ? 4 : 6);
	return 0;
}

/* Done already is as good as done now. */
static int forgive(int r, int harmless, const char *what)
{
	if (r == harmless) {
		err_forgive(r, "%s", what);
		return 0;
	}
	return r < 0 ? err_wrap(r, "%s", what) : 0;
}

/* ---- addresses ---- */

int netcfg_addr_add(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip,
		    unsigned int prefix, const struct netcfg_ip *bcast)
{
	struct ifaddrmsg head = { .ifa_family = (unsigned char) ip->af,
				  .ifa_prefixlen = (unsigned char) prefix,
				  .ifa_index = index };
	autofree char *what = NULL;
	char buf[INET6_ADDRSTRLEN];
	struct netlink_req q;

	netlink_req_init(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	put_ip(&q, IFA_LOCAL, ip);
	put_ip(&q, IFA_ADDRESS, ip);
	if (bcast)
		put_ip(&q, IFA_BROADCAST, bcast);
	what = xasprintf("give the interface the address %s/%u", ip_text(ip, buf), prefix);
	return forgive(netlink_ask(nl, &q), -EEXIST, what);
}

struct first {
	uint32_t index;
	struct netcfg_ip *ret;
	bool found, global;
};

static int take_first(void *arg, const struct nlmsghdr *m)
{
	const struct ifaddrmsg *head = netlink_head(m, sizeof(*head));
	struct first *f = arg;
	const struct nlattr *a;
	bool global;

	if (!head || head->ifa_index != f->index || head->ifa_family != f->ret->af)
		return 0;
	a = netlink_attr(m, sizeof(*head), IFA_LOCAL);
	if (!a)
		a = netlink_attr(m, sizeof(*head), IFA_ADDRESS);
	global = head->ifa_scope == RT_SCOPE_UNIVERSE;
	if (!a || netlink_attr_len(a) != ip_len(f->ret->af) || (f->found && (f->global || !global)))
		return 0;
	memcpy(f->ret->raw, netlink_attr_data(a), netlink_attr_len(a));
	f->found = true;
	f->global = global;
	return 0;
}

int netcfg_addr_first(struct netlink *nl, uint32_t index, int af, struct netcfg_ip *ret)
{
	struct ifaddrmsg head = { .ifa_family = (unsigned char) af, .ifa_index = index };
	struct first f = { .index = index, .ret = ret };
	struct netlink_req q;
	int r;

	*ret = (struct netcfg_ip){ .af = af };
	netlink_req_init(&q, RTM_GETADDR, 0, &head, sizeof(head));
	r = netlink_dump(nl, &q, take_first, &f);
	return r < 0 ? err_wrap(r, "list the addresses") : f.found;
}

/* ---- routes ---- */

static int ask_route(struct netlink *nl, uint16_t type, uint16_t flags,
		     const struct netcfg_route *route)
{
	struct rtmsg head = {
		.rtm_family = (unsigned char) route->af,
		.rtm_dst_len = route->dst ? (unsigned char) route->prefix : 0,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = type == RTM_NEWROUTE ? RTPROT_BOOT : RTPROT_UNSPEC,
		.rtm_scope = route->via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
		.rtm_type = RTN_UNICAST,
	};
	struct netlink_req q;

	if (route->af == AF_INET6)
		head.rtm_scope = RT_SCOPE_UNIVERSE;
	if (type == RTM_DELROUTE)
		head.rtm_scope = RT_SCOPE_NOWHERE;
	netlink_req_init(&q, type, flags, &head, sizeof(head));
	if (route->dst)
		put_ip(&q, RTA_DST, route->dst);
	if (route->via)
		put_ip(&q, RTA_GATEWAY, route->via);
	netlink_put_u32(&q, RTA_OIF, route->index);
	return netlink_ask(nl, &q);
}

static char *route_text(const char *verb, const struct netcfg_route *route)
{
	char dst[INET6_ADDRSTRLEN], via[INET6_ADDRSTRLEN];
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "%s the route ", verb);
	if (route->dst)
		strbuf_addf(&b, "to %s/%u", ip_text(route->dst, dst), route->prefix);
	else
		strbuf_add(&b, route->af == AF_INET ? "of IPv4" : "of IPv6");
	if (route->via)
		strbuf_addf(&b, " through %s", ip_text(route->via, via));
	return strbuf_take(&b);
}

int netcfg_route_add(struct netlink *nl, const struct netcfg_route *route)
{
	int r = ask_route(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
	autofree char *what = NULL;

	if (r >= 0)
		return 0;
	what = route_text("set", route);
	return err_wrap(r, "%s", what);
}

int netcfg_route_del(struct netlink *nl, const struct netcfg_route *route)
{
	autofree char *what = route_text("remove", route);

	return forgive(ask_route(nl, RTM_DELROUTE, 0, route), -ESRCH, what);
}

/* ---- neighbours ---- */

static int ask_proxy(struct netlink *nl, uint16_t type, uint16_t flags, uint32_t index,
		     const struct netcfg_ip *ip)
{
	struct ndmsg head = { .ndm_family = (unsigned char) ip->af,
			      .ndm_ifindex = (int) index,
			      .ndm_state = NUD_PERMANENT,
			      .ndm_flags = NTF_PROXY };
	struct netlink_req q;

	netlink_req_init(&q, type, flags, &head, sizeof(head));
	put_ip(&q, NDA_DST, ip);
	return netlink_ask(nl, &q);
}

int netcfg_proxy_add(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip)
{
	autofree char *what = NULL;
	char buf[INET6_ADDRSTRLEN];

	what = xasprintf("answer for %s", ip_text(ip, buf));
	return forgive(ask_proxy(nl, RTM_NEWNEIGH, NLM_F_CREATE, index, ip), -EEXIST, what);
}

int netcfg_proxy_del(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip)
{
	autofree char *what = NULL;
	char buf[INET6_ADDRSTRLEN];

	what = xasprintf("stop answering for %s", ip_text(ip, buf));
	return forgive(ask_proxy(nl, RTM_DELNEIGH, 0, index, ip), -ENOENT, what);
}

/* ---- settings ---- */

static char *conf_path(int af, const char *name, const char *key)
{
	return xasprintf("/proc/sys/net/%s/conf/%s/%s", af == AF_INET ? "ipv4" : "ipv6", name, key);
}

int netcfg_conf_read(int af, const char *name, const char *key)
{
	autofree char *path = conf_path(af, name, key), *text = NULL;
	int r = file_read_at(AT_FDCWD, path, 64, &text, NULL), v;

	if (r < 0)
		return r;
	r = str_to_int(str_trim(text), &v);
	return r < 0 ? r : v;
}

int netcfg_conf_write(int af, const char *name, const char *key, int value)
{
	autofree char *path = conf_path(af, name, key), *text = xasprintf("%d", value);

	return file_write_at(AT_FDCWD, path, text);
}
