/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of Proxmox VE and what each of them becomes. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/str.h"
#include "lxc/pve.h"
#include "lxc/pve_internal.h"

#define MIB	   (UINT64_C(1) << 20)
#define MEMORY	   512 /* MiB */
#define TTYS	   2
#define PERIOD	   100000
#define WEIGHT_MAX 10000

/* --- properties --- */

char *pve_prop(const char *value, const char *first, const char *name)
{
	autostrv struct strv parts = { NULL, 0 };

	strv_split(&parts, value, ",");
	for (size_t i = 0; i < parts.len; i++) {
		const char *assign = strchr(parts.v[i], '=');
		size_t n = assign ? (size_t) (assign - parts.v[i]) : 0;

		if (!assign && i == 0 && first && str_eq(first, name))
			return xstrdup(parts.v[i]);
		if (assign && n == strlen(name) && memcmp(parts.v[i], name, n) == 0)
			return xstrdup(assign + 1);
	}
	return NULL;
}

bool pve_prop_flag(const char *value, const char *name)
{
	autofree char *text = pve_prop(value, NULL, name);

	return str_eq(text, "1") || str_eq(text, "yes") || str_eq(text, "on") ||
	       str_eq(text, "true");
}

char *pve_prop_unknown(const char *value, const char *first, const char *const *known)
{
	autostrv struct strv parts = { NULL, 0 };

	strv_split(&parts, value, ",");
	for (size_t i = 0; i < parts.len; i++) {
		const char *assign = strchr(parts.v[i], '=');
		autofree char *name =
			assign ? xstrndup(parts.v[i], (size_t) (assign - parts.v[i])) : NULL;
		const char *const *k = known;

		if (!name && i == 0 && first)
			continue;
		while (name && *k && !str_eq(*k, name))
			k++;
		if (!name || !*k)
			return xstrdup(parts.v[i]);
	}
	return NULL;
}

char *pve_feature(const struct pve *v, const char *name)
{
	return pve_prop(pve_value(v, "features", ""), NULL, name);
}

static bool has_feature(const struct pve *v, const char *name)
{
	return pve_prop_flag(pve_value(v, "features", ""), name);
}

static bool is_unprivileged(const struct pve *v)
{
	return pve_flag(v, "unprivileged", false);
}

/* Raw lines that map ids replace the usual map. */
static bool has_idmap(const struct pve *v)
{
	for (size_t i = 0; i < v->len; i++) {
		if (!v->v[i].row && str_eq(v->v[i].key, "lxc.idmap"))
			return true;
	}
	return false;
}

/* --- what every container gets --- */

static void add_privileged(struct strbuf *b)
{
	static const char *const allowed[] = {
		"c *:* m",   "b *:* m",	  "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm",   "c 1:8 rwm",
		"c 1:9 rwm", "c 5:0 rwm", "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:229 rwm",
	};

	strbuf_add(b, "lxc.cap.drop = mac_admin mac_override sys_time sys_module sys_rawio\n"
		      "lxc.cgroup2.devices.deny = a\n");
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		strbuf_addf(b, "lxc.cgroup2.devices.allow = %s\n", allowed[i]);
}

char *pve_defaults(const struct pve *v)
{
	bool userns = is_unprivileged(v) || has_idmap(v);
	struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, "lxc.pty.max = 1024\n");
	if (!userns)
		add_privileged(&b);
	strbuf_addf(&b, "lxc.mount.auto = cgroup:mixed proc:mixed sys:%s\n",
		    userns && has_feature(v, "force_rw_sys") ? "rw" : "mixed");
	strbuf_add(&b, "lxc.mount.entry = /sys/fs/fuse/connections sys/fs/fuse/connections none "
		       "bind,optional 0 0\n"
		       "lxc.monitor.unshare = 1\n"
		       "lxc.environment = TERM=linux\n"
		       "lxc.seccomp.profile = " PVE_SECCOMP "\n");
	if (is_unprivileged(v) && !has_idmap(v))
		strbuf_add(&b, "lxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n");
	strbuf_addf(&b,
		    "lxc.apparmor.profile = generated\n"
		    "lxc.apparmor.allow_nesting = %d\n",
		    has_feature(v, "nesting"));
	return strbuf_take(&b);
}

