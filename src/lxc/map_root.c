/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/table.h"
#include "lxc/map_internal.h"

/* LXC compares beginnings, in this order: "dirty:/x" is a directory. */
enum storage { DIRECTORY, OVERLAY, LOOP, ZFS, LVM, RBD, NBD };

static const struct name_value storages[] = {
	{ "dir", DIRECTORY },	{ "zfs", ZFS },		{ "lvm", LVM },	  { "rbd", RBD },
	{ "btrfs", DIRECTORY }, { "overlay", OVERLAY }, { "loop", LOOP }, { "nbd", NBD },
};

static bool storage_of_type(const char *type, enum storage *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(storages); i++) {
		if (!str_starts(type, storages[i].name))
			continue;
		*ret = (enum storage) storages[i].value;
		return true;
	}
	return false;
}

/* Without a prefix LXC looks at the path: a regular file is a disk image, a device a volume. What
 * is not here, or not yet, counts as a directory: the bundle may run elsewhere. */
static enum storage storage_of_path(const struct lxc_map *m, const char *path)
{
	int kind = m->host->path_kind ? m->host->path_kind(m->host->arg, path) : LXC_PATH_DIR;

	if (kind == LXC_PATH_FILE)
		return LOOP;
	if (kind == LXC_PATH_DEVICE)
		return str_starts(path, "/dev/rbd/") ? RBD : LVM;
	return DIRECTORY;
}

/* Where a file system that is no directory of the host is put: of the bundle, unless there is none.
 */
static const char *mountpoint(const struct lxc_map *m)
{
	return m->opts->mountpoint ? m->opts->mountpoint : "rootfs";
}

static bool is_carried(const char *option)
{
	static const char *const carried[] = {
		"nosuid",   "nodev",	   "noexec",	 "noatime",	"nodiratime",
		"relatime", "strictatime", "norelatime", "nosymfollow", "suid",
		"dev",	    "exec",	   "atime",	 "diratime",	"rw",
	};

	for (size_t i = 0; i < ARRAY_SIZE(carried); i++) {
		if (str_eq(option, carried[i]))
			return true;
	}
	return false;
}

/* LXC takes them and overrides them (seen with 5.0.2). */
static bool is_propagation(const char *option)
{
	static const char *const words[] = { "private",	 "shared",  "slave",  "unbindable",
					     "rprivate", "rshared", "rslave", "runbindable" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(words[i], option))
			return true;
	}
	return false;
}

static void map_idmap(struct lxc_map *m, enum storage storage, const char *idmap)
{
	struct lxc_pos pos = m->c->rootfs_options.pos;

	if (storage != DIRECTORY)
		diag_add(m->diag, "LXC-E003", pos, "lxc.rootfs.options",
			 "idmap= is for directories only, LXC does not start with it here");
	else if (!m->ns_new[LXC_NS_USER] && !m->ns_joined[LXC_NS_USER])
		diag_add(m->diag, "LXC-E003", pos, "lxc.rootfs.options",
			 "idmap= needs a user namespace");
	map_annotate_line(m, pos, "org.hako.rootfs.idmap", idmap);
}

/* What a file system of its own gets is its business, and nobody else's. */
static void map_option(struct lxc_map *m, enum storage storage, const char *option,
		       struct strv *flags)
{
	const struct lxc_str *options = &m->c->rootfs_options;
	const char *idmap = str_after(option, "idmap=");

	if (str_eq(option, "ro")) {
		m->oci->root->readonly = m->oci->root->has_readonly = true;
		report_kept(m->report, options->pos, "/root/readonly", NULL);
		if (storage != DIRECTORY)
			strv_add(flags, option);
	} else if (idmap) {
		map_idmap(m, storage, idmap);
	} else if (str_eq(option, "defaults") || str_eq(option, "bind") ||
		   str_eq(option, "rbind")) {
		return;
	} else if (is_propagation(option)) {
		report_kept(m->report, options->pos, NULL,
			    "without effect: LXC makes the tree a shared slave");
	} else if (is_carried(option) || storage != DIRECTORY) {
		strv_add(flags, option);
	} else {
		diag_add(m->diag, "LXC-W002", options->pos, "lxc.rootfs.options",
			 "option '%s' of the root file system is not mapped", option);
		report_unmapped(m->report, options->pos, "option '%s' is not carried", option);
	}
}

