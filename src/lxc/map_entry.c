/* SPDX-License-Identifier: Apache-2.0 */
/* One mount entry: where it leads, what it shows, with which options. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/map_internal.h"

#define KEY "lxc.mount.entry"

/* What of an option's text LXC reacts to; the kernel gets the rest of the options. */
enum option_kind {
	OPTION_FLAG,	/* a mount flag */
	OPTION_IGNORED, /* LXC knows the word and does nothing */
	OPTION_DROP,	/* says nothing at all */
	OPTION_DATA,	/* for the file system */
};

static const struct {
	const char *name;
	enum option_kind kind;
	bool bind_forgets; /* needs the remount that LXC makes only with "ro" */
} generic[] = {
	{ "atime", OPTION_FLAG, true },	       { "bind", OPTION_FLAG, false },
	{ "defaults", OPTION_DROP, false },    { "dev", OPTION_FLAG, true },
	{ "diratime", OPTION_FLAG, true },     { "exec", OPTION_FLAG, true },
	{ "noatime", OPTION_FLAG, true },      { "nodev", OPTION_FLAG, true },
	{ "nodiratime", OPTION_FLAG, true },   { "noexec", OPTION_FLAG, true },
	{ "norelatime", OPTION_FLAG, true },   { "nostrictatime", OPTION_FLAG, true },
	{ "nosuid", OPTION_FLAG, true },       { "nosymfollow", OPTION_FLAG, true },
	{ "rbind", OPTION_FLAG, false },       { "relatime", OPTION_FLAG, true },
	{ "ro", OPTION_FLAG, false },	       { "rw", OPTION_FLAG, false },
	{ "strictatime", OPTION_FLAG, true },  { "suid", OPTION_FLAG, true },
	{ "async", OPTION_IGNORED, false },    { "dirsync", OPTION_IGNORED, false },
	{ "lazytime", OPTION_IGNORED, false }, { "mand", OPTION_IGNORED, false },
	{ "nomand", OPTION_IGNORED, false },   { "remount", OPTION_IGNORED, false },
	{ "sync", OPTION_IGNORED, false },
};

struct entry_options {
	struct strv v;
	bool bind, rbind, nofail;
	bool differs; /* from what LXC does with the line */
};

/* LXC compares beginnings, so "rolling" is "ro". The index of what it takes the word for, or -1. */
static int find_generic(const char *word, bool by_prefix)
{
	for (size_t i = 0; i < ARRAY_SIZE(generic); i++) {
		if (by_prefix ? str_starts(word, generic[i].name) : str_eq(word, generic[i].name))
			return (int) i;
	}
	return -1;
}

/* The generic option that a word is, by the reading of the mode; -1 for one of the file system. */
static int read_word(struct lxc_map *m, const struct lxc_mount *e, const char *word,
		     struct entry_options *o)
{
	int exact = find_generic(word, false), loose = find_generic(word, true);

	if (exact >= 0 || loose < 0)
		return exact;
	diag_add(m->diag, "LXC-W252", e->pos, KEY, "LXC takes '%s' for '%s'%s", word,
		 generic[loose].name,
		 m->exact ? "" : "; here it goes to the file system as written");
	o->differs = !m->exact;
	return m->exact ? loose : -1;
}

static bool bind_remounts(const struct lxc_mount *e)
{
	return strv_has(&e->options, "ro");
}

static void add_generic(struct lxc_map *m, const struct lxc_mount *e, int i,
			struct entry_options *o)
{
	const char *name = generic[i].name;

	if (generic[i].kind == OPTION_DROP)
		return;
	if (generic[i].kind == OPTION_IGNORED) {
		diag_add(m->diag, "LXC-W252", e->pos, KEY, "LXC does nothing for '%s'%s", name,
			 m->exact ? "" : "; here it is applied");
		if (!m->exact && !str_eq(name, "remount")) {
			o->differs = true;
			strv_add(&o->v, name);
		}
		return;
	}
	if (o->bind && generic[i].bind_forgets && !bind_remounts(e) && !e->by_pve) {
		diag_add(m->diag, "LXC-W252", e->pos, KEY,
			 "LXC forgets '%s' on a bind mount without 'ro'%s", name,
			 m->exact ? "" : "; here it is applied");
		if (m->exact)
			return;
		o->differs = true;
	}
	if (!strv_has(&o->v, name))
		strv_add(&o->v, name);
}

