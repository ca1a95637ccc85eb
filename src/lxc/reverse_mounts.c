/* SPDX-License-Identifier: Apache-2.0 */
/* What the container sees: LXC's own mounts where they mean the same, entries for the rest. */
#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/reverse_internal.h"

#define CAP_NET_ADMIN 12

#define AUTODEV_SIZE 500000

bool reverse_has_option(const struct oci_mount *m, const char *option)
{
	for (size_t i = 0; i < m->options_len; i++) {
		if (str_eq(m->options[i], option))
			return true;
	}
	return false;
}

bool reverse_is_bind(const struct oci_mount *m)
{
	return reverse_has_option(m, "bind") || reverse_has_option(m, "rbind") ||
	       str_eq(m->type, "bind") || str_eq(m->type, "rbind");
}

static const char *option_value(const struct oci_mount *m, const char *prefix)
{
	for (size_t i = 0; i < m->options_len; i++) {
		const char *value = str_after(m->options[i], prefix);

		if (value)
			return value;
	}
	return NULL;
}

/* An option that takes something from the container: without it the mount is weaker. */
static bool confines(const char *option)
{
	static const char *const names[] = { "nosuid", "nodev", "noexec", "nosymfollow", "ro" };
	const char *top = *option == 'r' && !str_eq(option, "ro") ? option + 1 : option;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(top, names[i]))
			return true;
	}
	return str_starts(option, "size=") || str_starts(option, "nr_inodes=");
}

/* An option that LXC's mount does not have, or only in part. */
__attribute__((format(printf, 4, 5))) static void
lost_option(struct reverse *r, const char *mount, size_t option, const char *fmt, ...)
{
	autofree char *pointer = xasprintf("%s/options/%zu", mount, option), *note = NULL;
	va_list ap;

	va_start(ap, fmt);
	note = xvasprintf(fmt, ap);
	va_end(ap);
	reverse_dropped(r, pointer, "%s", note);
}

/* Says whether the options are among those that LXC's own mount has; "x=" stands for any value. */
static void note_options(struct reverse *r, const char *pointer, const struct oci_mount *m,
			 const char *const *known)
{
	for (size_t i = 0; i < m->options_len; i++) {
		const char *const *k = known;

		while (*k && !(str_ends(*k, "=") ? str_starts(m->options[i], *k)
						 : str_eq(m->options[i], *k)))
			k++;
		if (!*k && confines(m->options[i]))
			lost_option(r, pointer, i, "LXC mounts it without '%s'", m->options[i]);
		else if (!*k)
			reverse_changed(r, pointer, 0, "LXC mounts it without '%s'", m->options[i]);
	}
}

/* --- /dev --- */

static void dev_tmpfs(struct reverse *r, const char *pointer, const struct oci_mount *m)
{
	static const char *const known[] = { "mode=755", "mode=0755", "size=", NULL };
	const char *text = option_value(m, "size=");
	int64_t size;

	if (!text || str_to_size(text, &size) < 0 || size <= 0)
		size = AUTODEV_SIZE;
	if (size == AUTODEV_SIZE)
		reverse_kept(r, pointer, 0, "LXC's own /dev");
	else
		reverse_set(r, pointer, "lxc.autodev.tmpfs.size", "%lld", (long long) size);
	note_options(r, pointer, m, known);
}

static void devpts(struct reverse *r, const char *pointer, const struct oci_mount *m)
{
	static const char *const known[] = {
		"nosuid",    "noexec",	 "newinstance", "ptmxmode=0666", "ptmxmode=666",
		"mode=0620", "mode=620", "gid=5",	"max=",		 NULL
	};
	const char *ttys = reverse_annotation(r, "org.hako.tty.max");
	const char *text = option_value(m, "max=");
	uint32_t max = 0, tty_max = 0;

	if (text)
		(void) str_to_u32(text, &max);
	if (ttys)
		(void) str_to_u32(ttys, &tty_max);
	if (max > tty_max)
		max -= tty_max;
	if (!text)
		max = 1024;
	reverse_set(r, pointer, "lxc.pty.max", "%u", max);
	note_options(r, pointer, m, known);
}

/* --- what lxc.mount.auto makes --- */

struct autos {
	struct strbuf tokens;
	char *pointers[3];
	size_t len;
};

static bool is_readonly_path(const struct reverse *r, const char *path)
{
	const struct oci_linux *l = r->oci->linux;

	for (size_t i = 0; l && i < l->readonly_paths_len; i++) {
		if (str_eq(l->readonly_paths[i], path))
			return true;
	}
	return false;
}

static void auto_token(struct autos *a, const char *pointer, const char *token)
{
	strbuf_addf(&a->tokens, "%s%s", a->tokens.len ? " " : "", token);
	a->pointers[a->len++] = xstrdup(pointer);
}