/* Heap; "" when there are none. */
static char *map_options(struct lxc_map *m, enum storage storage)
{
	const struct lxc_str *options = &m->c->rootfs_options;
	autostrv struct strv v = { 0 }, flags = { 0 };
	struct strbuf joined = STRBUF_INIT;

	report_kept(m->report, options->pos, NULL, NULL);
	if (options->s)
		strv_split(&v, options->s, ",");
	for (size_t i = 0; i < v.len; i++)
		map_option(m, storage, v.v[i], &flags);
	for (size_t i = 0; i < flags.len; i++)
		strbuf_addf(&joined, "%s%s", i ? "," : "", flags.v[i]);
	strbuf_add(&joined, "");
	return strbuf_take(&joined);
}

/* --- storage that somebody mounts before --- */

/* A word of a command line, for people to paste. */
static void add_word(struct strbuf *b, const char *word)
{
	bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyz"
						 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,=:@")];

	strbuf_add(b, plain ? " " : " '");
	for (; *word; word++)
		strbuf_addf(b, *word == '\'' ? "'\\''" : "%c", *word);
	strbuf_add(b, plain ? "" : "'");
}

static void add_mount(struct strbuf *b, const char *type, const char *options, const char *source)
{
	strbuf_add(b, b->len ? " && mount" : "mount");
	if (type)
		strbuf_addf(b, " -t %s", type);
	if (*options) {
		strbuf_add(b, " -o");
		add_word(b, options);
	}
	add_word(b, source);
	strbuf_add(b, " BUNDLE/rootfs");
}

/* "nbd:FILE[:PARTITION]" */
static void add_nbd(struct strbuf *b, const char *options, const char *path)
{
	size_t len = strlen(path);
	bool part = len > 2 && path[len - 2] == ':' && path[len - 1] >= '1' && path[len - 1] <= '9';
	autofree char *file = xstrndup(path, part ? len - 2 : len);
	autofree char *dev =
		xasprintf("/dev/nbd0%s%s", part ? "p" : "", part ? path + len - 1 : "");

	strbuf_add(b, "modprobe nbd max_part=15 && qemu-nbd --connect=/dev/nbd0");
	add_word(b, file);
	add_mount(b, NULL, options, dev);
}

static void add_overlay(struct strbuf *b, const char *options, const struct oci_overlay *o)
{
	autostrbuf struct strbuf all = STRBUF_INIT;

	for (size_t i = 0; i < o->lower_len; i++)
		strbuf_addf(&all, "%s%s", i ? ":" : "lowerdir=", o->lower[i]);
	strbuf_addf(&all, ",upperdir=%s,workdir=%s%s%s", o->upper, o->work, *options ? "," : "",
		    options);
	add_mount(b, "overlay", strbuf_str(&all), "overlay");
}

/* The commands that somebody has to give before each start, and after each end. */
static void tell_prepared(struct lxc_map *m, enum storage storage, const char *options,
			  const struct oci_overlay *overlay)
{
	const char *path = m->c->rootfs_path.s, *image = str_after(path, "/dev/rbd/");
	autofree char *zfs = xasprintf("zfsutil%s%s", *options ? "," : "", options);
	autofree char *loop = xasprintf("loop%s%s", *options ? "," : "", options);
	autostrbuf struct strbuf b = STRBUF_INIT;

	if (storage == RBD && image) {
		strbuf_add(&b, "rbd map");
		add_word(&b, image);
	}
	if (storage == NBD)
		add_nbd(&b, options, path);
	else if (storage == OVERLAY)
		add_overlay(&b, options, overlay);
	else
		add_mount(&b, storage == ZFS ? "zfs" : NULL,
			  storage == ZFS    ? zfs
			  : storage == LOOP ? loop
					    : options,
			  path);
	diag_add(m->diag, "LXC-W241", m->c->rootfs_path.pos, "lxc.rootfs.path",
		 "to be mounted before each start: %s; after each end: umount BUNDLE/rootfs%s%s",
		 strbuf_str(&b),
		 storage == NBD		   ? " && qemu-nbd --disconnect /dev/nbd0"
		 : storage == RBD && image ? " && rbd unmap "
					   : "",
		 storage == RBD && image ? image : "");
	report_changed(m->report, m->c->rootfs_path.pos, "/root/path",
		       "where its file system has to be mounted");
}

/* --- kinds of storage --- */

/* "/lower:/lower:/upper": parted where a colon is before a slash; the work directory is beside the
 * upper one. NULL after a diagnostic. */
