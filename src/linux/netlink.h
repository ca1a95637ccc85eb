/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_NETLINK_H
#define HAKO_LINUX_NETLINK_H

/*
 * Requests to rtnetlink(7). Written out rather than asked of a library: what a container runtime
 * needs of it is a header, attributes with lengths that are checked, and an answer.
 *
 *	struct netlink nl = NETLINK_INIT;
 *	struct netlink_req q;
 *	struct ifinfomsg head = { .ifi_index = index };
 *
 *	netlink_req_init(&q, RTM_SETLINK, 0, &head, sizeof(head));
 *	netlink_put_str(&q, IFLA_IFNAME, "eth0");
 *	r = netlink_ask(&nl, &q);
 *
 * A request that has grown too long is not cut: it is refused when it is sent.
 */

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fd.h"

struct netlink {
	int fd;
	uint32_t seq; /* of the last request */
};
#define NETLINK_INIT       \
	{                  \
		FD_NONE, 0 \
	}

/* A socket that speaks for the network namespace of netns_fd (FD_NONE: the caller's own). The
 * calling thread is in its own namespace again afterwards. */
int netlink_open(int netns_fd, struct netlink *ret);
void netlink_close(struct netlink *nl);
#define autonetlink __attribute__((cleanup(netlink_close)))

/* ---- requests ---- */

#define NETLINK_REQ_MAX	 4096
#define NETLINK_NEST_MAX 6

struct netlink_req {
	_Alignas(struct nlmsghdr) unsigned char buf[NETLINK_REQ_MAX];
	size_t len;
	size_t nest[NETLINK_NEST_MAX]; /* where the open nested attributes begin */
	size_t depth;
	bool broken; /* does not fit; sending it is an error */
};

/* type is RTM_…; flags (NLM_F_CREATE | NLM_F_EXCL, …) are added to NLM_F_REQUEST; head is the fixed
 * part (struct ifinfomsg, …). */
void netlink_req_init(struct netlink_req *q, uint16_t type, uint16_t flags, const void *head,
		      size_t head_len);
void netlink_put(struct netlink_req *q, uint16_t type, const void *data, size_t len);
void netlink_put_u8(struct netlink_req *q, uint16_t type, uint8_t v);
void netlink_put_u16(struct netlink_req *q, uint16_t type, uint16_t v);
void netlink_put_u32(struct netlink_req *q, uint16_t type, uint32_t v);
/* with its NUL byte */
void netlink_put_str(struct netlink_req *q, uint16_t type, const char *s);
/* Attributes put between the two are inside one of this type. */
void netlink_nest_begin(struct netlink_req *q, uint16_t type);
void netlink_nest_end(struct netlink_req *q);
/* As netlink_nest_begin() with a fixed part before the attributes (VETH_INFO_PEER has one). */
void netlink_nest_begin_with(struct netlink_req *q, uint16_t type, const void *head,
			     size_t head_len);

/* ---- answers ---- */

/*
 * Sends the request and waits until it is done. The record is what the kernel says about it, its
 * own words where it has any ("invalid argument: MTU too small"): the caller puts before it what
 * was attempted (err_wrap).
 */
int netlink_ask(struct netlink *nl, struct netlink_req *q);
/* The same for a request that is answered by one message: heap, *ret only on success. */
int netlink_get(struct netlink *nl, struct netlink_req *q, struct nlmsghdr **ret);
/*
 * The same for a list (adds NLM_F_DUMP): fn is called for each message, after the last one has come
 * and the list is known to be of one moment; a negative result of it ends the walk and is returned.
 */
typedef int (*netlink_each_fn)(void *arg, const struct nlmsghdr *m);
int netlink_dump(struct netlink *nl, struct netlink_req *q, netlink_each_fn fn, void *arg);

/* The fixed part, or NULL when the message is shorter. */
const void *netlink_head(const struct nlmsghdr *m, size_t head_len);
/* The attribute of a message after a fixed part of head_len bytes, or NULL. No attribute that
 * leaves the message is ever returned. */
const struct nlattr *netlink_attr(const struct nlmsghdr *m, size_t head_len, uint16_t type);
/* The attribute of this type inside another, or NULL (also for a NULL outer one). */
const struct nlattr *netlink_attr_in(const struct nlattr *outer, uint16_t type);
/* Calls fn for each attribute after the fixed part. */
typedef void (*netlink_attr_fn)(void *arg, uint16_t type, const void *data, size_t len);
void netlink_each_attr(const struct nlmsghdr *m, size_t head_len, netlink_attr_fn fn, void *arg);
/* 0 when it has the length of the number; -EINVAL when not, or when a is NULL. */
int netlink_attr_u32(const struct nlattr *a, uint32_t *ret);
/* The text, if there is one that ends inside the attribute; else NULL. */
const char *netlink_attr_str(const struct nlattr *a);
static inline const void *netlink_attr_data(const struct nlattr *a)
{
	return (const char *) a + NLA_HDRLEN;
}
static inline size_t netlink_attr_len(const struct nlattr *a)
{
	return a->nla_len - NLA_HDRLEN;
}

#endif
