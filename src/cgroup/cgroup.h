/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_CGROUP_H
#define HAKO_CGROUP_CGROUP_H

/*
 * Cgroups of a container: probe the host, plan (pure), create, enter, limit; later, from the status
 * file: open, freeze, kill, update, remove. Reporting (base/err.h).
 *
 *	cgroup_host_probe(&host);
 *	cgroup_plan(&args, &plan);            // what will be done; status file: cgroup_plan_refs()
 *	cgroup_create(plan, &cg);             // directories; nothing is left behind when it fails
 *	clone3(… CLONE_INTO_CGROUP, cgroup = cgroup_fd(&cg));
 *	cgroup_place(&cg, plan, pid, flags);  // hierarchies which clone3 does not cover
 *	cgroup_limit(&cg, plan);              // limits, device program
 *	…
 *	cgroup_open(mode, refs, n, &cg); cgroup_kill(&cg, SIGKILL); cgroup_remove(&cg, 10000);
 *
 * Host layouts: pure v2; v1; hybrid, which is v1 controllers with a cgroup2 tree beside them. On a
 * hybrid host each limit goes to the hierarchy that has the controller, and freezing, killing and
 * the device program to the cgroup2 part.
 */

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fd.h"
#include "base/str.h"
#include "bpf/dev_compile.h"
#include "bpf/dev_rule.h"

struct oci_resources;
struct oci_device_rule;

/* ---- facts ---- */

enum cgroup_mode {
	CGROUP_MODE_NONE, /* no cgroup file system to be found, or none wanted */
	CGROUP_MODE_UNIFIED,
	CGROUP_MODE_HYBRID,
	CGROUP_MODE_LEGACY,
};
/* "none", "unified", "hybrid", "legacy" */
const char *cgroup_mode_name(enum cgroup_mode mode);
int cgroup_mode_parse(const char *name, enum cgroup_mode *ret);

struct cgroup_hierarchy {
	char *controllers; /* "cpu,cpuacct", "name=systemd"; "" is cgroup2 */
	char *mountpoint;  /* "/sys/fs/cgroup/memory" */
	char *own;	   /* our own cgroup as a path below the mountpoint: "/", "/user.slice" */
};

/* Input of the plan; tests make their own. */
struct cgroup_host {
	enum cgroup_mode mode;
	size_t len;
	struct cgroup_hierarchy *at; /* the cgroup2 one first, if there is one */
	char *v2_controllers;	     /* cgroup.controllers at the cgroup2 mount, "" without */

	/* Of the systemd that will be asked, when cgroup_host_probe_systemd() has been: */
	char *systemd_root; /* its own cgroup: "/" or "/user.slice/…/user@1000.service" */
	unsigned int systemd_version; /* 257; 0 = nobody was asked */
	bool systemd_user;	      /* a user's manager, not the system's */
};

/*
 * Looks at /sys/fs/cgroup and /proc/self/cgroup; the mount table is read only when hierarchies are
 * not where they usually are. No cgroup file system is no error: CGROUP_MODE_NONE.
 */
int cgroup_host_probe(struct cgroup_host *ret);
/*
 * For CGROUP_MANAGER_SYSTEMD, adds what only systemd itself can tell. user: the caller's own
 * manager and not the system's. "systemd: connect …" when there is none, or it does not answer
 * within ten seconds.
 */
int cgroup_host_probe_systemd(struct cgroup_host *host, bool user);
void cgroup_host_clear(struct cgroup_host *host);

/* ---- plan ---- */

enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,
	CGROUP_MANAGER_DISABLED,
};
/* "cgroupfs", "systemd", "disabled"; -EINVAL with a text. */
int cgroup_manager_parse(const char *name, enum cgroup_manager *ret);
const char *cgroup_manager_name(enum cgroup_manager manager);

/* A property of the unit in the caller's words: annotation org.systemd.property.NAME. */
struct cgroup_property {
	const char *name;
	const char *value; /* GVariant text */
};

