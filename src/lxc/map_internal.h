/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_MAP_INTERNAL_H
#define HAKO_LXC_MAP_INTERNAL_H

/* Shared by the map_*.c files: what is being built, and short ways to write and to account for it.
 */

#include "base/str.h"
#include "lxc/map.h"
#include "ocispec.h"

struct lxc_map {
	const struct lxc_config *c;
	const struct lxc_map_opts *opts;
	const struct lxc_host *host; /* never NULL */
	struct lxc_diag *diag;
	struct lxc_report *report;
	struct oci_config *oci; /* with process, linux and linux.resources */
	const char *name;
	char *rootfs;	  /* absolute, or NULL when there is none */
	char *owner_path; /* directory whose owner the container's root has to be, or NULL */
	bool exact;
	bool generic;
	bool resources_valid;	 /* as far as map_cgroup1() has come */
	bool ns_new[LXC_NS_MAX]; /* by map_ns_plan() */
	bool ns_joined[LXC_NS_MAX];
	bool ns_named[LXC_NS_MAX]; /* new, but hako joins another container's: org.hako.ns.share */
	uint64_t caps;		   /* bounding set, by map_caps() */
	struct strv optional;	   /* destinations of optional mounts */
};

/* In this order; each accounts for its lines. */
void map_ns_plan(struct lxc_map *m);
void map_root(struct lxc_map *m);
void map_caps(struct lxc_map *m);
void map_process(struct lxc_map *m);
void map_mounts(struct lxc_map *m);
void map_hooks(struct lxc_map *m);
void map_ns(struct lxc_map *m);
void map_owner(struct lxc_map *m);
void map_net(struct lxc_map *m);
void map_hooks_late(struct lxc_map *m);
void map_cgroup(struct lxc_map *m);
void map_security(struct lxc_map *m);
void map_management(struct lxc_map *m);
void map_pve(struct lxc_map *m);

/* Parts with a file of their own. */
void map_cgroup1(struct lxc_map *m);
void map_cgroup_devices(struct lxc_map *m);
void map_apparmor(struct lxc_map *m);
void map_seccomp(struct lxc_map *m);
void map_sysctl(struct lxc_map *m);
void map_mount_entry(struct lxc_map *m, const struct lxc_mount *e);

/* Accounts for a value with its line, or, without one, as a default of Proxmox. */
void map_keep(struct lxc_map *m, struct lxc_pos pos, const char *pointer, const char *value);
/* annotations[name] = value. */
void map_annotate(struct lxc_map *m, const char *name, const char *value);
/* The same, and the line is kept there. */
void map_annotate_line(struct lxc_map *m, struct lxc_pos pos, const char *name, const char *value);
/* Appends to a string array of a document. */
void map_strs_add(char ***v, size_t *len, const char *s);
/* Turns a vector into such an array; the vector is empty afterwards. Never NULL. */
void map_strs_take(char ***v, size_t *len, struct strv *from);
/* Appends a mount; the address is good until the next one. *ret_pointer (may be NULL) is heap. */
struct oci_mount *map_mount_add(struct lxc_map *m, const char *destination, const char *type,
				const char *source, const char *options, char **ret_pointer);
/* Appends a hook at a stage; the address is good until the next one of that stage. */
enum map_stage { MAP_CREATE_RUNTIME, MAP_CREATE_CONTAINER, MAP_START_CONTAINER, MAP_POSTSTOP };
struct oci_hook *map_hook_add(struct lxc_map *m, enum map_stage stage, const char *path);
/* The same for `hako hook ARG…`; the arguments end with NULL. */
struct oci_hook *map_hook_self(struct lxc_map *m, enum map_stage stage, ...)
	__attribute__((sentinel));
/* What LXC's hooks on the host find in their environment. */
void map_hook_env(const struct lxc_map *m, struct strv *env);
/*
 * A security-relevant line without a counterpart: an error, or, when --allow names its key, a
 * warning and the line is dropped. code is that of the warning ("LXC-W281").
 */
void map_lost(struct lxc_map *m, struct lxc_pos pos, const char *key, const char *code,
	      const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* A note of a pure step as a diagnostic. */
void map_note(struct lxc_map *m, const struct lxc_note *n, struct lxc_pos pos, const char *key);
/* Is the name of a file, an interface, an annotation … free of what could lead elsewhere? */
bool map_is_plain_name(const char *s);
/* "SIGPWR", "SIGRTMIN+3", "17" for a number without a name. Heap. */
char *map_signal_name(uint64_t n);

static inline bool map_has_cap(const struct lxc_map *m, unsigned int cap)
{
	return m->caps >> cap & 1;
}

#endif
