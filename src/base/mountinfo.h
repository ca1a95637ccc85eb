/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_MOUNTINFO_H
#define HAKO_BASE_MOUNTINFO_H

/* /proc/PID/mountinfo, see proc(5): a pure parser over its text. */

#include <stddef.h>
#include <stdint.h>

struct mountinfo {
	int id, parent;
	unsigned int dev_major, dev_minor;
	char *root; /* octal escapes decoded */
	char *mountpoint;
	char *options;	   /* per mount */
	char *propagation; /* "shared:1 master:2", "" for private */
	char *fstype;
	char *source;
	char *super_options; /* per superblock */
};

/*
 * Calls fn for each line; the struct's strings live until fn returns. Stops at the first non-zero
 * return and returns it; a malformed line is -EINVAL. The text is not changed.
 */
int mountinfo_each(const char *text, int (*fn)(void *arg, const struct mountinfo *m), void *arg);

#endif
