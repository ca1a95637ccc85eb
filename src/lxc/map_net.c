/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces: the plan that `hako hook net` carries out. The network namespace is map_ns.c's. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"
#include "lxc/netplan.h"

#define PLAN_POINTER "/annotations/" NETPLAN_ANNOTATION

static void keep_lines(struct lxc_map *m, const struct lxc_net *net, const char *pointer,
		       const char *note)
{
	report_kept(m->report, net->pos, pointer, note);
	for (size_t i = 0; i < net->lines.len; i++)
		report_kept(m->report, net->lines.v[i], pointer, note);
}

static char *copy(const struct lxc_str *s)
{
	return s->s ? xstrdup(s->s) : NULL;
}

static char *word(const struct lxc_str *s, const char *unset)
{
	return xstrdup(s->s ? s->s : unset);
}

/* --- MAC addresses --- */

/*
 * The digits of a template are the container's for good: from what tells this machine, this
 * container and this interface from others, so that converting again gives the same address (and
 * the same lease), and another host another one.
 */
static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; *s; s++)
		h = (h ^ (unsigned char) *s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static char *roll_hwaddr(struct lxc_map *m, const struct lxc_net *net)
{
	autofree char *machine = NULL, *index = xasprintf("%u", net->index);
	char *addr = copy(&net->hwaddr);
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	if (!addr || !strchr(addr, 'x'))
		return addr;
	if (m->host->machine_id && m->host->machine_id(m->host->arg, &machine) == 0)
		h = hash_text(h, machine);
	h = mix(hash_text(hash_text(hash_text(h, m->name), index), addr));
	for (char *c = addr; *c; c++) {
		/* the address of one interface has an even first octet */
		bool group_bit = c < addr + 2 && (c[1] == ':' || c == addr + 1);

		if (*c != 'x')
			continue;
		*c = "0123456789abcdef"[h & (group_bit ? 0xe : 0xf)];
		h = h >> 4 | h << 60;
	}
	report_changed(m->report, net->hwaddr.pos, PLAN_POINTER, "rolled once: %s", addr);
	return addr;
}

/* --- the plan --- */

static struct oci_net_address *addresses(const struct lxc_net_addrs *from, size_t *ret_len)
{
	struct oci_net_address *v;

	if (!from->len)
		return NULL;
	v = xnew_n(struct oci_net_address, from->len);
	for (size_t i = 0; i < from->len; i++) {
		v[i] = (struct oci_net_address){
			.addr = xstrdup(from->v[i].addr),
			.prefix = from->v[i].prefix,
			.has_prefix = true,
			.bcast = from->v[i].bcast ? xstrdup(from->v[i].bcast) : NULL,
		};
	}
	*ret_len = from->len;
	return v;
}

static char *gateway(const struct lxc_net_gw *gw)
{
	if (gw->dev)
		return NULL;
	if (gw->automatic)
		return xstrdup("auto");
	return gw->addr ? xstrdup(gw->addr) : NULL;
}

static void plan_gateways(const struct lxc_net *net, struct oci_net_interface *n)
{
	n->gw4 = gateway(&net->gw4);
	n->gw6 = gateway(&net->gw6);
	n->gw4dev = n->has_gw4dev = net->gw4.dev;
	n->gw6dev = n->has_gw6dev = net->gw6.dev;
}

static struct oci_net_veth *plan_veth(const struct lxc_net *net)
{
	struct oci_net_veth *v = xnew(struct oci_net_veth);

	v->mode = word(&net->veth_mode, "bridge");
	v->pair = copy(&net->veth_pair);
	v->has_vlan = net->veth_vlan.has;
	v->vlan = net->veth_vlan.none ? -1 : net->veth_vlan.id;
	if (net->veth_tagged.len) {
		v->tagged_len = net->veth_tagged.len;
		v->tagged = xnew_n(uint32_t, v->tagged_len);
		for (size_t i = 0; i < v->tagged_len; i++)
			v->tagged[i] = net->veth_tagged.v[i].id;
	}
	v->routes4 = addresses(&net->veth_routes4, &v->routes4_len);
	v->routes6 = addresses(&net->veth_routes6, &v->routes6_len);
	v->rxq = (uint32_t) net->veth_rxq.n;
	v->has_rxq = net->veth_rxq.has && net->veth_rxq.n;
	v->txq = (uint32_t) net->veth_txq.n;
	v->has_txq = net->veth_txq.has && net->veth_txq.n;
	return v;
}

static void plan_type(const struct lxc_net *net, struct oci_net_interface *n)
{
	switch (net->type) {
	case LXC_NET_VETH:
		n->veth = plan_veth(net);
		break;
	case LXC_NET_MACVLAN:
		n->macvlan = xnew(struct oci_net_macvlan);
		n->macvlan->mode = word(&net->macvlan_mode, "private");
		break;
	case LXC_NET_IPVLAN:
		n->ipvlan = xnew(struct oci_net_ipvlan);
		n->ipvlan->mode = word(&net->ipvlan_mode, "l3");
		n->ipvlan->isolation = word(&net->ipvlan_isolation, "bridge");
		break;
	case LXC_NET_VLAN:
		n->vlan = xnew(struct oci_net_vlan);
		n->vlan->id = (uint32_t) net->vlan_id.n;
		n->vlan->has_id = true;
		break;
	case LXC_NET_UNSET:
	case LXC_NET_NONE:
	case LXC_NET_EMPTY:
	case LXC_NET_PHYS:
		break;
	}
}

static struct oci_net_script *plan_script(struct lxc_map *m, const struct lxc_net *net)
{
	struct oci_net_script *s;

	if (!net->script_up.s && !net->script_down.s)
		return NULL;
	s = xnew(struct oci_net_script);
	s->up = copy(&net->script_up);
	s->down = copy(&net->script_down);
	s->version = (uint32_t) m->c->hook_version.n;
	s->has_version = m->c->hook_version.has;
	return s;
}

/* LXC does nothing with the other keys of an interface that there is none of. */
static bool is_for_empty(const struct lxc_net *net, struct lxc_pos pos)
{
	return lxc_pos_eq(pos, net->pos) || lxc_pos_eq(pos, net->up.pos) ||
	       lxc_pos_eq(pos, net->script_up.pos) || lxc_pos_eq(pos, net->script_down.pos);
}

static void map_empty(struct lxc_map *m, const struct lxc_net *net)
{
	if (!lxc_bool_get(&net->up, false))
		diag_add(m->diag, "LXC-I301", net->pos, "lxc.net",
			 "LXC leaves the loopback down here, runtimes bring it up");
	report_kept(m->report, net->pos, "/linux/namespaces", NULL);
	for (size_t i = 0; i < net->lines.len; i++) {
		bool used = is_for_empty(net, net->lines.v[i]);

		report_kept(m->report, net->lines.v[i], used ? "/linux/namespaces" : NULL,
			    used ? NULL : "without effect in LXC: there is no interface");
	}
}

/* Where an interface of the plan came from, for messages. */
struct source {
	struct lxc_map *m;
	const struct lxc_net **nets;
};

static struct lxc_pos list_pos(const struct lxc_net_addrs *list, const char *field)
{
	size_t i = (size_t) strtoul(strchr(field, '[') + 1, NULL, 10);

	return i < list->len ? list->v[i].pos : (struct lxc_pos){ 0 };
}

/* The line that set a field of the plan. */
static struct lxc_pos field_pos(const struct lxc_net *net, const char *field)
{
	const struct {
		const char *field;
		struct lxc_pos pos;
	} one[] = {
		{ "link", net->link.pos },
		{ "name", net->name.pos },
		{ "hwaddr", net->hwaddr.pos },
		{ "mtu", net->mtu.pos },
		{ "gw4", net->gw4.pos },
		{ "gw6", net->gw6.pos },
		{ "gw4dev", net->gw4.dev_pos },
		{ "gw6dev", net->gw6.dev_pos },
		{ "l2proxy", net->l2proxy.pos },
		{ "veth.pair", net->veth_pair.pos },
		{ "veth.vlan", net->veth_vlan.pos },
		{ "veth.mode", net->veth_mode.pos },
	};
	const struct {
		const char *start;
		const struct lxc_net_addrs *list;
	} lists[] = {
		{ "ipv4[", &net->ipv4 },
		{ "ipv6[", &net->ipv6 },
		{ "veth.routes4[", &net->veth_routes4 },
		{ "veth.routes6[", &net->veth_routes6 },
	};
	struct lxc_pos pos = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(one); i++) {
		if (str_eq(field, one[i].field))
			pos = one[i].pos;
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (str_starts(field, lists[i].start))
			pos = list_pos(lists[i].list, field);
	}
	if (str_eq(field, "veth.tagged") && net->veth_tagged.len)
		pos = net->veth_tagged.v[0].pos;
	return pos.line ? pos : net->pos;
}

