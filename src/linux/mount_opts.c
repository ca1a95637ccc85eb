/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_opts.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "base/alloc.h"

/* Newer than the headers of Debian 12's C library. */
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256 /* Linux 5.10 */
#endif
#ifndef ST_NOSYMFOLLOW
#define ST_NOSYMFOLLOW 0x2000
#endif

enum opt_kind {
	OPT_NOTHING,
	OPT_SET, /* MOUNT_ATTR_* */
	OPT_CLEAR,
	OPT_ATIME, /* a mode of MOUNT_ATTR__ATIME: they exclude each other */
	OPT_REC_SET,
	OPT_REC_CLEAR,
	OPT_REC_ATIME,
	OPT_SB_SET, /* MS_* of the superblock */
	OPT_SB_CLEAR,
	OPT_PROPAGATION,
	OPT_FLAG, /* enum mount_opt_flags */
};

/*
 * Sorted. "norelatime" and "nostrictatime" undo their opposites; what is left is the kernel's
 * default, which is relatime.
 */
#define OPTIONS(X)                                                   \
	X("acl", OPT_SB_SET, MS_POSIXACL)                            \
	X("async", OPT_SB_CLEAR, MS_SYNCHRONOUS)                     \
	X("atime", OPT_ATIME, MOUNT_ATTR_RELATIME)                   \
	X("bind", OPT_FLAG, MOUNT_OPT_BIND)                          \
	X("copy-symlink", OPT_FLAG, MOUNT_OPT_COPY_SYMLINK)          \
	X("defaults", OPT_NOTHING, 0)                                \
	X("dest-nofollow", OPT_FLAG, MOUNT_OPT_DEST_NOFOLLOW)        \
	X("dev", OPT_CLEAR, MOUNT_ATTR_NODEV)                        \
	X("diratime", OPT_CLEAR, MOUNT_ATTR_NODIRATIME)              \
	X("dirsync", OPT_SB_SET, MS_DIRSYNC)                         \
	X("exec", OPT_CLEAR, MOUNT_ATTR_NOEXEC)                      \
	X("idmap", OPT_FLAG, MOUNT_OPT_IDMAP)                        \
	X("iversion", OPT_SB_SET, MS_I_VERSION)                      \
	X("lazytime", OPT_SB_SET, MS_LAZYTIME)                       \
	X("loud", OPT_SB_CLEAR, MS_SILENT)                           \
	X("mand", OPT_SB_SET, MS_MANDLOCK)                           \
	X("noacl", OPT_SB_CLEAR, MS_POSIXACL)                        \
	X("noatime", OPT_ATIME, MOUNT_ATTR_NOATIME)                  \
	X("nodev", OPT_SET, MOUNT_ATTR_NODEV)                        \
	X("nodiratime", OPT_SET, MOUNT_ATTR_NODIRATIME)              \
	X("noexec", OPT_SET, MOUNT_ATTR_NOEXEC)                      \
	X("noiversion", OPT_SB_CLEAR, MS_I_VERSION)                  \
	X("nolazytime", OPT_SB_CLEAR, MS_LAZYTIME)                   \
	X("nomand", OPT_SB_CLEAR, MS_MANDLOCK)                       \
	X("norelatime", OPT_ATIME, MOUNT_ATTR_RELATIME)              \
	X("nostrictatime", OPT_ATIME, MOUNT_ATTR_RELATIME)           \
	X("nosuid", OPT_SET, MOUNT_ATTR_NOSUID)                      \
	X("nosymfollow", OPT_SET, MOUNT_ATTR_NOSYMFOLLOW)            \
	X("private", OPT_PROPAGATION, MS_PRIVATE)                    \
	X("ratime", OPT_REC_ATIME, MOUNT_ATTR_RELATIME)              \
	X("rbind", OPT_FLAG, MOUNT_OPT_BIND | MOUNT_OPT_REC)         \
	X("rdev", OPT_REC_CLEAR, MOUNT_ATTR_NODEV)                   \
	X("rdiratime", OPT_REC_CLEAR, MOUNT_ATTR_NODIRATIME)         \
	X("relatime", OPT_ATIME, MOUNT_ATTR_RELATIME)                \
	X("remount", OPT_FLAG, MOUNT_OPT_REMOUNT)                    \
	X("rexec", OPT_REC_CLEAR, MOUNT_ATTR_NOEXEC)                 \
	X("ridmap", OPT_FLAG, MOUNT_OPT_IDMAP | MOUNT_OPT_IDMAP_REC) \
	X("rnoatime", OPT_REC_ATIME, MOUNT_ATTR_NOATIME)             \
	X("rnodev", OPT_REC_SET, MOUNT_ATTR_NODEV)                   \
	X("rnodiratime", OPT_REC_SET, MOUNT_ATTR_NODIRATIME)         \
	X("rnoexec", OPT_REC_SET, MOUNT_ATTR_NOEXEC)                 \
	X("rnorelatime", OPT_REC_ATIME, MOUNT_ATTR_RELATIME)         \
	X("rnostrictatime", OPT_REC_ATIME, MOUNT_ATTR_RELATIME)      \
	X("rnosuid", OPT_REC_SET, MOUNT_ATTR_NOSUID)                 \
	X("rnosymfollow", OPT_REC_SET, MOUNT_ATTR_NOSYMFOLLOW)       \
	X("ro", OPT_SET, MOUNT_ATTR_RDONLY)                          \
	X("rprivate", OPT_PROPAGATION, MS_PRIVATE | MS_REC)          \
	X("rrelatime", OPT_REC_ATIME, MOUNT_ATTR_RELATIME)           \
	X("rro", OPT_REC_SET, MOUNT_ATTR_RDONLY)                     \
	X("rrw", OPT_REC_CLEAR, MOUNT_ATTR_RDONLY)                   \
	X("rshared", OPT_PROPAGATION, MS_SHARED | MS_REC)            \
	X("rslave", OPT_PROPAGATION, MS_SLAVE | MS_REC)              \
	X("rstrictatime", OPT_REC_ATIME, MOUNT_ATTR_STRICTATIME)     \
	X("rsuid", OPT_REC_CLEAR, MOUNT_ATTR_NOSUID)                 \
	X("rsymfollow", OPT_REC_CLEAR, MOUNT_ATTR_NOSYMFOLLOW)       \
	X("runbindable", OPT_PROPAGATION, MS_UNBINDABLE | MS_REC)    \
	X("rw", OPT_CLEAR, MOUNT_ATTR_RDONLY)                        \
	X("shared", OPT_PROPAGATION, MS_SHARED)                      \
	X("silent", OPT_SB_SET, MS_SILENT)                           \
	X("slave", OPT_PROPAGATION, MS_SLAVE)                        \
	X("src-nofollow", OPT_FLAG, MOUNT_OPT_SRC_NOFOLLOW)          \
	X("strictatime", OPT_ATIME, MOUNT_ATTR_STRICTATIME)          \
	X("suid", OPT_CLEAR, MOUNT_ATTR_NOSUID)                      \
	X("symfollow", OPT_CLEAR, MOUNT_ATTR_NOSYMFOLLOW)            \
	X("sync", OPT_SB_SET, MS_SYNCHRONOUS)                        \
	X("tmpcopyup", OPT_FLAG, MOUNT_OPT_COPY_UP)                  \
	X("unbindable", OPT_PROPAGATION, MS_UNBINDABLE)