char *pve_seccomp(const struct pve *v)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add(&b, "2\ndenylist\nreject_force_umount\n[all]\nkexec_load errno 1\n"
		       "open_by_handle_at errno 1\ninit_module errno 1\nfinit_module errno 1\n"
		       "delete_module errno 1\n");
	if (is_unprivileged(v) || has_idmap(v)) {
		if (!has_feature(v, "keyctl"))
			strbuf_add(&b, "keyctl errno 38\n");
		/* the ioctls of btrfs, and sockets of AF_ALG */
		strbuf_add(&b, "ioctl errno 1 [1,0x9400,SCMP_CMP_MASKED_EQ,0xff00]\n"
			       "socket errno 97 [0,38,SCMP_CMP_EQ]\n");
	}
	return strbuf_take(&b);
}

void pve_implied(struct pve *v)
{
	static const struct lxc_pos nowhere = { 0, 0 };

	if (!pve_find(v, "hostname"))
		pve_set(v, nowhere, "lxc.uts.name", "CT%s", v->id ? v->id : "");
	if (!pve_find(v, "tty"))
		pve_set(v, nowhere, "lxc.tty.max", "%d", TTYS);
	if (!pve_find(v, "memory"))
		pve_rows[0].fn(v, &(struct pve_line){ .key = (char *) "memory",
						      .value = (char *) "512" });
	if (!pve_find(v, "swap"))
		pve_set(v, nowhere, "lxc.cgroup2.memory.swap.max", "0");
	if (!pve_find(v, "cpuunits"))
		pve_set(v, nowhere, "lxc.cgroup2.cpu.weight", "100");
}

/* --- limits --- */

static bool number(struct pve *v, const struct pve_line *l, uint64_t max, uint64_t *ret)
{
	if (str_to_u64(l->value, ret) == 0 && *ret <= max)
		return true;
	pve_bad(v, l, "'%s' is no number up to %llu", l->value, (unsigned long long) max);
	return false;
}

/* Proxmox throttles a little before the limit kills: at 1016/1024 of it, at most 128 MiB below. */
static void do_memory(struct pve *v, const struct pve_line *l)
{
	uint64_t n, max, high;

	if (!number(v, l, UINT64_MAX / MIB / 1016, &n))
		return;
	if (!n)
		n = MEMORY;
	max = n * MIB;
	high = max / 1024 * 1016;
	if (max > 128 * MIB && max - 128 * MIB > high)
		high = max - 128 * MIB;
	pve_set(v, l->pos, "lxc.cgroup2.memory.max", "%llu", (unsigned long long) max);
	pve_set(v, l->pos, "lxc.cgroup2.memory.high", "%llu", (unsigned long long) high);
}

static void do_swap(struct pve *v, const struct pve_line *l)
{
	uint64_t n;

	if (number(v, l, UINT64_MAX / MIB, &n))
		pve_set(v, l->pos, "lxc.cgroup2.memory.swap.max", "%llu",
			(unsigned long long) (n * MIB));
}

/* "1.5" CPUs in hundredths of a period's microseconds; a plain decimal, in no locale. */
static int cpus_parse(const char *s, uint64_t *ret)
{
	uint64_t whole = 0, part = 0, scale = PERIOD;

	if (!isdigit((unsigned char) *s))
		return -1;
	for (; isdigit((unsigned char) *s) && whole < 100000; s++)
		whole = whole * 10 + (uint64_t) (*s - '0');
	if (*s == '.') {
		for (s++; isdigit((unsigned char) *s); s++) {
			scale /= 10;
			part += (uint64_t) (*s - '0') * scale;
		}
	}
	*ret = whole * PERIOD + part;
	return *s || whole > 8192 ? -1 : 0;
}

static void do_cpulimit(struct pve *v, const struct pve_line *l)
{
	uint64_t quota;

	if (cpus_parse(l->value, &quota) < 0)
		pve_bad(v, l, "'%s' is no number of CPUs", l->value);
	else if (quota)
		pve_set(v, l->pos, "lxc.cgroup2.cpu.max", "%llu %d", (unsigned long long) quota,
			PERIOD);
	else
		parse_set_fate(v->p, l->pos, LXC_LINE_MANAGED, "no limit");
}

/* Proxmox picks that many CPUs at each start; the same time on any of them does not depend on the
 * host. */