static void auto_proc(struct reverse *r, struct autos *a, const char *pointer,
		      const struct oci_mount *m)
{
	static const char *const known[] = { "nosuid", "nodev", "noexec", NULL };

	/* With CAP_NET_ADMIN LXC's "mixed" leaves /proc/sys/net writable. */
	bool islands = r->caps & (UINT64_C(1) << CAP_NET_ADMIN);

	r->has_proc = true;
	r->proc_mixed = is_readonly_path(r, "/proc/sys") &&
			is_readonly_path(r, "/proc/sysrq-trigger") &&
			(!islands || reverse_annotation(r, "org.hako.proc.mixed"));
	auto_token(a, pointer, r->proc_mixed ? "proc:mixed" : "proc:rw");
	note_options(r, pointer, m, known);
}

static void auto_sys(struct reverse *r, struct autos *a, const char *pointer,
		     const struct oci_mount *m)
{
	static const char *const mixed[] = { "ro", "nosuid", "nodev", "noexec", NULL };
	static const char *const ro[] = { "ro", NULL };
	bool is_mixed = reverse_annotation(r, "org.hako.sys.mixed");
	bool is_ro = reverse_has_option(m, "ro");

	auto_token(a, pointer, is_mixed ? "sys:mixed" : is_ro ? "sys:ro" : "sys:rw");
	note_options(r, pointer, m, is_mixed ? mixed : ro);
}

static void auto_cgroup(struct reverse *r, struct autos *a, const char *pointer,
			const struct oci_mount *m)
{
	static const char *const known[] = { "nosuid", "noexec", "nodev", "relatime", "ro", NULL };

	auto_token(a, pointer, reverse_has_option(m, "ro") ? "cgroup:ro" : "cgroup:rw");
	note_options(r, pointer, m, known);
}

/* --- entries --- */

static void add_field(struct strbuf *out, const char *s)
{
	if (out->len)
		strbuf_add_c(out, ' ');
	for (; *s; s++) {
		if (strchr(" \t\n\\", *s))
			strbuf_addf(out, "\\%03o", (unsigned char) *s);
		else
			strbuf_add_c(out, *s);
	}
}

/* LXC applies these to a bind mount only when it remounts it, for "ro". */
static bool bind_forgets(const char *option)
{
	static const char *const names[] = { "nosuid",	"nodev",      "noexec",
					     "noatime", "nodiratime", "nosymfollow" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(option, names[i]))
			return true;
	}
	return false;
}

static void entry_option(struct reverse *r, const char *pointer, const struct oci_mount *m,
			 size_t index, struct strbuf *options)
{
	static const char *const recursive[] = { "rro", "rnosuid", "rnodev", "rnoexec",
						 "rnoatime" };

	const char *option = m->options[index];

	if (str_eq(option, "idmap") || str_eq(option, "ridmap"))
		option = "idmap=container";
	if (str_eq(option, "tmpcopyup")) {
		reverse_changed(r, pointer, 0, "LXC copies nothing into a tmpfs");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(recursive); i++) {
		if (!str_eq(option, recursive[i]))
			continue;
		lost_option(r, pointer, index, "'%s' holds for the top mount only", option);
		option++;
		break;
	}
	if (reverse_is_bind(m) && bind_forgets(option) && !reverse_has_option(m, "ro") &&
	    !reverse_has_option(m, "rro"))
		lost_option(r, pointer, index, "LXC applies '%s' to a bind mount only with ro",
			    option);
	strbuf_addf(options, "%s%s", options->len ? "," : "", option);
}

static bool is_optional(const struct reverse *r, const char *destination)
{
	const char *list = reverse_annotation(r, "org.hako.mounts.optional");
	autostrbuf struct strbuf quoted = STRBUF_INIT;

	strbuf_add_json(&quoted, destination);
	return list && strstr(list, strbuf_str(&quoted));
}

/* Runtimes make what is missing; LXC must be told what. */
static void add_create(struct reverse *r, const struct oci_mount *m, const char *source,
		       struct strbuf *options)
{
	const struct lxc_host *host = r->opts->host;
	int kind = LXC_PATH_DIR;

	if (reverse_is_bind(m) && host && host->path_kind)
		kind = host->path_kind(host->arg, source);
	strbuf_addf(options, "%screate=%s", options->len ? "," : "",
		    kind == LXC_PATH_FILE || kind == LXC_PATH_DEVICE ? "file" : "dir");
}

void reverse_add_entry(struct reverse *r, const char *pointer, const char *source,
			      const char *target, const char *type, const char *options)
{
	autostrbuf struct strbuf line = STRBUF_INIT;

	add_field(&line, source);
	add_field(&line, *target == '/' ? target + 1 : target);
	add_field(&line, type);
	add_field(&line, *options ? options : "defaults");
	strbuf_add(&line, " 0 0");
	reverse_set(r, pointer, "lxc.mount.entry", "%s", strbuf_str(&line));
}

