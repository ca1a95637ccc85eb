/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces. The network namespace is map_ns.c's; here each line is accounted for. */
#include "lxc/map_internal.h"

static void keep_lines(struct lxc_map *m, const struct lxc_net *net, const char *pointer,
		       const char *note)
{
	report_kept(m->report, net->pos, pointer, note);
	for (size_t i = 0; i < net->lines.len; i++)
		report_kept(m->report, net->lines.v[i], pointer, note);
}

/* A namespace with nothing in it but the loopback, which runtimes bring up. */
static void map_empty(struct lxc_map *m, const struct lxc_net *net)
{
	if (net->script_up.s || net->script_down.s) {
		diag_add(m->diag, "LXC-W300", net->pos, "lxc.net",
			 "interface %u: its scripts are not mapped yet", net->index);
		return;
	}
	if (!lxc_bool_get(&net->up, false))
		diag_add(m->diag, "LXC-I301", net->pos, "lxc.net",
			 "LXC leaves the loopback down here, runtimes bring it up");
	keep_lines(m, net, "/linux/namespaces", NULL);
}

void map_net(struct lxc_map *m)
{
	bool own = m->ns_new[LXC_NS_NET];

	if (own && !m->c->nets.len)
		diag_add(m->diag, "LXC-I301", (struct lxc_pos){ 0 }, NULL,
			 "no lxc.net: a network namespace with the loopback alone, which LXC "
			 "leaves down and runtimes bring up");
	for (size_t i = 0; i < m->c->nets.len; i++) {
		const struct lxc_net *net = &m->c->nets.v[i];

		if (net->type == LXC_NET_UNSET)
			diag_add(m->diag, "LXC-E003", net->pos, "lxc.net",
				 "interface %u has no type: LXC does not start", net->index);
		else if (net->type == LXC_NET_NONE)
			keep_lines(m, net, "/linux/namespaces",
				   own ? "beside other interfaces it does nothing"
				       : "the host's network");
		else if (net->type == LXC_NET_EMPTY)
			map_empty(m, net);
		else
			diag_add(m->diag, "LXC-W300", net->pos, "lxc.net",
				 "interface %u (%s) is not made yet: the container has the "
				 "loopback only",
				 net->index, model_net_type_name(net->type));
	}
}