static void do_cores(struct pve *v, const struct pve_line *l)
{
	const char *limit = pve_value(v, "cpulimit", "0");
	uint64_t cores, quota = 0;

	if (!number(v, l, 8192, &cores))
		return;
	(void) cpus_parse(limit, &quota);
	if (!cores || (quota && quota <= cores * PERIOD)) {
		parse_set_fate(v->p, l->pos, LXC_LINE_MANAGED, "cpulimit says less");
		return;
	}
	diag_add(v->p->d, "LXC-W108", l->pos, l->key,
		 "Proxmox ties the container to %llu CPUs of its choice; here it gets the time of "
		 "as many",
		 (unsigned long long) cores);
	pve_set(v, l->pos, "lxc.cgroup2.cpu.max", "%llu %d", (unsigned long long) cores * PERIOD,
		PERIOD);
}

static void do_cpuunits(struct pve *v, const struct pve_line *l)
{
	uint64_t n;

	if (number(v, l, 500000, &n))
		pve_set(v, l->pos, "lxc.cgroup2.cpu.weight", "%llu",
			(unsigned long long) (n < 1	       ? 1
					      : n > WEIGHT_MAX ? WEIGHT_MAX
							       : n));
}

/* --- the process --- */

static void do_arch(struct pve *v, const struct pve_line *l)
{
	static const char *const names[][2] = {
		{ "amd64", "amd64" }, { "i386", "i386" },	{ "arm64", "arm64" },
		{ "armhf", "armhf" }, { "riscv64", "riscv64" }, { "riscv32", "linux32" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(l->value, names[i][0])) {
			pve_set(v, l->pos, "lxc.arch", "%s", names[i][1]);
			return;
		}
	}
	pve_bad(v, l, "unknown architecture '%s'", l->value);
}

static void do_hostname(struct pve *v, const struct pve_line *l)
{
	pve_set(v, l->pos, "lxc.uts.name", "%s", l->value);
}

static void do_entrypoint(struct pve *v, const struct pve_line *l)
{
	pve_set(v, l->pos, "lxc.init.cmd", "%s", l->value);
}

static void do_env(struct pve *v, const struct pve_line *l)
{
	for (const char *s = l->value; s < l->value + l->len; s += strlen(s) + 1) {
		if (*s && !strchr(s, '='))
			pve_bad(v, l, "'%s' has not the form NAME=VALUE", s);
		else if (*s)
			pve_set(v, l->pos, "lxc.environment.runtime", "%s", s);
	}
}

static void do_tty(struct pve *v, const struct pve_line *l)
{
	uint64_t n;

	if (number(v, l, 6, &n))
		pve_set(v, l->pos, "lxc.tty.max", "%llu", (unsigned long long) n);
}

static void do_console(struct pve *v, const struct pve_line *l)
{
	if (pve_flag(v, "console", true))
		parse_set_fate(v->p, l->pos, LXC_LINE_MANAGED, "as without it");
	else
		pve_set(v, l->pos, "lxc.console.path", "none");
}

static void do_unprivileged(struct pve *v, const struct pve_line *l)
{
	parse_set_fate(v->p, l->pos, LXC_LINE_CONSUMED,
		       has_idmap(v)	    ? "its lines of lxc.idmap count"
		       : is_unprivileged(v) ? "the id map 0 100000 65536"
					    : "no user namespace");
}

static void do_onboot(struct pve *v, const struct pve_line *l)
{
	pve_set(v, l->pos, "lxc.start.auto", "%d", pve_flag(v, "onboot", false));
}

static void do_startup(struct pve *v, const struct pve_line *l)
{
	autofree char *order = pve_prop(l->value, "order", "order");
	autofree char *up = pve_prop(l->value, NULL, "up");

	if (order)
		pve_set(v, l->pos, "lxc.start.order", "%s", order);
	if (up)
		pve_set(v, l->pos, "lxc.start.delay", "%s", up);
	if (!order && !up)
		parse_set_fate(v->p, l->pos, LXC_LINE_MANAGED, "of the shutdown of the host only");
}

/* --- features --- */

