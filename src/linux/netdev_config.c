/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "linux/netdev.h"

/*
 * An address or a route is kept as the request that makes it again, in hexadecimal: whatever the
 * kernel said about it and takes in a request, without the device's number.
 */

#define ADDR_HEAD  sizeof(struct ifaddrmsg)
#define ROUTE_HEAD sizeof(struct rtmsg)

/* What a request may say; the rest (IFA_F_TENTATIVE, …) is the kernel's finding. */
#define ADDR_FLAGS                                                                      \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | \
	 IFA_F_MCAUTOJOIN)

static const uint16_t addr_attrs[] = { IFA_LOCAL, IFA_ADDRESS, IFA_BROADCAST, IFA_LABEL,
				       IFA_RT_PRIORITY };
static const uint16_t route_attrs[] = {
	RTA_DST,   RTA_SRC,  RTA_GATEWAY, RTA_VIA,	  RTA_PRIORITY, RTA_PREFSRC,
	RTA_TABLE, RTA_PREF, RTA_METRICS, RTA_ENCAP_TYPE, RTA_ENCAP,
};

/* ---- text ---- */

static void add_hex(struct strv *out, const struct netlink_req *q)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < q->len; i++)
		strbuf_addf(&b, "%02x", q->buf[i]);
	strv_add(out, strbuf_str(&b));
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The message, checked to be a whole one. */
static int parse_hex(const char *s, struct netlink_req *q)
{
	struct nlmsghdr *m = (struct nlmsghdr *) q->buf;

	*q = (struct netlink_req){ .len = strlen(s) / 2 };
	if (strlen(s) % 2 || q->len > sizeof(q->buf) || q->len < sizeof(*m))
		return -EINVAL;
	for (size_t i = 0; i < q->len; i++) {
		int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		q->buf[i] = (unsigned char) (high << 4 | low);
	}
	m->nlmsg_len = (uint32_t) q->len;
	return 0;
}

/* ---- reading ---- */

struct reading {
	uint32_t index;
	bool gateways; /* this pass is for routes with a gateway, which others lead to */
	struct strv *out;
};

static void keep_attrs(struct netlink_req *q, const struct nlmsghdr *m, size_t head_len,
		       const uint16_t *types, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct nlattr *a = netlink_attr(m, head_len, types[i]);

		if (a)
			netlink_put(q, a->nla_type, netlink_attr_data(a), netlink_attr_len(a));
	}
}