static struct oci_overlay *read_overlay(struct lxc_map *m)
{
	const char *path = m->c->rootfs_path.s, *colon;
	struct oci_overlay *o = xnew(struct oci_overlay);
	struct strv lower = { NULL, 0 };

	for (; (colon = strstr(path, ":/")); path = colon + 1)
		strv_add_take(&lower, xstrndup(path, (size_t) (colon - path)));
	map_strs_take(&o->lower, &o->lower_len, &lower);
	o->upper = path_clean(path);
	o->work = xasprintf("%.*s/work", (int) (strrchr(o->upper, '/') - o->upper), o->upper);
	if (*m->c->rootfs_path.s == '/' && o->lower_len && strlen(o->upper) > 1)
		return o;
	diag_add(m->diag, "LXC-E003", m->c->rootfs_path.pos, "lxc.rootfs.path",
		 "an overlay is written as /LOWER:/UPPER, with more lower layers between them");
	oci_overlay_free(o);
	return NULL;
}

static void map_overlay(struct lxc_map *m, const char *options)
{
	auto_call(oci_overlay_free) struct oci_overlay *o = read_overlay(m);
	autofree char *json = NULL;

	if (!o)
		return;
	m->owner_path = xstrdup(o->lower[0]);
	if (m->generic) {
		tell_prepared(m, OVERLAY, options, o);
		return;
	}
	json = oci_overlay_generate(o, 0);
	map_annotate_line(m, m->c->rootfs_path.pos, "org.hako.rootfs.overlay", json);
}

static void map_image(struct lxc_map *m, const char *options)
{
	if (m->generic) {
		tell_prepared(m, LOOP, options, NULL);
		return;
	}
	map_annotate_line(m, m->c->rootfs_path.pos, "org.hako.rootfs.source", m->c->rootfs_path.s);
	map_annotate_line(m, m->c->rootfs_path.pos, "org.hako.rootfs.type", "loop");
}

/* false after a diagnostic. */
static bool find_storage(struct lxc_map *m, enum storage *ret)
{
	const struct lxc_str *path = &m->c->rootfs_path;
	const char *type = m->c->rootfs_type.s;

	*ret = DIRECTORY;
	if (!path->s && !m->opts->host_root)
		diag_add(m->diag, "LXC-E240", path->pos, "lxc.rootfs.path",
			 "no root file system: LXC would run the container on the host's own");
	else if (path->s && type && !storage_of_type(type, ret))
		diag_add(m->diag, "LXC-E240", path->pos, "lxc.rootfs.path",
			 "storage of type '%s' is not known: mount it and name the directory",
			 type);
	else
		*ret = path->s && !type ? storage_of_path(m, path->s) : *ret;
	return path->s ? !type || storage_of_type(type, ret) : m->opts->host_root;
}

/* LXC makes all mounts slaves of the host's and then shared among themselves. "shared" alone would
 * let mounts of the container reach the host. */
static void propagation(struct lxc_map *m)
{
	m->oci->linux->rootfs_propagation = xstrdup("rslave");
	report_added(m->report, "/linux/rootfsPropagation", "LXC's mounts send none to the host");
	map_annotate(m, "org.hako.rootfs.propagation", "shared");
	report_added(m->report, "/annotations/org.hako.rootfs.propagation",
		     "LXC makes the whole tree shared inside");
}

void map_root(struct lxc_map *m)
{
	const struct lxc_str *path = &m->c->rootfs_path;
	autofree char *options = NULL;
	enum storage storage;

	propagation(m);
	if (!find_storage(m, &storage))
		return;
	m->rootfs =
		storage != DIRECTORY ? xstrdup(mountpoint(m)) : path_clean(path->s ? path->s : "/");
	m->oci->root = xnew(struct oci_root);
	m->oci->root->path = xstrdup(m->rootfs);
	report_kept(m->report, path->pos, "/root/path", NULL);
	report_kept(m->report, m->c->rootfs_type.pos, "/root/path", NULL);
	options = map_options(m, storage);
	if (storage == DIRECTORY)
		m->owner_path = xstrdup(m->rootfs);
	else if (storage == OVERLAY)
		map_overlay(m, options);
	else if (storage == LOOP)
		map_image(m, options);
	else
		tell_prepared(m, storage, options, NULL);
	if (*options && (storage <= LOOP && !(m->generic && storage != DIRECTORY)))
		map_annotate_line(m, m->c->rootfs_options.pos, "org.hako.rootfs.options", options);
}
