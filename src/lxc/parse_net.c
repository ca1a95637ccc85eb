/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/parse_net.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>

#include "base/alloc.h"
#include "base/table.h"

#define VLAN_ID_MAX 4094

static const struct name_value types[] = {
	{ "none", LXC_NET_NONE },	{ "empty", LXC_NET_EMPTY },   { "veth", LXC_NET_VETH },
	{ "macvlan", LXC_NET_MACVLAN }, { "ipvlan", LXC_NET_IPVLAN }, { "vlan", LXC_NET_VLAN },
	{ "phys", LXC_NET_PHYS },
};

static bool is_clear(const struct lxc_setting *s)
{
	return *s->value == '\0';
}

/* --- the list of interfaces --- */

static struct lxc_net *find_net(struct lxc_config *c, uint32_t index)
{
	for (size_t i = 0; i < c->nets.len; i++) {
		if (c->nets.v[i].index == index)
			return &c->nets.v[i];
	}
	return NULL;
}

static struct lxc_net *add_net(struct lxc_config *c, uint32_t index, struct lxc_pos pos)
{
	struct lxc_net *n;
	size_t at;

	MODEL_ADD(&c->nets);
	for (at = c->nets.len - 1; at > 0 && c->nets.v[at - 1].index > index; at--)
		c->nets.v[at] = c->nets.v[at - 1];
	n = &c->nets.v[at];
	*n = (struct lxc_net){ .index = index, .pos = pos };
	return n;
}

static void clear_net(struct lxc_parser *p, struct lxc_net *n, struct lxc_pos by)
{
	for (size_t i = 0; i < n->lines.len; i++)
		parse_cleared(p, n->lines.v[i], by);
	model_net_clear(n);
}

int store_net_all(struct lxc_parser *p, const struct lxc_setting *s)
{
	for (size_t i = 0; i < p->c->nets.len; i++)
		clear_net(p, &p->c->nets.v[i], s->pos);
	p->c->nets.len = 0;
	p->legacy_net = -1;
	return 0;
}

int store_net_one(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_nets *nets = &p->c->nets;
	struct lxc_net *n = find_net(p->c, s->index);

	if (!n)
		return 0;
	clear_net(p, n, s->pos);
	nets->len--;
	memmove(n, n + 1, (size_t) (nets->v + nets->len - n) * sizeof(*n));
	return 0;
}

static int wrong_type(struct lxc_parser *p, const struct lxc_setting *s, const struct lxc_net *n)
{
	const char *now = model_net_type_name(n->type);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!(s->key->net_types & 1u << types[i].value))
			continue;
		parse_diag(p, "LXC-E003", s, "works with type %s only, and interface %u is %s",
			   types[i].name, n->index, now ? now : "without a type");
	}
	return -EINVAL;
}

int parse_net_sub(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_net *n = find_net(p->c, s->index);
	struct lxc_setting one = *s;

	if (!n && is_clear(s)) {
		parse_diag(p, "LXC-E003", s, "there is no interface %u to clear something of",
			   s->index);
		return -EINVAL;
	}
	if (!n)
		n = add_net(p->c, s->index, s->pos);
	if (s->key->net_types && !is_clear(s) && !(s->key->net_types & 1u << n->type))
		return wrong_type(p, s, n);
	one.base = n;
	if (s->key->store(p, &one) < 0)
		return -EINVAL;
	*MODEL_ADD(&n->lines) = s->pos;
	return 0;
}

int store_net_type(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_net *n = s->base;
	const struct lxc_net old = *n;
	int64_t type;

	if (is_clear(s)) {
		n->type = LXC_NET_UNSET;
		return 0;
	}
	if (!TABLE_FIND(types, s->value, &type)) {
		parse_diag(p, "LXC-E003", s, "unknown type '%s'", s->value);
		diag_hint(p->d, "one of none empty veth macvlan ipvlan vlan phys");
		return -EINVAL;
	}
	if (old.lines.len &&
	    parse_diag(p, "LXC-W103", s,
		       "erases the %zu lines above that speak of interface %u, from %s:%u on",
		       old.lines.len, n->index, model_file_name(&p->c->files, old.lines.v[0]),
		       old.lines.v[0].line) < 0)
		return -EINVAL;
	clear_net(p, n, s->pos);
	*n = (struct lxc_net){ .index = old.index,
			       .pos = s->pos,
			       .type = (enum lxc_net_type) type };
	return 0;
}