static int add_idmap(struct lxc_map *m, const struct lxc_mount *e, struct entry_options *o)
{
	if (!e->idmap)
		return 0;
	if (!o->bind)
		return diag_add(m->diag, "LXC-E003", e->pos, KEY, "idmap= is for bind mounts only");
	if (!str_eq(e->idmap, "container"))
		return diag_add(m->diag, "LXC-E003", e->pos, KEY,
				"the id map of '%s' is not mapped yet: use idmap=container",
				e->idmap);
	if (!m->ns_new[LXC_NS_USER] && !m->ns_joined[LXC_NS_USER])
		return diag_add(m->diag, "LXC-E003", e->pos, KEY, "idmap= needs a user namespace");
	strv_add(&o->v, o->rbind ? "ridmap" : "idmap");
	return 0;
}

/* Options for mount(8) itself: the kernel does not know them, and LXC hands them on. */
static bool is_for_mount8(const char *word)
{
	static const char *const words[] = { "_netdev", "auto",	   "group",   "noauto",
					     "nofail",	"nogroup", "noowner", "nouser",
					     "owner",	"user",	   "users" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (str_eq(word, words[i]))
			return true;
	}
	return str_starts(word, "x-") || str_starts(word, "X-") || str_starts(word, "comment=");
}

/* 1 when the word is dealt with. */
static int map_mount8(struct lxc_map *m, const struct lxc_mount *e, const char *word,
		      struct entry_options *o)
{
	bool nofail = str_eq(word, "nofail");

	if (m->exact || !is_for_mount8(word))
		return 0;
	if (!o->bind)
		diag_add(m->diag, "LXC-W252", e->pos, KEY,
			 "'%s' is for mount(8), LXC hands it to the file system, which refuses it; "
			 "here it is left out%s",
			 word, nofail ? ", and the mount may fail" : "");
	o->nofail |= nofail;
	o->differs |= !o->bind;
	return 1;
}

/* File systems that a program of their own prepares, which nobody runs here. */
static void note_helper(struct lxc_map *m, const struct lxc_mount *e)
{
	const char *type = e->type ? e->type : "";
	bool ready = false;

	for (size_t i = 0; i < e->options.len; i++)
		ready |= str_starts(e->options.v[i], "addr=") ||
			 str_starts(e->options.v[i], "ip=") || str_starts(e->options.v[i], "fd=");
	if (ready || !(str_eq(type, "nfs") || str_eq(type, "nfs4") || str_eq(type, "cifs") ||
		       str_eq(type, "smb3") || str_eq(type, "glusterfs") || str_eq(type, "fuse") ||
		       str_starts(type, "fuse.")))
		return;
	diag_add(m->diag, "LXC-W257", e->pos, KEY,
		 "a file system of type '%s' is mounted by a program of its own, which neither LXC "
		 "nor a runtime runs: the start will fail",
		 type);
	diag_hint(m->diag, "mount it on the host and bind that directory");
}

static int map_options(struct lxc_map *m, const struct lxc_mount *e, struct entry_options *o)
{
	o->bind = strv_has(&e->options, "bind") || strv_has(&e->options, "rbind");
	o->rbind = strv_has(&e->options, "rbind");
	for (size_t i = 0; i < e->options.len; i++) {
		const char *word = e->options.v[i];
		int k;

		if (str_eq(word, "move"))
			return diag_add(m->diag, "LXC-E003", e->pos, KEY,
					"a mount cannot be moved into an OCI container: use bind");
		if (map_mount8(m, e, word, o))
			continue;
		k = read_word(m, e, word, o);
		if (k >= 0)
			add_generic(m, e, k, o);
		else
			strv_add(&o->v, word);
	}
	return add_idmap(m, e, o);
}

