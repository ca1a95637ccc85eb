/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "tests/unit/linux/child.h"
#include "tests/unit/t.h"

static const struct nlmsghdr *as_message(struct netlink_req *q)
{
	struct nlmsghdr *m = (struct nlmsghdr *) q->buf;

	m->nlmsg_len = (uint32_t) q->len;
	return m;
}

static void test_attributes(void)
{
	struct ifinfomsg head = { .ifi_index = 7 };
	struct netlink_req q;
	const struct nlmsghdr *m;
	const struct nlattr *a;
	uint32_t v;

	netlink_req_init(&q, RTM_NEWLINK, NLM_F_CREATE, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, "eth0");
	netlink_nest_begin(&q, IFLA_LINKINFO);
	netlink_put_str(&q, IFLA_INFO_KIND, "veth");
	netlink_nest_begin(&q, IFLA_INFO_DATA);
	netlink_put_u32(&q, 5, 0x01020304);
	netlink_nest_end(&q);
	netlink_nest_end(&q);
	netlink_put_u32(&q, IFLA_MTU, 1400);
	T_ASSERT(!q.broken);

	m = as_message(&q);
	T_EQ(m->nlmsg_type, RTM_NEWLINK);
	T_EQ(m->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE);
	T_EQ(((const struct ifinfomsg *) netlink_head(m, sizeof(head)))->ifi_index, 7);
	T_STR(netlink_attr_str(netlink_attr(m, sizeof(head), IFLA_IFNAME)), "eth0");
	T_EQ(netlink_attr_u32(netlink_attr(m, sizeof(head), IFLA_MTU), &v), 0);
	T_EQ(v, 1400);
	a = netlink_attr(m, sizeof(head), IFLA_LINKINFO);
	T_STR(netlink_attr_str(netlink_attr_in(a, IFLA_INFO_KIND)), "veth");
	a = netlink_attr_in(a, IFLA_INFO_DATA);
	T_EQ(netlink_attr_u32(netlink_attr_in(a, 5), &v), 0);
	T_EQ(v, 0x01020304);
	T_ASSERT(!netlink_attr(m, sizeof(head), IFLA_GROUP));
	T_ASSERT(!netlink_attr_in(NULL, 5));
	T_EQ(netlink_attr_u32(NULL, &v), -EINVAL);
	T_EQ(netlink_attr_u32(netlink_attr(m, sizeof(head), IFLA_IFNAME), &v), -EINVAL);
}

/* Neither a request nor an attribute is ever cut. */
static void test_too_long(void)
{
	static const char big[UINT16_MAX + 1];
	struct netlink none = NETLINK_INIT;
	struct netlink_req q;

	netlink_req_init(&q, RTM_NEWLINK, 0, NULL, 0);
	netlink_put(&q, 1, big, NETLINK_REQ_MAX - NLMSG_HDRLEN - NLA_HDRLEN);
	T_ASSERT(!q.broken);
	netlink_put(&q, 2, big, 0);
	T_ASSERT(q.broken);
	T_EQ(netlink_ask(&none, &q), -EMSGSIZE);

	netlink_req_init(&q, RTM_NEWLINK, 0, NULL, 0);
	netlink_put(&q, 1, big, UINT16_MAX);
	T_ASSERT(q.broken);
	netlink_put_u32(&q, 2, 1); /* what comes after does not mend it */
	T_EQ(netlink_ask(&none, &q), -EMSGSIZE);

	netlink_req_init(&q, RTM_NEWLINK, 0, NULL, 0);
	netlink_nest_begin(&q, 1);
	T_EQ(netlink_ask(&none, &q), -EMSGSIZE); /* not ended */
	netlink_nest_end(&q);
	netlink_nest_end(&q);
	T_ASSERT(q.broken);

	netlink_req_init(&q, RTM_NEWLINK, 0, NULL, 0);
	for (int i = 0; i <= NETLINK_NEST_MAX; i++)
		netlink_nest_begin(&q, 1);
	T_ASSERT(q.broken);
	err_clear();
}

/* Messages from elsewhere: an attribute that leaves its message or its parent is not seen. */
static void test_malformed(void)
{
	struct netlink_req q;
	struct nlattr *a;

	netlink_req_init(&q, RTM_NEWLINK, 0, NULL, 0);
	netlink_put_u32(&q, 1, 1);
	netlink_put(&q, 2, "ab", 2); /* no NUL byte */
	a = (struct nlattr *) (q.buf + NLMSG_HDRLEN);
	T_ASSERT(!netlink_attr_str(netlink_attr(as_message(&q), 0, 2)));
	a->nla_len = 400;
	T_ASSERT(!netlink_attr(as_message(&q), 0, 1));
	a->nla_len = NLA_HDRLEN - 1;
	T_ASSERT(!netlink_attr(as_message(&q), 0, 1));
	T_ASSERT(!netlink_attr(as_message(&q), 0, 2));
	T_ASSERT(!netlink_attr(as_message(&q), 4096, 1));
	T_ASSERT(!netlink_head(as_message(&q), 4096));
}

