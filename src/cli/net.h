/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_NET_H
#define HAKO_CLI_NET_H

/*
 * The network plan of a container being carried out (hook_net.c) or taken back. Each interface is
 * made on the host with its end in the container's network namespace (net_make.c), then set up from
 * inside (net_inside.c). What is found made already is left as it is, so that a second run changes
 * nothing; what is taken back is only what can be told to be this container's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fd.h"
#include "linux/netcfg.h"
#include "ocispec.h"

/* Names of one interface: in the container, and of the end that stays on the host (veth). */
struct net_names {
	char inside[IFNAMSIZ];
	char outside[IFNAMSIZ];
	unsigned char outside_mac[6];
};

struct net_job {
	const struct oci_state *state;
	struct oci_net *plan;
	struct net_names *names; /* one per interface */
	char *alias;		 /* what our interfaces on the host are marked with */
	char *keep;		 /* directory of what the host lent (net_keep.c) */
	int proc_fd;		 /* /proc/PID of the container, FD_NONE when it is gone */
	int netns_fd;		 /* its network namespace */
	struct netlink host, inside;
};
#define NET_JOB_INIT                                                           \
	{                                                                      \
		.proc_fd = FD_NONE, .netns_fd = FD_NONE, .host = NETLINK_INIT, \
		.inside = NETLINK_INIT,                                        \
	}

/* Decides all names: those of the plan, "eth0" and so on for the others in the container, and for
 * the host's ends some that depend on the container alone. Pure. (net_names.c) */
void net_names_choose(struct net_job *job);
/* What tells the container from others of the same id elsewhere. Heap. */
char *net_key(const struct net_job *job);

/* ---- one interface (net_make.c, net_inside.c) ---- */

/* 1 made, 0 was there, -errno recorded. */
int net_make(struct net_job *job, size_t i);
/* The opposite, of what does not go with the container's namespace. Nothing left is success. */
int net_unmake(struct net_job *job, size_t i);
/* Addresses, state and routes in the container. */
int net_inside(struct net_job *job, size_t i);
/* lxc.net.N.script.up ("up") or .down. */
int net_script(struct net_job *job, size_t i, const char *which);
/*
 * Repeats an attempt that a dying network namespace can be in the way of: the kernel takes its time
 * to destroy one, and with it names, addresses and VLAN ids of a container's last run.
 */
int net_patiently(int (*attempt)(void *arg), void *arg);

/* ---- Open vSwitch (net_ovs.c) ---- */

/* Asks ovs-vsctl(8); false also when there is none. */
bool net_ovs_is_bridge(const char *name);
/* A port of the bridge that is the interface's link, with its VLANs. 0 or -errno recorded. */
int net_ovs_attach(const struct oci_net_interface *n, const char *port);
/* Gone already is success. */
int net_ovs_detach(const struct oci_net_interface *n, const char *port);

/* ---- devices lent by the host (net_keep.c) ---- */

/* Moves it to the container; where it comes from is on disk before. */
int net_lend(struct net_job *job, size_t i, const struct netcfg_link *link);
/* Gives all of them back. */
int net_take_back(struct net_job *job);

/* ---- without privilege (net_user.c) ---- */

/* May this process make interfaces in its network namespace? 1, 0 or -errno recorded. */
int net_is_privileged(void);
/* By lxc-user-nic, which has the privilege and a quota: 1 made, 0 was there, -errno recorded. */
int net_user_make(struct net_job *job, size_t i);
/* A socket in the container's network namespace by way of its user namespace. */
int net_user_open_inside(struct net_job *job);

#endif
