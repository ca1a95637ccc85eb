/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "base/str.h"
#include "ocispec.h"
#include "runtime/plan.h"

/* The plan as one JSON object, for create --dry-run. */

static const char *const step_names[] = {
	[NS_OP_JOIN] = "join",		 [NS_OP_TRY] = "try",	       [NS_OP_RETRY] = "retry",
	[NS_OP_JOIN_PIDFD] = "attach",	 [NS_OP_UNSHARE] = "unshare",  [NS_OP_IDMAP] = "id maps",
	[NS_OP_TIMENS] = "time offsets", [NS_OP_ROOT] = "become root",
};

/* ---- pieces ---- */

/* A comma, unless this is the first of an object or array. */
static void next(struct strbuf *b)
{
	char last = b->len ? b->s[b->len - 1] : '{';

	if (last != '{' && last != '[')
		strbuf_add_c(b, ',');
}

static void key(struct strbuf *b, const char *name)
{
	next(b);
	strbuf_addf(b, "\"%s\":", name);
}

static void open_as(struct strbuf *b, const char *name, char bracket)
{
	key(b, name);
	strbuf_add_c(b, bracket);
}

static void add_item(struct strbuf *b, const char *text)
{
	next(b);
	strbuf_add_json(b, text);
}

/* Nothing for NULL. */
static void add_text(struct strbuf *b, const char *name, const char *value)
{
	if (!value)
		return;
	key(b, name);
	strbuf_add_json(b, value);
}

static void add_bool(struct strbuf *b, const char *name, bool value)
{
	key(b, name);
	strbuf_add(b, value ? "true" : "false");
}

/* ---- namespaces ---- */

static void add_flags(struct strbuf *b, const char *name, int flags)
{
	open_as(b, name, '[');
	for (int i = 0; i < NS_COUNT_; i++) {
		if (flags & ns_infos[i].flag)
			add_item(b, ns_infos[i].name);
	}
	strbuf_add_c(b, ']');
}

static void add_step(struct strbuf *b, const struct ns_plan *p, const struct ns_step *s)
{
	next(b);
	strbuf_add_c(b, '{');
	add_text(b, "op", step_names[s->op]);
	if (s->op == NS_OP_JOIN || s->op == NS_OP_TRY) {
		add_text(b, "type", ns_infos[s->type].name);
		add_text(b, "path", p->path[s->type]);
	} else if (s->flags) {
		add_flags(b, "types", s->flags);
	}
	strbuf_add_c(b, '}');
}

static void add_namespaces(struct strbuf *b, const struct ns_plan *p)
{
	open_as(b, "namespaces", '{');
	add_flags(b, "clone", p->clone_flags);
	open_as(b, "steps", '[');
	for (size_t i = 0; i < p->n_steps; i++)
		add_step(b, p, &p->steps[i]);
	strbuf_add_c(b, ']');
	add_flags(b, "late", p->late_flags);
	add_bool(b, "middleProcess", p->middle);
	strbuf_add_c(b, '}');
}

static void add_map(struct strbuf *b, const char *name, const struct oci_id_mapping *m, size_t n)
{
	open_as(b, name, '[');
	for (size_t i = 0; i < n; i++) {
		next(b);
		strbuf_addf(b, "{\"containerID\":%u,\"hostID\":%u,\"size\":%u}", m[i].container_id,
			    m[i].host_id, m[i].size);
	}
	strbuf_add_c(b, ']');
}

/* ---- files ---- */

static void add_op(struct strbuf *b, const struct mount_op *op)
{
	next(b);
	/* its own text begins an object */
	mount_op_format(op, b);
}

static void add_rootfs(struct strbuf *b, const struct launch_plan *p)
{
	static const char *const ways[] = {
		[ROOTFS_PIVOT] = "pivot",
		[ROOTFS_MOVE] = "move",
		[ROOTFS_CHROOT] = "chroot",
	};

	open_as(b, "root", '{');
	add_text(b, "path", p->rootfs.path);
	add_text(b, "enter", ways[p->rootfs.enter]);
	add_bool(b, "readonly", p->rootfs.readonly);
	if (p->rootfs.propagation)
		add_text(b, "propagation", mount_propagation_name(p->rootfs.propagation));
	if (p->rootfs.shared_inside)
		add_bool(b, "shared_inside", true);
	if (p->rootfs_idmap.source) {
		key(b, "tree");
		mount_op_format(&p->rootfs_idmap, b);
	}
	if (p->rootfs_tree.image)
		add_text(b, "image", p->rootfs_tree.image);
	if (p->rootfs_tree.overlay) {
		autofree char *overlay = oci_overlay_generate(p->rootfs_tree.overlay, 0);

		key(b, "overlay");
		strbuf_add(b, overlay);
	}
	strbuf_add_c(b, '}');
}