static int get_link(struct netlink *nl, const char *name, struct nlmsghdr **ret)
{
	struct ifinfomsg head = { 0 };
	struct netlink_req q;

	netlink_req_init(&q, RTM_GETLINK, 0, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, name);
	return netlink_get(nl, &q, ret);
}

static int count_link(void *arg, const struct nlmsghdr *m)
{
	int *n = arg;

	if (m->nlmsg_type != RTM_NEWLINK || !netlink_attr(m, sizeof(struct ifinfomsg), IFLA_IFNAME))
		return err_code(EBADMSG, "not a link");
	return ++*n < 0 ? -1 : 0;
}

static int stop(void *arg, const struct nlmsghdr *m)
{
	(void) arg;
	(void) m;
	return -ECANCELED;
}

static int add_veth(struct netlink *nl, const char *name, const char *peer)
{
	struct ifinfomsg head = { 0 };
	struct netlink_req q;

	netlink_req_init(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, name);
	netlink_nest_begin(&q, IFLA_LINKINFO);
	netlink_put_str(&q, IFLA_INFO_KIND, "veth");
	netlink_nest_begin(&q, IFLA_INFO_DATA);
	netlink_nest_begin_with(&q, VETH_INFO_PEER, &head, sizeof(head));
	netlink_put_str(&q, IFLA_IFNAME, peer);
	netlink_nest_end(&q);
	netlink_nest_end(&q);
	netlink_nest_end(&q);
	return netlink_ask(nl, &q);
}

static int live(void *arg)
{
	struct netlink nl = NETLINK_INIT;
	autofree struct nlmsghdr *m = NULL;
	struct netlink_req q;
	int n = 0, r;

	(void) arg;
	CHILD_CHECK(netlink_open(FD_NONE, &nl) == 0);
	CHILD_CHECK(get_link(&nl, "lo", &m) == 0);
	CHILD_CHECK(str_eq(netlink_attr_str(netlink_attr(m, sizeof(struct ifinfomsg), IFLA_IFNAME)),
			   "lo"));
	CHILD_CHECK(get_link(&nl, "nothing", &(struct nlmsghdr *){ NULL }) == -ENODEV);
	CHILD_CHECK(str_starts(err_get_text(), "no such device"));
	err_clear();

	r = add_veth(&nl, "va", "vb");
	if (r == -EOPNOTSUPP)
		return CHILD_SKIP;
	CHILD_CHECK(r == 0);
	CHILD_CHECK(add_veth(&nl, "va", "vc") == -EEXIST);
	err_clear();
	netlink_req_init(&q, RTM_GETLINK, 0, &(struct ifinfomsg){ 0 }, sizeof(struct ifinfomsg));
	CHILD_CHECK(netlink_dump(&nl, &q, count_link, &n) == 0);
	CHILD_CHECK(n >= 3 && if_nametoindex("va") && if_nametoindex("vb"));
	CHILD_CHECK(netlink_dump(&nl, &q, stop, NULL) == -ECANCELED);
	netlink_close(&nl);
	CHILD_CHECK(nl.fd == FD_NONE);
	return 0;
}

static void test_live(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNET, live, NULL));
}

/* A socket for another namespace sees that one, and we are where we were. */
static int elsewhere(void *arg)
{
	struct netlink nl = NETLINK_INIT;
	autofd int first = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	autofree struct nlmsghdr *m = NULL;
	int r;

	(void) arg;
	CHILD_CHECK(netlink_open(FD_NONE, &nl) == 0);
	r = add_veth(&nl, "va", "vb");
	netlink_close(&nl);
	if (r < 0 || unshare(CLONE_NEWNET) < 0)
		return CHILD_SKIP;
	CHILD_CHECK(netlink_open(first, &nl) == 0);
	CHILD_CHECK(!if_nametoindex("va"));
	CHILD_CHECK(get_link(&nl, "va", &m) == 0);
	netlink_close(&nl);
	CHILD_CHECK(netlink_open(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC), &nl) == -EINVAL);
	return 0;
}

static void test_elsewhere(void)
{
	T_CHILD(child_run_unshared(CLONE_NEWNET, elsewhere, NULL));
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_attributes), T_TEST(test_too_long),	 T_TEST(test_malformed),
		T_TEST(test_live),	 T_TEST(test_elsewhere),
	};

	return t_run(tests, sizeof(tests) / sizeof(tests[0]));
}