struct opt {
	const char *name;
	enum opt_kind kind;
	unsigned int value;
};

#define AS_ROW(n, k, v)	 { n, k, v },
#define AS_NAME(n, k, v) n,
static const struct opt table[] = { OPTIONS(AS_ROW) };
static const char *const names[] = { OPTIONS(AS_NAME) };

const char *const *mount_opts_names(size_t *ret_len)
{
	*ret_len = ARRAY_SIZE(names);
	return names;
}

static int compare(const void *name, const void *row)
{
	return strcmp(name, ((const struct opt *) row)->name);
}

static const struct opt *find(const char *name)
{
	return bsearch(name, table, ARRAY_SIZE(table), sizeof(table[0]), compare);
}

int mount_opts_propagation(const char *name, unsigned int *ret)
{
	const struct opt *o = find(name);

	if (!o || o->kind != OPT_PROPAGATION)
		return -EINVAL;
	*ret = o->value;
	return 0;
}

static void attr_set(uint64_t *set, uint64_t *clear, uint64_t bits)
{
	*set |= bits;
	*clear &= ~bits;
}

/* mount_setattr(2) wants all bits of the old mode cleared whenever a mode is set. */
static void attr_atime(uint64_t *set, uint64_t *clear, uint64_t mode)
{
	*set = (*set & ~(uint64_t) MOUNT_ATTR__ATIME) | mode;
	*clear |= MOUNT_ATTR__ATIME;
}

static void add_propagation(struct mount_attrs *a, unsigned int value)
{
	size_t n = 0;

	for (size_t i = 0; i < a->propagation_len; i++) {
		if (a->propagation[i] != value)
			a->propagation[n++] = a->propagation[i];
	}
	a->propagation[n++] = value;
	a->propagation_len = n;
}

