/* SPDX-License-Identifier: Apache-2.0 */
/* Is the container a boundary? Ids, capabilities, security modules, namespaces. */
#include "base/alloc.h"
#include "base/path.h"
#include "lxc/audit_internal.h"

#define CAP(n)	 (UINT64_C(1) << (n))
#define CAP_LAST 40

/* What an administrator's own accounts and services use; subordinate ids begin behind it. */
#define HOST_IDS 65536

static void check_privileged(struct audit_run *a)
{
	if (!a->privileged)
		return;
	audit_add(a, AUDIT_HIGH, "privileged", (struct lxc_pos){ 0 }, NULL,
		  "there is no id map: root in the container is root on the host, and LXC does not "
		  "call that a security boundary");
	audit_fix_either(a,
			 "reserve ids in /etc/subuid and /etc/subgid, write lxc.idmap = u 0 FIRST "
			 "65536 and lxc.idmap = g 0 FIRST 65536, and shift the root file system",
			 "restore a backup of it as unprivileged (pct restore --unprivileged 1)");
}

/* Host ids that are not set apart for containers. */
static void check_idmap(struct audit_run *a)
{
	for (size_t i = 0; i < a->c->idmap.len; i++) {
		const struct lxc_idmap *m = &a->c->idmap.v[i];
		const char *kind = m->is_gid ? "gid" : "uid";

		if (m->hostid == 0 && m->count) {
			audit_add(a, AUDIT_HIGH, "idmap-host-root", m->pos, "lxc.idmap",
				  "%s %u of the container is %s 0 of the host", kind, m->nsid,
				  kind);
			audit_fix(a, "map a range of /etc/sub%s", kind);
		} else if (m->hostid < HOST_IDS && m->count) {
			audit_add(a, m->count > 1 ? AUDIT_MEDIUM : AUDIT_LOW, "idmap-host-user",
				  m->pos, "lxc.idmap",
				  "the container owns what %s %u%s of the host owns", kind,
				  m->hostid, m->count > 1 ? " and up" : "");
			audit_fix(a,
				  "map a range of /etc/sub%s; for one shared directory use a "
				  "mount with idmap=",
				  kind);
		}
	}
}

static uint64_t bounding(const struct lxc_caps *caps)
{
	uint64_t set = 0;

	for (size_t i = 0; i < caps->len; i++) {
		if (caps->v[i].number <= CAP_LAST)
			set |= CAP(caps->v[i].number);
	}
	return caps->mode == LXC_CAPS_KEEP ? set : ~set & (CAP(CAP_LAST + 1) - 1);
}

static void check_cap_group(struct audit_run *a, enum audit_severity severity, const char *id,
			    const unsigned int *v, size_t n, const char *why)
{
	uint64_t held = bounding(&a->c->caps);
	autostrbuf struct strbuf list = STRBUF_INIT;
	autostrbuf struct strbuf words = STRBUF_INIT;

	for (size_t i = 0; i < n; i++) {
		if (!(held & CAP(v[i])))
			continue;
		strbuf_addf(&list, "%s%s", list.len ? ", " : "", model_cap_name(v[i]));
		strbuf_addf(&words, " %s", model_cap_name(v[i]));
	}
	if (!list.len)
		return;
	audit_add(a, severity, id, a->c->caps.pos,
		  a->c->caps.mode == LXC_CAPS_KEEP ? "lxc.cap.keep" : "lxc.cap.drop",
		  "this privileged container keeps %s: %s", strbuf_str(&list), why);
	audit_fix(a, "lxc.cap.drop =%s", strbuf_str(&words));
}

/* In a user namespace they reach only what that owns. */
static void check_caps(struct audit_run *a)
{
	static const unsigned int host[] = { 16, 17, 32, 33 };
	static const unsigned int strong[] = { 2, 19, 21, 25, 34, 38, 39 };

	if (!a->privileged)
		return;
	check_cap_group(a, AUDIT_HIGH, "capabilities", host, ARRAY_SIZE(host),
			"they reach the host's kernel");
	check_cap_group(a, AUDIT_MEDIUM, "capabilities-strong", strong, ARRAY_SIZE(strong),
			"confinement then rests on the security module and seccomp alone");
}