static void tell_fault(void *arg, size_t i, const char *field, const char *text)
{
	const struct source *s = arg;
	const struct lxc_net *net = s->nets[i];
	autofree char *key = xasprintf("lxc.net.%u", net->index);

	diag_add(s->m->diag, "LXC-E003", field_pos(net, field), key, "%s", text);
}

static struct oci_net_interface *add_interface(struct oci_net *plan)
{
	plan->interfaces =
		xreallocarray(plan->interfaces, plan->interfaces_len + 1, sizeof *plan->interfaces);
	plan->interfaces[plan->interfaces_len] = (struct oci_net_interface){ 0 };
	return &plan->interfaces[plan->interfaces_len++];
}

static void plan_interface(struct lxc_map *m, const struct lxc_net *net, struct oci_net *plan)
{
	struct oci_net_interface *n = add_interface(plan);

	n->index = net->index;
	n->has_index = true;
	n->type = xstrdup(model_net_type_name(net->type));
	n->script = plan_script(m, net);
	if (net->type == LXC_NET_EMPTY)
		return;
	keep_lines(m, net, PLAN_POINTER, NULL);
	n->link = copy(&net->link);
	if (net->type == LXC_NET_PHYS && n->link && str_ends(n->link, "+"))
		report_kept(m->report, net->link.pos, PLAN_POINTER,
			    "the last interface of the host whose name begins so, looked up at "
			    "every start");
	n->name = copy(&net->name);
	n->up = lxc_bool_get(&net->up, false);
	n->has_up = net->up.has;
	n->hwaddr = roll_hwaddr(m, net);
	n->mtu = (uint32_t) net->mtu.n;
	n->has_mtu = net->mtu.has && net->mtu.pos.line;
	n->ipv4 = addresses(&net->ipv4, &n->ipv4_len);
	n->ipv6 = addresses(&net->ipv6, &n->ipv6_len);
	plan_gateways(net, n);
	n->l2proxy = lxc_bool_get(&net->l2proxy, false);
	n->has_l2proxy = net->l2proxy.has;
	plan_type(net, n);
}

