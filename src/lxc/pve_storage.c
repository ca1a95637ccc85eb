/* SPDX-License-Identifier: Apache-2.0 */
/* Volumes, mount points and devices of Proxmox VE. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/pve_internal.h"

/* Of the volume, not of how it is mounted. */
#define OF_VOLUME "acl", "backup", "keepattrs", "quota", "replicate", "shared", "size"

/* What --volume says about it, else an absolute path is itself. Borrowed, or NULL. */
static const char *path_of(const struct pve *v, const char *volume)
{
	char *const *given = v->p->opts->volumes;

	for (size_t i = 0; given && given[i]; i++) {
		const char *rest = str_after(given[i], volume);

		if (rest && *rest == '=')
			return rest + 1;
	}
	return *volume == '/' ? volume : v->p->opts->any_volume ? "/" : NULL;
}

/* Proxmox attaches the root there before it starts the container. */
static char *attached_root(const struct pve *v)
{
	const char *lxcpath = v->p->opts->lxcpath ? v->p->opts->lxcpath : "/var/lib/lxc";

	return v->id ? xasprintf("%s/%s/rootfs", lxcpath, v->id) : NULL;
}

static char *mount_flags(struct pve *v, const struct pve_line *l)
{
	static const char *const flags[] = { "noatime", "nodev", "noexec", "nosuid" };
	static const char *const of_device[] = { "discard", "lazytime" };
	autofree char *text = pve_prop(l->value, NULL, "mountoptions");
	autostrv struct strv words = { NULL, 0 };
	struct strbuf out = STRBUF_INIT;

	strv_split(&words, text ? text : "", ";");
	for (size_t i = 0; i < words.len; i++) {
		bool known = false;

		for (size_t k = 0; k < ARRAY_SIZE(flags); k++) {
			if (!str_eq(words.v[i], flags[k]))
				continue;
			strbuf_addf(&out, ",%s", flags[k]);
			known = true;
		}
		for (size_t k = 0; k < ARRAY_SIZE(of_device); k++)
			known = known || str_eq(words.v[i], of_device[k]);
		if (!known)
			pve_bad(v, l, "unknown mount option '%s'", words.v[i]);
	}
	return strbuf_take(&out);
}

/* Options for mounting the storage itself, which is the administrator's here. */
static void note_storage(struct pve *v, const struct pve_line *l)
{
	static const char *const of_storage[] = { "acl", "keepattrs", "quota" };
	autofree char *options = pve_prop(l->value, NULL, "mountoptions");
	autostrbuf struct strbuf names = STRBUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(of_storage); i++) {
		autofree char *value = pve_prop(l->value, NULL, of_storage[i]);

		if (value)
			strbuf_addf(&names, "%s%s", names.len ? ", " : "", of_storage[i]);
	}
	if (options && (strstr(options, "discard") || strstr(options, "lazytime")))
		strbuf_addf(&names, "%smountoptions", names.len ? ", " : "");
	if (names.len)
		parse_set_fate(v->p, l->pos, LXC_LINE_LIVE,
			       "%s: of the storage, which is taken as it is mounted",
			       strbuf_str(&names));
}

/* "passthrough": what the container writes as N is N on the disk. Empty: nothing to do. Heap. */
static char *idmap_option(struct pve *v, const struct pve_line *l)
{
	autofree char *idmap = pve_prop(l->value, NULL, "idmap");

	if (idmap && !str_eq(idmap, "passthrough"))
		pve_bad(v, l, "idmap=%s: only 'passthrough' can be carried", idmap);
	return xstrdup(idmap ? ",idmap=container" : "");
}

void pve_rootfs(struct pve *v, const struct pve_line *l)
{
	static const char *const known[] = { "volume", "idmap",	  "mountoptions",
					     "ro",     OF_VOLUME, NULL };
	autofree char *unknown = pve_prop_unknown(l->value, "volume", known);
	autofree char *volume = pve_prop(l->value, "volume", "volume");
	autofree char *flags = mount_flags(v, l), *idmap = idmap_option(v, l);
	autofree char *attached = attached_root(v);
	const char *path = volume ? path_of(v, volume) : NULL;

	if (unknown || !volume) {
		pve_bad(v, l, unknown ? "unknown option '%s'" : "no volume%s",
			unknown ? unknown : "");
		return;
	}
	if (!path && attached) {
		diag_add(v->p->d, "LXC-W108", l->pos, l->key,
			 "'%s' has to be mounted on '%s' (pct mount %s), or is named by --volume "
			 "%s=PATH",
			 volume, attached, v->id, volume);
		path = attached;
	} else if (!path) {
		diag_add(v->p->d, "LXC-E240", l->pos, l->key,
			 "where '%s' is mounted is not known: --volume %s=PATH", volume, volume);
		return;
	}
	pve_set(v, l->pos, "lxc.rootfs.path", "%s", path);
	note_storage(v, l);
	if (pve_prop_flag(l->value, "ro") || *flags || *idmap)
		pve_set(v, l->pos, "lxc.rootfs.options", "%s%s%s",
			pve_prop_flag(l->value, "ro") ? "ro" : "defaults", flags, idmap);
}