/* Goes up more often than down? */
static bool escapes(const char *target)
{
	const char *it = target, *part;
	long depth = 0;
	size_t n;

	while ((n = path_next(&it, &part)) != 0) {
		depth += n == 2 && part[0] == '.' && part[1] == '.' ? -1 : 1;
		if (depth < 0)
			return true;
	}
	return false;
}

/* Can it be looked at now? An overlay or an image is there only while the container is. */
static bool is_host_dir(const struct lxc_map *m)
{
	return m->rootfs && *m->rootfs == '/';
}

/* What follows the text of the root in an absolute target; LXC looks for it anywhere. */
static const char *below_root(const struct lxc_map *m, const char *target)
{
	const char *lxcpath = m->opts->lxcpath ? m->opts->lxcpath : "/var/lib/lxc";
	autofree char *usual = xasprintf("%s/%s/rootfs", lxcpath, m->name);
	const char *at =
		is_host_dir(m) && !str_eq(m->rootfs, "/") ? strstr(target, m->rootfs) : NULL;

	if (at)
		return at + strlen(m->rootfs);
	at = strstr(target, usual);
	return at ? at + strlen(usual) : NULL;
}

/* Where a target leads, heap; NULL when the entry is to be left out (accounted for). */
static char *entry_destination(struct lxc_map *m, const struct lxc_mount *e)
{
	const char *target = e->target;

	if (*target == '/' && m->rootfs && !str_eq(m->rootfs, "/")) {
		const char *rest = below_root(m, target);

		if (rest) {
			target = rest;
		} else {
			diag_add(m->diag, "LXC-W250", e->pos, KEY,
				 "LXC ignores this line, for its target '%s' is not below the "
				 "root file system; write it without the leading slash%s",
				 target, m->exact ? "" : ", as it is read here");
			if (m->exact) {
				report_dropped(m->report, e->pos, "LXC ignores it too");
				return NULL;
			}
		}
	}
	if (escapes(target)) {
		diag_add(m->diag, "LXC-E254", e->pos, KEY,
			 "target '%s' leaves the root file system", e->target);
		return NULL;
	}
	return path_clean_absolute(target);
}

/* The source of a bind mount as an absolute path. */
static char *bind_source(struct lxc_map *m, const struct lxc_mount *e)
{
	autofree char *clean = NULL;

	if (e->relative) {
		bool dev = str_starts(e->source, "dev/") || str_starts(e->source, "/dev/");

		if (dev && lxc_bool_get(&m->c->autodev, true) && !m->exact) {
			diag_add(m->diag, "LXC-W250", e->pos, KEY,
				 "'%s' is not there yet when LXC looks below the root file "
				 "system; the host's is taken",
				 e->source);
			return path_clean_absolute(e->source);
		}
		clean = path_clean_absolute(e->source);
		if (escapes(e->source))
			diag_add(m->diag, "LXC-E254", e->pos, KEY,
				 "relative source '%s' leaves the root file system", e->source);
		/* a bind source is looked up on the host: a link of the container would lead there
		 */
		if (m->rootfs && !is_host_dir(m))
			diag_add(m->diag, "LXC-E254", e->pos, KEY,
				 "relative source '%s': over which links it leads cannot be told "
				 "before the root file system is mounted; name the host's path",
				 e->source);
		else if (is_host_dir(m) && m->host->path_has_link &&
			 m->host->path_has_link(m->host->arg, m->rootfs, clean) > 0)
			diag_add(m->diag, "LXC-E254", e->pos, KEY,
				 "relative source '%s' leads over a symbolic link", e->source);
		return m->rootfs ? path_join(m->rootfs, clean) : xstrdup(clean);
	}
	if (*e->source == '/')
		return xstrdup(e->source);
	diag_add(m->diag, "LXC-W104", e->pos, KEY, "relative source '%s' is read from '%s'",
		 e->source, m->opts->cwd ? m->opts->cwd : "/");
	return path_resolve_text(m->opts->cwd ? m->opts->cwd : "/", e->source);
}

