/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_MOUNT_OPTS_H
#define HAKO_LINUX_MOUNT_OPTS_H

/*
 * Mount options of a configuration → what they mean to the kernel. PURE. One table knows every
 * option of the runtime specification 1.3 (and src-nofollow, dest-nofollow, copy-symlink of the
 * field); whatever is not in it belongs to the file system.
 */

#include <linux/mount.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* The attributes a mount has (mount_setattr(2)). In a pair, clear is applied before set. */
struct mount_attrs {
	uint64_t set;	  /* MOUNT_ATTR_* of the mount itself */
	uint64_t clear;	  /* holds all of MOUNT_ATTR__ATIME when an access time mode is named */
	uint64_t rec_set; /* the r… options: of the mount and of all mounts below it */
	uint64_t rec_clear;
	/*
	 * MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, each perhaps with MS_REC; in this order,
	 * each once ("slave" and "shared" together give a mount that is both).
	 */
	unsigned int propagation[8];
	size_t propagation_len;
};

enum mount_opt_flags {
	MOUNT_OPT_BIND = 1,
	MOUNT_OPT_REC = 2, /* rbind */
	MOUNT_OPT_REMOUNT = 4,
	MOUNT_OPT_COPY_UP = 8,	     /* tmpcopyup */
	MOUNT_OPT_COPY_SYMLINK = 16, /* a source that is a link is made anew, not followed */
	MOUNT_OPT_SRC_NOFOLLOW = 32,
	MOUNT_OPT_DEST_NOFOLLOW = 64,
	MOUNT_OPT_IDMAP = 128,
	MOUNT_OPT_IDMAP_REC = 256, /* ridmap */
};

struct mount_opts {
	struct mount_attrs attrs;
	unsigned int flags;  /* enum mount_opt_flags */
	unsigned int sb_set; /* of the superblock: MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME, … */
	unsigned int sb_clear;
	char *idmap;	  /* NULL, or what is behind "idmap=": "uids=0-1000-1;gids=0-1000-1" */
	struct strv data; /* for the file system: "key" or "key=value", one each */
};

/*
 * Later options win over earlier ones. An item of several comma-separated file system options is
 * taken apart, with respect for quotes and backslashes. Nothing can fail: what is unknown is data.
 * *ret need not be initialised.
 */
void mount_opts_parse(char *const *options, size_t n, struct mount_opts *ret);
void mount_opts_clear(struct mount_opts *o);

/* All names of the table, sorted, for features' mountOptions. Static; *ret_len is set. */
const char *const *mount_opts_names(size_t *ret_len);

/* "shared", "rslave", … → MS_* flags; 0 or -EINVAL, quiet. */
int mount_opts_propagation(const char *name, unsigned int *ret);

/* MOUNT_ATTR_* bits as MS_* flags for mount(2), and the attributes that a statvfs f_flag tells. */
unsigned long mount_attr_to_ms(uint64_t attr);
uint64_t mount_attr_from_statvfs(unsigned long f_flag);

#endif
