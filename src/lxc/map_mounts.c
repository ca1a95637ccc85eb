/* SPDX-License-Identifier: Apache-2.0 */
/* The file systems of the container: what LXC mounts by itself, then the entries, cgroup last. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/map_internal.h"

#define CAP_NET_ADMIN 12
#define TTY_GID	      5
#define AUTODEV_SIZE  500000

static void add_kept(struct lxc_map *m, struct lxc_pos pos, const char *destination,
		     const char *type, const char *source, const char *options, const char *why)
{
	autofree char *pointer = NULL;

	map_mount_add(m, destination, type, source, options, &pointer);
	if (pos.line)
		report_kept(m->report, pos, pointer, NULL);
	else
		report_added(m->report, pointer, why);
}

/* For a runtime that does not know the annotation: `hako hook automount`, one for all tokens, in
 * front of the hooks of the configuration. */
static void add_island(struct lxc_map *m, struct lxc_pos pos, const char *token)
{
	struct oci_hooks *hooks = m->oci->hooks;
	struct oci_hook *hook;
	struct strv args = { 0 };

	if (!hooks || !hooks->create_container_len)
		hook = map_hook_self(m, MAP_CREATE_CONTAINER, "automount", "--rootfs",
				     m->rootfs ? m->rootfs : "rootfs", NULL);
	else
		hook = &hooks->create_container[0];
	for (size_t i = 0; i < hook->args_len; i++)
		strv_add(&args, hook->args[i]);
	strv_add(&args, token);
	strs_free(hook->args);
	map_strs_take(&hook->args, &hook->args_len, &args);
	if (pos.line)
		report_kept(m->report, pos, "/hooks/createContainer/0", NULL);
	else
		report_added(m->report, "/hooks/createContainer/0",
			     "LXC makes a boot id per start");
}

static void map_dev(struct lxc_map *m)
{
	uint64_t size = lxc_num_get(&m->c->autodev_size, AUTODEV_SIZE);
	autofree char *options = xasprintf("mode=755,size=%llu", (unsigned long long) size);

	add_kept(m, m->c->autodev.pos, "/dev", "tmpfs", "none", options, "LXC's /dev");
	report_kept(m->report, m->c->autodev_size.pos, "/mounts/0/options", NULL);
	/* LXC's own touch: another boot id on each start */
	if (m->generic) {
		add_island(m, (struct lxc_pos){ 0 }, "boot-id");
	} else {
		map_annotate(m, "org.hako.bootid", "random");
		report_added(m->report, "/annotations/org.hako.bootid",
			     "LXC makes a boot id per start");
	}
}

/* The /dev of the root file system itself: a bind of it on itself makes runtimes leave it alone. */
static void map_dev_of_root(struct lxc_map *m)
{
	autofree char *source = m->rootfs ? path_join(m->rootfs, "dev") : NULL;

	report_kept(m->report, m->c->autodev_size.pos, NULL, "lxc.autodev is off");
	if (!source)
		return;
	/* The source is looked up on the host, now and at each start: a link of the container would
	 * lead there. */
	if (m->host->path_has_link && m->host->path_has_link(m->host->arg, m->rootfs, "/dev") > 0)
		diag_add(m->diag, "LXC-E254", m->c->autodev.pos, "lxc.autodev",
			 "the /dev of the root file system is a symbolic link");
	add_kept(m, m->c->autodev.pos, "/dev", "bind", source,
		 m->generic ? "bind" : "bind,src-nofollow", NULL);
	map_annotate_line(m, m->c->autodev.pos, "org.hako.autodev", "0");
	diag_add(m->diag, "LXC-W503", m->c->autodev.pos, "lxc.autodev",
		 "the /dev of the root file system is used as it is, and written to");
}

