/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_MODEL_H
#define HAKO_LXC_MODEL_H

/*
 * What a configuration says once all its lines are combined: typed, in order, every value with the
 * place that set it. The parser fills it, the mapping only reads it.
 *
 * Presence. A scalar was decided by a line if `has` is set (strings: if s is not NULL). An empty
 * value is a decision too: "lxc.autodev =" gives {has, on = false}, a cleared string gives s = NULL
 * with the position of the clearing line. pos.line is 0 where no line ever spoke.
 *
 * All lists are in the order in which the lines were read (includes stand where they were included)
 * and hold only what survived the clearing lines.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct lxc_key;

/* A line of an input: file is an index into lxc_config.files, line counts from 1; line 0 = nowhere.
 */
struct lxc_pos {
	uint32_t file;
	uint32_t line;
};

/*
 * One reading of one input. A file that is included twice has two entries, so that a position names
 * one line of one reading. Pseudo inputs ("--define") have a name and no content of their own.
 */
struct lxc_file {
	char *name; /* as written by who named it, after resolving against the directory */
	struct lxc_pos
		from; /* the lxc.include or lxc.mount.fstab line; line 0 for the first input */
	struct {      /* v[line] - 1 is the index into lxc_config.lines; 0 = nothing there */
		uint32_t *v;
		size_t len;
	} row;
	bool from_dir; /* one of several files of an included directory */
};

struct lxc_files {
	struct lxc_file *v;
	size_t len;
};

/* What became of a line while the lines were combined. Only LIVE ones are the mapping's business.
 */
enum lxc_fate {
	LXC_LINE_LIVE,	   /* its value is in the model */
	LXC_LINE_REPLACED, /* a later line set the same thing: `by` */
	LXC_LINE_CLEARED,  /* a later line emptied the list: `by` */
	LXC_LINE_CLEARS,   /* it is such an empty line itself */
	LXC_LINE_CONSUMED, /* acts on the configuration itself, as lxc.include does: see note */
	LXC_LINE_IGNORED,  /* not a setting for LXC (LXC-W101) or without effect: see note */
	LXC_LINE_MANAGED,  /* Proxmox management data and the like: carries nothing, see note */
	LXC_LINE_FAILED,   /* refused with an error diagnostic */
};

/* Every line that is neither blank nor a comment, in reading order: the rows of the report. */
struct lxc_line {
	struct lxc_pos pos;
	struct lxc_pos by;
	enum lxc_fate fate;
	enum lxc_fate by_fate; /* of one of several values, which `by` ended; else LIVE */
	const struct lxc_key *key; /* NULL: unknown, ignored text, or a Proxmox key */
	char *name;		   /* the key as written, or the ignored text */
	char *value; /* the value as used (trimmed, unquoted); NULL for ignored text */
	char *note;  /* more about the fate, or NULL */
};

struct lxc_str {
	char *s;
	struct lxc_pos pos;
};

struct lxc_num {
	uint64_t n;
	bool has;
	struct lxc_pos pos;
};

struct lxc_bool {
	bool on;
	bool has;
	struct lxc_pos pos;
};

struct lxc_strs {
	struct lxc_str *v;
	size_t len;
};

/* FILE = VALUE, K = VALUE: the part of the key behind the family's name, and the value's text. */
struct lxc_pair {
	char *key;
	char *value;
	struct lxc_pos pos;
};

struct lxc_pairs {
	struct lxc_pair *v;
	size_t len;
};

/* NAME=value; a bare NAME was looked up in lxc_opts.env already. */
struct lxc_env {
	char *name;
	char *value;
	struct lxc_pos pos;
};

struct lxc_envs {
	struct lxc_env *v;
	size_t len;
};

#define LXC_UNLIMITED UINT64_MAX

struct lxc_prlimit {
	char *name; /* lower case without RLIMIT_, or a number as written */
	uint64_t soft;
	uint64_t hard;
	struct lxc_pos pos;
};

struct lxc_idmap {
	bool is_gid;
	uint32_t nsid;
	uint32_t hostid;
	uint32_t count;
	struct lxc_pos pos;
};

/*
 * lxc.cap.drop and lxc.cap.keep share one list. LXC_CAPS_KEEP with an empty list keeps nothing
 * ("none"). Numbers can repeat and can exceed what the specification names.
 */
enum lxc_caps_mode { LXC_CAPS_UNSET, LXC_CAPS_DROP, LXC_CAPS_KEEP };

struct lxc_cap {
	unsigned int number;
	struct lxc_pos pos;
};

