/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/mount_plan.h"

#include <sys/mount.h>

#include "base/table.h"

/* The text form of an operation, for create --dry-run and for tests. */

static const struct name_value kinds[] = {
	{ "fs", MOUNT_OP_FS },
	{ "bind", MOUNT_OP_BIND },
	{ "remount", MOUNT_OP_REMOUNT },
	{ "symlink", MOUNT_OP_SYMLINK },
};

static const struct name_value flags[] = {
	{ "recursive", MOUNT_OP_REC },
	{ "plain-dir", MOUNT_OP_PLAIN_DIR },
	{ "src-nofollow", MOUNT_OP_SRC_NOFOLLOW },
	{ "dest-nofollow", MOUNT_OP_DEST_NOFOLLOW },
	{ "copy-symlink", MOUNT_OP_COPY_SYMLINK },
	{ "copy-up", MOUNT_OP_COPY_UP },
	{ "inherit-mode", MOUNT_OP_INHERIT_MODE },
	{ "optional", MOUNT_OP_OPTIONAL },
	{ "late-ro", MOUNT_OP_LATE_RO },
	{ "keep-attrs", MOUNT_OP_KEEP_ATTRS },
	{ "source-proc", MOUNT_OP_SOURCE_PROC },
	{ "idmap", MOUNT_OP_IDMAP },
	{ "idmap-recursive", MOUNT_OP_IDMAP_REC },
	{ "idmap-userns", MOUNT_OP_IDMAP_USERNS },
	{ "superblock", MOUNT_OP_SUPERBLOCK },
	{ "label-root", MOUNT_OP_LABEL_ROOT },
	{ "mask-missing", MOUNT_OP_MASK_MISSING },
};

static const struct name_value attrs[] = {
	{ "ro", MOUNT_ATTR_RDONLY },
	{ "nosuid", MOUNT_ATTR_NOSUID },
	{ "nodev", MOUNT_ATTR_NODEV },
	{ "noexec", MOUNT_ATTR_NOEXEC },
	{ "nodiratime", MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow", MOUNT_ATTR_NOSYMFOLLOW },
};

static const struct name_value sb_flags[] = {
	{ "ro", MS_RDONLY },	 { "sync", MS_SYNCHRONOUS },  { "dirsync", MS_DIRSYNC },
	{ "mand", MS_MANDLOCK }, { "lazytime", MS_LAZYTIME }, { "iversion", MS_I_VERSION },
	{ "acl", MS_POSIXACL },	 { "silent", MS_SILENT },
};

static const struct name_value propagations[] = {
	{ "shared", MS_SHARED },
	{ "slave", MS_SLAVE },
	{ "private", MS_PRIVATE },
	{ "unbindable", MS_UNBINDABLE },
	{ "rshared", MS_SHARED | MS_REC },
	{ "rslave", MS_SLAVE | MS_REC },
	{ "rprivate", MS_PRIVATE | MS_REC },
	{ "runbindable", MS_UNBINDABLE | MS_REC },
};

static void add_key(struct strbuf *out, const char *key)
{
	strbuf_addf(out, "%s\"%s\":", out->s[out->len - 1] == '{' ? "" : ",", key);
}

static void add_string(struct strbuf *out, const char *key, const char *value)
{
	if (!value)
		return;
	add_key(out, key);
	strbuf_add_json(out, value);
}

static void add_list(struct strbuf *out, const char *key, char *const *v, size_t n)
{
	if (!n)
		return;
	add_key(out, key);
	for (size_t i = 0; i < n; i++) {
		strbuf_add_c(out, i ? ',' : '[');
		strbuf_add_json(out, v[i]);
	}
	strbuf_add_c(out, ']');
}

static void bit_names(struct strv *v, const struct name_value *t, size_t n, uint64_t bits)
{
	for (size_t i = 0; i < n; i++) {
		if (bits & (uint64_t) t[i].value)
			strv_add(v, t[i].name);
	}
}

static void add_bits(struct strbuf *out, const char *key, const struct name_value *t, size_t n,
		     uint64_t bits)
{
	autostrv struct strv v = { 0 };

	bit_names(&v, t, n, bits);
	add_list(out, key, v.v, v.len);
}
#define ADD_BITS(out, key, t, bits) add_bits((out), (key), (t), ARRAY_SIZE(t), (bits))

/* The access time mode is a number, not a bit; it is named by the side that sets it. */
static void add_attrs(struct strbuf *out, const char *set_key, const char *clear_key, uint64_t set,
		      uint64_t clear)
{
	autostrv struct strv v = { 0 };
	uint64_t mode = set & MOUNT_ATTR__ATIME;

	bit_names(&v, attrs, ARRAY_SIZE(attrs), set);
	if (mode || (clear & MOUNT_ATTR__ATIME))
		strv_add(&v, mode == MOUNT_ATTR_NOATIME	      ? "noatime"
			     : mode == MOUNT_ATTR_STRICTATIME ? "strictatime"
							      : "relatime");
	add_list(out, set_key, v.v, v.len);
	ADD_BITS(out, clear_key, attrs, clear);
}

const char *mount_propagation_name(unsigned int propagation)
{
	return TABLE_NAME(propagations, propagation);
}

static void add_propagation(struct strbuf *out, const struct mount_attrs *a)
{
	autostrv struct strv v = { 0 };

	for (size_t i = 0; i < a->propagation_len; i++)
		strv_add(&v, mount_propagation_name(a->propagation[i]));
	add_list(out, "propagation", v.v, v.len);
}

static void add_map(struct strbuf *out, const char *key, const struct oci_id_mapping *m, size_t n)
{
	if (!n)
		return;
	add_key(out, key);
	for (size_t i = 0; i < n; i++)
		strbuf_addf(out, "%s[%u,%u,%u]", i ? "," : "[", m[i].container_id, m[i].host_id,
			    m[i].size);
	strbuf_add_c(out, ']');
}

void mount_op_format(const struct mount_op *op, struct strbuf *out)
{
	const struct mount_attrs *a = &op->attrs;

	strbuf_add_c(out, '{');
	add_string(out, "op", TABLE_NAME(kinds, op->kind));
	add_string(out, "destination", op->destination);
	add_string(out, "type", op->fstype);
	add_string(out, "source", op->source);
	add_string(out, "alternative", op->alternative);
	ADD_BITS(out, "flags", flags, op->flags);
	add_attrs(out, "set", "clear", a->set, a->clear);
	add_attrs(out, "recSet", "recClear", a->rec_set, a->rec_clear);
	add_propagation(out, a);
	ADD_BITS(out, "superblock", sb_flags, op->sb_set);
	ADD_BITS(out, "superblockClear", sb_flags, op->sb_clear);
	add_list(out, "data", op->data.v, op->data.len);
	add_string(out, "label", op->label);
	add_map(out, "uidMap", op->map.uid, op->map.uid_len);
	add_map(out, "gidMap", op->map.gid, op->map.gid_len);
	strbuf_add_c(out, '}');
}
