/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netdev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"

#define LINK_HEAD sizeof(struct ifinfomsg)

void netdev_clear(struct netdev *dev)
{
	free(dev->name);
	free(dev->inside);
	strv_clear(&dev->config);
	*dev = (struct netdev){ NULL };
}

int netdev_open(int inside_fd, struct netdev_sides *ret)
{
	autonetdev struct netdev_sides s = NETDEV_SIDES_INIT;
	int r;

	s.host_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (s.host_fd < 0)
		return err_sys("open the own network namespace");
	r = netlink_open(FD_NONE, &s.host);
	if (r >= 0)
		r = netlink_open(inside_fd, &s.inside);
	if (r < 0)
		return r;
	s.inside_fd = inside_fd;
	*ret = s;
	s = (struct netdev_sides) NETDEV_SIDES_INIT;
	return 0;
}

void netdev_close(struct netdev_sides *sides)
{
	fd_close(&sides->host_fd);
	netlink_close(&sides->host);
	netlink_close(&sides->inside);
	sides->inside_fd = FD_NONE;
}

/* ---- links ---- */

/* By any of its names. */
static int find_link(struct netlink *nl, const char *name, struct nlmsghdr **ret)
{
	struct ifinfomsg head = { 0 };
	struct netlink_req q;

	netlink_req_init(&q, RTM_GETLINK, 0, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, name);
	return netlink_get(nl, &q, ret);
}

static int find_index(struct netlink *nl, const char *name, uint32_t *ret)
{
	autofree struct nlmsghdr *m = NULL;
	const struct ifinfomsg *head;
	int r = find_link(nl, name, &m);

	if (r < 0)
		return r;
	head = netlink_head(m, sizeof(*head));
	if (!head)
		return err_code(EBADMSG, "the netlink answer is malformed");
	*ret = (uint32_t) head->ifi_index;
	return 0;
}

static int set_up(struct netlink *nl, uint32_t index)
{
	struct ifinfomsg head = { .ifi_index = (int) index,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct netlink_req q;

	netlink_req_init(&q, RTM_SETLINK, 0, &head, sizeof(head));
	return netlink_ask(nl, &q);
}

/* One request, so there is no moment with the old name in the new place. */
static int send_over(struct netlink *nl, uint32_t index, int to_fd, const char *name)
{
	struct ifinfomsg head = { .ifi_index = (int) index };
	struct netlink_req q;

	netlink_req_init(&q, RTM_SETLINK, 0, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, name);
	netlink_put_u32(&q, IFLA_NET_NS_FD, (uint32_t) to_fd);
	return netlink_ask(nl, &q);
}

/* ---- the three verbs ---- */

int netdev_refuse_wireless(const char *name)
{
	autofree char *path = xasprintf("/sys/class/net/%s/phy80211", name);

	if (access(path, F_OK) < 0)
		return 0;
	return err_code(ENOTSUP,
			"'%s' is wireless, and only moves with its phy, which is not supported "
			"(by hand: iw phy PHY set netns PID)",
			name);
}

static int look(struct netdev_sides *s, struct netdev *dev)
{
	autofree struct nlmsghdr *m = NULL;
	const struct ifinfomsg *head;
	const char *name;
	int r = find_link(&s->host, dev->name, &m);

	if (r < 0)
		return r;
	head = netlink_head(m, sizeof(*head));
	name = head ? netlink_attr_str(netlink_attr(m, LINK_HEAD, IFLA_IFNAME)) : NULL;
	if (!name)
		return err_code(EBADMSG, "the netlink answer is malformed");
	free(dev->name);
	dev->name = xstrdup(name);
	dev->up = head->ifi_flags & IFF_UP;
	r = netdev_refuse_wireless(dev->name);
	return r < 0 ? r : netdev_config_read(&s->host, (uint32_t) head->ifi_index, &dev->config);
}

int netdev_look(struct netdev_sides *sides, struct netdev *dev)
{
	uint32_t index;
	int r = look(sides, dev);

	if (r < 0)
		return err_wrap(r, "look at network device '%s'", dev->name);
	r = find_index(&sides->inside, dev->inside, &index);
	if (r == 0)
		return err_code(EEXIST,
				"network device '%s' cannot be '%s' in the container, which has "
				"one of that name",
				dev->name, dev->inside);
	if (r != -ENODEV)
		return err_wrap(r, "look at the container's network devices");
	err_forgive(r, "the name '%s' is free", dev->inside);
	return 0;
}

int netdev_give(struct netdev_sides *sides, const struct netdev *dev)
{
	struct netdev_config_args args = { .from = dev->name, .to = dev->inside };
	int r = find_index(&sides->host, dev->name, &args.index);

	if (r >= 0)
		r = send_over(&sides->host, args.index, sides->inside_fd, dev->inside);
	if (r >= 0)
		r = find_index(&sides->inside, dev->inside, &args.index);
	if (r >= 0)
		r = netdev_config_set(&sides->inside, &dev->config, RTM_NEWADDR, &args);
	if (r >= 0)
		r = set_up(&sides->inside, args.index);
	if (r >= 0)
		r = netdev_config_set(&sides->inside, &dev->config, RTM_NEWROUTE, &args);
	if (r < 0)
		return err_wrap(r, "move network device '%s' into the container", dev->name);
	return 0;
}

int netdev_take_back(struct netdev_sides *sides, const struct netdev *dev)
{
	struct netdev_config_args args = { .from = dev->name, .to = dev->name };
	int r = find_index(&sides->inside, dev->inside, &args.index);

	if (r >= 0)
		r = send_over(&sides->inside, args.index, sides->host_fd, dev->name);
	if (r >= 0)
		r = find_index(&sides->host, dev->name, &args.index);
	if (r >= 0)
		r = netdev_config_set(&sides->host, &dev->config, RTM_NEWADDR, &args);
	if (r >= 0 && dev->up)
		r = set_up(&sides->host, args.index);
	if (r >= 0 && dev->up)
		r = netdev_config_set(&sides->host, &dev->config, RTM_NEWROUTE, &args);
	if (r < 0)
		return err_wrap(r, "give network device '%s' back", dev->name);
	return 0;
}
