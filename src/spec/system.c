/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "spec/bundle.h"
#include "spec/initsys.h"
#include "spec/namespaces.h"
#include "spec/template.h"

/* All but MAC_ADMIN MAC_OVERRIDE SYS_MODULE SYS_RAWIO SYS_TIME, which LXC's common.conf drops. */
static const char capabilities[] =
	"CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_DAC_READ_SEARCH,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_SETGID,"
	"CAP_SETUID,CAP_SETPCAP,CAP_LINUX_IMMUTABLE,CAP_NET_BIND_SERVICE,CAP_NET_BROADCAST,"
	"CAP_NET_ADMIN,CAP_NET_RAW,CAP_IPC_LOCK,CAP_IPC_OWNER,CAP_SYS_CHROOT,CAP_SYS_PTRACE,"
	"CAP_SYS_PACCT,CAP_SYS_ADMIN,CAP_SYS_BOOT,CAP_SYS_NICE,CAP_SYS_RESOURCE,"
	"CAP_SYS_TTY_CONFIG,CAP_MKNOD,CAP_LEASE,CAP_AUDIT_WRITE,CAP_AUDIT_CONTROL,CAP_SETFCAP,"
	"CAP_SYSLOG,CAP_WAKE_ALARM,CAP_BLOCK_SUSPEND,CAP_AUDIT_READ,CAP_PERFMON,CAP_BPF,"
	"CAP_CHECKPOINT_RESTORE";

/* In a user namespace these give nothing over the machine. */
static const char capabilities_userns[] =
	",CAP_MAC_ADMIN,CAP_MAC_OVERRIDE,CAP_SYS_MODULE,CAP_SYS_RAWIO,CAP_SYS_TIME";

static const struct {
	const char *destination, *type, *source, *options;
} mounts[] = {
	{ "/proc", "proc", "proc", "nosuid,noexec,nodev" },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620" },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,nodev,mode=1777" },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro" },
	{ "/run", "tmpfs", "tmpfs", "nosuid,nodev,mode=755" },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime" },
};

static void replace_strings(char ***member, size_t *len, const char *list)
{
	struct strv v = { 0 };

	strs_free(*member);
	strv_split(&v, list, ",");
	*len = v.len;
	*member = strv_take(&v);
}

/* ---- process ---- */

static void apply_args(struct oci_process *p, const char *init)
{
	bool is_template = p->args_len == 1 && str_eq(p->args[0], "sh");

	if (init && (is_template || !p->args_len))
		replace_strings(&p->args, &p->args_len, init);
}

static void apply_env(struct oci_process *p)
{
	struct strv env = { 0 };

	for (size_t i = 0; i < p->env_len; i++) {
		if (!str_starts(p->env[i], "container="))
			strv_add(&env, p->env[i]);
	}
	strv_add(&env, "container=lxc");
	strs_free(p->env);
	p->env_len = env.len;
	p->env = strv_take(&env);
}

static void apply_capabilities(struct oci_process *p, bool userns)
{
	autofree char *list = xasprintf("%s%s", capabilities, userns ? capabilities_userns : "");
	struct oci_capabilities *c = p->capabilities;

	if (!c)
		c = p->capabilities = xnew(struct oci_capabilities);
	replace_strings(&c->inheritable, &c->inheritable_len, "");
	replace_strings(&c->ambient, &c->ambient_len, "");
	replace_strings(&c->bounding, &c->bounding_len, list);
	replace_strings(&c->effective, &c->effective_len, list);
	replace_strings(&c->permitted, &c->permitted_len, list);
}

/* 1024 files are the template's idea of a program, not of a system. */
static void drop_template_rlimit(struct oci_process *p)
{
	if (p->rlimits_len != 1 || !str_eq(p->rlimits[0].type, "RLIMIT_NOFILE") ||
	    p->rlimits[0].hard != 1024 || p->rlimits[0].soft != 1024)
		return;
	free(p->rlimits[0].type);
	free(p->rlimits);
	p->rlimits = NULL;
	p->rlimits_len = 0;
}

static void apply_process(struct oci_config *c, const struct system_opts *o, const char *init,
			  bool userns)
{
	struct oci_process *p = c->process;

	if (!p) {
		p = c->process = xnew(struct oci_process);
		p->cwd = xstrdup("/");
	}
	apply_args(p, init);
	apply_env(p);
	apply_capabilities(p, userns);
	drop_template_rlimit(p);
	p->no_new_privileges = false;
	p->terminal = o->terminal;
	p->has_terminal = true;
}

/* ---- mounts ---- */

static struct oci_mount *find_mount(struct oci_config *c, const char *destination)
{
	for (size_t i = 0; i < c->mounts_len; i++) {
		autofree char *clean = path_clean_absolute(c->mounts[i].destination);

		if (str_eq(clean, destination))
			return &c->mounts[i];
	}
	return NULL;
}

static void set_mount(struct oci_mount *m, size_t row)
{
	free(m->destination);
	free(m->type);
	free(m->source);
	m->destination = xstrdup(mounts[row].destination);
	m->type = xstrdup(mounts[row].type);
	m->source = xstrdup(mounts[row].source);
	replace_strings(&m->options, &m->options_len, mounts[row].options);
}

