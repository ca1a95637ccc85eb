/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_plan.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mount.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "linux/mount_cgroup.h"

/*
 * What may be mounted below /proc: the single files that lxcfs provides, the few that engines hide
 * or fake, and binfmt_misc, which has no other place. Never a directory that holds sysctls or
 * /proc/PID: a label or a sysctl written later would land in a file of somebody's choice
 * (CVE-2019-16884, CVE-2025-52881).
 */
static const char *const proc_allowed[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/fs/binfmt_misc",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/sys/kernel/random/boot_id",
	"/proc/uptime",
};

/*
 * File systems of the kernel whose superblock is shared with others: "ro" is for our mount of it.
 * And those we still write into: their mount becomes read-only, too.
 */
static const char *const attr_ro_types[] = {
	"cgroup", "cgroup2", "devpts", "mqueue", "proc", "sysfs", "tmpfs",
};

/* SELinux takes no context= from these. */
static const char *const no_label_types[] = { "cgroup", "cgroup2", "mqueue", "proc", "sysfs" };

static bool in_list(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(list[i], s))
			return true;
	}
	return false;
}
#define IN_LIST(list, s) in_list((list), ARRAY_SIZE(list), (s))

/* One mounts[] entry on its way to one or more operations. */
struct entry {
	const struct mount_plan_args *args;
	const struct oci_mount *mount;
	struct mount_opts opts;
	bool bind;
	struct mount_op op;
	struct mount_plan *plan;
};

static void id_map_copy(struct oci_id_mapping **to, size_t *to_len,
			const struct oci_id_mapping *from, size_t len)
{
	*to_len = len;
	*to = len ? xmemdup(from, len * sizeof(*from)) : NULL;
	/* Unknown fields of the document stay with it. */
	for (size_t i = 0; i < len; i++)
		(*to)[i].extra = NULL;
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

struct mount_op *mount_plan_add(struct mount_plan *plan, const struct mount_op *model)
{
	struct mount_op *op;

	/* The capacity is the next power of two. */
	if ((plan->len & (plan->len - 1)) == 0)
		plan->ops = xreallocarray(plan->ops, plan->len ? plan->len * 2 : 1,
					  sizeof(*plan->ops));
	op = &plan->ops[plan->len++];
	*op = *model;
	op->destination = dup_or_null(model->destination);
	op->source = dup_or_null(model->source);
	op->fstype = dup_or_null(model->fstype);
	op->alternative = dup_or_null(model->alternative);
	op->label = dup_or_null(model->label);
	op->data = (struct strv){ 0 };
	for (size_t i = 0; i < model->data.len; i++)
		strv_add(&op->data, model->data.v[i]);
	id_map_copy(&op->map.uid, &op->map.uid_len, model->map.uid, model->map.uid_len);
	id_map_copy(&op->map.gid, &op->map.gid_len, model->map.gid, model->map.gid_len);
	return op;
}

static void op_clear(struct mount_op *op)
{
	free(op->destination);
	free(op->source);
	free(op->fstype);
	free(op->alternative);
	free(op->label);
	strv_clear(&op->data);
	free(op->map.uid);
	free(op->map.gid);
	*op = (struct mount_op){ 0 };
}

void mount_plan_clear(struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->len; i++)
		op_clear(&plan->ops[i]);
	free(plan->ops);
	strv_clear(&plan->notes);
	*plan = (struct mount_plan){ 0 };
}

/* ---- what is always wrong ---- */

__attribute__((format(printf, 2, 3))) static int refuse(const struct entry *e, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return err_code(EINVAL, "mounts[%zu]: %s", e->op.index, text);
}

static int check_proc(const struct entry *e)
{
	const struct mount_op *op = &e->op;

	if (!path_is_below(op->destination, "/proc"))
		return 0;
	if (IN_LIST(proc_allowed, op->destination))
		return 0;
	if (!str_eq(op->destination, "/proc"))
		return refuse(e, "'%s' cannot be mounted because it is inside /proc",
			      op->destination);
	if (op->kind == MOUNT_OP_FS && !str_eq(op->fstype, "proc"))
		return refuse(e, "'%s' cannot be mounted on '/proc' because it is not of type proc",
			      op->fstype);
	return 0;
}

