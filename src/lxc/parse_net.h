/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PARSE_NET_H
#define HAKO_LXC_PARSE_NET_H

/* lxc.net.N.*: the interfaces. Store functions as in store.h, on a struct lxc_net. */

#include "lxc/store.h"

STORE_FN(store_net_all);  /* lxc.net = */
STORE_FN(store_net_one);  /* lxc.net.N = */
STORE_FN(store_net_type); /* erases the interface first */
STORE_FN(store_net_ifname);
STORE_FN(store_net_up);
STORE_FN(store_net_hwaddr);
STORE_FN(store_net_addr4);
STORE_FN(store_net_addr6);
STORE_FN(store_net_route4);
STORE_FN(store_net_route6);
STORE_FN(store_net_gw4);
STORE_FN(store_net_gw6);
STORE_FN(store_net_vlan_id);
STORE_FN(store_net_veth_vlan);
STORE_FN(store_net_veth_tagged);
STORE_FN(store_net_queues);

/*
 * Runs a sub-key's store function on interface s->index: makes the interface when a value comes
 * before its type, refuses an empty value for one that was never defined, and sub-keys of another
 * type.
 */
int parse_net_sub(struct lxc_parser *p, const struct lxc_setting *s);
/* After all lines: interfaces without a type. */
void parse_net_check_whole(struct lxc_parser *p);

#endif