static void map_proc_auto(struct lxc_map *m)
{
	const struct lxc_mount_auto *a = &m->c->mount_auto;
	struct oci_linux *l = m->oci->linux;

	report_kept(m->report, a->proc_pos, NULL, NULL);
	if (a->proc == LXC_AUTO_PROC_NONE)
		return;
	add_kept(m, a->proc_pos, "/proc", "proc", "proc", "nosuid,nodev,noexec", NULL);
	if (a->proc != LXC_AUTO_PROC_MIXED)
		return;
	if (m->generic && map_has_cap(m, CAP_NET_ADMIN)) {
		add_island(m, a->proc_pos, "proc:mixed");
		return;
	}
	map_strs_add(&l->readonly_paths, &l->readonly_paths_len, "/proc/sys");
	map_strs_add(&l->readonly_paths, &l->readonly_paths_len, "/proc/sysrq-trigger");
	report_kept(m->report, a->proc_pos, "/linux/readonlyPaths", NULL);
	/* what stays writable in LXC; a runtime that knows no annotation is stricter */
	if (!map_has_cap(m, CAP_NET_ADMIN))
		return;
	map_annotate_line(m, a->proc_pos, "org.hako.proc.mixed", "1");
}

static void map_sys_auto(struct lxc_map *m)
{
	static const char *const options[] = {
		[LXC_AUTO_SYS_MIXED] = "ro,nosuid,nodev,noexec",
		[LXC_AUTO_SYS_RO] = "ro",
		[LXC_AUTO_SYS_RW] = "",
	};
	const struct lxc_mount_auto *a = &m->c->mount_auto;

	report_kept(m->report, a->sys_pos, NULL, NULL);
	if (a->sys == LXC_AUTO_SYS_NONE)
		return;
	if (m->generic && a->sys == LXC_AUTO_SYS_MIXED) {
		/* the hook makes it read-only: a read-only sysfs can have no writable part */
		add_kept(m, a->sys_pos, "/sys", "sysfs", "sysfs", "nosuid,nodev,noexec", NULL);
		add_island(m, a->sys_pos, "sys:mixed");
		return;
	}
	add_kept(m, a->sys_pos, "/sys", "sysfs", "sysfs", options[a->sys], NULL);
	if (a->sys == LXC_AUTO_SYS_MIXED)
		map_annotate_line(m, a->sys_pos, "org.hako.sys.mixed", "1");
}

static void map_cgroup_auto(struct lxc_map *m)
{
	const struct lxc_mount_auto *a = &m->c->mount_auto;

	report_kept(m->report, a->cgroup_pos, NULL, NULL);
	if (a->cgroup == LXC_AUTO_CGROUP_NONE)
		return;
	add_kept(m, a->cgroup_pos, "/sys/fs/cgroup", "cgroup", "cgroup",
		 a->cgroup == LXC_AUTO_CGROUP_RO ? "nosuid,noexec,nodev,relatime,ro"
						 : "nosuid,noexec,nodev,relatime",
		 NULL);
	if (a->cgroup_full)
		diag_add(m->diag, "LXC-W261", a->cgroup_pos, "lxc.mount.auto",
			 "cgroup-full shows the host's whole tree on cgroup v1 only; mapped like "
			 "cgroup");
}

static bool gid_is_mapped(const struct lxc_map *m, uint32_t gid)
{
	if (!m->c->idmap.len)
		return true;
	for (size_t i = 0; i < m->c->idmap.len; i++) {
		const struct lxc_idmap *map = &m->c->idmap.v[i];

		if (map->is_gid && gid >= map->nsid && gid - map->nsid < map->count)
			return true;
	}
	return false;
}

static void map_devpts(struct lxc_map *m)
{
	uint64_t ptys = lxc_num_get(&m->c->pty_max, 0), ttys = lxc_num_get(&m->c->tty_max, 0);
	autostrbuf struct strbuf options = STRBUF_INIT;

	if (!ptys && m->exact) {
		report_kept(m->report, m->c->pty_max.pos, NULL, "no devpts, as in LXC");
		return;
	}
	strbuf_add(&options, "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620");
	if (gid_is_mapped(m, TTY_GID))
		strbuf_addf(&options, ",gid=%d", TTY_GID);
	if (ptys)
		strbuf_addf(&options, ",max=%llu", (unsigned long long) (ptys + ttys));
	else
		diag_add(m->diag, "LXC-I271", m->c->pty_max.pos, "lxc.pty.max",
			 "LXC gives this container no devpts at all; programs expect one");
	add_kept(m, m->c->pty_max.pos, "/dev/pts", "devpts", "devpts", strbuf_str(&options),
		 "a devpts, which programs expect");
}

