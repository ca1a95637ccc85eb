/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of the host that the container can write. */
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "lxc/audit_internal.h"

#define KEY "lxc.mount.entry"

struct place {
	const char *path;
	bool below; /* also what lies below it */
	bool harmless;
	enum audit_severity severity;
	const char *what;
};

/* The first that matches counts. */
static const struct place places[] = {
	{ "/sys/fs/fuse/connections", true, true, AUDIT_NOTE, NULL },
	{ "/dev/dri", true, true, AUDIT_NOTE, NULL },
	{ "/dev/net", true, true, AUDIT_NOTE, NULL },
	{ "/dev/fuse", false, true, AUDIT_NOTE, NULL },
	{ "/var/lib/lxcfs", true, true, AUDIT_NOTE, NULL },
	{ "/sys/kernel/debug", true, false, AUDIT_HIGH, "the kernel's debug files" },
	{ "/sys/kernel/security", true, false, AUDIT_MEDIUM, "the files of the security modules" },
	{ "/sys/fs/pstore", true, false, AUDIT_LOW, "crash logs of the host" },
	{ "/sys/firmware/efi/efivars", true, false, AUDIT_HIGH, "firmware variables of the host" },
	{ "/proc/sys/fs/binfmt_misc", true, false, AUDIT_HIGH,
	  "the host's binary formats: the host would run what the container registers" },
	{ "/dev/shm", true, false, AUDIT_MEDIUM, "shared memory of the host" },
	{ "/dev", false, false, AUDIT_HIGH, "all device nodes of the host" },
	{ "/dev", true, true, AUDIT_NOTE, NULL }, /* one node: the device rules decide */
	{ "/proc", true, false, AUDIT_HIGH, "the host's /proc" },
	{ "/sys", true, false, AUDIT_HIGH, "the host's /sys" },
	{ "/", false, false, AUDIT_HIGH, "the whole host" },
	{ "/etc", true, false, AUDIT_HIGH, "the host's configuration" },
	{ "/root", true, false, AUDIT_HIGH, "the home of the host's root" },
	{ "/boot", true, false, AUDIT_HIGH, "the host's kernels" },
	{ "/usr", true, false, AUDIT_HIGH, "the host's programs" },
	{ "/bin", true, false, AUDIT_HIGH, "the host's programs" },
	{ "/sbin", true, false, AUDIT_HIGH, "the host's programs" },
	{ "/lib", true, false, AUDIT_HIGH, "the host's programs" },
	{ "/lib64", true, false, AUDIT_HIGH, "the host's programs" },
	{ "/var", false, false, AUDIT_HIGH, "the state of the host" },
	{ "/var/lib/lxc", true, false, AUDIT_HIGH, "the containers of the host" },
	{ "/var/spool/cron", true, false, AUDIT_HIGH, "what the host's cron runs" },
	{ "/run", true, false, AUDIT_HIGH, "the sockets of the host's services" },
	{ "/var/run", true, false, AUDIT_HIGH, "the sockets of the host's services" },
	{ "/home", false, false, AUDIT_MEDIUM, "the homes of the host's users" },
};

static const struct place *find_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct place *p = &places[i];

		if (p->below ? path_is_below(path, p->path) : str_eq(path, p->path))
			return p;
	}
	return NULL;
}

/* Read-only keeps nobody from talking to a socket. */
static bool is_socket(const char *path)
{
	return str_ends(path, ".sock") || str_ends(path, "/socket");
}

static void check_bind(struct audit_run *a, const struct lxc_mount *e)
{
	autofree char *source = path_clean(e->source);
	bool ro = strv_has(&e->options, "ro");
	const struct place *p = find_place(source);

	if (is_socket(source)) {
		audit_add(a, audit_milder(a, AUDIT_HIGH), "host-socket", e->pos, KEY,
			  "the container talks to the host's service behind '%s'%s", source,
			  ro ? "; 'ro' does not prevent that" : "");
		audit_fix(a, "remove the mount, or put a filter in front of the service");
		return;
	}
	if (ro || (p && p->harmless))
		return;
	if (p)
		audit_add(a, audit_milder(a, p->severity), "writable-host-mount", e->pos, KEY,
			  "'%s' is writable: %s", source, p->what);
	else
		audit_add(a, audit_milder(a, AUDIT_MEDIUM), "writable-host-mount", e->pos, KEY,
			  "'%s' of the host is writable%s", source,
			  a->privileged ? ", with setuid programs and as host root" : "");
	audit_fix(a, "add the option ro, or share a directory made for it%s",
		  a->privileged ? ", with nosuid,nodev (LXC applies them to a bind only with ro)"
				: "");
}

/* A mount of a whole virtual file system, as lxc.mount.auto would make it, but with nothing
 * read-only in it. */
static void check_virtual(struct audit_run *a, const struct lxc_mount *e)
{
	bool proc = str_eq(e->type, "proc");

	if (!a->privileged || strv_has(&e->options, "ro") || (!proc && !str_eq(e->type, "sysfs")))
		return;
	audit_add(a, AUDIT_HIGH, proc ? "proc-writable" : "sys-writable", e->pos, KEY,
		  "root in the container writes the host's %s", proc ? "/proc/sys" : "/sys");
	audit_fix(a, "lxc.mount.auto = %s:mixed", proc ? "proc" : "sys");
}

void audit_mounts(struct audit_run *a)
{
	const struct lxc_mounts *const lists[] = { &a->c->fstab, &a->c->mounts };

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 0; i < lists[l]->len; i++) {
			const struct lxc_mount *e = &lists[l]->v[i];
			bool bind = strv_has(&e->options, "bind") || strv_has(&e->options, "rbind");

			if (bind && *e->source == '/' && !e->relative)
				check_bind(a, e);
			else if (!bind)
				check_virtual(a, e);
		}
	}
}