void parse_net_check_whole(struct lxc_parser *p)
{
	for (size_t i = 0; i < p->c->nets.len; i++) {
		const struct lxc_net *n = &p->c->nets.v[i];

		if (n->type != LXC_NET_UNSET || n->lines.len == 0)
			continue;
		diag_add(p->d, "LXC-E003", n->pos, NULL,
			 "interface %u has no type: LXC cannot start this", n->index);
		diag_hint(p->d, "set lxc.net.%u.type above its other lines", n->index);
		parse_set_fate(p, n->pos, LXC_LINE_FAILED, NULL);
	}
}

/* --- names, MAC address, state --- */

static int set_str(struct lxc_parser *p, const struct lxc_setting *s, const char *text, size_t len)
{
	autofree char *copy = xstrndup(text, len);
	struct lxc_setting one = *s;

	one.value = copy;
	return store_str(p, &one);
}

int store_net_ifname(struct lxc_parser *p, const struct lxc_setting *s)
{
	size_t len = strlen(s->value);

	if (strchr(s->value, '/') || strchr(s->value, ' ') || str_eq(s->value, ".") ||
	    str_eq(s->value, ".."))
		return parse_diag(p, "LXC-E003", s, "'%s' is not the name of an interface",
				  s->value);
	if (len < IFNAMSIZ)
		return store_str(p, s);
	if (parse_diag(p, "LXC-W102", s, "LXC cuts '%s' to %d bytes", s->value, IFNAMSIZ - 1) < 0)
		return -EINVAL;
	return set_str(p, s, s->value, IFNAMSIZ - 1);
}

int store_net_up(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_setting one = *s;

	if (!is_clear(s) && strcmp(s->value, "up") != 0 &&
	    parse_diag(p, "LXC-W102", s, "any text means up, '%s' too", s->value) < 0)
		return -EINVAL;
	one.value = is_clear(s) ? "" : "1";
	return store_bool(p, &one);
}

/* Six groups of one or two hexadecimal digits; x stands for a digit to be rolled. */
static bool is_hwaddr(const char *s)
{
	for (int group = 0; group < 6; group++) {
		size_t len = strcspn(s, ":");

		if (len < 1 || len > 2)
			return false;
		for (size_t i = 0; i < len; i++) {
			if (!isxdigit((unsigned char) s[i]) && s[i] != 'x' && s[i] != 'X')
				return false;
		}
		s += len;
		if (*s != (group < 5 ? ':' : '\0'))
			return false;
		s += *s == ':';
	}
	return true;
}

int store_net_hwaddr(struct lxc_parser *p, const struct lxc_setting *s)
{
	autofree char *lower = xstrdup(s->value);
	struct lxc_setting one = *s;

	if (!is_clear(s) && !is_hwaddr(s->value))
		return parse_diag(p, "LXC-E003", s, "'%s' is not a MAC address", s->value);
	for (char *c = lower; *c; c++)
		*c = (char) tolower((unsigned char) *c);
	one.value = lower;
	return store_str(p, &one);
}

/* --- addresses --- */

static void clear_addrs(struct lxc_parser *p, struct lxc_net_addrs *list, struct lxc_pos by)
{
	for (size_t i = 0; i < list->len; i++) {
		parse_cleared(p, list->v[i].pos, by);
		free(list->v[i].addr);
		free(list->v[i].bcast);
	}
	list->len = 0;
}

/* The network class of old: what an address without a prefix belongs to. */
static unsigned int class_prefix(struct in_addr a)
{
	uint32_t host = ntohl(a.s_addr);

	if (!(host & 0x80000000u))
		return 8;
	if ((host & 0xc0000000u) == 0x80000000u)
		return 16;
	return (host & 0xe0000000u) == 0xc0000000u ? 24 : 0;
}