static void map_shmounts(struct lxc_map *m)
{
	const struct lxc_mount_auto *a = &m->c->mount_auto;
	autofree char *destination = NULL;

	report_kept(m->report, a->shmounts_pos, NULL, NULL);
	if (!a->shmounts_host)
		return;
	destination = path_clean_absolute(a->shmounts_cont ? a->shmounts_cont : "/dev/.lxc-mounts");
	add_kept(m, a->shmounts_pos, destination, "none", a->shmounts_host, "rbind,rslave", NULL);
}

static bool has_entry(const struct lxc_config *c, const char *target)
{
	for (size_t i = 0; i < c->mounts.len; i++) {
		const char *t = c->mounts.v[i].target;

		if (t && str_eq(t + (*t == '/'), target))
			return true;
	}
	return false;
}

/* Two more entries for containers in the container; LXC adds them only when there are others. */
static void map_nesting(struct lxc_map *m)
{
	const struct lxc_bool *nesting = &m->c->apparmor_allow_nesting;
	struct lxc_mount proc = { .source = (char *) "proc",
				  .target = (char *) "dev/.lxc/proc",
				  .type = (char *) "proc",
				  .optional = true,
				  .pos = nesting->pos };
	struct lxc_mount sys = { .source = (char *) "sys",
				 .target = (char *) "dev/.lxc/sys",
				 .type = (char *) "sysfs",
				 .optional = true,
				 .pos = nesting->pos };

	if (!lxc_bool_get(nesting, false)) {
		report_kept(m->report, nesting->pos, NULL, NULL);
		return;
	}
	if (m->exact && !m->c->mounts.len) {
		report_kept(m->report, nesting->pos, NULL,
			    "LXC forgets its mounts without other entries");
		return;
	}
	report_kept(m->report, nesting->pos, NULL, NULL);
	/* LXC would hide such an entry of the configuration below the same once more */
	if (m->exact || !has_entry(m->c, proc.target))
		map_mount_entry(m, &proc);
	if (m->exact || !has_entry(m->c, sys.target))
		map_mount_entry(m, &sys);
}

static void map_entries(struct lxc_map *m)
{
	const struct lxc_mounts *const lists[] = { &m->c->fstab, &m->c->mounts };

	/* LXC makes those with an id map last */
	for (int idmapped = 0; idmapped < 2; idmapped++) {
		for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
			for (size_t i = 0; i < lists[l]->len; i++) {
				if (!lists[l]->v[i].idmap == !idmapped)
					map_mount_entry(m, &lists[l]->v[i]);
			}
		}
		if (!idmapped)
			map_nesting(m);
	}
}

/* Does an entry want to be seen below /dev/pts? LXC's devpts, made later, would hide it. */
static bool entries_below_pts(const struct lxc_config *c)
{
	const struct lxc_mounts *const lists[] = { &c->fstab, &c->mounts };

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		for (size_t i = 0; i < lists[l]->len; i++) {
			autofree char *path = path_clean_absolute(lists[l]->v[i].target);

			if (path_is_below(path, "/dev/pts"))
				return true;
		}
	}
	return false;
}

void map_mounts(struct lxc_map *m)
{
	struct oci_linux *l = m->oci->linux;
	bool pts_first = !m->exact && entries_below_pts(m->c);

	/* LXC masks nothing; runtimes must be told */
	l->masked_paths = xnew_n(char *, 1);
	l->readonly_paths = xnew_n(char *, 1);
	if (lxc_bool_get(&m->c->autodev, true))
		map_dev(m);
	else
		map_dev_of_root(m);
	map_proc_auto(m);
	map_sys_auto(m);
	if (pts_first)
		map_devpts(m);
	report_kept(m->report, m->c->mount_fstab.pos, "/mounts", NULL);
	map_entries(m);
	if (!pts_first)
		map_devpts(m);
	map_shmounts(m);
	map_cgroup_auto(m);
}
