/* SPDX-License-Identifier: Apache-2.0 */
/* What only Proxmox VE has: nodes to make, features that cannot be carried, data of management. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

static void map_node(struct lxc_map *m, const struct lxc_node *node)
{
	struct oci_linux *l = m->oci->linux;
	autofree char *pointer = report_pointer("/linux/devices/%zu", l->devices_len);
	struct lxc_device_range range;
	int r = m->host->stat_node ? m->host->stat_node(m->host->arg, node->path, &range) : -ENOSYS;

	if (r < 0) {
		diag_add(m->diag, "LXC-E003", node->pos, "dev", "look at device '%s': %s",
			 node->path, r == -ENOTTY ? "it is none" : strerror(-r));
		return;
	}
	l->devices = xreallocarray(l->devices, l->devices_len + 1, sizeof(*l->devices));
	l->devices[l->devices_len++] = (struct oci_device){
		.path = xstrdup(node->path),
		.type = xasprintf("%c", range.type),
		.major = range.major,
		.has_major = true,
		.minor = range.minor,
		.has_minor = true,
		.file_mode = node->mode,
		.has_file_mode = true,
		.uid = node->uid,
		.has_uid = true,
		.gid = node->gid,
		.has_gid = true,
	};
	report_kept(m->report, node->pos, pointer, NULL);
}

void map_pve(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;

	for (size_t i = 0; i < c->nodes.len; i++)
		map_node(m, &c->nodes.v[i]);
	for (size_t i = 0; i < c->pve_lost.len; i++)
		map_lost(m, c->pve_lost.v[i].pos, c->pve_lost.v[i].key, "LXC-W109", "%s",
			 c->pve_lost.v[i].value);
	for (size_t i = 0; i < c->pve_data.len; i++) {
		autofree char *name = xasprintf("org.hako.pve.%s", c->pve_data.v[i].key);
		autofree char *pointer = report_pointer("/annotations/%s", name);

		map_annotate(m, name, c->pve_data.v[i].value);
		report_kept(m->report, c->pve_data.v[i].pos, pointer,
			    "management data, without effect");
	}
}
