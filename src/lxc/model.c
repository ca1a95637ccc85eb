/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/model.h"

#include "base/alloc.h"
#include "lxc/lxc.h"

/* LXC's spelling of capability numbers 0 to 40: what the specification can name. */
static const char *const cap_names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

const char *model_cap_name(unsigned int number)
{
	return number < ARRAY_SIZE(cap_names) ? cap_names[number] : NULL;
}

const char *model_ns_name(enum lxc_ns ns)
{
	static const char *const names[LXC_NS_MAX] = {
		[LXC_NS_USER] = "user",	    [LXC_NS_MNT] = "mnt",   [LXC_NS_PID] = "pid",
		[LXC_NS_UTS] = "uts",	    [LXC_NS_IPC] = "ipc",   [LXC_NS_NET] = "net",
		[LXC_NS_CGROUP] = "cgroup", [LXC_NS_TIME] = "time",
	};

	return (size_t) ns < LXC_NS_MAX ? names[ns] : NULL;
}

const char *model_hook_name(enum lxc_hook hook)
{
	static const char *const names[LXC_HOOK_MAX] = {
		[LXC_HOOK_PRE_START] = "pre-start", [LXC_HOOK_PRE_MOUNT] = "pre-mount",
		[LXC_HOOK_MOUNT] = "mount",	    [LXC_HOOK_AUTODEV] = "autodev",
		[LXC_HOOK_START] = "start",	    [LXC_HOOK_START_HOST] = "start-host",
		[LXC_HOOK_STOP] = "stop",	    [LXC_HOOK_POST_STOP] = "post-stop",
		[LXC_HOOK_CLONE] = "clone",	    [LXC_HOOK_DESTROY] = "destroy",
	};

	return (size_t) hook < LXC_HOOK_MAX ? names[hook] : NULL;
}

const char *model_net_type_name(enum lxc_net_type type)
{
	switch (type) {
	case LXC_NET_NONE:
		return "none";
	case LXC_NET_EMPTY:
		return "empty";
	case LXC_NET_VETH:
		return "veth";
	case LXC_NET_MACVLAN:
		return "macvlan";
	case LXC_NET_IPVLAN:
		return "ipvlan";
	case LXC_NET_VLAN:
		return "vlan";
	case LXC_NET_PHYS:
		return "phys";
	case LXC_NET_UNSET:
		break;
	}
	return NULL;
}

const char *model_file_name(const struct lxc_files *files, struct lxc_pos pos)
{
	return pos.line && pos.file < files->len ? files->v[pos.file].name : "-";
}

struct lxc_line *model_line(const struct lxc_config *c, struct lxc_pos pos)
{
	const struct lxc_file *f;

	if (pos.line == 0 || pos.file >= c->files.len)
		return NULL;
	f = &c->files.v[pos.file];
	if (pos.line >= f->row.len || f->row.v[pos.line] == 0)
		return NULL;
	return &c->lines.v[f->row.v[pos.line] - 1];
}

/* The capacity is not kept: it is the power of two above the length at which it was last enlarged.
 * A list that shrank is never enlarged too late, because it has at least the room of its past. */
void *model_grow(void *v, size_t *len, size_t size)
{
	if ((*len & (*len - 1)) == 0)
		v = xreallocarray(v, *len ? *len * 2 : 1, size);
	memset((char *) v + *len * size, 0, size);
	(*len)++;
	return v;
}

void model_pair_clear(struct lxc_pair *p)
{
	free(p->key);
	free(p->value);
}

void model_env_clear(struct lxc_env *e)
{
	free(e->name);
	free(e->value);
}

void model_mount_clear(struct lxc_mount *m)
{
	free(m->source);
	free(m->target);
	free(m->type);
	free(m->options_text);
	strv_clear(&m->options);
	free(m->idmap);
}

static void str_clear(struct lxc_str *s)
{
	free(s->s);
}

static void addr_clear(struct lxc_net_addr *a)
{
	free(a->addr);
	free(a->bcast);
}

#define LIST_FREE(list, element_clear)                      \
	do {                                                \
		for (size_t i_ = 0; i_ < (list)->len; i_++) \
			element_clear(&(list)->v[i_]);      \
		free((list)->v);                            \
	} while (0)