static void check_lsm(struct audit_run *a)
{
	const struct lxc_str *profile = &a->c->apparmor_profile, *label = &a->c->selinux_context;
	bool labelled = label->s && !str_eq(label->s, "unconfined_t");

	if ((str_eq(profile->s, "unconfined") || str_eq(profile->s, "unchanged")) && !labelled) {
		bool off = str_eq(profile->s, "unconfined");

		audit_add(a, audit_milder(a, off ? AUDIT_HIGH : AUDIT_MEDIUM), "lsm-unconfined",
			  profile->pos, "lxc.apparmor.profile",
			  off ? "no security module confines the container"
			      : "the container runs under whatever profile its starter has, which "
				"is none for root");
		audit_fix(a, "lxc.apparmor.profile = generated");
	} else if (str_eq(label->s, "unconfined_t") && !profile->s) {
		audit_add(a, audit_milder(a, AUDIT_HIGH), "lsm-unconfined", label->pos,
			  "lxc.selinux.context", "SELinux does not confine the container");
		audit_fix(a, "lxc.selinux.context = system_u:system_r:container_t:s0:cA,cB");
	}
	if (lxc_bool_get(&a->c->apparmor_allow_incomplete, false)) {
		audit_add(a, audit_milder(a, AUDIT_MEDIUM), "apparmor-incomplete",
			  a->c->apparmor_allow_incomplete.pos, "lxc.apparmor.allow_incomplete",
			  "the container also starts where AppArmor cannot mediate mounts");
		audit_fix(a, "remove the line: kernels since 4.13 mediate them");
	}
}

static void check_seccomp(struct audit_run *a)
{
	if (a->c->seccomp_profile.s)
		return;
	audit_add(a, audit_milder(a, AUDIT_HIGH), "no-seccomp", a->c->seccomp_profile.pos,
		  "lxc.seccomp.profile",
		  "no system call is filtered, not even kexec_load and open_by_handle_at");
	audit_fix(a, "lxc.seccomp.profile = /usr/share/lxc/config/common.seccomp");
}

static bool has_suffix_profile(const struct lxc_str *profile)
{
	return profile->s &&
	       (str_ends(profile->s, "-with-nesting") || str_ends(profile->s, "-with-mounting"));
}

static void check_nesting(struct audit_run *a)
{
	const struct lxc_bool *allow = &a->c->apparmor_allow_nesting;
	const struct lxc_str *profile = &a->c->apparmor_profile;

	if (!allow->on && !has_suffix_profile(profile))
		return;
	audit_add(a, a->privileged ? AUDIT_HIGH : AUDIT_LOW, "nesting",
		  allow->on ? allow->pos : profile->pos,
		  allow->on ? "lxc.apparmor.allow_nesting" : "lxc.apparmor.profile",
		  "the profile lets the container mount file systems, a second proc among them%s",
		  a->privileged ? ", which undoes the read-only parts of /proc and /sys" : "");
	audit_fix_either(a,
			 a->privileged ? "nest in unprivileged containers only, or remove the line"
				       : "remove the line unless containers run inside",
			 "features: nesting=0, or an unprivileged container");
}

static bool all_nets_none(const struct lxc_config *c)
{
	for (size_t i = 0; i < c->nets.len; i++) {
		if (c->nets.v[i].type != LXC_NET_NONE)
			return false;
	}
	return c->nets.len > 0;
}

static void check_host_ns(struct audit_run *a, enum lxc_ns ns, const char *what)
{
	const struct lxc_config *c = a->c;
	bool kept = c->ns_keep.has && c->ns_keep.on[ns];
	bool not_new = c->ns_clone.has && !c->ns_clone.on[ns] && !c->ns_share[ns].s;

	if (!kept && !not_new)
		return;
	audit_add(a, audit_milder(a, AUDIT_HIGH), "host-namespace",
		  kept ? c->ns_keep.at[ns] : c->ns_clone.pos,
		  kept ? "lxc.namespace.keep" : "lxc.namespace.clone", "the container shares %s",
		  what);
	audit_fix(a, kept ? "remove '%s' from the list" : "add '%s' to the list",
		  model_ns_name(ns));
}

static void check_namespaces(struct audit_run *a)
{
	const struct lxc_config *c = a->c;

	check_host_ns(a, LXC_NS_PID,
		      "the processes of the host: it sees all and signals its own ids");
	check_host_ns(a, LXC_NS_IPC, "System V and POSIX queues and memory of the host");
	check_host_ns(a, LXC_NS_NET, "the network of the host, its abstract sockets included");
	if (all_nets_none(c) && !c->ns_keep.has && !c->ns_clone.has) {
		audit_add(a, audit_milder(a, AUDIT_HIGH), "host-namespace", c->nets.v[0].pos,
			  "lxc.net",
			  "the container shares the network of the host, its abstract "
			  "sockets included");
		audit_fix(a, "lxc.net.0.type = veth with a bridge, or empty");
	}
	if (c->ns_share[LXC_NS_PID].s && c->ns_share[LXC_NS_USER].s) {
		audit_add(a, AUDIT_HIGH, "shared-namespaces", c->ns_share[LXC_NS_PID].pos,
			  "lxc.namespace.share.pid",
			  "with the user namespace shared too, either container can take over the "
			  "other");
		audit_fix(a, "share only one of the two");
	}
}