/* A field of fstab: blanks and the backslash itself are written in octal. */
static char *fstab_field(const char *s)
{
	struct strbuf b = STRBUF_INIT;

	for (; *s; s++) {
		if (*s == ' ' || *s == '\t' || *s == '\\' || *s == '\n')
			strbuf_addf(&b, "\\%03o", (unsigned char) *s);
		else
			strbuf_add_c(&b, *s);
	}
	return strbuf_take(&b);
}

void pve_mount_point(struct pve *v, const struct pve_line *l)
{
	static const char *const known[] = { "volume",	"idmap", "mountoptions", "mp", "ro",
					     OF_VOLUME, NULL };
	autofree char *unknown = pve_prop_unknown(l->value, "volume", known);
	autofree char *volume = pve_prop(l->value, "volume", "volume");
	autofree char *mp = pve_prop(l->value, NULL, "mp");
	autofree char *flags = mount_flags(v, l), *idmap = idmap_option(v, l);
	autofree char *source = NULL, *target = NULL;
	const char *path = volume ? path_of(v, volume) : NULL;
	size_t before = v->p->c->mounts.len;

	if (unknown || !volume || str_empty(mp)) {
		pve_bad(v, l, unknown ? "unknown option '%s'" : "no volume or no mp=%s",
			unknown ? unknown : "");
		return;
	}
	if (!path) {
		diag_add(v->p->d, "LXC-E240", l->pos, l->key,
			 "'%s' is a volume of Proxmox: mount it and name the directory, --volume "
			 "%s=PATH",
			 volume, volume);
		parse_set_fate(v->p, l->pos, LXC_LINE_FAILED, NULL);
		return;
	}
	source = fstab_field(path);
	target = fstab_field(mp + strspn(mp, "/"));
	pve_set(v, l->pos, "lxc.mount.entry", "%s %s none bind,create=dir%s%s%s 0 0", source,
		target, pve_prop_flag(l->value, "ro") ? ",ro" : "", flags, idmap);
	note_storage(v, l);
	if (v->p->c->mounts.len > before)
		v->p->c->mounts.v[before].by_pve = true;
}

/* Raw lines come behind what is generated: a rule among them confines the container then. */
static bool has_raw_rules(const struct pve *v)
{
	for (size_t i = 0; i < v->len; i++) {
		if (!v->v[i].row && v->v[i].len && str_starts(v->v[i].key, "lxc.cgroup2.devices."))
			return true;
	}
	return false;
}

void pve_device(struct pve *v, const struct pve_line *l)
{
	static const char *const known[] = { "path", "deny-write", "gid", "mode", "uid", NULL };
	autofree char *unknown = pve_prop_unknown(l->value, "path", known);
	autofree char *path = pve_prop(l->value, "path", "path");
	autofree char *mode = pve_prop(l->value, NULL, "mode");
	autofree char *uid = pve_prop(l->value, NULL, "uid"),
		      *gid = pve_prop(l->value, NULL, "gid");
	bool deny = pve_prop_flag(l->value, "deny-write");
	struct lxc_node node = { .mode = 0660, .pos = l->pos };

	if (unknown)
		pve_bad(v, l, "unknown option '%s'", unknown);
	else if (!path || !str_starts(path, "/dev/"))
		pve_bad(v, l, "'%s' is no device below /dev", path ? path : "");
	else if (mode && str_to_mode(mode, 0777, &node.mode) < 0)
		pve_bad(v, l, "'%s' is no mode", mode);
	else if ((uid && str_to_u32(uid, &node.uid) < 0) || (gid && str_to_u32(gid, &node.gid) < 0))
		pve_bad(v, l, "uid and gid are numbers");
	else {
		/* without any rule everything is allowed: see lxc_devices_plan() */
		if (v->p->c->cgroup2_devices.len || has_raw_rules(v))
			pve_set(v, l->pos, "lxc.cgroup2.devices.allow", "%s %s", path,
				deny ? "r" : "rw");
		else if (deny)
			diag_add(v->p->d, "LXC-W108", l->pos, l->key,
				 "deny-write: in a user namespace the mode of the node decides");
		node.path = xstrdup(path);
		*MODEL_ADD(&v->p->c->nodes) = node;
	}
}