void model_net_clear(struct lxc_net *net)
{
	struct lxc_str *strs[] = {
		&net->link,	   &net->name,	       &net->hwaddr,	  &net->script_up,
		&net->script_down, &net->macvlan_mode, &net->ipvlan_mode, &net->ipvlan_isolation,
		&net->veth_mode,   &net->veth_pair,
	};

	for (size_t i = 0; i < ARRAY_SIZE(strs); i++)
		str_clear(strs[i]);
	LIST_FREE(&net->ipv4, addr_clear);
	LIST_FREE(&net->ipv6, addr_clear);
	LIST_FREE(&net->veth_routes4, addr_clear);
	LIST_FREE(&net->veth_routes6, addr_clear);
	free(net->gw4.addr);
	free(net->gw6.addr);
	free(net->veth_tagged.v);
	free(net->lines.v);
}

static void file_clear(struct lxc_file *f)
{
	free(f->name);
	free(f->row.v);
}

static void line_clear(struct lxc_line *l)
{
	free(l->name);
	free(l->value);
	free(l->note);
}

static void prlimit_clear(struct lxc_prlimit *l)
{
	free(l->name);
}

static void free_scalars(struct lxc_config *c)
{
	struct lxc_str *strs[] = {
		&c->arch,
		&c->uts_name,
		&c->init_cmd,
		&c->execute_cmd,
		&c->init_cwd,
		&c->rootfs_path,
		&c->rootfs_type,
		&c->rootfs_mount,
		&c->rootfs_options,
		&c->mount_fstab,
		&c->console_path,
		&c->console_logfile,
		&c->tty_dir,
		&c->apparmor_profile,
		&c->selinux_context,
		&c->selinux_keyring,
		&c->seccomp_profile,
		&c->seccomp_notify_proxy,
		&c->seccomp_notify_cookie,
		&c->log_level,
		&c->log_file,
		&c->log_syslog,
		&c->cgroup_dir,
		&c->cgroup_dir_container,
		&c->cgroup_dir_container_inner,
		&c->cgroup_dir_monitor,
		&c->cgroup_dir_monitor_pivot,
	};

	for (size_t i = 0; i < ARRAY_SIZE(strs); i++)
		str_clear(strs[i]);
	for (size_t i = 0; i < LXC_NS_MAX; i++)
		str_clear(&c->ns_share[i]);
	free(c->mount_auto.shmounts_host);
	free(c->mount_auto.shmounts_cont);
}

void lxc_config_free(struct lxc_config *c)
{
	if (!c)
		return;
	free_scalars(c);
	free(c->access.root);
	LIST_FREE(&c->files, file_clear);
	LIST_FREE(&c->lines, line_clear);
	free(c->init_groups.v);
	free(c->idmap.v);
	free(c->caps.v);
	LIST_FREE(&c->environment, model_env_clear);
	LIST_FREE(&c->environment_runtime, model_env_clear);
	LIST_FREE(&c->environment_hooks, model_env_clear);
	LIST_FREE(&c->prlimit, prlimit_clear);
	LIST_FREE(&c->sysctl, model_pair_clear);
	LIST_FREE(&c->proc, model_pair_clear);
	LIST_FREE(&c->fstab, model_mount_clear);
	LIST_FREE(&c->mounts, model_mount_clear);
	LIST_FREE(&c->apparmor_raw, str_clear);
	LIST_FREE(&c->groups, str_clear);
	for (size_t i = 0; i < LXC_HOOK_MAX; i++)
		LIST_FREE(&c->hooks[i], str_clear);
	LIST_FREE(&c->nets, model_net_clear);
	LIST_FREE(&c->cgroup2, model_pair_clear);
	LIST_FREE(&c->cgroup2_devices, model_pair_clear);
	LIST_FREE(&c->cgroup1, model_pair_clear);
	LIST_FREE(&c->cgroup1_devices, model_pair_clear);
	LIST_FREE(&c->pve_data, model_pair_clear);
	LIST_FREE(&c->pve_lost, model_pair_clear);
	for (size_t i = 0; i < c->nodes.len; i++)
		free(c->nodes.v[i].path);
	free(c->nodes.v);
	free(c->seccomp_text);
	free(c);
}