/* Not planned: nothing to make, or nothing to make it in. */
static bool is_planned(struct lxc_map *m, const struct lxc_net *net)
{
	bool own = m->ns_new[LXC_NS_NET] && !m->ns_named[LXC_NS_NET];

	if (net->type == LXC_NET_UNSET) {
		diag_add(m->diag, "LXC-E003", net->pos, "lxc.net",
			 "interface %u has no type: LXC does not start", net->index);
		return false;
	}
	if (net->type == LXC_NET_NONE) {
		keep_lines(m, net, "/linux/namespaces",
			   own ? "beside other interfaces it does nothing" : "the host's network");
		return false;
	}
	if (!own) {
		keep_lines(m, net, NULL,
			   "without effect in LXC: the container has no network namespace of its "
			   "own");
		return false;
	}
	if (net->type == LXC_NET_EMPTY)
		map_empty(m, net);
	return net->type != LXC_NET_EMPTY || net->script_up.s || net->script_down.s;
}

/* Scripts are told what LXC's hooks are told. */
static void add_env(struct lxc_map *m, const struct oci_net *plan, struct oci_hook *hook)
{
	struct strv env = { NULL, 0 };
	bool scripts = false;

	for (size_t i = 0; i < plan->interfaces_len; i++)
		scripts = scripts || plan->interfaces[i].script;
	if (!scripts)
		return;
	map_hook_env(m, &env);
	map_strs_take(&hook->env, &hook->env_len, &env);
}

static void write_plan(struct lxc_map *m, const struct oci_net *plan)
{
	autofree char *text = netplan_format(plan);

	map_annotate(m, NETPLAN_ANNOTATION, text);
	add_env(m, plan, map_hook_self(m, MAP_CREATE_RUNTIME, "net", NULL));
	add_env(m, plan, map_hook_self(m, MAP_POSTSTOP, "net", "down", NULL));
	report_added(m->report, "/hooks/createRuntime", "makes the interfaces of lxc.net");
	report_added(m->report, "/hooks/poststop", "takes them down");
}

void map_net(struct lxc_map *m)
{
	const struct lxc_nets *nets = &m->c->nets;
	autofree const struct lxc_net **planned = xnew_n(const struct lxc_net *, nets->len + 1);
	auto_call(oci_net_free) struct oci_net *plan = xnew(struct oci_net);
	struct source source = { m, planned };

	if (m->ns_new[LXC_NS_NET] && !m->ns_named[LXC_NS_NET] && !nets->len)
		diag_add(m->diag, "LXC-I301", (struct lxc_pos){ 0 }, NULL,
			 "no lxc.net: a network namespace with the loopback alone, which LXC "
			 "leaves down and runtimes bring up");
	for (size_t i = 0; i < nets->len; i++) {
		if (!is_planned(m, &nets->v[i]))
			continue;
		planned[plan->interfaces_len] = &nets->v[i];
		plan_interface(m, &nets->v[i], plan);
	}
	netplan_check(plan, tell_fault, &source);
	if (plan->interfaces_len)
		write_plan(m, plan);
}
