/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces, ids, time, sysctls, devices: the rest of linux. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/reverse_internal.h"
#include "spec/namespaces.h"

static const struct {
	const char *type;
	enum lxc_ns ns;
} kinds[] = {
	{ "mount", LXC_NS_MNT }, { "pid", LXC_NS_PID },	    { "uts", LXC_NS_UTS },
	{ "ipc", LXC_NS_IPC },	 { "network", LXC_NS_NET }, { "cgroup", LXC_NS_CGROUP },
	{ "user", LXC_NS_USER }, { "time", LXC_NS_TIME },
};

static bool find_ns(const char *type, enum lxc_ns *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (str_eq(kinds[i].type, type)) {
			*ret = kinds[i].ns;
			return true;
		}
	}
	return false;
}

/* A list is needed for a set that LXC does not make by itself; a network of the host's is said with
 * an interface of type none. */
static bool needs_clone(const bool *has)
{
	for (size_t i = 0; i < LXC_NS_MAX; i++) {
		if (i != LXC_NS_USER && i != LXC_NS_TIME && i != LXC_NS_NET && !has[i])
			return true;
	}
	return false;
}

static void clone_list(struct reverse *r, const bool *made)
{
	autostrbuf struct strbuf words = STRBUF_INIT;

	for (size_t i = 0; i < LXC_NS_MAX; i++) {
		if (made[i])
			strbuf_addf(&words, "%s%s", words.len ? " " : "",
				    model_ns_name((enum lxc_ns) i));
	}
	reverse_set(r, "/linux/namespaces", "lxc.namespace.clone", "%s", strbuf_str(&words));
}

static void namespaces(struct reverse *r, const struct oci_linux *l)
{
	bool made[LXC_NS_MAX] = { false }, has[LXC_NS_MAX] = { false };

	reverse_kept(r, "/linux/namespaces", 0, NULL);
	for (size_t i = 0; i < l->namespaces_len; i++) {
		autofree char *pointer = report_pointer("/linux/namespaces/%zu", i);
		autofree char *key = NULL;
		enum lxc_ns ns;

		if (!find_ns(l->namespaces[i].type, &ns))
			continue;
		has[ns] = true;
		made[ns] = !l->namespaces[i].path;
		if (made[ns])
			continue;
		key = xasprintf("lxc.namespace.share.%s", model_ns_name(ns));
		reverse_set(r, pointer, key, "%s", l->namespaces[i].path);
	}
	if (has[LXC_NS_USER] && made[LXC_NS_USER] && !l->uid_mappings_len && !l->gid_mappings_len)
		reverse_lost(r, "/linux/namespaces",
			     "a user namespace without an id map: LXC would make none");
	if (needs_clone(has))
		clone_list(r, made);
	else if (!has[LXC_NS_NET])
		reverse_set(r, "/linux/namespaces", "lxc.net.0.type", "none");
}

static void idmap(struct reverse *r, const struct oci_id_mapping *v, size_t len, char kind)
{
	for (size_t i = 0; i < len; i++) {
		autofree char *pointer = report_pointer(kind == 'u' ? "/linux/uidMappings/%zu"
								    : "/linux/gidMappings/%zu",
							i);

		reverse_set(r, pointer, "lxc.idmap", "%c %u %u %u", kind, v[i].container_id,
			    v[i].host_id, v[i].size);
	}
}

static void time_offset(struct reverse *r, const struct oci_time_offset *o, const char *key,
			const char *pointer)
{
	if (!o)
		return;
	if (o->secs || !o->nanosecs)
		reverse_set(r, pointer, key, "%llds", (long long) o->secs);
	else
		reverse_set(r, pointer, key, "%uns", o->nanosecs);
	if (o->secs && o->nanosecs)
		reverse_changed(r, pointer, 0, "LXC ignores nanoseconds beside seconds");
}

static void sysctls(struct reverse *r, const struct oci_linux *l)
{
	for (size_t i = 0; l->sysctl && i < l->sysctl->len; i++) {
		const char *name = l->sysctl->keys[i];
		autofree char *pointer = report_pointer("/linux/sysctl/%s", name);
		autofree char *key = xasprintf("lxc.sysctl.%s", name);

		if (!r->has_proc || (r->proc_mixed && !str_starts(name, "net.")))
			reverse_dropped(r, pointer,
					"LXC writes it from inside, where /proc/sys is %s",
					r->has_proc ? "read-only (proc:mixed)" : "not mounted");
		else
			reverse_set(r, pointer, key, "%s", l->sysctl->values[i]);
	}
}

/* The six that LXC makes by itself. */
static bool is_default_node(const char *path)
{
	static const char *const names[] = { "/dev/null",   "/dev/zero",    "/dev/full",
					     "/dev/random", "/dev/urandom", "/dev/tty" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(path, names[i]))
			return true;
	}
	return false;
}

/* Unknown without a host to ask, and then as good as the same. */
static bool is_other_on_host(const struct reverse *r, const struct oci_device *d, const char *path)
{
	const struct lxc_host *host = r->opts->host;
	struct lxc_device_range there;

	if (!host || !host->stat_node || host->stat_node(host->arg, path, &there) < 0)
		return false;
	return there.type != (str_eq(d->type, "b") ? 'b' : 'c') || there.major != d->major ||
	       there.minor != d->minor;
}

static bool has_owner(const struct oci_device *d)
{
	return d->has_file_mode || d->has_uid || d->has_gid;
}