struct cgroup_plan_args {
	const struct cgroup_host *host;
	enum cgroup_manager manager;
	const char *id;
	/*
	 * linux.cgroupsPath. Absolute: below each mount point. Relative, and as the absent one NAME
	 * = id: on v1 and hybrid below our own cgroup, on v2 beside it (it has processes, so it
	 * cannot hand controllers down). Same as runc. For the systemd manager "SLICE:PREFIX:NAME"
	 * is SLICE and PREFIX-NAME.scope; the absent one is system.slice (a user's manager:
	 * user.slice) and hako-ID.scope.
	 */
	const char *cgroups_path;
	const struct oci_resources *resources; /* linux.resources or NULL */
	/* Without privilege over the hierarchy: when neither a limit nor a path is asked for, a
	 * container without a cgroup is made rather than an error; a device program is not
	 * attempted. */
	bool rootless;
	/* Annotation org.hako.devices.defaults=none. */
	bool no_device_defaults;
	/* No device rules at all (update: access must survive it). */
	bool skip_devices;
	/*
	 * v1 and hybrid: leave out v1 hierarchies no limit is asked of. Only for a payload that
	 * cannot reach cgroup files: no CAP_SYS_ADMIN, no writable cgroup or sysfs mount (its
	 * cgroup namespace would have the caller's cgroup as root there). Saves ~2 ms of a `run`
	 * with ten hierarchies. The runtime leaves it off: engines read statistics of every
	 * hierarchy below cgroupsPath, and a later update or `events` would miss the controllers.
	 */
	bool lean;
	/* Annotation org.hako.cgroup.inner (run.oci.delegate-cgroup): one name; limits stay on the
	 * outer cgroup, the processes and the root of the cgroup namespace go to this child of it.
	 */
	const char *inner;
	/* systemd: set last, so they win. */
	const struct cgroup_property *properties;
	size_t n_properties;
	/* Delegation: give the cgroup2 directory and its delegatable files to these ids (as seen by
	 * us). */
	bool has_owner;
	uid_t owner_uid;
	gid_t owner_gid;
};

enum cg_write_flags {
	CG_WRITE_PAIR = 1,  /* refused (EINVAL, EBUSY): write the next one first, then this one */
	CG_WRITE_KEYED = 2, /* the file holds a line per key: only that line is ours */
	CG_WRITE_OPTIONAL =
		4, /* file does not exist: fine, nothing would be limited by it anyway */
	CG_WRITE_WARN =
		8, /* the kernel refuses it: warn and go on (what current kernels took out) */
};

/* One write(2) into one file of one hierarchy. */
struct cg_write {
	const char *controller; /* "memory"; "" is cgroup2's core */
	bool v2;		/* in the cgroup2 tree */
	char *file;
	char *value;
	char *alt_file; /* written instead when file does not exist (bfq), or NULL */
	char *alt_value;
	char *reset;	   /* keyed files: the value that takes the line back, or NULL */
	const char *field; /* "linux.resources.memory.limit", for messages */
	unsigned int flags;
};

struct cg_writes {
	size_t len;
	struct cg_write *v;
};

struct cg_dir {
	char *controllers; /* as in cgroup_hierarchy; "" is cgroup2 */
	char *mountpoint;
	char *path;    /* below it, clean, begins with '/' */
	char *enable;  /* cgroup2: controllers to switch on down to it, as far as they are there */
	char *need;    /* cgroup2: those of them a limit needs, "memory pids" */
	bool optional; /* nothing is asked of it: go without when it is not ours to write to */
};

struct cgroup_plan {
	enum cgroup_manager manager;
	enum cgroup_mode mode;
	size_t n_dirs;
	struct cg_dir *dirs; /* the cgroup2 one first, if there is one */
	struct cg_writes writes;
	char *inner;
	bool has_owner;
	uid_t owner_uid;
	gid_t owner_gid;
	bool rootless;

	char *unit; /* systemd: "hako-ID.scope", else NULL */
	bool unit_user;
	struct systemd_props *unit_props;  /* what the unit is: slice, delegation, … */
	struct systemd_props *limit_props; /* the limits, as far as systemd has words for them */
	struct systemd_props
		*device_props; /* the same for devices; NULL = devices are not touched */