struct lxc_caps {
	enum lxc_caps_mode mode;
	struct lxc_cap *v;
	size_t len;
	struct lxc_pos pos; /* the line that decided the mode, or cleared it */
};

enum lxc_ns {
	LXC_NS_USER,
	LXC_NS_MNT,
	LXC_NS_PID,
	LXC_NS_UTS,
	LXC_NS_IPC,
	LXC_NS_NET,
	LXC_NS_CGROUP,
	LXC_NS_TIME,
	LXC_NS_MAX,
};

/* The or-ed list of lxc.namespace.clone or .keep; has is false when unset or cleared. */
struct lxc_ns_set {
	bool has;
	bool on[LXC_NS_MAX];
	struct lxc_pos at[LXC_NS_MAX]; /* the first line that named it */
	struct lxc_pos pos;
};

/* lxc.time.offset.*: seconds from h, m and s units, nanoseconds from ms, us and ns units. */
struct lxc_time_offset {
	int64_t secs;
	int64_t nanosecs;
	struct lxc_pos secs_pos;
	struct lxc_pos nanosecs_pos;
	bool has; /* a line set either; both can still be 0 */
};

/* Signals: 0 = explicitly none or cleared; unset = has is false. */

enum lxc_auto_proc { LXC_AUTO_PROC_NONE, LXC_AUTO_PROC_MIXED, LXC_AUTO_PROC_RW };
enum lxc_auto_sys { LXC_AUTO_SYS_NONE, LXC_AUTO_SYS_MIXED, LXC_AUTO_SYS_RO, LXC_AUTO_SYS_RW };
enum lxc_auto_cgroup {
	LXC_AUTO_CGROUP_NONE,
	LXC_AUTO_CGROUP_DEFAULT, /* "cgroup", "cgroup-full": mixed or rw, the kernel's choice */
	LXC_AUTO_CGROUP_MIXED,
	LXC_AUTO_CGROUP_RO,
	LXC_AUTO_CGROUP_RW,
};

/* lxc.mount.auto: four independent groups. An emptied group is NONE with the clearing line. */
struct lxc_mount_auto {
	enum lxc_auto_proc proc;
	struct lxc_pos proc_pos;
	enum lxc_auto_sys sys;
	struct lxc_pos sys_pos;
	enum lxc_auto_cgroup cgroup;
	bool cgroup_full;    /* cgroup-full... */
	bool cgroup_v2_only; /* cgroup2... */
	bool cgroup_force;   /* ...:force */
	struct lxc_pos cgroup_pos;
	char *shmounts_host; /* NULL = none; never "" (LXC-E262) */
	char *shmounts_cont; /* default "/dev/.lxc-mounts" */
	struct lxc_pos shmounts_pos;
};

enum lxc_mount_create { LXC_CREATE_NONE, LXC_CREATE_DIR, LXC_CREATE_FILE };

/*
 * A line of lxc.mount.entry or of the fstab file, octal escapes decoded. LXC's own options are
 * taken out of the list (in exact mode as LXC finds them: anywhere in the text); what is left keeps
 * its order and spelling, so matching the generic names is the mapping's work.
 */
struct lxc_mount {
	char *source;
	char *target;
	char *type;
	char *options_text; /* the field as it stood, "" when missing */
	struct strv options;
	enum lxc_mount_create create;
	bool optional;
	bool relative;
	bool by_pve; /* Proxmox mounts it: LXC neither forgets a flag of it nor clears it */
	char *idmap; /* "container" or a path, or NULL */
	struct lxc_pos pos;
};

/* A device node to make in the container. */
struct lxc_node {
	char *path;
	uint32_t mode, uid, gid;
	struct lxc_pos pos;
};

struct lxc_mounts {
	struct lxc_mount *v;
	size_t len;
};

/* lxc.hook.*, in the order in which LXC runs them. */
enum lxc_hook {
	LXC_HOOK_PRE_START,
	LXC_HOOK_PRE_MOUNT,
	LXC_HOOK_MOUNT,
	LXC_HOOK_AUTODEV,
	LXC_HOOK_START,
	LXC_HOOK_START_HOST,
	LXC_HOOK_STOP,
	LXC_HOOK_POST_STOP,
	LXC_HOOK_CLONE,
	LXC_HOOK_DESTROY,
	LXC_HOOK_MAX,
};

enum lxc_net_type {
	LXC_NET_UNSET, /* sub-keys without a type: LXC fails at start */
	LXC_NET_NONE,
	LXC_NET_EMPTY,
	LXC_NET_VETH,
	LXC_NET_MACVLAN,
	LXC_NET_IPVLAN,
	LXC_NET_VLAN,
	LXC_NET_PHYS,
};

