/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/apparmor.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "base/str.h"

#define NAME_SHOWN 128 /* of the container's name, so that a directory can be called so */
#define DIGEST_LEN 16

const char *const lxc_apparmor_parsers[] = {
	"/usr/sbin/apparmor_parser",
	"/sbin/apparmor_parser",
	"/usr/bin/apparmor_parser",
	NULL,
};

/* --- all but … --- */

/* The characters that follow the prefix in the names, each once. */
static void next_chars(const char *const *except, const char *prefix, size_t len, char ret[64])
{
	size_t n = 0;

	for (; *except; except++) {
		char next;

		/* a name may be shorter than the prefix */
		if (strncmp(*except, prefix, len) != 0)
			continue;
		next = (*except)[len];
		if (next && next != '*' && !memchr(ret, next, n) && n + 2 < 64)
			ret[n++] = next;
	}
	ret[n] = '\0';
}

/* What differs from every name right behind the prefix; and the prefix itself where it is cut. */
static void one_prefix(struct strbuf *out, const char *const *except, const char *name, size_t len,
		       const char *const around[2])
{
	bool end = !name[len] || name[len - 1] == '/';
	char next[64] = "";

	next_chars(except, name, len, next);
	strbuf_addf(out, "%s%.*s", around[0], (int) len, name);
	if (end || strchr(next, '/'))
		strbuf_addf(out, "[^%s%s]*", next, strchr(next, '/') ? "" : "/");
	else
		strbuf_addf(out, "{,[^%s/]*}", next);
	strbuf_addf(out, "{,/**}%s", around[1]);
}

void lxc_apparmor_all_but(struct strbuf *out, const char *dir, const char *const *except,
			  const char *before, const char *after)
{
	const char *const around[2] = { before, after };

	for (size_t i = 0; except[i]; i++) {
		size_t shared = strlen(dir) - (i == 0), end = strlen(except[i]);

		/* prefixes that an earlier name has, too, have been written */
		for (size_t k = 0; k < i; k++) {
			size_t n = 0;

			while (except[k][n] && except[k][n] == except[i][n])
				n++;
			shared = n > shared ? n : shared;
		}
		for (size_t len = shared + 1; len <= end && except[i][len - 1] != '*'; len++) {
			if (except[i][len] != '*')
				one_prefix(out, except, except[i], len, around);
		}
	}
}

/* --- the rules --- */

/* Files of the kernel that are no container's, read or written. */
static const char *const closed[] = {
	"/proc/acpi/**",	   "/proc/kcore",
	"/proc/sysrq-trigger",	   "/sys/firmware/efi/efivars/**",
	"/sys/kernel/debug/{,**}", NULL,
};

/* What may be written below them: what belongs to the container's namespaces. */
static const char *const proc_sys[] = {
	"/proc/sys/kernel/domainname",
	"/proc/sys/kernel/hostname",
	"/proc/sys/kernel/msg*",
	"/proc/sys/kernel/sem*",
	"/proc/sys/kernel/shm*",
	"/proc/sys/net",
	NULL,
};
static const char *const sys[] = {
	"/sys/class/net",
	"/sys/devices/virtual/net",
	"/sys/fs/cgroup",
	/* policy of the container's own namespace */
	"/sys/kernel/security/apparmor",
	NULL,
};

/* What may not be bound or moved elsewhere, where the paths above would not fit any more. */
static const char *const kernel_trees[] = { "/proc", "/sys", "/dev/.lxc", NULL };
static const char *const kernel_trees_and_dev[] = { "/proc", "/sys", "/dev", NULL };

static const char *const propagations[] = {
	"slave", "rslave", "shared", "rshared", "private", "rprivate", "unbindable", "runbindable",
};

static const char basics[] = "  capability,\n"
			     "  dbus,\n"
			     "  file,\n"
			     "  network,\n"
			     "  umount,\n"
			     "\n"
			     "  # the host may signal and trace; the container itself only\n"
			     "  signal (receive),\n"
			     "  signal peer=@{profile_name},\n"
			     "  ptrace (readby, tracedby),\n"
			     "  ptrace peer=@{profile_name},\n"
			     "  unix (receive),\n"
			     "  unix peer=(label=@{profile_name}),\n";

