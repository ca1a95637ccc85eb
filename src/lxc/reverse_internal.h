/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_REVERSE_INTERNAL_H
#define HAKO_LXC_REVERSE_INTERNAL_H

/* Shared by the reverse_*.c files. */

#include "lxc/model.h"
#include "lxc/reverse.h"
#include "ocispec.h"

struct reverse {
	const struct oci_config *oci;
	const struct lxc_reverse_opts *opts;
	struct lxc_reverse_result *out;
	struct strbuf config;
	unsigned int lines; /* in config */
	const char *name;
	char *rootfs;	 /* absolute */
	bool proc_mixed; /* /proc is proc:mixed: LXC writes no sysctl there but net.* */
	bool has_proc;
	uint64_t caps; /* bounding set */
	unsigned int nets;
};

/* In this order; each accounts for what it takes. */
void reverse_root(struct reverse *r);
void reverse_process(struct reverse *r);
void reverse_mounts(struct reverse *r);
void reverse_linux(struct reverse *r);
void reverse_cgroup(struct reverse *r);
void reverse_seccomp(struct reverse *r);
void reverse_net(struct reverse *r);
void reverse_hooks(struct reverse *r);
void reverse_annotations(struct reverse *r);

/*
 * Writes "key = value", quoted where LXC would cut, and accounts for the pointer as kept. The
 * line's number; 0 when the value cannot be written in LXC's language (accounted for as lost).
 */
unsigned int reverse_set(struct reverse *r, const char *pointer, const char *key, const char *fmt,
			 ...) __attribute__((format(printf, 4, 5)));
/* line 0: nothing needs to be written. note may be NULL. */
void reverse_kept(struct reverse *r, const char *pointer, unsigned int line, const char *note);
void reverse_changed(struct reverse *r, const char *pointer, unsigned int line, const char *fmt,
		     ...) __attribute__((format(printf, 4, 5)));
void reverse_dropped(struct reverse *r, const char *pointer, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Something that confines the container: refused, unless it is allowed to be dropped. */
void reverse_lost(struct reverse *r, const char *pointer, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Has somebody accounted for the pointer? */
/* A mount entry; blanks and backslashes in the fields are written as fstab(5) has them. */
void reverse_add_entry(struct reverse *r, const char *pointer, const char *source,
		       const char *target, const char *type, const char *options);
bool reverse_has_row(const struct reverse *r, const char *pointer);
/* The annotation's text, or NULL. */
const char *reverse_annotation(const struct reverse *r, const char *name);
bool reverse_has_option(const struct oci_mount *m, const char *option);
/* "none", "bind" and "rbind" all mean a bind mount when the options say so. */
bool reverse_is_bind(const struct oci_mount *m);

#endif