	bool has_devices;	   /* false: devices are not touched */
	struct dev_policy devices; /* full, for explanations */
	struct dev_prog
		prog; /* compiled from the simplified policy; empty = allow all, or v1 only */
	struct strv v1_devices; /* "devices.deny a *:* rwm": used where cgroup2 is not to be had */

	/* memory.checkBeforeUpdate: refuse a limit below what is in use. -1 = do not look. */
	int64_t check_limit;
	int64_t check_memsw;
	struct strv notes; /* fields without an effect here, a sentence each: to be warned of */
};

/*
 * PURE. -EINVAL, -ENOTSUP with a text: a limit whose controller the host does not have, a field out
 * of its range, a name with '/' or '..'.
 */
int cgroup_plan(const struct cgroup_plan_args *args, struct cgroup_plan **ret);
void cgroup_plan_free(struct cgroup_plan *plan);
DEFINE_FREEP(struct cgroup_plan *, cgroup_plan_free)
/* JSON object of the whole plan (one line), for create --dry-run and tests. Heap. */
char *cgroup_plan_json(const struct cgroup_plan *plan);

/* OCI device entries → policy: the list, then the defaults if wanted. rules may be NULL. */
int cgroup_device_policy(const struct oci_device_rule *rules, size_t n, bool with_defaults,
			 struct dev_policy *ret);

/*
 * Where the container's cgroups will be, for the status file, before they are made: strings of the
 * form "CONTROLLERS=MOUNTPOINT:PATH" ("=/sys/fs/cgroup:/a" for cgroup2), and "systemd-system:UNIT"
 * or "systemd-user:UNIT" with systemd, which cgroup_open() reads back.
 */
void cgroup_plan_refs(const struct cgroup_plan *plan, struct strv *ret);

/* ---- an existing cgroup ---- */

struct cg_at {
	char *controllers;
	char *mountpoint;
	char *path;
	int fd;		/* O_DIRECTORY of the cgroup; FD_NONE when it does not exist */
	int inner_fd;	/* of the child for processes, or FD_NONE: processes go to fd */
	size_t created; /* how many of the last components of path cgroup_create() made */
};

struct cgroup {
	enum cgroup_mode mode;
	size_t len;
	struct cg_at *at; /* the cgroup2 one first, if there is one; len 0: no cgroup */
	char *unit;	  /* systemd's, once it may exist; else NULL */
	bool unit_user;
};
#define CGROUP_INIT                                    \
	{                                              \
		CGROUP_MODE_NONE, 0, NULL, NULL, false \
	}

/* Closes descriptors and frees; removes nothing. */
void cgroup_close(struct cgroup *cg);
#define autocgroup __attribute__((cleanup(cgroup_close)))

/*
 * Makes the directories, switches controllers on down the cgroup2 path, fills cpuset on v1, hands
 * over to the owner. An existing empty cgroup is used; one with processes is -EBUSY "container's
 * cgroup is not empty", a frozen one -EBUSY "container's cgroup unexpectedly frozen". When it fails
 * it has removed what it had made. Undo after success is cgroup_remove(), which then also removes
 * parents it made. With systemd nothing is made yet: there is no scope without a process.
 */
int cgroup_create(const struct cgroup_plan *plan, struct cgroup *ret);
/*
 * Where the directory cannot be given away (args.has_owner): lets a group write the cgroup2 one and
 * its delegatable files, which stay the caller's. gid is as seen by the caller, who must be allowed
 * to give it: from a user namespace that has both, linux/userns_fd.h.
 */
int cgroup_share(const struct cgroup *cg, gid_t gid);
/* The directory for CLONE_INTO_CGROUP, borrowed; FD_NONE when there is no cgroup2 part. */
int cgroup_fd(const struct cgroup *cg);

/* clone3() into it failed with r: records why, returns r. what: "create the process". */
int cgroup_entry_error(const struct cgroup *cg, int r, const char *what);

