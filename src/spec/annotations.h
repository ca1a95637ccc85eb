/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_ANNOTATIONS_H
#define HAKO_SPEC_ANNOTATIONS_H

/*
 * The annotations that change what the runtime does, as typed fields, parsed once when a bundle is
 * loaded. An annotation is in exactly one of these classes (table in annotations.c):
 *
 *   honoured   a field below has it; a malformed value is an error
 *   data       it describes the container to others; nothing to do
 *   no effect  known by name, and the container works without it: a warning
 *   refused    known by name, and ignoring it would start another container than was asked for
 *   unknown    ignored, as the specification demands; in our own name space with a warning
 */

#include "ocispec.h"

enum annotations_devices {
	ANNOTATIONS_DEVICES_OCI,  /* the default device rules are added */
	ANNOTATIONS_DEVICES_NONE, /* the list of the document is all there is */
};

enum annotations_bootid {
	ANNOTATIONS_BOOTID_HOST,
	ANNOTATIONS_BOOTID_RANDOM, /* a random /proc/sys/kernel/random/boot_id */
};

enum annotations_keyring {
	ANNOTATIONS_KEYRING_NEW,     /* a new session keyring */
	ANNOTATIONS_KEYRING_INHERIT, /* the caller's */
};

/* org.hako.signal.*: a signal, or these. */
#define ANNOTATIONS_SIGNAL_UNSET 0
#define ANNOTATIONS_SIGNAL_AUTO	 (-1) /* the one that the container's init understands */

/* Hooks at moments that OCI has no name for. */
enum annotations_hook {
	ANNOTATIONS_HOOK_PRE_START,  /* on the host, before anything is made */
	ANNOTATIONS_HOOK_PRE_MOUNT,  /* in the container's namespaces, before its root is there */
	ANNOTATIONS_HOOK_START_HOST, /* on the host, just before the program */
	ANNOTATIONS_HOOK_DESTROY,    /* on the host, when the container is destroyed */
	ANNOTATIONS_HOOK_COUNT_,
};

/* Kinds of org.hako.ns.share.NS, by LXC's names. */
#define ANNOTATIONS_NS_COUNT 8

struct annotations_ns_share {
	const char *type; /* of linux.namespaces; static */
	const char *file; /* below /proc/PID/ns; static */
	char *container;  /* whose namespace is joined, by its id */
};

struct annotations_property {
	char *name;  /* org.systemd.property.NAME */
	char *value; /* GVariant text */
};

struct annotations {
	/* run.oci.* and relatives */
	char *hooks_stdout; /* absolute path of a file that hooks' output is appended to */
	char *hooks_stderr;
	bool keep_original_groups;
	bool seccomp_fail_unknown_syscall;
	char *seccomp_receiver;	  /* unix socket, absolute */
	char *pidfd_receiver;	  /* unix socket, absolute */
	char *mount_context_type; /* "context", "fscontext", "defcontext", "rootcontext" */
	char *delegate_cgroup;	  /* relative, one component or more, no ".." */
	char *systemd_subgroup;	  /* the same; for the systemd manager, as are properties */
	char *criu_config;	  /* absolute; for checkpoint and restore */
	struct annotations_property *properties;
	size_t properties_len;

	/* org.hako.* */
	enum annotations_devices devices;
	char **mounts_optional; /* destinations of mounts whose source may be missing */
	size_t mounts_optional_len;
	bool proc_mixed; /* /proc read-only but for what belongs to a namespace of the container */
	bool sys_mixed;	 /* /sys read-only but for /sys/devices/virtual/net */
	bool apparmor_generate; /* org.hako.apparmor.generate: a hook loads the bundle's profile */
	bool no_autodev; /* org.hako.autodev=0: make no default device nodes and links */
	enum annotations_bootid bootid;
	enum annotations_keyring keyring;
	int signal_halt, signal_reboot, signal_stop;
	uint32_t tty_max;     /* /dev/tty1 … of that number are ptys */
	char *tty_dir;	      /* below /dev, where console and ttys really are */
	char *console_path;   /* device or file that the console is connected to */
	char *console_logfile;
	uint64_t console_size, console_buffer; /* of the log, in memory; 0 = no cap, none */
	bool console_rotate;
	bool reboot_restart;  /* reboot(2) inside starts the container again */
	struct oci_landlock *landlock;
	char *cgroup_inner; /* one name: processes go there, limits stay above */
	struct oci_device_paths *device_paths;
	bool ephemeral;
	struct oci_hook_list *hooks[ANNOTATIONS_HOOK_COUNT_];
	struct annotations_ns_share ns_share[ANNOTATIONS_NS_COUNT];
	size_t ns_share_len;
	int pdeath; /* signal that init gets when a foreground runtime dies; 0 = none */
	bool sched_core;
	char *selinux_keyring; /* label of the session keyring */
	char *rootfs_options;  /* mount options, comma separated */
	char *rootfs_idmap;    /* "container", or the absolute path of a user namespace */
	bool rootfs_shared;    /* the tree is shared inside, whatever it is towards the host */
	struct oci_overlay *rootfs_overlay; /* of directories of the host, absolute */
	char *rootfs_source;		    /* an image, absolute */
	char *rootfs_type;		    /* "loop" */
};

/* 0, or -EINVAL / -ENOTSUP with the error recorded ('annotations["run.oci.x"]: …'). Clears nothing
 * first: *ret must be zeroed or cleared. */
int annotations_parse(const struct oci_map *map, struct annotations *ret);
void annotations_clear(struct annotations *a);
/* Logs a warning for each that has no effect or is an unknown one of ours. Apart from the parse, so
 * that one container says it once and not with every command. */
void annotations_warn(const struct oci_map *map);

/* The names (a trailing '.' stands for all below) that can weaken a container, for features:
 * honoured ones that name host paths or change what a manager does. NULL-terminated, static. */
const char *const *annotations_unsafe(void);

#endif