static void add_mounts(struct strbuf *b, const struct mount_plan *p)
{
	open_as(b, "mounts", '[');
	for (size_t i = 0; i < p->len; i++)
		add_op(b, &p->ops[i]);
	strbuf_add_c(b, ']');
}

static void add_node(struct strbuf *b, const struct dev_node *d)
{
	const char *type = d->type == S_IFBLK ? "b" : d->type == S_IFIFO ? "p" : "c";

	next(b);
	strbuf_add_c(b, '{');
	add_text(b, "path", d->path);
	add_text(b, "type", type);
	if (d->type != S_IFIFO)
		strbuf_addf(b, ",\"major\":%u,\"minor\":%u", d->major, d->minor);
	strbuf_addf(b, ",\"fileMode\":%u,\"uid\":%u,\"gid\":%u%s}", d->mode, d->uid, d->gid,
		    d->outside ? ",\"how\":\"mknod\"" : "");
}

static void add_devices(struct strbuf *b, const struct launch_plan *p)
{
	open_as(b, "devices", '{');
	add_text(b, "how", !p->make_devices ? "none" : p->bind_devices ? "bind" : "mknod");
	open_as(b, "nodes", '[');
	for (size_t i = 0; p->make_devices && i < p->devices.len; i++)
		add_node(b, &p->devices.nodes[i]);
	strbuf_add(b, "]}");
}

/* ---- process ---- */

static void add_caps(struct strbuf *b, const char *name, uint64_t set)
{
	open_as(b, name, '[');
	for (int cap = 0; cap < 64; cap++) {
		if (set & (UINT64_C(1) << cap) && caps_name(cap))
			add_item(b, caps_name(cap));
	}
	strbuf_add_c(b, ']');
}

static void add_process(struct strbuf *b, const struct launch_plan *p)
{
	if (!p->has_process)
		return;
	open_as(b, "process", '{');
	open_as(b, "capabilities", '{');
	add_caps(b, "bounding", p->caps.bounding);
	add_caps(b, "effective", p->caps.effective);
	add_caps(b, "permitted", p->caps.permitted);
	add_caps(b, "inheritable", p->caps.inheritable);
	add_caps(b, "ambient", p->caps.ambient);
	strbuf_add_c(b, '}');
	add_text(b, "apparmorProfile", p->labels.apparmor);
	add_text(b, "selinuxLabel", p->labels.selinux);
	add_text(b, "terminal", !p->terminal ? "none" : p->relay_terminal ? "relayed" : "sent");
	add_bool(b, "newKeyring", p->new_keyring);
	strbuf_add_c(b, '}');
}

static void add_net_devices(struct strbuf *b, const struct oci_net_device_map *map)
{
	open_as(b, "netDevices", '[');
	for (size_t i = 0; map && i < map->len; i++) {
		const char *inside = map->values[i].name;

		next(b);
		strbuf_add_c(b, '{');
		add_text(b, "name", map->keys[i]);
		add_text(b, "inside", str_empty(inside) ? map->keys[i] : inside);
		strbuf_add_c(b, '}');
	}
	strbuf_add_c(b, ']');
}

static void add_rdt(struct strbuf *b, const struct intelrdt_plan *p)
{
	open_as(b, "intelRdt", '{');
	add_text(b, "class", p->clos);
	add_bool(b, "own", p->own);
	add_text(b, "schemata", p->schemata);
	add_text(b, "monitoring", p->monitor);
	strbuf_add_c(b, '}');
}

char *plan_json(const struct launch_plan *p)
{
	autofree char *cgroup = cgroup_plan_json(p->cgroup);
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_add_c(&b, '{');
	add_namespaces(&b, &p->ns);
	if (p->ns.created[NS_USER]) {
		add_map(&b, "uidMappings", p->idmap.uid, p->idmap.uid_len);
		add_map(&b, "gidMappings", p->idmap.gid, p->idmap.gid_len);
	}
	key(&b, "cgroup");
	strbuf_add(&b, cgroup);
	if (p->cgroup_lent)
		add_bool(&b, "cgroupLent", true);
	add_rootfs(&b, p);
	add_mounts(&b, &p->mounts);
	add_devices(&b, p);
	open_as(&b, "writable", '[');
	for (size_t i = 0; i < p->writable_len; i++)
		add_item(&b, p->writable[i]);
	strbuf_add_c(&b, ']');
	if (p->net_devices)
		add_net_devices(&b, p->net_devices);
	if (p->rdt.clos)
		add_rdt(&b, &p->rdt);
	add_process(&b, p);
	strbuf_add(&b, "}\n");
	return strbuf_take(&b);
}