static int read_address(void *arg, const struct nlmsghdr *m)
{
	const struct ifaddrmsg *a = netlink_head(m, ADDR_HEAD);
	struct reading *rd = arg;
	struct netlink_req q;
	struct ifaddrmsg head;
	uint32_t flags;

	if (!a || m->nlmsg_type != RTM_NEWADDR || a->ifa_index != rd->index)
		return 0;
	if (netlink_attr_u32(netlink_attr(m, ADDR_HEAD, IFA_FLAGS), &flags) < 0)
		flags = a->ifa_flags;
	/* The others are made by the kernel or somebody's daemon, and will be again. */
	if (a->ifa_scope != RT_SCOPE_UNIVERSE || !(flags & IFA_F_PERMANENT))
		return 0;
	head = (struct ifaddrmsg){ .ifa_family = a->ifa_family,
				   .ifa_prefixlen = a->ifa_prefixlen,
				   .ifa_scope = a->ifa_scope };
	flags &= ADDR_FLAGS;
	/* It is known to be nobody else's; and programs want to bind to it at once. */
	if (a->ifa_family == AF_INET6)
		flags |= IFA_F_NODAD;
	netlink_req_init(&q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	keep_attrs(&q, m, ADDR_HEAD, addr_attrs, ARRAY_SIZE(addr_attrs));
	netlink_put_u32(&q, IFA_FLAGS, flags);
	add_hex(rd->out, &q);
	return 0;
}

/* Is the device one of several next hops? */
static bool is_one_of(const struct nlattr *multipath, uint32_t index)
{
	const char *p = netlink_attr_data(multipath);
	size_t len = netlink_attr_len(multipath);

	while (len >= sizeof(struct rtnexthop)) {
		const struct rtnexthop *nh = (const struct rtnexthop *) p;
		size_t step = RTNH_ALIGN(nh->rtnh_len);

		if ((uint32_t) nh->rtnh_ifindex == index)
			return true;
		if (nh->rtnh_len < sizeof(*nh) || step > len)
			return false;
		p += step;
		len -= step;
	}
	return false;
}

static bool is_ours(const struct nlmsghdr *m, const struct rtmsg *rt, const struct reading *rd)
{
	const struct nlattr *multipath = netlink_attr(m, ROUTE_HEAD, RTA_MULTIPATH);
	uint32_t oif = 0, table = rt->rtm_table;

	(void) netlink_attr_u32(netlink_attr(m, ROUTE_HEAD, RTA_TABLE), &table);
	(void) netlink_attr_u32(netlink_attr(m, ROUTE_HEAD, RTA_OIF), &oif);
	if (rt->rtm_type != RTN_UNICAST || (rt->rtm_flags & RTM_F_CLONED) ||
	    table == RT_TABLE_LOCAL)
		return false;
	/* As with addresses: the kernel's, and what routers tell it. */
	if (rt->rtm_protocol == RTPROT_KERNEL || rt->rtm_protocol == RTPROT_RA ||
	    rt->rtm_protocol == RTPROT_REDIRECT)
		return false;
	if (multipath && is_one_of(multipath, rd->index) && rd->gateways)
		log_warn("a route over several network devices is lost when one is moved");
	return oif == rd->index;
}

static int read_route(void *arg, const struct nlmsghdr *m)
{
	const struct rtmsg *rt = netlink_head(m, ROUTE_HEAD);
	struct reading *rd = arg;
	struct netlink_req q;
	struct rtmsg head;
	bool gateway;

	if (!rt || m->nlmsg_type != RTM_NEWROUTE || !is_ours(m, rt, rd))
		return 0;
	gateway = netlink_attr(m, ROUTE_HEAD, RTA_GATEWAY) || netlink_attr(m, ROUTE_HEAD, RTA_VIA);
	if (gateway != rd->gateways)
		return 0;
	head = (struct rtmsg){ .rtm_family = rt->rtm_family,
			       .rtm_dst_len = rt->rtm_dst_len,
			       .rtm_src_len = rt->rtm_src_len,
			       .rtm_tos = rt->rtm_tos,
			       .rtm_table = rt->rtm_table,
			       .rtm_protocol = rt->rtm_protocol,
			       .rtm_scope = rt->rtm_scope,
			       .rtm_type = rt->rtm_type,
			       .rtm_flags = rt->rtm_flags & RTNH_F_ONLINK };
	netlink_req_init(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, &head, sizeof(head));
	keep_attrs(&q, m, ROUTE_HEAD, route_attrs, ARRAY_SIZE(route_attrs));
	add_hex(rd->out, &q);
	return 0;
}

static int read_routes(struct netlink *nl, struct reading *rd)
{
	static const unsigned char families[] = { AF_INET, AF_INET6 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < 2 * ARRAY_SIZE(families); i++) {
		struct rtmsg head = { .rtm_family = families[i % ARRAY_SIZE(families)] };
		struct netlink_req q;

		rd->gateways = i >= ARRAY_SIZE(families);
		netlink_req_init(&q, RTM_GETROUTE, 0, &head, sizeof(head));
		r = netlink_dump(nl, &q, read_route, rd);
		if (r == -EOPNOTSUPP || r == -EAFNOSUPPORT) {
			err_forgive(r, "no such addresses");
			r = 0;
		}
	}
	return r;
}

int netdev_config_read(struct netlink *nl, uint32_t index, struct strv *ret)
{
	struct ifaddrmsg head = { .ifa_index = index };
	struct reading rd = { .index = index, .out = ret };
	struct netlink_req q;
	int r;

	netlink_req_init(&q, RTM_GETADDR, 0, &head, sizeof(head));
	r = netlink_dump(nl, &q, read_address, &rd);
	return r < 0 ? r : read_routes(nl, &rd);
}

/* ---- setting ---- */

struct setting {
	const struct netdev_config_args *args;
	struct netlink_req q;
	bool route;
};

/* "eth0:web" of a device that is renamed is "eth1:web". */
static char *relabel(const struct netdev_config_args *args, const char *label)
{
	const char *rest = str_after(label, args->from);

	return rest && (*rest == ':' || !*rest) ? xasprintf("%s%s", args->to, rest)
						: xstrdup(label);
}

static void copy_attr(void *arg, uint16_t type, const void *data, size_t len)
{
	struct setting *s = arg;
	autofree char *label = NULL;

	if (s->route || type != IFA_LABEL || !memchr(data, '\0', len)) {
		netlink_put(&s->q, type, data, len);
		return;
	}
	label = relabel(s->args, data);
	if (strlen(label) < IFNAMSIZ)
		netlink_put_str(&s->q, IFA_LABEL, label);
}

/* "192.0.2.1/24", for messages. */
static char *describe(const struct nlmsghdr *m)
{
	bool route = m->nlmsg_type == RTM_NEWROUTE;
	const unsigned char *head = NLMSG_DATA(m); /* family and length come first in both */
	size_t head_len = route ? ROUTE_HEAD : ADDR_HEAD;
	const struct nlattr *a = netlink_attr(m, head_len, route ? RTA_DST : IFA_LOCAL);
	size_t want = head[0] == AF_INET6 ? 16 : 4;
	char buf[INET6_ADDRSTRLEN];

	if (!a && !route)
		a = netlink_attr(m, head_len, IFA_ADDRESS);
	if (!a)
		return xstrdup("default");
	if (netlink_attr_len(a) != want ||
	    !inet_ntop(head[0], netlink_attr_data(a), buf, sizeof(buf)))
		return xstrdup("?");
	return xasprintf("%s/%u", buf, head[1]);
}

static int set_address(struct netlink *nl, const struct nlmsghdr *m,
		       const struct netdev_config_args *args)
{
	struct ifaddrmsg head = *(const struct ifaddrmsg *) netlink_head(m, ADDR_HEAD);
	autofree char *text = describe(m);
	struct setting s = { .args = args };
	int r;

	head.ifa_index = args->index;
	netlink_req_init(&s.q, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	netlink_each_attr(m, ADDR_HEAD, copy_attr, &s);
	r = netlink_ask(nl, &s.q);
	return r < 0 ? err_wrap(r, "add address %s", text) : 0;
}

static int set_route(struct netlink *nl, const struct nlmsghdr *m,
		     const struct netdev_config_args *args)
{
	struct rtmsg head = *(const struct rtmsg *) netlink_head(m, ROUTE_HEAD);
	autofree char *text = describe(m);
	struct setting s = { .args = args, .route = true };
	int r;

	netlink_req_init(&s.q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND, &head, sizeof(head));
	netlink_each_attr(m, ROUTE_HEAD, copy_attr, &s);
	netlink_put_u32(&s.q, RTA_OIF, args->index);
	r = netlink_ask(nl, &s.q);
	if (r == -EEXIST)
		err_forgive(r, "route %s is there", text);
	else if (r < 0)
		err_warn(r, "route %s over network device '%s' is lost", text, args->to);
	return 0;
}

int netdev_config_set(struct netlink *nl, const struct strv *config, uint16_t type,
		      const struct netdev_config_args *args)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < config->len; i++) {
		const struct nlmsghdr *m;
		struct netlink_req q;

		r = parse_hex(config->v[i], &q);
		m = (const struct nlmsghdr *) q.buf;
		if (r == 0 && m->nlmsg_type != type)
			continue;
		if (r < 0 || !netlink_head(m, type == RTM_NEWADDR ? ADDR_HEAD : ROUTE_HEAD))
			return err_code(EINVAL, "the saved address or route is malformed");
		r = type == RTM_NEWADDR ? set_address(nl, m, args) : set_route(nl, m, args);
	}
	return r;
}