static int check_entry(const struct entry *e)
{
	const struct mount_op *op = &e->op;

	if (op->kind == MOUNT_OP_REMOUNT)
		return str_eq(op->destination, "/") ? 0 : check_proc(e);
	if (op->kind == MOUNT_OP_BIND && str_empty(e->mount->source))
		return refuse(e, "bind mount on '%s' without a source", op->destination);
	if (op->kind == MOUNT_OP_FS && (str_empty(op->fstype) || str_eq(op->fstype, "none")))
		return refuse(e, "mount on '%s' without a type", op->destination);
	if ((op->flags & MOUNT_OP_COPY_UP) && op->kind == MOUNT_OP_FS &&
	    (!str_eq(op->fstype, "tmpfs") || str_eq(op->destination, "/")))
		return refuse(e, "tmpcopyup is for a tmpfs that is not on '/'");
	if (str_eq(op->destination, "/"))
		return refuse(e, "nothing can be mounted on '/', use root.path");
	return check_proc(e);
}

/* ---- idmap ---- */

/* The range [first, first + size) of the container as one range of the host. */
static bool range_to_host(const struct oci_id_mapping *m, size_t n, struct oci_id_mapping *range)
{
	uint32_t first, last;

	if (range->size == 0 || range->host_id + (range->size - 1) < range->host_id)
		return false;
	if (!idmap_to_host(m, n, range->host_id, &first) ||
	    !idmap_to_host(m, n, range->host_id + (range->size - 1), &last) ||
	    last - first != range->size - 1)
		return false;
	range->host_id = first;
	return true;
}

/* "0-1000-1#@1-1-10": id on disk, id to show, count; '@': the second is an id of the container. */
static int parse_ranges(const char *text, const struct oci_id_mapping *userns, size_t userns_len,
			struct oci_id_mapping **ret, size_t *ret_len)
{
	autostrv struct strv ranges = { 0 };

	strv_split(&ranges, text, "#");
	if (ranges.len == 0)
		return -EINVAL;
	free(*ret);
	*ret = xnew_n(struct oci_id_mapping, ranges.len);
	*ret_len = ranges.len;
	for (size_t i = 0; i < ranges.len; i++) {
		const char *item = ranges.v[i];
		autostrv struct strv parts = { 0 };
		struct oci_id_mapping m = { .has_container_id = true,
					    .has_host_id = true,
					    .has_size = true };
		bool relative = *item == '@';

		strv_split(&parts, item + relative, "-");
		if (parts.len != 3 || str_to_u32(parts.v[0], &m.container_id) < 0 ||
		    str_to_u32(parts.v[1], &m.host_id) < 0 || str_to_u32(parts.v[2], &m.size) < 0)
			return -EINVAL;
		if (relative && !range_to_host(userns, userns_len, &m))
			return -ERANGE;
		(*ret)[i] = m;
	}
	return 0;
}

static int parse_idmap_text(const struct mount_plan_args *args, const char *text, struct idmap *map)
{
	const struct idmap *own = &args->userns_map;
	autostrv struct strv sides = { 0 };
	int r = 0;

	strv_split(&sides, text, ";");
	for (size_t i = 0; i < sides.len && r == 0; i++) {
		const char *uids = str_after(sides.v[i], "uids=");
		const char *gids = str_after(sides.v[i], "gids=");

		if (uids)
			r = parse_ranges(uids, own->uid, own->uid_len, &map->uid, &map->uid_len);
		else if (gids)
			r = parse_ranges(gids, own->gid, own->gid_len, &map->gid, &map->gid_len);
		else
			r = -EINVAL;
	}
	return r;
}

static int plan_idmap(struct entry *e)
{
	const struct oci_mount *m = e->mount;
	bool listed = m->uid_mappings_len || m->gid_mappings_len;
	struct mount_op *op = &e->op;
	int r;

	if (!listed && !(e->opts.flags & MOUNT_OPT_IDMAP))
		return 0;
	if (op->kind != MOUNT_OP_BIND)
		return refuse(e, "only bind mounts can have id mappings");
	if (listed && e->opts.idmap)
		return refuse(e, "id mappings as an option and as fields");
	op->flags |= MOUNT_OP_IDMAP;
	if (e->opts.flags & MOUNT_OPT_IDMAP_REC)
		op->flags |= MOUNT_OP_IDMAP_REC;
	if (!listed && !e->opts.idmap) {
		op->flags |= MOUNT_OP_IDMAP_USERNS;
		return e->args->userns ? 0
				       : refuse(e, "idmap without mappings in a container without "
						   "a user namespace");
	}
	if (e->opts.idmap) {
		r = parse_idmap_text(e->args, e->opts.idmap, &op->map);
		if (r < 0)
			return refuse(e, "'%s' is no id mapping%s", e->opts.idmap,
				      r == -ERANGE ? " within that of the container" : "");
	} else {
		id_map_copy(&op->map.uid, &op->map.uid_len, m->uid_mappings, m->uid_mappings_len);
		id_map_copy(&op->map.gid, &op->map.gid_len, m->gid_mappings, m->gid_mappings_len);
	}
	r = idmap_check(&op->map);
	return r < 0 ? err_wrap(r, "mounts[%zu]", op->index) : 0;
}

