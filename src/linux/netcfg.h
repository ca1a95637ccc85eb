/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_NETCFG_H
#define HAKO_LINUX_NETCFG_H

/*
 * Links, addresses and routes: one request of the kernel each, in words of a network plan. What
 * decides which of them are wanted is elsewhere. 0 or -errno recorded, unless stated otherwise. The
 * socket says whose network namespace is meant; a link is named by its index there.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux/netlink.h"

struct oci_net_interface;

#define NETCFG_ALIAS_MAX 255

/* ---- links (netcfg.c) ---- */

struct netcfg_link {
	uint32_t index;
	char name[IFNAMSIZ];
	char kind[IFNAMSIZ]; /* "bridge", "veth", "" for hardware */
	char alias[NETCFG_ALIAS_MAX + 1];
	uint32_t mtu;
	bool up;
	uint32_t link;	       /* the other end of a veth, the device below a macvlan; 0 = none */
	bool has_vlans;	       /* of a bridge: it looks at VLAN ids */
	uint16_t default_vlan; /* of a bridge: what a new port gets untagged; 0 = none */
};
/* 1, 0 when there is no such link, or -errno recorded. */
int netcfg_find(struct netlink *nl, const char *name, struct netcfg_link *ret);
/* The one with the greatest index of those whose name begins so; likewise. */
int netcfg_find_last(struct netlink *nl, const char *prefix, struct netcfg_link *ret);

/* What is to be made, on the host's socket, with the container's end (or all of it) in another
 * network namespace from the first moment. */
struct netcfg_new {
	const struct oci_net_interface *plan; /* its type, and what belongs to the type */
	const char *name;		      /* in the container */
	int netns_fd;			      /* the container's */
	uint32_t parent;		      /* macvlan, ipvlan, vlan */
	const char *pair;		      /* veth: the end that stays here, */
	const unsigned char *pair_mac;	      /* and its address */
	uint32_t mtu;			      /* 0: the kernel's choice */
};
int netcfg_create(struct netlink *nl, const struct netcfg_new *what);
int netcfg_delete(struct netlink *nl, uint32_t index, const char *name);

/* What is to become of a link; a zeroed member is left alone. */
struct netcfg_change {
	const char *name; /* the present one, for messages */
	uint32_t master;
	const unsigned char *mac;
	uint32_t mtu;
	const char *alias;
	bool up;
	bool down;
	const char *rename;
	int netns_fd; /* FD_NONE: it stays */
};
#define NETCFG_CHANGE(name_)                         \
	{                                            \
		.name = (name_), .netns_fd = FD_NONE \
	}
int netcfg_change(struct netlink *nl, uint32_t index, const struct netcfg_change *change);
/* VLAN ids of a bridge's port; flags are BRIDGE_VLAN_INFO_*. One that is not there to be taken away
 * is success. */
int netcfg_vlan_add(struct netlink *nl, uint32_t index, uint16_t id, uint16_t flags);
int netcfg_vlan_del(struct netlink *nl, uint32_t index, uint16_t id);
/* "01:23:45:67:89:ab" of a checked plan. */
void netcfg_mac_parse(const char *text, unsigned char ret[6]);

/* ---- addresses, routes, neighbours (netcfg_addr.c) ---- */

struct netcfg_ip {
	int af; /* AF_INET, AF_INET6 */
	unsigned char raw[16];
};
/* 0 or -EINVAL recorded. */
int netcfg_ip_parse(int af, const char *text, struct netcfg_ip *ret);

/* bcast may be NULL. An address that is there already is success. */
int netcfg_addr_add(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip,
		    unsigned int prefix, const struct netcfg_ip *bcast);
/* The first address of the link, for IPv6 one of global scope if there is any: 1, 0, or -errno. */
int netcfg_addr_first(struct netlink *nl, uint32_t index, int af, struct netcfg_ip *ret);

struct netcfg_route {
	uint32_t index;
	int af;
	const struct netcfg_ip *dst; /* NULL: the default route */
	unsigned int prefix;
	const struct netcfg_ip *via; /* NULL: straight to the link */
};
/* In place of one to the same destination. */
int netcfg_route_add(struct netlink *nl, const struct netcfg_route *route);
/* One that is not there is success. */
int netcfg_route_del(struct netlink *nl, const struct netcfg_route *route);

/* Answers on the link for an address that is elsewhere. Both may find it done already. */
int netcfg_proxy_add(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip);
int netcfg_proxy_del(struct netlink *nl, uint32_t index, const struct netcfg_ip *ip);

/* /proc/sys/net/ipv4|ipv6/conf/NAME/KEY, of the caller's own network namespace: QUIET -errno, or
 * the number (read), or 0. name "all" is the namespace itself. */
int netcfg_conf_read(int af, const char *name, const char *key);
int netcfg_conf_write(int af, const char *name, const char *key, int value);

#endif