static const char file_systems[] =
	"\n  # file systems, anywhere or at the usual place\n"
	"  mount fstype=tmpfs,\n"
	"  mount fstype=hugetlbfs,\n"
	"  mount fstype=mqueue,\n"
	"  mount fstype=fuse,\n"
	"  mount fstype=fuse.*,\n"
	"  mount fstype=proc -> /proc/,\n"
	"  mount fstype=binfmt_misc -> /proc/sys/fs/binfmt_misc/,\n"
	"  mount fstype=sysfs -> /sys/,\n"
	"  mount fstype=cgroup -> /sys/fs/cgroup/**,\n"
	"  mount fstype=cgroup2 -> /sys/fs/cgroup/**,\n"
	"  mount fstype=fusectl -> /sys/fs/fuse/connections/,\n"
	"  mount fstype=debugfs -> /sys/kernel/debug/,\n"
	"  mount fstype=securityfs -> /sys/kernel/security/,\n"
	"  mount fstype=efivarfs -> /sys/firmware/efi/efivars/,\n"
	"  mount options=(rw,nosuid,nodev,noexec,remount) -> /sys/,\n"
	"  mount options=(ro,nosuid,nodev,noexec,remount,strictatime) -> /sys/fs/cgroup/,\n"
	"  # inits try it and do without; not worth a line in the log\n"
	"  deny mount options=(ro,remount) -> /,\n"
	"  deny mount options=(ro,remount,silent) -> /,\n";

static const char nesting[] = "\n  # lxc.apparmor.allow_nesting: containers in the container\n"
			      "  mount,\n"
			      "  pivot_root,\n"
			      "  ptrace,\n"
			      "  signal,\n"
			      "  # there for the kernel to see that they are mounted, not for use\n"
			      "  deny /dev/.lxc/proc/** rw,\n"
			      "  deny /dev/.lxc/sys/** rw,\n";

static void add_propagation(struct strbuf *b, const char *where)
{
	for (size_t i = 0; i < ARRAY_SIZE(propagations); i++)
		strbuf_addf(b, "  mount options=(rw,make-%s) -> %s,\n", propagations[i], where);
}

static void add_denials(struct strbuf *b)
{
	strbuf_add(b, "\n  # the kernel's own, of which the container's namespaces have no copy\n");
	for (size_t i = 0; closed[i]; i++)
		strbuf_addf(b, "  deny %s rwklx,\n", closed[i]);
	strbuf_add(b, "  deny /proc/bus/** wklx,\n");
	lxc_apparmor_all_but(b, "/proc/sys/", proc_sys, "  deny ", " wklx,\n");
	lxc_apparmor_all_but(b, "/sys/", sys, "  deny ", " wklx,\n");
}

/* AppArmor wants the exact set of flags, so every one that programs use is named. */
static void add_remounts(struct strbuf *b)
{
	static const char *const atime[] = { "", ",noatime", ",strictatime" };

	strbuf_add(b, "\n  # a bind is made read-only by a second mount(2)\n");
	for (unsigned int bits = 0; bits < 8; bits++) {
		for (size_t i = 0; i < ARRAY_SIZE(atime); i++)
			strbuf_addf(b,
				    "  mount options=(ro,remount,bind%s%s%s%s) -> @{elsewhere},\n",
				    bits & 1 ? ",nodev" : "", bits & 2 ? ",nosuid" : "",
				    bits & 4 ? ",noexec" : "", atime[i]);
	}
}

static void add_binds(struct strbuf *b)
{
	strbuf_add(b, "\n  # binds and moves of anything but the kernel's trees\n"
		      "  mount options=(rw,bind) @{elsewhere},\n"
		      "  mount options=(rw,move) @{elsewhere},\n"
		      "  mount options=(rw,rbind) @{elsewhere_whole},\n");
}