/* The text of an address in its normal form; heap, or NULL. */
static char *normal_addr(int family, const char *text)
{
	unsigned char raw[sizeof(struct in6_addr)];
	char normal[INET6_ADDRSTRLEN];

	if (inet_pton(family, text, raw) != 1 || !inet_ntop(family, raw, normal, sizeof(normal)))
		return NULL;
	return xstrdup(normal);
}

static char *default_bcast(const char *addr, unsigned int prefix)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr a;

	if (prefix >= 31 || inet_pton(AF_INET, addr, &a) != 1)
		return NULL;
	a.s_addr |= htonl(0xffffffffu >> prefix);
	return xstrdup(inet_ntop(AF_INET, &a, text, sizeof(text)));
}

static int bad_addr(struct lxc_parser *p, const struct lxc_setting *s, int family, const char *text)
{
	return parse_diag(p, "LXC-E003", s, "'%s' is not an IPv%d address", text,
			  family == AF_INET ? 4 : 6);
}

/* Cuts "/P" off; -ENOENT when there is none. */
static int cut_prefix(struct lxc_parser *p, const struct lxc_setting *s, char *text,
		      unsigned int max, unsigned int *ret)
{
	autovalue_error struct value_error e = { 0 };
	char *slash = strchr(text, '/');
	uint64_t n;

	if (!slash)
		return -ENOENT;
	*slash = '\0';
	if (value_uint(slash + 1, max, &n, &e) < 0)
		return parse_bad_value(p, s, &e);
	*ret = (unsigned int) n;
	return 0;
}

/* "A[/P]" of either family. need_prefix for routes. */
static int read_addr(struct lxc_parser *p, const struct lxc_setting *s, int family,
		     bool need_prefix, struct lxc_net_addr *ret)
{
	autofree char *text = xstrdup(s->value);
	char *bcast = family == AF_INET && !need_prefix ? strchr(text, ' ') : NULL;
	struct lxc_net_addr a = { .pos = s->pos };
	struct in_addr raw;
	int r;

	if (bcast)
		*bcast++ = '\0';
	r = cut_prefix(p, s, text, family == AF_INET ? 32 : 128, &a.prefix);
	if (r == -EINVAL)
		return r;
	if (r == -ENOENT && need_prefix)
		return parse_diag(p, "LXC-E003", s, "the prefix is missing in '%s'", s->value);
	a.addr = normal_addr(family, text);
	if (!a.addr)
		return bad_addr(p, s, family, text);
	if (r == -ENOENT)
		a.prefix = family == AF_INET6		      ? 64
			   : inet_pton(AF_INET, a.addr, &raw) ? class_prefix(raw)
							      : 0;
	if (bcast) {
		a.bcast = normal_addr(AF_INET, bcast);
		if (!a.bcast) {
			free(a.addr);
			return bad_addr(p, s, family, bcast);
		}
	} else if (family == AF_INET && !need_prefix) {
		a.bcast = default_bcast(a.addr, a.prefix);
	}
	*ret = a;
	return 0;
}

static int add_addr(struct lxc_parser *p, const struct lxc_setting *s, int family, bool need_prefix)
{
	struct lxc_net_addrs *list = SETTING_FIELD(struct lxc_net_addrs, s);
	struct lxc_net_addr a;

	if (is_clear(s)) {
		clear_addrs(p, list, s->pos);
		return 0;
	}
	if (read_addr(p, s, family, need_prefix, &a) < 0)
		return -EINVAL;
	*MODEL_ADD(list) = a;
	return 0;
}

int store_net_addr4(struct lxc_parser *p, const struct lxc_setting *s)
{
	return add_addr(p, s, AF_INET, false);
}

int store_net_addr6(struct lxc_parser *p, const struct lxc_setting *s)
{
	return add_addr(p, s, AF_INET6, false);
}

int store_net_route4(struct lxc_parser *p, const struct lxc_setting *s)
{
	return add_addr(p, s, AF_INET, true);
}

int store_net_route6(struct lxc_parser *p, const struct lxc_setting *s)
{
	return add_addr(p, s, AF_INET6, true);
}