/* An optional bind whose source is missing here. 1 to leave it out. */
static bool leave_out(struct lxc_map *m, const struct lxc_mount *e, const char *source)
{
	if (!e->optional || !m->host->path_kind)
		return false;
	if (m->host->path_kind(m->host->arg, source) != -ENOENT)
		return false;
	diag_add(m->diag, "LXC-I251", e->pos, KEY,
		 "the source '%s' of this optional mount is not there: %s", source,
		 m->generic ? "left out" : "kept, and passed over at start");
	if (m->generic)
		report_dropped(m->report, e->pos, "its source is missing on this host");
	return m->generic;
}

static void note_link(struct lxc_map *m, const struct lxc_mount *e, const char *destination)
{
	if (is_host_dir(m) && m->host->path_has_link &&
	    m->host->path_has_link(m->host->arg, m->rootfs, destination) > 0)
		diag_add(m->diag, "LXC-I255", e->pos, KEY,
			 "the target leads over a symbolic link: LXC does not start, runtimes "
			 "follow it inside the root file system");
}

/* Below another mount of the container, so that the root file system has nothing to say of it? */
static bool is_below_mount(const struct lxc_map *m, const char *destination)
{
	for (size_t i = 0; i < m->oci->mounts_len; i++) {
		const char *rest = str_after(destination, m->oci->mounts[i].destination);

		if (rest && (*rest == '/' || !*rest))
			return true;
	}
	return false;
}

static void note_missing(struct lxc_map *m, const struct lxc_mount *e, const char *destination)
{
	if (e->create == LXC_CREATE_NONE && !e->optional && !e->by_pve && is_host_dir(m) &&
	    m->host->path_in_root && !is_below_mount(m, destination) &&
	    m->host->path_in_root(m->host->arg, m->rootfs, destination) == -ENOENT)
		diag_add(m->diag, "LXC-I256", e->pos, KEY,
			 "there is no '%s' in the root file system: LXC does not start without "
			 "create=, runtimes make it",
			 destination);
}

static void write_entry(struct lxc_map *m, const struct lxc_mount *e, const char *destination,
			struct entry_options *o)
{
	bool none = str_empty(e->type) || str_eq(e->type, "none");
	autofree char *source = o->bind ? bind_source(m, e) : xstrdup(e->source);
	autofree char *pointer = NULL;
	struct oci_mount *mnt;

	if (o->bind && leave_out(m, e, source))
		return;
	note_helper(m, e);
	note_link(m, e, destination);
	note_missing(m, e, destination);
	mnt = map_mount_add(m, destination, none ? "none" : e->type, source, "", &pointer);
	if (o->v.len)
		map_strs_take(&mnt->options, &mnt->options_len, &o->v);
	if ((e->optional || o->nofail) && !strv_has(&m->optional, destination))
		strv_add(&m->optional, destination);
	report_kept(m->report, e->pos, pointer, NULL);
	if (o->differs)
		report_changed(m->report, e->pos, NULL, "as written, which LXC does not do");
}

void map_mount_entry(struct lxc_map *m, const struct lxc_mount *e)
{
	struct entry_options o = { 0 };
	autofree char *destination = entry_destination(m, e);

	if (!destination)
		return;
	if (map_options(m, e, &o) == 0) {
		if (!o.bind && (str_empty(e->type) || str_eq(e->type, "none")))
			diag_add(m->diag, "LXC-E253", e->pos, KEY,
				 "a mount of type 'none' that is no bind: the kernel refuses it");
		else if (str_eq(destination, "/"))
			diag_add(m->diag, "LXC-E003", e->pos, KEY, "'%s' is the root itself",
				 e->target);
		else
			write_entry(m, e, destination, &o);
	}
	strv_clear(&o.v);
}