/* Its root has no right over what it did not mount itself: the kernel sees to it. */
static void add_unprivileged(struct strbuf *b)
{
	strbuf_add(b, "\n  # in a user namespace\n"
		      "  pivot_root,\n"
		      "  mount options=(rw,bind),\n"
		      "  mount options=(rw,rbind),\n"
		      "  mount options=(ro,remount),\n");
	add_propagation(b, "**");
}

static void add_rules(struct strbuf *b, const struct lxc_config *c)
{
	strbuf_add(b, basics);
	add_denials(b);
	strbuf_add(b, file_systems);
	add_propagation(b, "/");
	add_binds(b);
	add_remounts(b);
	if (lxc_bool_get(&c->apparmor_allow_nesting, false))
		strbuf_add(b, nesting);
	if (c->idmap.len)
		add_unprivileged(b);
	if (c->apparmor_raw.len)
		strbuf_add(b, "\n  # lxc.apparmor.raw\n");
	for (size_t i = 0; i < c->apparmor_raw.len; i++)
		strbuf_addf(b, "%s\n", c->apparmor_raw.v[i].s);
}

/* --- the file --- */

static char *make_name(const char *name, const struct strbuf *rules)
{
	unsigned char sum[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];
	struct sha256 s;

	sha256_init(&s);
	sha256_add(&s, name, strlen(name) + 1);
	sha256_add(&s, strbuf_str(rules), rules->len);
	sha256_finish(&s, sum);
	sha256_hex(sum, hex);
	return xasprintf("hako-%.*s-%.*s", NAME_SHOWN, name, DIGEST_LEN, hex);
}

void lxc_apparmor_make(const struct lxc_config *c, const char *name, struct lxc_aa_profile *ret)
{
	autostrbuf struct strbuf rules = STRBUF_INIT;
	struct strbuf b = STRBUF_INIT;

	add_rules(&rules, c);
	ret->name = make_name(name, &rules);
	ret->label = xasprintf("%s//&:%s:", ret->name, ret->name);
	strbuf_addf(&b,
		    "# The AppArmor profile of container %s: lxc.apparmor.profile = generated.\n"
		    "# `hako hook apparmor` loads it; its name is in config.json.\n\n"
		    "@{elsewhere}=",
		    name);
	lxc_apparmor_all_but(&b, "/", kernel_trees, "", " ");
	strbuf_add(&b, "\n@{elsewhere_whole}=");
	lxc_apparmor_all_but(&b, "/", kernel_trees_and_dev, "", " ");
	strbuf_addf(&b,
		    "\n\nprofile \"%s\" flags=(attach_disconnected,mediate_deleted) {\n"
		    "  # the container's own policy namespace\n"
		    "  change_profile -> \":%s:*\",\n"
		    "  change_profile -> \":%s://*\",\n\n%s}\n",
		    ret->name, ret->name, ret->name, strbuf_str(&rules));
	ret->text = strbuf_take(&b);
}

void lxc_apparmor_clear(struct lxc_aa_profile *a)
{
	free(a->name);
	free(a->label);
	free(a->text);
	*a = (struct lxc_aa_profile){ 0 };
}

/* --- lxc.apparmor.raw --- */

/*
 * Braces that the line leaves open (below zero: it closes others'), or INT_MIN where that is a
 * matter of opinion. Inside of a word '#' may be a character: then nothing behind may count.
 */
static int braces_of(const char *line, int depth)
{
	bool quoted = false;

	line += strspn(line, " \t");
	if (*line == '#')
		return depth;
	for (const char *s = line; *s && depth >= 0; s++) {
		if (*s == '\\' && s[1])
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (*s == '#' && !quoted)
			return strpbrk(s, "{}\"") ? INT_MIN : depth;
		else if (*s == '{' && !quoted)
			depth++;
		else if (*s == '}' && !quoted)
			depth--;
	}
	return quoted ? INT_MIN : depth;
}

int lxc_apparmor_check_raw(const struct lxc_strs *raw)
{
	int depth = 0;

	for (size_t i = 0; i < raw->len; i++) {
		depth = braces_of(raw->v[i].s, depth);
		if (depth < 0)
			return (int) i;
	}
	return depth ? (int) raw->len - 1 : -1;
}