enum cgroup_enter_flags {
	CGROUP_ENTER_CLONED = 1, /* the process was cloned into cgroup_fd() already */
	CGROUP_ENTER_JOINED = 2, /* it went into its v1 cgroups by cgroup_entry_join() */
};
/* Moves a process. "adding pid N to cgroups: …". */
int cgroup_enter(const struct cgroup *cg, pid_t pid, int flags);
/*
 * The same for the container's first process. With systemd this starts the scope around it, waits
 * until that is done, and opens its cgroups; hierarchies that systemd does not care for (v1) get
 * directories at the same path.
 */
int cgroup_place(struct cgroup *cg, const struct cgroup_plan *plan, pid_t pid, int flags);
/*
 * The way into v1 cgroups that does not wait: a process that writes "0" to `tasks` moves its own
 * thread, for which the kernel needs no stop of all forks and exits (several milliseconds of RCU
 * grace period, which the first write to cgroup.procs costs). The files are opened where the rights
 * are, before the process exists; it joins while it has one thread.
 */
struct cgroup_entry {
	int *fds;
	size_t len;
};
int cgroup_entry_open(const struct cgroup *cg, struct cgroup_entry *ret);
int cgroup_entry_join(const struct cgroup_entry *entry);
void cgroup_entry_close(struct cgroup_entry *entry);
/*
 * Writes the limits in order. Apply it when the container's first process is inside: a pids limit
 * of 0 would refuse the clone, and memory used to set up is then charged to us.
 */
int cgroup_limit(const struct cgroup *cg, const struct cgroup_plan *plan);
/*
 * Attaches the device program (v1: writes the rules) and tells systemd of them. When the container
 * is set up: what init does for it, nodes and a terminal, is not what its programs may do.
 */
int cgroup_limit_devices(const struct cgroup *cg, const struct cgroup_plan *plan);
/*
 * The limits of plan (made with the merged resources) replace the present ones: all, or none; what
 * had been written is put back on failure. The device program is replaced without a moment without
 * one.
 */
int cgroup_update(const struct cgroup *cg, const struct cgroup_plan *plan);

/*
 * NULL when the kernel has killed nobody in it for want of memory; else what was exceeded, with the
 * limit and the use, as the end of a sentence: "the memory limit of 8192 bytes of cgroup '…' (peak
 * usage: 126976)". Heap.
 */
char *cgroup_oom_text(const struct cgroup *cg);

/* From the strings of cgroup_plan_refs(). A directory that is gone is no error (fd = FD_NONE). */
int cgroup_open(enum cgroup_mode mode, char *const *refs, size_t n, struct cgroup *ret);
/* Is any of its directories left? */
bool cgroup_exists(const struct cgroup *cg);

/* Waits until the kernel says frozen; after timeout_ms it is thawed again: -ETIMEDOUT; when stop_fd
 * (or FD_NONE) becomes readable as well: -EINTR. */
int cgroup_freeze(const struct cgroup *cg, int timeout_ms, int stop_fd);
int cgroup_thaw(const struct cgroup *cg);
/* 1, 0, or -errno; a cgroup that is gone is not frozen. */
int cgroup_is_frozen(const struct cgroup *cg);

/* Processes in it and, when recursive, below it. *ret is heap (NULL when none). A cgroup that is
 * gone has none. */
int cgroup_pids(const struct cgroup *cg, bool recursive, pid_t **ret, size_t *ret_len);
/*
 * Signals every process in it and below: SIGKILL by cgroup.kill (Linux 5.14) where there is one,
 * also through a freezer; else one by one by pidfd, checked to be still inside, until no new ones
 * appear. Does not wait for them to end.
 */
int cgroup_kill(const struct cgroup *cg, int sig);
/*
 * Removes the directories with everything the payload made below them. Busy ones are tried again
 * until timeout_ms have passed; then -EBUSY with the processes that hold it. Gone already is
 * success. With systemd its unit is stopped, and forgotten if it failed, first.
 */
int cgroup_remove(const struct cgroup *cg, int timeout_ms);

#endif