static void entry(struct reverse *r, const char *pointer, const struct oci_mount *m,
		  const char *destination)
{
	bool bind = reverse_is_bind(m), has_bind = false;
	autofree char *source = !m->source ? xstrdup(m->type ? m->type : "none")
				: bind	   ? path_resolve_text(r->opts->bundle, m->source)
					   : xstrdup(m->source);
	autostrbuf struct strbuf options = STRBUF_INIT;

	if (m->uid_mappings_len || m->gid_mappings_len) {
		reverse_lost(r, pointer,
			     "LXC takes the id map of a mount from a user namespace: "
			     "idmap=container or idmap=/proc/PID/ns/user");
		return;
	}
	for (size_t i = 0; i < m->options_len; i++) {
		has_bind |= str_eq(m->options[i], "bind") || str_eq(m->options[i], "rbind");
		entry_option(r, pointer, m, i, &options);
	}
	if (bind && !has_bind)
		strbuf_addf(&options, "%s%s", options.len ? "," : "",
			    str_eq(m->type, "rbind") ? "rbind" : "bind");
	if (is_optional(r, destination))
		strbuf_addf(&options, "%soptional", options.len ? "," : "");
	else
		add_create(r, m, source, &options);
	reverse_add_entry(r, pointer, source, destination,
		  bind	    ? "none"
		  : m->type ? m->type
			    : "none",
		  strbuf_str(&options));
}

static void one_mount(struct reverse *r, struct autos *a, size_t i)
{
	const struct oci_mount *m = &r->oci->mounts[i];
	autofree char *pointer = report_pointer("/mounts/%zu", i);
	autofree char *to = path_clean_absolute(m->destination);

	if (str_eq(to, "/dev") && str_eq(m->type, "tmpfs"))
		dev_tmpfs(r, pointer, m);
	else if (str_eq(to, "/dev") && reverse_annotation(r, "org.hako.autodev"))
		reverse_set(r, pointer, "lxc.autodev", "0");
	else if (str_eq(to, "/dev/pts") && str_eq(m->type, "devpts"))
		devpts(r, pointer, m);
	else if (str_eq(to, "/proc") && str_eq(m->type, "proc") && a->len < 3)
		auto_proc(r, a, pointer, m);
	else if (str_eq(to, "/sys") && str_eq(m->type, "sysfs") && a->len < 3)
		auto_sys(r, a, pointer, m);
	else if (str_eq(to, "/sys/fs/cgroup") && m->type && str_starts(m->type, "cgroup") &&
		 a->len < 3)
		auto_cgroup(r, a, pointer, m);
	else
		entry(r, pointer, m, to);
}

/* --- masked and read-only paths --- */

static bool is_directory(const struct reverse *r, const char *path)
{
	static const char *const known[] = { "/proc/acpi", "/proc/asound", "/proc/scsi",
					     "/sys/firmware", "/sys/devices/virtual/powercap" };
	const struct lxc_host *host = r->opts->host;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_eq(path, known[i]))
			return true;
	}
	return host && host->path_kind && host->path_kind(host->arg, path) == LXC_PATH_DIR;
}

static void paths(struct reverse *r)
{
	const struct oci_linux *l = r->oci->linux;

	reverse_kept(r, "/linux/maskedPaths", 0, "LXC masks nothing");
	reverse_kept(r, "/linux/readonlyPaths", 0, NULL);
	for (size_t i = 0; i < l->masked_paths_len; i++) {
		autofree char *pointer = report_pointer("/linux/maskedPaths/%zu", i);
		const char *path = l->masked_paths[i];

		if (is_directory(r, path))
			reverse_add_entry(r, pointer, "tmpfs", path, "tmpfs", "ro,optional");
		else
			reverse_add_entry(r, pointer, "/dev/null", path, "none", "bind,optional");
		reverse_changed(r, pointer, 0, "as a mount");
	}
	for (size_t i = 0; i < l->readonly_paths_len; i++) {
		autofree char *pointer = report_pointer("/linux/readonlyPaths/%zu", i);
		const char *path = l->readonly_paths[i];

		if (r->proc_mixed &&
		    (str_eq(path, "/proc/sys") || str_eq(path, "/proc/sysrq-trigger"))) {
			reverse_kept(r, pointer, 0, "proc:mixed");
			continue;
		}
		reverse_add_entry(r, pointer, *path == '/' ? path + 1 : path, path, "none",
			  "bind,relative,ro,optional");
		reverse_changed(r, pointer, 0, "as a mount");
	}
}

void reverse_mounts(struct reverse *r)
{
	struct autos a = { 0 };

	for (size_t i = 0; i < r->oci->mounts_len; i++)
		one_mount(r, &a, i);
	if (a.len) {
		unsigned int line = reverse_set(r, a.pointers[0], "lxc.mount.auto", "%s",
						strbuf_str(&a.tokens));

		for (size_t i = 1; i < a.len; i++)
			reverse_kept(r, a.pointers[i], line, NULL);
	}
	if (r->oci->linux)
		paths(r);
	for (size_t i = 0; i < a.len; i++)
		free(a.pointers[i]);
	strbuf_clear(&a.tokens);
}