static void check_auto_mounts(struct audit_run *a)
{
	const struct lxc_mount_auto *m = &a->c->mount_auto;

	if (!a->privileged)
		return;
	if (m->proc == LXC_AUTO_PROC_RW) {
		audit_add(a, AUDIT_HIGH, "proc-writable", m->proc_pos, "lxc.mount.auto",
			  "root in the container writes /proc/sys and /proc/sysrq-trigger of the "
			  "host");
		audit_fix(a, "proc:mixed");
	}
	if (m->sys == LXC_AUTO_SYS_RW) {
		audit_add(a, AUDIT_HIGH, "sys-writable", m->sys_pos, "lxc.mount.auto",
			  "root in the container writes the host's /sys");
		audit_fix(a, "sys:mixed");
	}
	if (m->cgroup == LXC_AUTO_CGROUP_RW && m->cgroup_full) {
		audit_add(a, AUDIT_HIGH, "cgroup-full", m->cgroup_pos, "lxc.mount.auto",
			  "on cgroup v1 the container writes the cgroups of the whole host");
		audit_fix(a, "cgroup:mixed");
	}
}

/* The path a hook's command line begins with. */
static bool command_is_below(const char *command, const char *root)
{
	autofree char *word = xstrndup(command, strcspn(command, " \t"));
	autofree char *clean = path_clean(word);

	return *clean == '/' && path_is_below(clean, root);
}

static void in_rootfs(struct audit_run *a, const struct lxc_str *s, const char *key,
		      const char *what)
{
	audit_add(a, AUDIT_HIGH, "file-in-rootfs", s->pos, key,
		  "'%s' lies in the root file system: the container decides %s", s->s, what);
	audit_fix(a, "keep it where only the host writes");
}

/* What the host runs or obeys must not be the container's to write. */
static void check_in_rootfs(struct audit_run *a)
{
	static const enum lxc_hook on_host[] = { LXC_HOOK_PRE_START,  LXC_HOOK_PRE_MOUNT,
						 LXC_HOOK_MOUNT,      LXC_HOOK_AUTODEV,
						 LXC_HOOK_START_HOST, LXC_HOOK_STOP,
						 LXC_HOOK_POST_STOP,  LXC_HOOK_CLONE,
						 LXC_HOOK_DESTROY };
	const struct lxc_config *c = a->c;
	autofree char *root = c->rootfs_path.s ? path_clean(c->rootfs_path.s) : NULL;

	if (!root || *root != '/' || str_eq(root, "/"))
		return;
	for (size_t h = 0; h < ARRAY_SIZE(on_host); h++) {
		const struct lxc_strs *hooks = &c->hooks[on_host[h]];

		for (size_t i = 0; i < hooks->len; i++) {
			if (command_is_below(hooks->v[i].s, root))
				in_rootfs(a, &hooks->v[i], "lxc.hook", "what the host runs");
		}
	}
	if (c->seccomp_profile.s && path_is_below(c->seccomp_profile.s, root))
		in_rootfs(a, &c->seccomp_profile, "lxc.seccomp.profile", "what is filtered");
	if (c->mount_fstab.s && path_is_below(c->mount_fstab.s, root))
		in_rootfs(a, &c->mount_fstab, "lxc.mount.fstab", "what of the host it sees");
}

static void check_rootfs(struct audit_run *a)
{
	if (a->c->rootfs_path.s || a->c->is_pve)
		return;
	audit_add(a, AUDIT_HIGH, "host-rootfs", a->c->rootfs_path.pos, "lxc.rootfs.path",
		  "without it the container runs on the host's own root file system");
	audit_fix(a, "lxc.rootfs.path = dir:/path/of/a/rootfs");
}

static void check_keyring(struct audit_run *a)
{
	if (!lxc_bool_get(&a->c->keyring_session, false))
		return;
	audit_add(a, AUDIT_LOW, "keyring-shared", a->c->keyring_session.pos, "lxc.keyring.session",
		  "1 keeps the session keyring of whoever starts the container");
	audit_fix(a, "lxc.keyring.session = 0");
}

void audit_confinement(struct audit_run *a)
{
	check_privileged(a);
	check_idmap(a);
	check_rootfs(a);
	check_caps(a);
	check_lsm(a);
	check_seccomp(a);
	check_nesting(a);
	check_namespaces(a);
	check_auto_mounts(a);
	check_in_rootfs(a);
	check_keyring(a);
}
