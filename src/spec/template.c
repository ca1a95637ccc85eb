/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/template.h"

#include "base/alloc.h"
#include "base/str.h"

#include "spec/state.h"

/* Lists are written with commas: split once, when the document is made. */
static const struct {
	const char *destination;
	const char *type;
	const char *source;
	const char *options;
} mounts[] = {
	{ "/proc", "proc", "proc", NULL },
	{ "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" },
	{ "/dev/pts", "devpts", "devpts",
	  "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5" },
	{ "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777,size=65536k" },
	{ "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev" },
	{ "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro" },
	{ "/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro" },
};

const char *const template_masked_paths[] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/sys/devices/virtual/powercap",
	"/sys/firmware",
	NULL,
};

const char *const template_readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger", NULL,
};

static void set_strings(char ***member, size_t *len, const char *list)
{
	struct strv v = { 0 };

	strv_split(&v, list, ",");
	*len = v.len;
	*member = strv_take(&v);
}

static void set_paths(char ***member, size_t *len, const char *const *paths)
{
	struct strv v = { 0 };

	for (; *paths; paths++)
		strv_add(&v, *paths);
	*len = v.len;
	*member = strv_take(&v);
}

static struct oci_process *make_process(void)
{
	static const char capabilities[] = "CAP_AUDIT_WRITE,CAP_KILL,CAP_NET_BIND_SERVICE";
	struct oci_process *p = xnew(struct oci_process);
	struct oci_capabilities *c = p->capabilities = xnew(struct oci_capabilities);

	p->terminal = p->has_terminal = true;
	p->user = xnew(struct oci_user);
	p->user->has_uid = p->user->has_gid = true;
	set_strings(&p->args, &p->args_len, "sh");
	set_strings(&p->env, &p->env_len,
		    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin,TERM=xterm");
	p->cwd = xstrdup("/");
	/* Never inheritable: a set-user-ID program would pass those on (CVE-2022-29162). */
	set_strings(&c->bounding, &c->bounding_len, capabilities);
	set_strings(&c->effective, &c->effective_len, capabilities);
	set_strings(&c->permitted, &c->permitted_len, capabilities);
	p->rlimits = xnew(struct oci_rlimit);
	p->rlimits_len = 1;
	*p->rlimits = (struct oci_rlimit){
		.type = xstrdup("RLIMIT_NOFILE"),
		.hard = 1024,
		.has_hard = true,
		.soft = 1024,
		.has_soft = true,
	};
	p->no_new_privileges = p->has_no_new_privileges = true;
	return p;
}

/* A user who is root only inside has neither group 5 nor the right to mount a sysfs of a network
 * namespace that is not his. */
static void make_mount(struct oci_mount *m, size_t i, bool rootless)
{
	const char *options = mounts[i].options;

	m->destination = xstrdup(mounts[i].destination);
	if (rootless && str_eq(m->destination, "/sys")) {
		m->type = xstrdup("none");
		m->source = xstrdup("/sys");
		set_strings(&m->options, &m->options_len, "rbind,nosuid,noexec,nodev,ro");
		return;
	}
	if (rootless && str_eq(m->destination, "/dev/pts"))
		options = "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620";
	m->type = xstrdup(mounts[i].type);
	m->source = xstrdup(mounts[i].source);
	if (options)
		set_strings(&m->options, &m->options_len, options);
}

static struct oci_id_mapping *make_mapping(uint32_t host_id)
{
	struct oci_id_mapping *m = xnew(struct oci_id_mapping);

	*m = (struct oci_id_mapping){
		.has_container_id = true,
		.host_id = host_id,
		.has_host_id = true,
		.size = 1,
		.has_size = true,
	};
	return m;
}

static void make_namespaces(struct oci_linux *l, const struct template_opts *opts)
{
	autostrv struct strv types = { 0 };

	strv_split(&types, opts->rootless ? "pid,ipc,uts,mount" : "pid,network,ipc,uts,mount", ",");
	if (opts->cgroup2_only)
		strv_add(&types, "cgroup");
	if (opts->rootless)
		strv_add(&types, "user");
	l->namespaces = xnew_n(struct oci_namespace, types.len);
	l->namespaces_len = types.len;
	for (size_t i = 0; i < types.len; i++)
		l->namespaces[i].type = xstrdup(types.v[i]);
}

static struct oci_linux *make_linux(const struct template_opts *opts)
{
	struct oci_linux *l = xnew(struct oci_linux);

	if (opts->rootless) {
		l->uid_mappings = make_mapping(opts->uid);
		l->gid_mappings = make_mapping(opts->gid);
		l->uid_mappings_len = l->gid_mappings_len = 1;
	} else {
		struct oci_device_rule *deny = xnew(struct oci_device_rule);

		deny->has_allow = true;
		deny->access = xstrdup("rwm");
		l->resources = xnew(struct oci_resources);
		l->resources->devices = deny;
		l->resources->devices_len = 1;
	}
	make_namespaces(l, opts);
	set_paths(&l->masked_paths, &l->masked_paths_len, template_masked_paths);
	set_paths(&l->readonly_paths, &l->readonly_paths_len, template_readonly_paths);
	return l;
}

struct oci_config *template_config(const struct template_opts *opts)
{
	struct oci_config *c = xnew(struct oci_config);

	c->oci_version = xstrdup(SPEC_VERSION);
	c->process = make_process();
	c->root = xnew(struct oci_root);
	c->root->path = xstrdup("rootfs");
	c->root->readonly = c->root->has_readonly = true;
	c->hostname = xstrdup("hako");
	c->mounts = xnew_n(struct oci_mount, ARRAY_SIZE(mounts));
	c->mounts_len = ARRAY_SIZE(mounts);
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++)
		make_mount(&c->mounts[i], i, opts->rootless);
	c->linux = make_linux(opts);
	return c;
}

char *template_json(const struct template_opts *opts)
{
	struct oci_config *c = template_config(opts);
	autofree char *text = oci_config_generate(c, OCI_PRETTY);

	oci_config_free(c);
	return xasprintf("%s\n", text);
}