static void apply_option(struct mount_opts *o, const struct opt *row)
{
	struct mount_attrs *a = &o->attrs;

	switch (row->kind) {
	case OPT_NOTHING:
		break;
	case OPT_SET:
		attr_set(&a->set, &a->clear, row->value);
		break;
	case OPT_CLEAR:
		attr_set(&a->clear, &a->set, row->value);
		break;
	case OPT_ATIME:
		attr_atime(&a->set, &a->clear, row->value);
		break;
	case OPT_REC_SET:
		attr_set(&a->rec_set, &a->rec_clear, row->value);
		break;
	case OPT_REC_CLEAR:
		attr_set(&a->rec_clear, &a->rec_set, row->value);
		break;
	case OPT_REC_ATIME:
		attr_atime(&a->rec_set, &a->rec_clear, row->value);
		break;
	case OPT_SB_SET:
		o->sb_set |= row->value;
		o->sb_clear &= ~row->value;
		break;
	case OPT_SB_CLEAR:
		o->sb_clear |= row->value;
		o->sb_set &= ~row->value;
		break;
	case OPT_PROPAGATION:
		add_propagation(a, row->value);
		break;
	case OPT_FLAG:
		o->flags |= row->value;
		break;
	}
}

/*
 * "size=1m,mode=755" in one item: mount(2) would take that apart, fsconfig(2) does not. A comma
 * within quotes (SELinux contexts) or behind a backslash (overlay's lowerdir) belongs to the value.
 */
static void add_data(struct strv *data, const char *item)
{
	const char *start = item;
	bool quoted = false;

	for (const char *p = item;; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			continue;
		}
		if (*p == '"')
			quoted = !quoted;
		if (*p && (*p != ',' || quoted))
			continue;
		if (p > start)
			strv_add_take(data, xstrndup(start, (size_t) (p - start)));
		if (!*p)
			return;
		start = p + 1;
	}
}

static void parse_one(struct mount_opts *o, const char *item)
{
	const struct opt *row = find(item);
	const char *text = str_after(item, "idmap=");
	bool rec = false;

	if (row) {
		apply_option(o, row);
		return;
	}
	if (!text) {
		text = str_after(item, "ridmap=");
		rec = text != NULL;
	}
	if (!text) {
		add_data(&o->data, item);
		return;
	}
	o->flags |= MOUNT_OPT_IDMAP | (rec ? MOUNT_OPT_IDMAP_REC : 0u);
	free(o->idmap);
	o->idmap = xstrdup(text);
}

void mount_opts_parse(char *const *options, size_t n, struct mount_opts *ret)
{
	*ret = (struct mount_opts){ 0 };
	for (size_t i = 0; i < n; i++)
		parse_one(ret, options[i]);
}

void mount_opts_clear(struct mount_opts *o)
{
	free(o->idmap);
	strv_clear(&o->data);
	*o = (struct mount_opts){ 0 };
}

static const struct {
	unsigned int attr;
	unsigned int ms;
	unsigned int st;
} attr_bits[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY, ST_RDONLY },
	{ MOUNT_ATTR_NOSUID, MS_NOSUID, ST_NOSUID },
	{ MOUNT_ATTR_NODEV, MS_NODEV, ST_NODEV },
	{ MOUNT_ATTR_NOEXEC, MS_NOEXEC, ST_NOEXEC },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ST_NODIRATIME },
	{ MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, ST_NOSYMFOLLOW },
};

unsigned long mount_attr_to_ms(uint64_t attr)
{
	uint64_t atime = attr & MOUNT_ATTR__ATIME;
	unsigned long ms = 0;

	for (size_t i = 0; i < ARRAY_SIZE(attr_bits); i++) {
		if (attr & attr_bits[i].attr)
			ms |= attr_bits[i].ms;
	}
	if (atime == MOUNT_ATTR_NOATIME)
		return ms | MS_NOATIME;
	return ms | (atime == MOUNT_ATTR_STRICTATIME ? MS_STRICTATIME : MS_RELATIME);
}

uint64_t mount_attr_from_statvfs(unsigned long f_flag)
{
	uint64_t attr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(attr_bits); i++) {
		if (f_flag & attr_bits[i].st)
			attr |= attr_bits[i].attr;
	}
	if (f_flag & ST_NOATIME)
		return attr | MOUNT_ATTR_NOATIME;
	return attr | (f_flag & ST_RELATIME ? MOUNT_ATTR_RELATIME : MOUNT_ATTR_STRICTATIME);
}