/* An address, normalised; prefix is always filled in (class default for IPv4, 64 for IPv6). */
struct lxc_net_addr {
	char *addr;
	char *bcast; /* IPv4: as written or computed; NULL for /31, /32 and IPv6 */
	unsigned int prefix;
	struct lxc_pos pos;
};

struct lxc_net_addrs {
	struct lxc_net_addr *v;
	size_t len;
};

struct lxc_net_gw {
	char *addr; /* normalised, or NULL */
	bool automatic;
	bool dev; /* a device route; wins over addr, as in LXC (sticky) */
	struct lxc_pos pos;
	struct lxc_pos dev_pos;
};

/* VLAN ids of a bridge port: none = "none", id otherwise. */
struct lxc_net_vlan {
	bool has;
	bool none;
	uint16_t id;
	struct lxc_pos pos;
};

struct lxc_net {
	uint32_t index;
	struct lxc_pos pos; /* the type line, or the first sub-key when there is none */
	enum lxc_net_type type;
	struct lxc_str link;
	struct lxc_str name;
	struct lxc_bool up;    /* flags */
	struct lxc_str hwaddr; /* lower case; 'x' = a digit to be rolled */
	struct lxc_num mtu;
	struct lxc_net_addrs ipv4;
	struct lxc_net_addrs ipv6;
	struct lxc_net_gw gw4;
	struct lxc_net_gw gw6;
	struct lxc_str script_up;
	struct lxc_str script_down;
	struct lxc_bool l2proxy;
	struct lxc_str macvlan_mode;
	struct lxc_str ipvlan_mode;
	struct lxc_str ipvlan_isolation;
	struct lxc_num vlan_id;
	struct lxc_str veth_mode;
	struct lxc_str veth_pair;
	struct lxc_net_vlan veth_vlan;
	struct {
		struct lxc_net_vlan *v;
		size_t len;
	} veth_tagged;
	struct lxc_net_addrs veth_routes4;
	struct lxc_net_addrs veth_routes6;
	struct lxc_num veth_rxq;
	struct lxc_num veth_txq;
	struct { /* every line that spoke of this NIC since it was last erased */
		struct lxc_pos *v;
		size_t len;
	} lines;
};

struct lxc_nets {
	struct lxc_net *v; /* sorted by index, gaps allowed */
	size_t len;
};

/* How the files that a configuration names are opened. */
struct lxc_access {
	bool none;     /* not at all */
	char *root;    /* each is looked up in this directory, or NULL */
	bool as_owner; /* with the rights of these ids: access.h */
	uid_t uid;
	gid_t gid;
};

struct lxc_config {
	struct lxc_files files;
	struct lxc_access access;
	struct {
		struct lxc_line *v;
		size_t len;
	} lines;
	bool is_pve; /* read by the Proxmox front end */
	/* Of Proxmox: data of management by key, features that cannot be carried (with the reason),
	 * nodes to make, and the text of the seccomp profile that it generates. */
	struct lxc_pairs pve_data;
	struct lxc_pairs pve_lost;
	struct {
		struct lxc_node *v;
		size_t len;
	} nodes;
	char *seccomp_text;

	/* 2.1 identity, init, process */
	struct lxc_str arch;
	struct lxc_str uts_name;
	struct lxc_str init_cmd;
	struct lxc_str execute_cmd;
	struct lxc_str init_cwd;
	struct lxc_num init_uid;
	struct lxc_num init_gid;
	struct {
		struct lxc_num *v;
		size_t len;
	} init_groups;
	struct lxc_envs environment;
	struct lxc_envs environment_runtime;
	struct lxc_envs environment_hooks;
	struct lxc_bool no_new_privs;
	struct {
		struct lxc_prlimit *v;
		size_t len;
	} prlimit;
	struct lxc_pairs sysctl;
	struct lxc_pairs proc;
	struct lxc_bool sched_core;
	struct lxc_bool keyring_session; /* on = keep the caller's keyring */
	struct lxc_bool ephemeral;
	struct lxc_num signal_halt;
	struct lxc_num signal_reboot;
	struct lxc_num signal_stop;

	/* 2.2 namespaces, ids, time */
	struct lxc_ns_set ns_clone;
	struct lxc_ns_set ns_keep;
	struct lxc_str ns_share[LXC_NS_MAX];
	struct {
		struct lxc_idmap *v;
		size_t len;
	} idmap;
	struct lxc_time_offset time_boot;
	struct lxc_time_offset time_monotonic;
	struct lxc_num monitor_unshare;
	struct lxc_num monitor_pdeath;

