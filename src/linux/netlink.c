/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"

/* The kernel makes no answer of more than 32 KiB at a time. */
#define ANSWER_MAX	65536
#define DUMP_TRIES	8
#define NLMSGERR_HEADER NLMSG_ALIGN(sizeof(struct nlmsgerr))

/* ---- socket ---- */

static int open_socket(int *ret)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	autofd int fd = FD_NONE;
	int one = 1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0)
		return err_sys("open a netlink socket");
	/* Linux 4.12; without it there are no words for an error, and no strict lists (4.20). */
	(void) setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	(void) setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	(void) setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *) &addr, sizeof(addr)) < 0)
		return err_sys("bind a netlink socket");
	*ret = take_fd(&fd);
	return 0;
}

int netlink_open(int netns_fd, struct netlink *ret)
{
	autofd int own = FD_NONE;
	int fd = FD_NONE, r;

	if (netns_fd >= 0) {
		own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		if (own < 0)
			return err_sys("open the own network namespace");
		if (setns(netns_fd, CLONE_NEWNET) < 0)
			return err_sys("enter the network namespace");
	}
	r = open_socket(&fd);
	if (own >= 0 && setns(own, CLONE_NEWNET) < 0) {
		fd_close(&fd);
		return err_sys("return to the own network namespace");
	}
	if (r < 0)
		return r;
	*ret = (struct netlink){ .fd = fd };
	return 0;
}

void netlink_close(struct netlink *nl)
{
	fd_close(&nl->fd);
}

/* ---- requests ---- */

/* Room for len bytes, zeroed up to the alignment; NULL when there is none. */
static unsigned char *grow(struct netlink_req *q, size_t len)
{
	unsigned char *p = q->buf + q->len;

	if (q->broken || len > sizeof(q->buf) || NLMSG_ALIGN(len) > sizeof(q->buf) - q->len) {
		q->broken = true;
		return NULL;
	}
	memset(p, 0, NLMSG_ALIGN(len));
	q->len += NLMSG_ALIGN(len);
	return p;
}

void netlink_req_init(struct netlink_req *q, uint16_t type, uint16_t flags, const void *head,
		      size_t head_len)
{
	struct nlmsghdr *m = (struct nlmsghdr *) q->buf;
	unsigned char *p;

	q->len = q->depth = 0;
	q->broken = false;
	(void) grow(q, sizeof(*m));
	m->nlmsg_type = type;
	m->nlmsg_flags = NLM_F_REQUEST | flags;
	p = head_len ? grow(q, head_len) : NULL;
	if (p)
		memcpy(p, head, head_len);
}

void netlink_put(struct netlink_req *q, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { .nla_type = type };
	unsigned char *p;

	if (len > UINT16_MAX - NLA_HDRLEN) {
		q->broken = true;
		return;
	}
	a.nla_len = (uint16_t) (NLA_HDRLEN + len);
	p = grow(q, a.nla_len);
	if (!p)
		return;
	memcpy(p, &a, sizeof(a));
	if (len)
		memcpy(p + NLA_HDRLEN, data, len);
}

void netlink_put_u8(struct netlink_req *q, uint16_t type, uint8_t v)
{
	netlink_put(q, type, &v, sizeof(v));
}

void netlink_put_u16(struct netlink_req *q, uint16_t type, uint16_t v)
{
	netlink_put(q, type, &v, sizeof(v));
}

void netlink_put_u32(struct netlink_req *q, uint16_t type, uint32_t v)
{
	netlink_put(q, type, &v, sizeof(v));
}

void netlink_put_str(struct netlink_req *q, uint16_t type, const char *s)
{
	netlink_put(q, type, s, strlen(s) + 1);
}

void netlink_nest_begin_with(struct netlink_req *q, uint16_t type, const void *head,
			     size_t head_len)
{
	size_t start = q->len;

	if (q->depth == NETLINK_NEST_MAX) {
		q->broken = true;
		return;
	}
	netlink_put(q, type | NLA_F_NESTED, head, head_len);
	q->nest[q->depth++] = start;
}

void netlink_nest_begin(struct netlink_req *q, uint16_t type)
{
	netlink_nest_begin_with(q, type, NULL, 0);
}

void netlink_nest_end(struct netlink_req *q)
{
	struct nlattr *a;
	size_t len;

	if (q->depth == 0) {
		q->broken = true;
		return;
	}
	q->depth--;
	if (q->broken)
		return;
	len = q->len - q->nest[q->depth];
	if (len > UINT16_MAX) {
		q->broken = true;
		return;
	}
	a = (struct nlattr *) (q->buf + q->nest[q->depth]);
	a->nla_len = (uint16_t) len;
}