static void drop_option(struct oci_mount *m, const char *option)
{
	struct strv kept = { 0 };

	for (size_t i = 0; i < m->options_len; i++) {
		if (!str_eq(m->options[i], option))
			strv_add(&kept, m->options[i]);
	}
	strs_free(m->options);
	m->options_len = kept.len;
	m->options = strv_take(&kept);
}

static void apply_mounts(struct oci_config *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		struct oci_mount *m = find_mount(c, mounts[i].destination);

		if (!m) {
			c->mounts = xreallocarray(c->mounts, c->mounts_len + 1, sizeof(*c->mounts));
			m = &c->mounts[c->mounts_len++];
			*m = (struct oci_mount){ 0 };
			set_mount(m, i);
		} else if (str_eq(m->type, "cgroup")) {
			drop_option(m, "ro");
		} else if (str_eq(m->destination, "/sys") && str_eq(m->source, "/sys")) {
			/* the host's, as `spec --rootless` has it: ours is of our own network */
			set_mount(m, i);
		}
	}
}

/* ---- linux ---- */

static void add_namespace(struct oci_linux *l, const char *type)
{
	if (spec_has_namespace(l, type))
		return;
	l->namespaces = xreallocarray(l->namespaces, l->namespaces_len + 1, sizeof(*l->namespaces));
	l->namespaces[l->namespaces_len++] = (struct oci_namespace){ .type = xstrdup(type) };
}

static void apply_linux(struct oci_config *c, const struct system_opts *o)
{
	static const char *const types[] = { "pid", "network", "ipc", "uts", "mount", "cgroup" };
	struct oci_linux *l = c->linux;

	if (!l)
		l = c->linux = xnew(struct oci_linux);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		add_namespace(l, types[i]);
	if (o->rootless)
		add_namespace(l, "user");
	replace_strings(&l->readonly_paths, &l->readonly_paths_len,
			"/proc/sys,/proc/sysrq-trigger");
	/* The kernel lets nobody in a user namespace mount another procfs below a covered one. */
	if (spec_has_namespace(l, "user"))
		replace_strings(&l->masked_paths, &l->masked_paths_len, "");
}

/* ---- annotations ---- */

static void apply_annotations(struct oci_config *c)
{
	static const char *const pairs[][2] = {
		{ "org.hako.signal.halt", "auto" },   { "org.hako.signal.reboot", "auto" },
		{ "org.hako.reboot", "restart" },     { "org.hako.bootid", "random" },
		{ "org.hako.proc.mixed", "1" },	      { "org.hako.sys.mixed", "1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (!oci_map_get(c->annotations, pairs[i][0]))
			oci_map_set(&c->annotations, pairs[i][0], pairs[i][1]);
	}
}

void system_apply(struct oci_config *c, const struct system_opts *o, const char *init)
{
	apply_linux(c, o);
	apply_process(c, o, init, spec_has_namespace(c->linux, "user"));
	apply_mounts(c);
	apply_annotations(c);
	if (c->root)
		c->root->readonly = false;
}

/* ---- from a directory ---- */

static struct oci_config *make_config(int dir_fd, const struct system_opts *o)
{
	struct template_opts t = { .rootless = o->rootless, .uid = o->uid, .gid = o->gid };
	struct oci_config *c = template_config(&t);
	struct stat st;

	if (fstatat(dir_fd, "rootfs", &st, 0) < 0 || !S_ISDIR(st.st_mode)) {
		free(c->root->path);
		c->root->path = xstrdup(".");
	}
	free(c->hostname);
	c->hostname = xstrdup(o->id);
	/* the default map has all ids of the caller, not only his own */
	free(c->linux->uid_mappings);
	free(c->linux->gid_mappings);
	c->linux->uid_mappings = c->linux->gid_mappings = NULL;
	c->linux->uid_mappings_len = c->linux->gid_mappings_len = 0;
	return c;
}

static int load(const char *dir, const char *config_name, const struct system_opts *o,
		struct bundle *b)
{
	const char *name = config_name ? config_name : "config.json";
	autofd int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys("open bundle '%s'", dir);
	if (config_name || faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return bundle_open(dir, config_name, b);
	b->path = path_make_absolute(dir);
	b->fd = take_fd(&fd);
	b->config = make_config(b->fd, o);
	return b->path ? 0 : err_sys("find bundle '%s'", dir);
}

static bool has_args(const struct oci_config *c)
{
	return c->process && c->process->args_len && !str_eq(c->process->args[0], "sh");
}

int system_document(const char *dir, const char *config_name, const struct system_opts *o,
		    char **ret_json)
{
	struct bundle b = BUNDLE_INIT;
	const char *init = NULL;
	int r;

	r = load(dir, config_name, o, &b);
	if (r >= 0)
		r = bundle_open_rootfs(&b);
	if (r >= 0 && b.rootfs_fd >= 0)
		(void) initsys_find(b.rootfs_fd, &init);
	if (r >= 0 && !init && !has_args(b.config))
		r = err_code(ENOENT, "--system: root file system '%s' has no init",
			     b.rootfs ? b.rootfs : dir);
	if (r >= 0) {
		system_apply(b.config, o, init);
		*ret_json = oci_config_generate(b.config, 0);
	}
	bundle_clear(&b);
	return r;
}