	/* 2.3 root file system: path without the storage prefix; type NULL = plain path */
	struct lxc_str rootfs_path;
	struct lxc_str rootfs_type;
	struct lxc_str rootfs_mount;
	struct lxc_str rootfs_options;
	struct lxc_bool rootfs_managed;

	/* 2.4 mounts: LXC mounts the fstab file's first */
	struct lxc_str mount_fstab;
	struct lxc_mounts fstab;
	struct lxc_mounts mounts;
	struct lxc_mount_auto mount_auto;

	/* 2.5 consoles and terminals */
	struct lxc_str console_path;
	struct lxc_str console_logfile;
	struct lxc_num console_buffer_size; /* bytes; "auto" is resolved to 131072 */
	struct lxc_num console_size;
	struct lxc_bool console_rotate;
	struct lxc_num tty_max;
	struct lxc_str tty_dir;
	struct lxc_num pty_max;
	struct lxc_bool autodev;
	struct lxc_num autodev_size;

	/* 2.6 capabilities */
	struct lxc_caps caps;

	/* 2.7 security modules, seccomp */
	struct lxc_str apparmor_profile;
	struct lxc_bool apparmor_allow_incomplete;
	struct lxc_bool apparmor_allow_nesting;
	struct lxc_strs apparmor_raw;
	struct lxc_str selinux_context;
	struct lxc_str selinux_keyring;
	struct lxc_str seccomp_profile;
	struct lxc_bool seccomp_allow_nesting;
	struct lxc_str seccomp_notify_proxy;
	struct lxc_str seccomp_notify_cookie;

	/* 2.8 hooks, logging, start, groups */
	struct lxc_strs hooks[LXC_HOOK_MAX];
	struct lxc_num hook_version;
	struct lxc_str log_level; /* a number's name: "0" is "trace" */
	struct lxc_str log_file;
	struct lxc_str log_syslog;
	struct lxc_bool start_auto;
	struct lxc_num start_delay;
	struct lxc_num start_order; /* two's complement of the int */
	struct lxc_strs groups;

	/* 2.9 networks */
	struct lxc_nets nets;

	/* 2.10 cgroup placement */
	struct lxc_str cgroup_dir;
	struct lxc_str cgroup_dir_container;
	struct lxc_str cgroup_dir_container_inner;
	struct lxc_str cgroup_dir_monitor;
	struct lxc_str cgroup_dir_monitor_pivot;
	struct lxc_bool cgroup_relative;

	/* 2.11 limits; keys are file names ("memory.max"). Lines whose file begins with "devices"
	 * stand apart, allow and deny interleaved as written ("devices.allow", "devices.deny"). */
	struct lxc_pairs cgroup2;
	struct lxc_pairs cgroup2_devices;
	struct lxc_pairs cgroup1;
	struct lxc_pairs cgroup1_devices;
};

static inline bool lxc_bool_get(const struct lxc_bool *b, bool dflt)
{
	return b->has ? b->on : dflt;
}

static inline uint64_t lxc_num_get(const struct lxc_num *n, uint64_t dflt)
{
	return n->has ? n->n : dflt;
}

static inline bool lxc_pos_eq(struct lxc_pos a, struct lxc_pos b)
{
	return a.file == b.file && a.line == b.line;
}

/* The line at a position, or NULL. */
struct lxc_line *model_line(const struct lxc_config *c, struct lxc_pos pos);
/* "/etc/x.conf" of a position; "-" when there is none. Borrowed from the files. */
const char *model_file_name(const struct lxc_files *files, struct lxc_pos pos);
/* "mnt", "net", ...: LXC's spelling. */
const char *model_ns_name(enum lxc_ns ns);
/* "pre-start", ... */
const char *model_hook_name(enum lxc_hook hook);
/* "veth", ...; NULL for LXC_NET_UNSET. */
const char *model_net_type_name(enum lxc_net_type type);
/* For building a model: appends a zeroed element to a {v, len} list and gives its address. */
#define MODEL_ADD(list)                                              \
	({                                                           \
		__typeof__(list) l_ = (list);                        \
		l_->v = model_grow(l_->v, &l_->len, sizeof(*l_->v)); \
		&l_->v[l_->len - 1];                                 \
	})
void *model_grow(void *v, size_t *len, size_t size);
/* Content of the parts that more than one file frees. */
void model_net_clear(struct lxc_net *net);
void model_mount_clear(struct lxc_mount *m);
void model_pair_clear(struct lxc_pair *p);
void model_env_clear(struct lxc_env *e);

/* "sys_admin" for 21; NULL above the last capability the specification names (40). */
const char *model_cap_name(unsigned int number);

#endif
