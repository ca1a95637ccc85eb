/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_PLAN_H
#define HAKO_LINUX_MOUNT_PLAN_H

/*
 * The mounts of a configuration → an ordered list of simple operations. PURE: everything that needs
 * the machine is a parameter. A cgroup mount becomes several operations here, so that carrying the
 * list out (mount_apply.h) needs no knowledge of cgroups.
 */

#include "linux/idmap.h"
#include "linux/mount_opts.h"
#include "ocispec.h"

enum mount_op_kind {
	MOUNT_OP_FS,	  /* a new mount of a file system */
	MOUNT_OP_BIND,	  /* a clone of what is at source on the host */
	MOUNT_OP_REMOUNT, /* new attributes, or new superblock options, for what is mounted there */
	MOUNT_OP_SYMLINK, /* source is the text of a link to be made */
};

enum mount_op_flags {
	MOUNT_OP_REC = 1,	/* bind: with the mounts below the source */
	MOUNT_OP_PLAIN_DIR = 2, /* the destination must be an ordinary directory, no link */
	MOUNT_OP_SRC_NOFOLLOW = 4,
	MOUNT_OP_DEST_NOFOLLOW = 8,
	MOUNT_OP_COPY_SYMLINK = 16,
	MOUNT_OP_COPY_UP = 32,	      /* tmpfs: begin with a copy of the directory below */
	MOUNT_OP_INHERIT_MODE = 64,   /* tmpfs without mode=: take the directory's */
	MOUNT_OP_OPTIONAL = 128,      /* a failure is logged and passed over */
	MOUNT_OP_LATE_RO = 256,	      /* read-only by mount_apply_late(): still written into */
	MOUNT_OP_KEEP_ATTRS = 512,    /* bind without attribute options: those of the source stay */
	MOUNT_OP_SOURCE_PROC = 1024,  /* bind onto /proc: the source must be the root of a procfs */
	MOUNT_OP_IDMAP = 2048,	      /* the tree comes from the host_tree callback, idmapped */
	MOUNT_OP_IDMAP_REC = 4096,    /* … with all mounts below */
	MOUNT_OP_IDMAP_USERNS = 8192, /* by the container's user namespace; else by map */
	MOUNT_OP_SUPERBLOCK = 16384,  /* remount: sb_set, sb_clear and data are wanted too */
	MOUNT_OP_LABEL_ROOT = 32768,  /* mqueue takes no context=: label the root directory */
	MOUNT_OP_MASK_MISSING = 65536, /* bind without a source: an empty read-only directory */
};

struct mount_op {
	enum mount_op_kind kind;
	unsigned int flags; /* enum mount_op_flags */
	size_t index;	    /* of mounts[], for messages */
	char *destination;  /* below the rootfs; clean, begins with '/' */
	char *source;	    /* FS: as mountinfo shall show it. BIND: absolute host path */
	char *fstype;	    /* FS */
	/*
	 * FS that our user namespace may not mount (EPERM): clone this host tree with all below
	 * instead, with the attributes on all of it. NULL = no such way.
	 */
	char *alternative;
	struct mount_attrs attrs;
	unsigned int sb_set; /* MS_* */
	unsigned int sb_clear;
	struct strv data;
	char *label;	  /* with MOUNT_OP_LABEL_ROOT */
	struct idmap map; /* IDMAP without IDMAP_USERNS: for userns_fds_get(); ours */
};

enum mount_cgroup_mode {
	MOUNT_CGROUP_NONE, /* the host has no cgroup file system */
	MOUNT_CGROUP_V2,
	MOUNT_CGROUP_V1, /* v1, or v1 with a cgroup2 tree beside it */
};

/* One hierarchy the container is in: struct cg_dir of the cgroup plan. */
struct mount_cgroup {
	const char *controllers; /* "cpu,cpuacct", "name=systemd"; "" is cgroup2 */
	const char *mountpoint;	 /* "/sys/fs/cgroup/memory" */
	const char *path;	 /* the container's cgroup below it, "/x" */
};

struct mount_plan_args {
	const struct oci_mount *mounts;
	size_t mounts_len;
	const char *bundle; /* absolute; relative bind sources are below it */
	bool userns;	    /* the container has a user namespace of its own (new or joined) */
	bool pidns;	    /* … a pid namespace: then the host's /proc is no substitute */
	bool cgroupns;
	enum mount_cgroup_mode cgroup_mode;
	/* The container's own cgroups, the cgroup2 one first. None: a cgroup mount is read-only. */
	const struct mount_cgroup *cgroups;
	size_t cgroups_len;
	/*
	 * They may turn out not to be made (without privilege, when nothing is asked of them): what
	 * a cgroup namespace shows is then the caller's cgroup, so it is read-only.
	 */
	bool cgroups_may_fail;
	/*
	 * linux.rootfsPropagation as MS_* flags, 0 = absent. When it is private, so are binds that
	 * do not say otherwise.
	 */
	unsigned int rootfs_propagation;
	const char *label;	/* linux.mountLabel; NULL also when the host has no SELinux */
	const char *label_type; /* "context" when NULL */
	/*
	 * Keys are destinations that may fail (annotation org.hako.mounts.optional); may be NULL.
	 */
	const struct oci_map *optional;
	/*
	 * The container's own mappings, for relative ones ("idmap=uids=@0-0-10"); zeroes: none
	 * known.
	 */
	struct idmap userns_map;
};

struct mount_plan {
	struct mount_op *ops;
	size_t len;
	bool dev_bound;	   /* a bind mount covers /dev: what is in it is not ours to make */
	struct strv notes; /* options without an effect, one sentence each, for a warning */
};

/*
 * 0, or -EINVAL / -ENOTSUP with a text that begins with "mounts[N]: ". Refused is what can never be
 * right: no destination, a mount on "/", one at or below /proc (but proc itself and the single
 * files that lxcfs and others provide), tmpcopyup elsewhere than on a tmpfs, idmap without mappings
 * or without a bind, an fs type missing. *ret need not be initialised; nothing is in it after a
 * failure.
 */
int mount_plan(const struct mount_plan_args *args, struct mount_plan *ret);
void mount_plan_clear(struct mount_plan *plan);

/* One line of JSON: {"op":"fs","type":"proc",…}; members that say nothing are left out. */
void mount_op_format(const struct mount_op *op, struct strbuf *out);
/* MS_SLAVE | MS_REC -> "rslave"; NULL when it is none. */
const char *mount_propagation_name(unsigned int propagation);

#endif
