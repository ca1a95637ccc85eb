/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_NETDEVS_H
#define HAKO_RUNTIME_NETDEVS_H

/*
 * linux.netDevices over the life of a container. The kernel destroys a network namespace with its
 * last process, and every virtual device in it; so that devices can be given back, the namespace is
 * kept by a mount in the state directory ("netns") until delete.
 */

struct launch;
struct container;

/* When init is in its network namespace: all are looked at before the first one is moved. On
 * failure those moved come back with the undo list. */
int netdevs_move(struct launch *l);
/* At delete, when no process is left; what cannot be given back is a warning. Without a state file
 * nobody knows them: the kernel gets them with the namespace. */
void netdevs_give_back(const struct container *c);

#endif