/* For a shell, between quotes. */
static bool is_plain_path(const char *path)
{
	return str_starts(path, "/dev/") && !strstr(path, "/../") &&
	       !path[strspn(path, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@")];
}

/* LXC has no word for a node, but a moment at which the host's programs can make it in the
 * container's /dev. Without a user namespace they may. */
static void make_node(struct reverse *r, const char *pointer, const struct oci_device *d,
		      const char *path)
{
	autofree char *dir = xstrndup(path, (size_t) (strrchr(path, '/') - path));
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "/bin/sh -c 'n=\"$LXC_ROOTFS_MOUNT\"%s; ", path);
	if (!str_eq(dir, "/dev"))
		strbuf_addf(&b, "mkdir -p \"$LXC_ROOTFS_MOUNT\"%s && ", dir);
	strbuf_add(&b, "rm -f \"$n\" && ");
	strbuf_addf(&b, "mknod -m %03o \"$n\" %s", d->has_file_mode ? d->file_mode & 07777 : 0666,
		    str_eq(d->type, "u") ? "c" : d->type);
	if (!str_eq(d->type, "p"))
		strbuf_addf(&b, " %lld %lld", (long long) d->major, (long long) d->minor);
	if ((d->has_uid && d->uid) || (d->has_gid && d->gid))
		strbuf_addf(&b, " && chown %u:%u \"$n\"", d->has_uid ? d->uid : 0,
			    d->has_gid ? d->gid : 0);
	strbuf_add_c(&b, '\'');
	reverse_set(r, pointer, "lxc.hook.autodev", "%s", strbuf_str(&b));
}

/* Else LXC shows the host's: who may open it is the host's decision then, and not the document's.
 */
static void node(struct reverse *r, const struct oci_linux *l, const char *pointer,
		 const struct oci_device *d)
{
	autofree char *path = path_clean_absolute(d->path);
	bool other = is_other_on_host(r, d, path), fifo = str_eq(d->type, "p");
	bool autodev = !str_eq(reverse_annotation(r, "org.hako.autodev"), "0");

	if (is_default_node(path) && !has_owner(d)) {
		reverse_kept(r, pointer, 0, "LXC makes it");
	} else if ((has_owner(d) || other || fifo) && !spec_has_namespace(l, "user") && autodev &&
		   is_plain_path(path)) {
		make_node(r, pointer, d, path);
	} else if (other || fifo) {
		reverse_lost(r, pointer, "the host's '%s' is another device", path);
	} else if (is_default_node(path)) {
		reverse_dropped(r, pointer, "LXC makes it for everybody, or shows the host's");
	} else {
		reverse_add_entry(r, pointer, path, path, "none", "bind,optional,create=file");
		if (has_owner(d))
			reverse_dropped(r, pointer, "the host's node, with its owner and mode");
		else
			reverse_changed(r, pointer, 0, "the host's node, with its owner and mode");
	}
}

static void nodes(struct reverse *r, const struct oci_linux *l)
{
	for (size_t i = 0; i < l->devices_len; i++) {
		autofree char *pointer = report_pointer("/linux/devices/%zu", i);

		node(r, l, pointer, &l->devices[i]);
	}
}

/*
 * LXC decides: what the host mounts below the root file system comes in, nothing goes out, and the
 * tree is shared inside. Its lxc.rootfs.options takes words for it, which have no effect (5.0.2).
 */
static void propagation(struct reverse *r, const char *word)
{
	static const char POINTER[] = "/linux/rootfsPropagation";

	if (!word || str_eq(word, "rslave"))
		reverse_kept(r, POINTER, 0, "LXC's mounts are slaves");
	else if (str_eq(word, "slave") || str_eq(word, "private") || str_eq(word, "rprivate"))
		reverse_changed(r, POINTER, 0,
				"LXC's mounts are slaves, shared inside: later mounts of the host "
				"come in");
	else
		reverse_dropped(
			r, POINTER,
			"LXC's mounts are slaves, shared inside: they do not reach the host");
}

static void net_devices(struct reverse *r, const struct oci_linux *l)
{
	for (size_t i = 0; l->net_devices && i < l->net_devices->len; i++) {
		const char *host = l->net_devices->keys[i], *name = l->net_devices->values[i].name;
		autofree char *pointer = report_pointer("/linux/netDevices/%s", host);
		autofree char *prefix = xasprintf("lxc.net.%u", r->nets++);
		autofree char *type = xasprintf("%s.type", prefix);
		autofree char *link = xasprintf("%s.link", prefix);
		autofree char *flags = xasprintf("%s.flags", prefix);
		autofree char *inside = xasprintf("%s.name", prefix);

		reverse_set(r, pointer, type, "phys");
		reverse_set(r, pointer, link, "%s", host);
		reverse_set(r, pointer, flags, "up");
		if (!str_empty(name))
			reverse_set(r, pointer, inside, "%s", name);
	}
}

void reverse_linux(struct reverse *r)
{
	const struct oci_linux *l = r->oci->linux;

	if (!l)
		return;
	namespaces(r, l);
	idmap(r, l->uid_mappings, l->uid_mappings_len, 'u');
	idmap(r, l->gid_mappings, l->gid_mappings_len, 'g');
	if (l->time_offsets) {
		time_offset(r, l->time_offsets->boottime, "lxc.time.offset.boot",
			    "/linux/timeOffsets/boottime");
		time_offset(r, l->time_offsets->monotonic, "lxc.time.offset.monotonic",
			    "/linux/timeOffsets/monotonic");
	}
	sysctls(r, l);
	nodes(r, l);
	net_devices(r, l);
	if (l->personality)
		reverse_set(r, "/linux/personality", "lxc.arch",
			    str_eq(l->personality->domain, "LINUX32") ? "linux32" : "linux64");
	propagation(r, l->rootfs_propagation);
	if (l->mount_label)
		reverse_dropped(r, "/linux/mountLabel", "LXC labels no mounts");
}