/* ---- one entry ---- */

static void add_label(struct entry *e)
{
	const char *type = e->args->label_type ? e->args->label_type : "context";
	struct mount_op *op = &e->op;

	if (str_empty(e->args->label))
		return;
	if (str_eq(op->fstype, "mqueue")) {
		op->flags |= MOUNT_OP_LABEL_ROOT;
		op->label = xstrdup(e->args->label);
	} else if (!IN_LIST(no_label_types, op->fstype)) {
		strv_addf(&op->data, "%s=\"%s\"", type, e->args->label);
	}
}

static bool has_key(const struct strv *data, const char *key)
{
	for (size_t i = 0; i < data->len; i++) {
		const char *rest = str_after(data->v[i], key);

		if (rest && (*rest == '=' || !*rest))
			return true;
	}
	return false;
}

/* Nodes and mount points are still to be made in a /dev or tmpfs: "ro" waits until the end. */
static void delay_readonly(struct mount_op *op)
{
	bool later = str_eq(op->destination, "/dev") || str_eq(op->fstype, "tmpfs");

	if (!later || !(op->attrs.set & MOUNT_ATTR_RDONLY))
		return;
	op->attrs.set &= ~(uint64_t) MOUNT_ATTR_RDONLY;
	op->flags |= MOUNT_OP_LATE_RO;
}

/* Host trees that stand in for a file system which the user namespace does not own. */
static char *fs_alternative(const struct mount_plan_args *args, const char *fstype)
{
	if (!args->userns)
		return NULL;
	if (str_eq(fstype, "sysfs"))
		return xstrdup("/sys");
	if (str_eq(fstype, "mqueue"))
		return xstrdup("/dev/mqueue");
	return str_eq(fstype, "proc") && !args->pidns ? xstrdup("/proc") : NULL;
}

static void plan_fs(struct entry *e)
{
	struct mount_op *op = &e->op;

	op->source = xstrdup(str_empty(e->mount->source) ? op->fstype : e->mount->source);
	op->alternative = fs_alternative(e->args, op->fstype);
	op->sb_set = e->opts.sb_set;
	if ((op->attrs.set & MOUNT_ATTR_RDONLY) && !IN_LIST(attr_ro_types, op->fstype))
		op->sb_set |= MS_RDONLY;
	if (str_eq(op->fstype, "tmpfs") && !has_key(&e->opts.data, "mode"))
		op->flags |= MOUNT_OP_INHERIT_MODE;
	if (str_eq(op->fstype, "proc") || str_eq(op->fstype, "sysfs"))
		op->flags |= MOUNT_OP_PLAIN_DIR;
	op->data = e->opts.data;
	e->opts.data = (struct strv){ 0 };
	if (op->flags & (MOUNT_OP_COPY_SYMLINK | MOUNT_OP_SRC_NOFOLLOW))
		strv_addf(&e->plan->notes, "mounts[%zu]: '%s' has no source that could be a link",
			  op->index, op->fstype);
	add_label(e);
}

/* Engines hand options of a tmpfs to bind mounts, so these are no errors. */
static void note_ignored(struct entry *e)
{
	const char *what = e->opts.data.len			? e->opts.data.v[0]
			   : e->opts.sb_set || e->opts.sb_clear ? "of the superblock"
								: NULL;

	if (what)
		strv_addf(&e->plan->notes, "mounts[%zu]: option '%s' means nothing to a bind mount",
			  e->op.index, what);
	if (e->op.flags & MOUNT_OP_COPY_UP)
		strv_addf(&e->plan->notes, "mounts[%zu]: tmpcopyup means nothing to a bind mount",
			  e->op.index);
	e->op.flags &= ~(unsigned int) MOUNT_OP_COPY_UP;
}

static bool has_attrs(const struct mount_attrs *a)
{
	return a->set || a->clear || a->rec_set || a->rec_clear;
}

static void plan_bind(struct entry *e)
{
	struct mount_op *op = &e->op;
	struct mount_attrs *a = &op->attrs;

	op->source = path_resolve_text(e->args->bundle, e->mount->source ? e->mount->source : "");
	if (e->opts.flags & MOUNT_OPT_REC)
		op->flags |= MOUNT_OP_REC;
	if (!has_attrs(a))
		op->flags |= MOUNT_OP_KEEP_ATTRS;
	if (str_eq(op->destination, "/proc"))
		op->flags |= MOUNT_OP_SOURCE_PROC;
	/* The cgroup file systems below would stay writable (CVE-2023-25809). */
	if ((a->set & MOUNT_ATTR_RDONLY) && (op->flags & MOUNT_OP_REC) &&
	    str_eq(op->source, "/sys"))
		a->rec_set |= MOUNT_ATTR_RDONLY;
	if (!a->propagation_len && (e->args->rootfs_propagation & MS_PRIVATE)) {
		a->propagation[0] = MS_PRIVATE | MS_REC;
		a->propagation_len = 1;
	}
	note_ignored(e);
}