static int set_gw(struct lxc_parser *p, const struct lxc_setting *s, int family)
{
	struct lxc_net_gw *gw = SETTING_FIELD(struct lxc_net_gw, s);
	const struct lxc_net *n = s->base;
	autofree char *addr = NULL;

	if (is_clear(s)) {
		parse_cleared(p, gw->pos, s->pos);
		parse_cleared(p, gw->dev_pos, s->pos);
		free(gw->addr);
		*gw = (struct lxc_net_gw){ .pos = s->pos };
		return 0;
	}
	if (str_eq(s->value, "dev")) {
		parse_replaced(p, gw->pos, s->pos);
		parse_replaced(p, gw->dev_pos, s->pos);
		gw->dev = true;
		gw->dev_pos = s->pos;
		return 0;
	}
	if (str_eq(s->value, "auto") && n->type != LXC_NET_VETH && n->type != LXC_NET_MACVLAN)
		return parse_diag(p, "LXC-E003", s,
				  "'auto' works with types veth and macvlan only");
	if (!str_eq(s->value, "auto")) {
		addr = normal_addr(family, s->value);
		if (!addr)
			return bad_addr(p, s, family, s->value);
	}
	if (gw->dev && parse_diag(p, "LXC-W102", s, "the device route of line %u stays in force",
				  gw->dev_pos.line) < 0)
		return -EINVAL;
	parse_replaced(p, gw->pos, s->pos);
	free(gw->addr);
	gw->addr = take_ptr(&addr);
	gw->automatic = !gw->addr;
	gw->pos = s->pos;
	if (gw->dev)
		parse_set_fate(p, s->pos, LXC_LINE_IGNORED,
			       "LXC keeps the device route set before");
	return 0;
}

int store_net_gw4(struct lxc_parser *p, const struct lxc_setting *s)
{
	return set_gw(p, s, AF_INET);
}

int store_net_gw6(struct lxc_parser *p, const struct lxc_setting *s)
{
	return set_gw(p, s, AF_INET6);
}

/* --- VLANs, queues --- */

static int read_vlan(struct lxc_parser *p, const struct lxc_setting *s, uint64_t *ret)
{
	autovalue_error struct value_error e = { 0 };

	return value_uint(s->value, VLAN_ID_MAX, ret, &e) < 0 ? parse_bad_value(p, s, &e) : 0;
}

int store_net_vlan_id(struct lxc_parser *p, const struct lxc_setting *s)
{
	uint64_t id;

	if (!is_clear(s) && read_vlan(p, s, &id) < 0)
		return -EINVAL;
	return store_uint(p, s);
}

int store_net_veth_vlan(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_net_vlan *vlan = SETTING_FIELD(struct lxc_net_vlan, s);
	bool none = str_eq(s->value, "none");
	uint64_t id = 0;

	if (!is_clear(s) && !none && read_vlan(p, s, &id) < 0)
		return -EINVAL;
	if (is_clear(s))
		parse_cleared(p, vlan->pos, s->pos);
	else
		parse_replaced(p, vlan->pos, s->pos);
	*vlan = (struct lxc_net_vlan){
		.has = !is_clear(s), .none = none, .id = (uint16_t) id, .pos = s->pos
	};
	return 0;
}

int store_net_veth_tagged(struct lxc_parser *p, const struct lxc_setting *s)
{
	struct lxc_net *n = s->base;
	uint64_t id;

	if (is_clear(s)) {
		for (size_t i = 0; i < n->veth_tagged.len; i++)
			parse_cleared(p, n->veth_tagged.v[i].pos, s->pos);
		n->veth_tagged.len = 0;
		return 0;
	}
	if (read_vlan(p, s, &id) < 0)
		return -EINVAL;
	*MODEL_ADD(&n->veth_tagged) =
		(struct lxc_net_vlan){ .has = true, .id = (uint16_t) id, .pos = s->pos };
	return 0;
}

int store_net_queues(struct lxc_parser *p, const struct lxc_setting *s)
{
	autovalue_error struct value_error e = { 0 };
	int64_t n;

	if (!is_clear(s) && value_int(s->value, 1, INT32_MAX, &n, &e) < 0)
		return parse_bad_value(p, s, &e);
	return store_uint(p, s);
}