/* ---- sending and receiving ---- */

static int send_request(struct netlink *nl, struct netlink_req *q, uint16_t flags)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *m = (struct nlmsghdr *) q->buf;
	ssize_t n;

	if (q->broken || q->depth)
		return err_code(EMSGSIZE, "the netlink request is too long");
	m->nlmsg_len = (uint32_t) q->len;
	m->nlmsg_flags |= flags;
	m->nlmsg_seq = ++nl->seq;
	do
		n = sendto(nl->fd, q->buf, q->len, 0, (struct sockaddr *) &kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys("send a netlink request") : 0;
}

/* One datagram of the kernel's; others may send to the socket, too. */
static ssize_t receive(struct netlink *nl, void *buf)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { buf, ANSWER_MAX };
		struct msghdr msg = { .msg_name = &from,
				      .msg_namelen = sizeof(from),
				      .msg_iov = &iov,
				      .msg_iovlen = 1 };
		ssize_t n = recvmsg(nl->fd, &msg, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys("receive a netlink answer");
		if (from.nl_pid != 0)
			continue;
		if (msg.msg_flags & MSG_TRUNC)
			return err_code(EMSGSIZE, "the netlink answer is too long");
		return n;
	}
}

/* The text of an extended acknowledgement, or NULL. */
static const char *find_words(const struct nlmsghdr *m)
{
	const struct nlmsgerr *e = NLMSG_DATA(m);
	size_t skip = NLMSGERR_HEADER;

	if (!(m->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(m->nlmsg_flags & NLM_F_CAPPED))
		skip += NLMSG_ALIGN(e->msg.nlmsg_len) - NLMSG_HDRLEN;
	return netlink_attr_str(netlink_attr(m, skip, NLMSGERR_ATTR_MSG));
}

static int read_error(const struct nlmsghdr *m)
{
	const struct nlmsgerr *e = netlink_head(m, sizeof(*e));
	const char *words;

	if (!e || e->error > 0)
		return err_code(EBADMSG, "the netlink answer is malformed");
	if (e->error == 0)
		return 0;
	words = find_words(m);
	if (words)
		return err_code(-e->error, "%s: %s", err_describe(-e->error), words);
	return err_code(-e->error, "%s", err_describe(-e->error));
}

/* What to do with a message: 1 = the last one, 0 = go on, -errno. */
typedef int (*message_fn)(void *arg, const struct nlmsghdr *m);

static int walk(struct netlink *nl, const unsigned char *buf, size_t len, message_fn fn, void *arg)
{
	while (len >= sizeof(struct nlmsghdr)) {
		const struct nlmsghdr *m = (const struct nlmsghdr *) buf;
		size_t step;
		int r = 0;

		if (m->nlmsg_len < sizeof(*m) || m->nlmsg_len > len)
			return err_code(EBADMSG, "the netlink answer is malformed");
		if (m->nlmsg_seq == nl->seq)
			r = fn(arg, m);
		if (r != 0)
			return r;
		step = NLMSG_ALIGN(m->nlmsg_len);
		step = step < len ? step : len;
		buf += step;
		len -= step;
	}
	return 0;
}

static int exchange(struct netlink *nl, struct netlink_req *q, uint16_t flags, message_fn fn,
		    void *arg)
{
	autofree unsigned char *buf = NULL;
	int r = send_request(nl, q, flags);

	if (r < 0)
		return r;
	buf = xmalloc(ANSWER_MAX);
	while (r == 0) {
		ssize_t n = receive(nl, buf);

		if (n < 0)
			return (int) n;
		r = walk(nl, buf, (size_t) n, fn, arg);
	}
	return r < 0 ? r : 0;
}

static int take_ack(void *arg, const struct nlmsghdr *m)
{
	int r;

	(void) arg;
	if (m->nlmsg_type != NLMSG_ERROR)
		return 0;
	r = read_error(m);
	return r < 0 ? r : 1;
}

int netlink_ask(struct netlink *nl, struct netlink_req *q)
{
	return exchange(nl, q, NLM_F_ACK, take_ack, NULL);
}

static int take_answer(void *arg, const struct nlmsghdr *m)
{
	struct nlmsghdr **ret = arg;
	int r;

	if (m->nlmsg_type == NLMSG_ERROR) {
		r = read_error(m);
		return r < 0 ? r : err_code(EBADMSG, "the netlink answer is empty");
	}
	*ret = xmemdup(m, m->nlmsg_len);
	return 1;
}

int netlink_get(struct netlink *nl, struct netlink_req *q, struct nlmsghdr **ret)
{
	return exchange(nl, q, 0, take_answer, ret);
}

/* ---- lists ---- */

struct dump {
	struct strbuf all; /* the messages, each aligned */
	bool torn;	   /* changed while it was read */
};

static int take_part(void *arg, const struct nlmsghdr *m)
{
	static const char zero[NLMSG_ALIGNTO];
	struct dump *d = arg;
	int r;

	if (m->nlmsg_flags & NLM_F_DUMP_INTR)
		d->torn = true;
	if (m->nlmsg_type == NLMSG_DONE) {
		const int *code = netlink_head(m, sizeof(*code));

		if (code && *code < 0)
			return err_code(-*code, "%s", err_describe(-*code));
		return 1;
	}
	if (m->nlmsg_type == NLMSG_ERROR) {
		r = read_error(m);
		return r < 0 ? r : 1;
	}
	strbuf_add_n(&d->all, (const char *) m, m->nlmsg_len);
	strbuf_add_n(&d->all, zero, NLMSG_ALIGN(m->nlmsg_len) - m->nlmsg_len);
	return 0;
}

static int each_message(const struct strbuf *all, netlink_each_fn fn, void *arg)
{
	for (size_t at = 0; at < all->len;) {
		const struct nlmsghdr *m = (const struct nlmsghdr *) (all->s + at);
		int r = fn(arg, m);

		if (r < 0)
			return r;
		at += NLMSG_ALIGN(m->nlmsg_len);
	}
	return 0;
}

int netlink_dump(struct netlink *nl, struct netlink_req *q, netlink_each_fn fn, void *arg)
{
	for (int i = 0; i < DUMP_TRIES; i++) {
		struct dump d = { .all = STRBUF_INIT };
		int r = exchange(nl, q, NLM_F_DUMP, take_part, &d);

		if (r == 0 && !d.torn)
			r = each_message(&d.all, fn, arg);
		strbuf_clear(&d.all);
		if (r < 0 || !d.torn)
			return r;
	}
	return err_code(EAGAIN, "the netlink list changes all the time");
}

/* ---- attributes ---- */

const void *netlink_head(const struct nlmsghdr *m, size_t head_len)
{
	return m->nlmsg_len < NLMSG_HDRLEN + head_len ? NULL : NLMSG_DATA(m);
}

/* The first attribute of [p, p + len), or NULL when there is no whole one. */
static const struct nlattr *attr_at(const unsigned char *p, size_t len)
{
	const struct nlattr *a = (const struct nlattr *) p;

	if (len < NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > len)
		return NULL;
	return a;
}

static void each_attr(const unsigned char *p, size_t len, netlink_attr_fn fn, void *arg)
{
	const struct nlattr *a;

	while ((a = attr_at(p, len))) {
		size_t step = NLA_ALIGN(a->nla_len);

		fn(arg, a->nla_type & NLA_TYPE_MASK, netlink_attr_data(a), netlink_attr_len(a));
		if (step >= len)
			return;
		p += step;
		len -= step;
	}
}

struct find {
	uint16_t type;
	const void *data;
};

static void match(void *arg, uint16_t type, const void *data, size_t len)
{
	struct find *f = arg;

	(void) len;
	if (type == f->type && !f->data)
		f->data = data;
}

static const struct nlattr *find_attr(const unsigned char *p, size_t len, uint16_t type)
{
	struct find f = { .type = type };

	each_attr(p, len, match, &f);
	return f.data ? (const struct nlattr *) ((const char *) f.data - NLA_HDRLEN) : NULL;
}

void netlink_each_attr(const struct nlmsghdr *m, size_t head_len, netlink_attr_fn fn, void *arg)
{
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(head_len);

	if (m->nlmsg_len > skip)
		each_attr((const unsigned char *) m + skip, m->nlmsg_len - skip, fn, arg);
}

const struct nlattr *netlink_attr(const struct nlmsghdr *m, size_t head_len, uint16_t type)
{
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(head_len);

	if (m->nlmsg_len <= skip)
		return NULL;
	return find_attr((const unsigned char *) m + skip, m->nlmsg_len - skip, type);
}

const struct nlattr *netlink_attr_in(const struct nlattr *outer, uint16_t type)
{
	if (!outer)
		return NULL;
	return find_attr(netlink_attr_data(outer), netlink_attr_len(outer), type);
}

int netlink_attr_u32(const struct nlattr *a, uint32_t *ret)
{
	if (!a || netlink_attr_len(a) != sizeof(*ret))
		return -EINVAL;
	memcpy(ret, netlink_attr_data(a), sizeof(*ret));
	return 0;
}

const char *netlink_attr_str(const struct nlattr *a)
{
	const char *s;

	if (!a)
		return NULL;
	s = netlink_attr_data(a);
	return memchr(s, '\0', netlink_attr_len(a)) ? s : NULL;
}