static void do_features(struct pve *v, const struct pve_line *l)
{
	static const char *const known[] = { "force_rw_sys", "fuse",	"keyctl", "mknod",
					     "mount",	     "nesting", NULL };
	autofree char *unknown = pve_prop_unknown(l->value, NULL, known);
	autofree char *mount = pve_feature(v, "mount");
	autostrv struct strv types = { NULL, 0 };

	if (unknown)
		pve_bad(v, l, "unknown feature '%s'", unknown);
	if (has_feature(v, "fuse")) {
		pve_set(v, l->pos, "lxc.mount.entry",
			"/dev/fuse dev/fuse none bind,create=file 0 0");
		pve_set(v, l->pos, "lxc.apparmor.raw", "mount fstype=fuse,");
	}
	strv_split(&types, mount ? mount : "", ";");
	for (size_t i = 0; i < types.len; i++)
		pve_set(v, l->pos, "lxc.apparmor.raw", "mount fstype=%s,", types.v[i]);
	/* Proxmox answers for the container, from a daemon of its own */
	if (has_feature(v, "mknod"))
		*MODEL_ADD(&v->p->c->pve_lost) = (struct lxc_pair){
			.key = xstrdup("features"),
			.value = xstrdup("mknod is done by a daemon of Proxmox; here the container "
					 "cannot make device nodes"),
			.pos = l->pos,
		};
	if (!unknown)
		parse_set_fate(v->p, l->pos, LXC_LINE_CONSUMED, NULL);
}

/* --- management --- */

/* Kept, and of no effect: org.hako.pve.KEY. */
static void keep(struct pve *v, const struct pve_line *l)
{
	if (!str_is_utf8(l->value, strlen(l->value))) {
		pve_bad(v, l, "the value is not valid UTF-8, which JSON cannot carry");
		return;
	}
	*MODEL_ADD(&v->p->c->pve_data) = (struct lxc_pair){
		.key = xstrdup(l->key),
		.value = xstrdup(l->value),
		.pos = l->pos,
	};
}

/* Proxmox writes these into files of the root file system, where they are. */
static void do_in_files(struct pve *v, const struct pve_line *l)
{
	keep(v, l);
	parse_set_fate(v->p, l->pos, LXC_LINE_LIVE,
		       "in files of the root file system, which stay as Proxmox wrote them");
}

static void do_hookscript(struct pve *v, const struct pve_line *l)
{
	keep(v, l);
	diag_add(v->p->d, "LXC-W107", l->pos, l->key,
		 "a script of Proxmox is not run: it wants Proxmox's arguments");
}

static void do_template(struct pve *v, const struct pve_line *l)
{
	keep(v, l);
	if (pve_flag(v, "template", false))
		diag_add(v->p->d, "LXC-W107", l->pos, l->key,
			 "this is a template, which Proxmox does not start");
}

static void do_lock(struct pve *v, const struct pve_line *l)
{
	keep(v, l);
	diag_add(v->p->d, "LXC-W107", l->pos, l->key,
		 "an operation of Proxmox has locked the container: '%s'", l->value);
}

const struct pve_row pve_rows[] = {
	{ "memory", do_memory },
	{ "unprivileged", do_unprivileged },
	{ "arch", do_arch },
	{ "console", do_console },
	{ "tty", do_tty },
	{ "hostname", do_hostname },
	{ "swap", do_swap },
	{ "cpulimit", do_cpulimit },
	{ "cores", do_cores },
	{ "cpuunits", do_cpuunits },
	{ "rootfs", pve_rootfs },
	{ "mpN", pve_mount_point },
	{ "devN", pve_device },
	{ "netN", pve_network },
	{ "features", do_features },
	{ "entrypoint", do_entrypoint },
	{ "env", do_env },
	{ "onboot", do_onboot },
	{ "startup", do_startup },
	{ "nameserver", do_in_files },
	{ "searchdomain", do_in_files },
	{ "timezone", do_in_files },
	{ "ostype", keep },
	{ "cmode", keep },
	{ "debug", keep },
	{ "description", keep },
	{ "hookscript", do_hookscript },
	{ "lock", do_lock },
	{ "parent", keep },
	{ "protection", keep },
	{ "snaptime", keep },
	{ "tags", keep },
	{ "template", do_template },
	{ "unusedN", keep },
	{ NULL, NULL },
};

const struct pve_row *pve_row(const char *key)
{
	for (const struct pve_row *row = pve_rows; row->key; row++) {
		size_t n = strlen(row->key);
		const char *digits = key + n - 1;

		if (row->key[n - 1] != 'N') {
			if (str_eq(row->key, key))
				return row;
		} else if (strlen(key) >= n && strncmp(key, row->key, n - 1) == 0 &&
			   strspn(digits, "0123456789") == strlen(digits)) {
			return row;
		}
	}
	return NULL;
}
