/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/map_internal.h"

/* LXC compares beginnings: "dirty:/x" is a directory. */
static bool is_directory_type(const char *type)
{
	return !type || str_starts(type, "dir") || str_starts(type, "btrfs");
}

/* Without a prefix LXC looks at the path: a regular file is a disk image, a device a volume. */
static bool check_kind(struct lxc_map *m, const char *path)
{
	int kind = m->host->path_kind ? m->host->path_kind(m->host->arg, path) : LXC_PATH_DIR;

	if (kind < 0)
		return true; /* not here, or not yet: the bundle may run elsewhere */
	if (kind == LXC_PATH_DIR)
		return true;
	diag_add(m->diag, "LXC-E240", m->c->rootfs_path.pos, "lxc.rootfs.path",
		 "'%s' is a %s: mount it and name the directory, images are not mapped yet", path,
		 kind == LXC_PATH_FILE ? "disk image" : "device");
	return false;
}

/* Which host ids the container's root is, for a check of who owns its files. */
static void check_owner(struct lxc_map *m)
{
	const struct lxc_config *c = m->c;
	uid_t want = 0, uid;
	gid_t gid;

	for (size_t i = 0; i < c->idmap.len; i++) {
		if (!c->idmap.v[i].is_gid && c->idmap.v[i].nsid == 0)
			want = c->idmap.v[i].hostid;
	}
	if (c->rootfs_options.s && strstr(c->rootfs_options.s, "idmap="))
		return;
	if (!m->host->path_owner || m->host->path_owner(m->host->arg, m->rootfs, &uid, &gid) < 0 ||
	    uid == want)
		return;
	diag_add(m->diag, "LXC-W505", c->rootfs_path.pos, "lxc.rootfs.path",
		 "'%s' belongs to uid %u, the container's root is %u: shift its files, or set "
		 "lxc.rootfs.options = idmap=container",
		 m->rootfs, uid, want);
}

static void map_option(struct lxc_map *m, const char *option, struct strv *flags)
{
	static const char *const carried[] = {
		"nosuid",   "nodev",	   "noexec",	 "noatime",	"nodiratime",
		"relatime", "strictatime", "norelatime", "nosymfollow", "suid",
		"dev",	    "exec",	   "atime",	 "diratime",	"rw",
	};
	const struct lxc_str *options = &m->c->rootfs_options;
	const char *idmap = str_after(option, "idmap=");

	if (str_eq(option, "ro")) {
		m->oci->root->readonly = m->oci->root->has_readonly = true;
		report_kept(m->report, options->pos, "/root/readonly", NULL);
		return;
	}
	if (idmap) {
		if (!m->ns_new[LXC_NS_USER] && !m->ns_joined[LXC_NS_USER])
			diag_add(m->diag, "LXC-E003", options->pos, "lxc.rootfs.options",
				 "idmap= needs a user namespace");
		map_annotate_line(m, options->pos, "org.hako.rootfs.idmap", idmap);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(carried); i++) {
		if (!str_eq(option, carried[i]))
			continue;
		strv_add(flags, option);
		return;
	}
	if (str_eq(option, "defaults") || str_eq(option, "bind") || str_eq(option, "rbind"))
		return;
	diag_add(m->diag, "LXC-W002", options->pos, "lxc.rootfs.options",
		 "option '%s' of the root file system is not mapped", option);
	report_unmapped(m->report, options->pos, "option '%s' is not carried", option);
}

static void map_options(struct lxc_map *m)
{
	const struct lxc_str *options = &m->c->rootfs_options;
	struct strv v = { 0 }, flags = { 0 };
	struct strbuf joined = STRBUF_INIT;

	report_kept(m->report, options->pos, NULL, NULL);
	if (options->s)
		strv_split(&v, options->s, ",");
	for (size_t i = 0; i < v.len; i++)
		map_option(m, v.v[i], &flags);
	for (size_t i = 0; i < flags.len; i++)
		strbuf_addf(&joined, "%s%s", i ? "," : "", flags.v[i]);
	if (joined.len)
		map_annotate_line(m, options->pos, "org.hako.rootfs.options", strbuf_str(&joined));
	strbuf_clear(&joined);
	strv_clear(&flags);
	strv_clear(&v);
}

static const char *root_path(struct lxc_map *m)
{
	const struct lxc_str *path = &m->c->rootfs_path;
	const char *type = m->c->rootfs_type.s;

	if (path->s && !is_directory_type(type)) {
		diag_add(m->diag, "LXC-E240", path->pos, "lxc.rootfs.path",
			 "storage of type '%s' is not mapped yet: mount it and name the directory",
			 type);
		return NULL;
	}
	if (path->s)
		return type || check_kind(m, path->s) ? path->s : NULL;
	if (m->opts->host_root)
		return "/";
	diag_add(m->diag, "LXC-E240", path->pos, "lxc.rootfs.path",
		 "no root file system: LXC would run the container on the host's own");
	return NULL;
}

void map_root(struct lxc_map *m)
{
	const char *path = root_path(m);

	m->oci->linux->rootfs_propagation = xstrdup("shared");
	report_added(m->report, "/linux/rootfsPropagation", "LXC makes the whole tree shared");
	if (!path)
		return;
	m->rootfs = path_clean(path);
	m->oci->root = xnew(struct oci_root);
	m->oci->root->path = xstrdup(m->rootfs);
	report_kept(m->report, m->c->rootfs_path.pos, "/root/path", NULL);
	report_kept(m->report, m->c->rootfs_type.pos, "/root/path", NULL);
	map_options(m);
	if (m->ns_new[LXC_NS_USER])
		check_owner(m);
}
