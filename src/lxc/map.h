/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_MAP_H
#define HAKO_LXC_MAP_H

/*
 * struct lxc_config to struct oci_config. What the host has to say comes in through functions, so
 * that the mapping itself is pure and a test can be any host.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lxc/devices.h"
#include "lxc/diag.h"
#include "lxc/lxc.h"
#include "lxc/model.h"
#include "lxc/report.h"

struct oci_config;

enum lxc_target {
	LXC_TARGET_HAKO,    /* annotations org.hako.* are honoured */
	LXC_TARGET_GENERIC, /* any OCI runtime: what only an annotation carries is lost, and said */
};

enum lxc_path_kind { LXC_PATH_DIR, LXC_PATH_FILE, LXC_PATH_DEVICE };

enum lxc_apparmor {
	LXC_APPARMOR_OFF,     /* the kernel has none: LXC confines nothing */
	LXC_APPARMOR_MISSING, /* on, but LXC's default profile is not loaded */
	LXC_APPARMOR_LOADED,
};

/* Each function may be NULL: then nothing is known and nothing is assumed. Quiet, 0 or -errno. */
struct lxc_host {
	const char *machine; /* as uname(2) says; NULL: the one hako was built for */
	/* A file that the configuration names (seccomp profile), up to max bytes. */
	int (*read_file)(void *arg, const struct lxc_access *access, const char *path, size_t max,
			 char **ret, size_t *ret_len);
	/* A device node for path rules; see lxc_device_opts. */
	int (*stat_node)(void *arg, const char *path, struct lxc_device_range *ret);
	/* enum lxc_path_kind of a path, links followed. */
	int (*path_kind)(void *arg, const char *path);
	/* Does the way to a destination below the root file system lead over a link? 1, 0 or
	 * -errno. */
	int (*path_has_link)(void *arg, const char *rootfs, const char *destination);
	/* Is there such a path in the root file system? 0 or -errno. */
	int (*path_in_root)(void *arg, const char *rootfs, const char *path);
	int (*path_owner)(void *arg, const char *path, uid_t *ret_uid, gid_t *ret_gid);
	int (*apparmor)(void *arg); /* enum lxc_apparmor */
	/* What tells this machine from others, for values that must differ between them. Heap. */
	int (*machine_id)(void *arg, char **ret);
	void *arg;
};
/* This machine. */
extern const struct lxc_host lxc_host_real;

struct lxc_map_opts {
	enum lxc_mode mode;
	enum lxc_target target;
	const char *name;	 /* of the container; NULL: "lxc" */
	const char *lxcpath;	 /* NULL: /var/lib/lxc */
	const char *cwd;	 /* for relative bind sources; NULL: "/" */
	const char *const *args; /* replaces lxc.init.cmd; NULL-terminated, or NULL */
	const char *mountpoint;	 /* for a root that is mounted; NULL: "rootfs", of the bundle */
	const char *hako;	 /* this program, for hooks; NULL: "/usr/bin/hako" */
	const char *config_file; /* absolute; what hooks are told; or NULL */
	/* Keys, or families of them, that may be lost although they matter for security. NULL-
	 * terminated, or NULL. */
	char *const *allow;
	bool host_root;	   /* no lxc.rootfs.path means the host's root, as in LXC; else an error */
	bool late_devices; /* path rules of devices are resolved when the container is made */
	bool add_path;	   /* adds a PATH to the environment; LXC sets none */
	bool execute;	   /* lxc.execute.cmd is run, as by lxc-execute, and not args */
	bool apparmor;	   /* generated profiles also where the host has no AppArmor */
	const struct lxc_host *host; /* NULL: nothing is known */
};

/*
 * Maps everything and accounts for every live line in the report (without closing it). On errors it
 * goes on to name all of them, then returns diag_result(): -EINVAL with the first recorded, *ret
 * untouched.
 */
int lxc_map(const struct lxc_config *config, const struct lxc_map_opts *opts, struct lxc_diag *diag,
	    struct lxc_report *report, struct oci_config **ret);

#endif