static void plan_remount(struct entry *e)
{
	struct mount_op *op = &e->op;

	op->sb_set = e->opts.sb_set;
	op->sb_clear = e->opts.sb_clear;
	if (e->bind) {
		note_ignored(e);
		return;
	}
	op->data = e->opts.data;
	e->opts.data = (struct strv){ 0 };
	if (op->sb_set || op->sb_clear || op->data.len)
		op->flags |= MOUNT_OP_SUPERBLOCK;
}

static const struct {
	unsigned int option;
	unsigned int op;
} flag_map[] = {
	{ MOUNT_OPT_COPY_UP, MOUNT_OP_COPY_UP },
	{ MOUNT_OPT_COPY_SYMLINK, MOUNT_OP_COPY_SYMLINK },
	{ MOUNT_OPT_SRC_NOFOLLOW, MOUNT_OP_SRC_NOFOLLOW },
	{ MOUNT_OPT_DEST_NOFOLLOW, MOUNT_OP_DEST_NOFOLLOW },
};

static bool is_optional(const struct oci_map *optional, const char *destination)
{
	for (size_t i = 0; optional && i < optional->len; i++) {
		autofree char *clean = path_clean_absolute(optional->keys[i]);

		if (str_eq(clean, destination))
			return true;
	}
	return false;
}

static void begin_entry(struct entry *e)
{
	const char *type = e->mount->type;
	struct mount_op *op = &e->op;

	mount_opts_parse(e->mount->options, e->mount->options_len, &e->opts);
	/*
	 * The types "bind" and "rbind" are no file systems: some configurations spell the option
	 * so.
	 */
	if (str_eq(type, "rbind"))
		e->opts.flags |= MOUNT_OPT_REC;
	e->bind = (e->opts.flags & MOUNT_OPT_BIND) || str_eq(type, "bind") || str_eq(type, "rbind");
	op->kind = e->opts.flags & MOUNT_OPT_REMOUNT ? MOUNT_OP_REMOUNT
		   : e->bind			     ? MOUNT_OP_BIND
						     : MOUNT_OP_FS;
	op->destination = path_clean_absolute(e->mount->destination);
	op->attrs = e->opts.attrs;
	if (op->kind == MOUNT_OP_FS)
		op->fstype = dup_or_null(type);
	for (size_t i = 0; i < ARRAY_SIZE(flag_map); i++)
		op->flags |= e->opts.flags & flag_map[i].option ? flag_map[i].op : 0u;
	if (is_optional(e->args->optional, op->destination))
		op->flags |= MOUNT_OP_OPTIONAL;
	if (str_eq(op->destination, "/proc") || str_eq(op->destination, "/sys") ||
	    str_eq(op->destination, "/dev"))
		op->flags |= MOUNT_OP_PLAIN_DIR;
}

static int plan_entry(struct entry *e)
{
	struct mount_op *op = &e->op;
	int r;

	if (str_empty(e->mount->destination))
		return err_code(EINVAL, "mounts[%zu]: no destination", op->index);
	begin_entry(e);
	r = check_entry(e);
	if (r == 0)
		r = plan_idmap(e);
	if (r < 0)
		return r;
	if (op->kind == MOUNT_OP_REMOUNT)
		plan_remount(e);
	else if (op->kind == MOUNT_OP_BIND)
		plan_bind(e);
	else
		plan_fs(e);
	if (op->kind == MOUNT_OP_BIND && str_eq(op->destination, "/dev"))
		e->plan->dev_bound = true;
	if (str_eq(op->fstype, "cgroup") || str_eq(op->fstype, "cgroup2")) {
		mount_cgroup_plan(e->args, op, e->plan);
		return 0;
	}
	if (op->kind != MOUNT_OP_REMOUNT)
		delay_readonly(op);
	mount_plan_add(e->plan, op);
	return 0;
}

int mount_plan(const struct mount_plan_args *args, struct mount_plan *ret)
{
	int r = 0;

	*ret = (struct mount_plan){ 0 };
	for (size_t i = 0; i < args->mounts_len && r == 0; i++) {
		struct entry e = { .args = args, .mount = &args->mounts[i], .plan = ret };

		e.op.index = i;
		r = plan_entry(&e);
		op_clear(&e.op);
		mount_opts_clear(&e.opts);
	}
	if (r < 0)
		mount_plan_clear(ret);
	return r;
}
