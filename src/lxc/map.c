/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/map.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/table.h"
#include "lxc/map_internal.h"

void map_annotate(struct lxc_map *m, const char *name, const char *value)
{
	oci_map_set(&m->oci->annotations, name, value);
}

void map_keep(struct lxc_map *m, struct lxc_pos pos, const char *pointer, const char *value)
{
	autofree char *why = xasprintf("%s, Proxmox's default", value);

	if (pos.line)
		report_kept(m->report, pos, pointer, NULL);
	else
		report_added(m->report, pointer, why);
}

void map_annotate_line(struct lxc_map *m, struct lxc_pos pos, const char *name, const char *value)
{
	autofree char *pointer = report_pointer("/annotations/%s", name);

	map_annotate(m, name, value);
	report_kept(m->report, pos, pointer, NULL);
}

void map_strs_add(char ***v, size_t *len, const char *s)
{
	*v = xreallocarray(*v, *len + 2, sizeof **v);
	(*v)[(*len)++] = xstrdup(s);
	(*v)[*len] = NULL;
}

void map_strs_take(char ***v, size_t *len, struct strv *from)
{
	*len = from->len;
	*v = strv_take(from);
}

struct oci_mount *map_mount_add(struct lxc_map *m, const char *destination, const char *type,
				const char *source, const char *options, char **ret_pointer)
{
	struct oci_config *oci = m->oci;
	struct strv v = { 0 };
	struct oci_mount *mnt;

	oci->mounts = xreallocarray(oci->mounts, oci->mounts_len + 1, sizeof *oci->mounts);
	mnt = &oci->mounts[oci->mounts_len];
	*mnt = (struct oci_mount){
		.destination = xstrdup(destination),
		.type = type ? xstrdup(type) : NULL,
		.source = source ? xstrdup(source) : NULL,
	};
	strv_split(&v, options, ",");
	if (v.len)
		map_strs_take(&mnt->options, &mnt->options_len, &v);
	strv_clear(&v);
	if (ret_pointer)
		*ret_pointer = report_pointer("/mounts/%zu", oci->mounts_len);
	oci->mounts_len++;
	return mnt;
}

struct oci_hook *map_hook_add(struct lxc_map *m, enum map_stage stage, const char *path)
{
	struct oci_hooks *h = m->oci->hooks ? m->oci->hooks : xnew(struct oci_hooks);
	struct {
		struct oci_hook **v;
		size_t *len;
	} const stages[] = {
		[MAP_CREATE_RUNTIME] = { &h->create_runtime, &h->create_runtime_len },
		[MAP_CREATE_CONTAINER] = { &h->create_container, &h->create_container_len },
		[MAP_START_CONTAINER] = { &h->start_container, &h->start_container_len },
		[MAP_POSTSTOP] = { &h->poststop, &h->poststop_len },
	};
	struct oci_hook **v = stages[stage].v;
	size_t *len = stages[stage].len;

	m->oci->hooks = h;
	*v = xreallocarray(*v, *len + 1, sizeof **v);
	(*v)[*len] = (struct oci_hook){ .path = xstrdup(path) };
	return &(*v)[(*len)++];
}

struct oci_hook *map_hook_self(struct lxc_map *m, enum map_stage stage, ...)
{
	const char *hako = m->opts->hako ? m->opts->hako : "/usr/bin/hako";
	struct oci_hook *hook = map_hook_add(m, stage, hako);
	struct strv args = { NULL, 0 };
	const char *arg;
	va_list ap;

	strv_add(&args, "hako");
	strv_add(&args, "hook");
	va_start(ap, stage);
	while ((arg = va_arg(ap, const char *)))
		strv_add(&args, arg);
	va_end(ap);
	map_strs_take(&hook->args, &hook->args_len, &args);
	return hook;
}

/* --allow names a key, or a family: "lxc.apparmor" is all that begin with it and a dot. */
static bool is_allowed(const struct lxc_map *m, const char *key)
{
	for (size_t i = 0; m->opts->allow && m->opts->allow[i]; i++) {
		const char *rest = str_after(key, m->opts->allow[i]);

		if (rest && (!*rest || *rest == '.'))
			return true;
	}
	return false;
}

void map_lost(struct lxc_map *m, struct lxc_pos pos, const char *key, const char *code,
	      const char *fmt, ...)
{
	bool allowed = is_allowed(m, key);
	autofree char *text = NULL;
	char error[] = "LXC-E000";
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	memcpy(error + strlen("LXC-E"), code + strlen("LXC-W"), 3);
	diag_add(m->diag, allowed ? code : error, pos, key, "%s", text);
	if (allowed)
		report_dropped(m->report, pos, "allowed to be lost");
	else
		diag_hint(m->diag, "--allow %s converts without it", key);
}

void map_note(struct lxc_map *m, const struct lxc_note *n, struct lxc_pos pos, const char *key)
{
	diag_add(m->diag, n->code, pos, key, "%s", n->text);
}

bool map_is_plain_name(const char *s)
{
	if (!*s || str_eq(s, ".") || strstr(s, ".."))
		return false;
	for (; *s; s++) {
		if (!isalnum((unsigned char) *s) && !strchr("._-+@:", *s))
			return false;
	}
	return true;
}

char *map_signal_name(uint64_t n)
{
	static const struct name_value names[] = {
		{ "SIGHUP", SIGHUP },	    { "SIGINT", SIGINT },	{ "SIGQUIT", SIGQUIT },
		{ "SIGILL", SIGILL },	    { "SIGTRAP", SIGTRAP },	{ "SIGABRT", SIGABRT },
		{ "SIGBUS", SIGBUS },	    { "SIGFPE", SIGFPE },	{ "SIGKILL", SIGKILL },
		{ "SIGUSR1", SIGUSR1 },	    { "SIGSEGV", SIGSEGV },	{ "SIGUSR2", SIGUSR2 },
		{ "SIGPIPE", SIGPIPE },	    { "SIGALRM", SIGALRM },	{ "SIGTERM", SIGTERM },
		{ "SIGSTKFLT", SIGSTKFLT }, { "SIGCHLD", SIGCHLD },	{ "SIGCONT", SIGCONT },
		{ "SIGSTOP", SIGSTOP },	    { "SIGTSTP", SIGTSTP },	{ "SIGTTIN", SIGTTIN },
		{ "SIGTTOU", SIGTTOU },	    { "SIGURG", SIGURG },	{ "SIGXCPU", SIGXCPU },
		{ "SIGXFSZ", SIGXFSZ },	    { "SIGVTALRM", SIGVTALRM }, { "SIGPROF", SIGPROF },
		{ "SIGWINCH", SIGWINCH },   { "SIGIO", SIGIO },		{ "SIGPWR", SIGPWR },
		{ "SIGSYS", SIGSYS },
	};
	/* the kernel's range; the C library keeps the first two for itself, SIGRTMIN is its third
	 */
	uint64_t rtmin = (uint64_t) SIGRTMIN, rtmax = (uint64_t) SIGRTMAX;
	const char *name = TABLE_NAME(names, (int64_t) n);

	if (name)
		return xstrdup(name);
	if (n == rtmin)
		return xstrdup("SIGRTMIN");
	if (n > rtmin && n <= rtmax)
		return xasprintf("SIGRTMIN+%llu", (unsigned long long) (n - rtmin));
	return xasprintf("%llu", (unsigned long long) n);
}

/* org.hako.source: what this bundle was made from. */
static void map_source(struct lxc_map *m)
{
	autostrbuf struct strbuf json = STRBUF_INIT;

	strbuf_add(&json, "{\"name\":");
	strbuf_add_json(&json, m->name);
	strbuf_add(&json, ",\"files\":[");
	for (size_t i = 0; i < m->c->files.len; i++) {
		if (i)
			strbuf_add_c(&json, ',');
		strbuf_add_json(&json, m->c->files.v[i].name);
	}
	strbuf_add(&json, "]}");
	map_annotate(m, "org.hako.source", strbuf_str(&json));
}

static void map_optional(struct lxc_map *m)
{
	autostrbuf struct strbuf json = STRBUF_INIT;

	if (!m->optional.len)
		return;
	strbuf_add_c(&json, '[');
	for (size_t i = 0; i < m->optional.len; i++) {
		if (i)
			strbuf_add_c(&json, ',');
		strbuf_add_json(&json, m->optional.v[i]);
	}
	strbuf_add_c(&json, ']');
	map_annotate(m, "org.hako.mounts.optional", strbuf_str(&json));
}

static struct oci_config *document_new(void)
{
	struct oci_config *oci = xnew(struct oci_config);

	oci->oci_version = xstrdup("1.3.0");
	oci->process = xnew(struct oci_process);
	oci->linux = xnew(struct oci_linux);
	oci->linux->resources = xnew(struct oci_resources);
	return oci;
}

/*
 * Runtimes refuse a version that they do not know, and some know 1.0 only: for those that are
 * unknown to us, the oldest one that has all that is written.
 */
static const char *oldest_version(const struct oci_config *oci)
{
	for (size_t i = 0; i < oci->mounts_len; i++) {
		for (size_t k = 0; k < oci->mounts[i].options_len; k++) {
			if (str_eq(oci->mounts[i].options[k], "idmap") ||
			    str_eq(oci->mounts[i].options[k], "ridmap"))
				return "1.2.0";
		}
	}
	return oci->linux->time_offsets ? "1.1.0" : "1.0.2";
}

int lxc_map(const struct lxc_config *config, const struct lxc_map_opts *opts, struct lxc_diag *diag,
	    struct lxc_report *report, struct oci_config **ret)
{
	static const struct lxc_host unknown = { 0 };
	static void (*const parts[])(struct lxc_map * m) = {
		/* what others ask for first: namespaces, where the root is, the bounding set */
		map_ns_plan,
		map_root,
		map_caps,
		map_process,
		map_mounts,
		map_hooks,
		map_ns,
		map_owner,
		map_net,
		map_hooks_late,
		map_cgroup,
		map_security,
		map_management,
		map_pve,
		/* last: what the others collected */
		map_optional,
		map_source,
	};
	struct lxc_map m = {
		.c = config,
		.opts = opts,
		.host = opts->host ? opts->host : &unknown,
		.diag = diag,
		.report = report,
		.oci = document_new(),
		.name = opts->name ? opts->name : "lxc",
		.exact = opts->mode == LXC_EXACT,
		.generic = opts->target == LXC_TARGET_GENERIC,
	};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](&m);
	if (m.generic) {
		free(m.oci->oci_version);
		m.oci->oci_version = xstrdup(oldest_version(m.oci));
	}
	free(m.rootfs);
	free(m.owner_path);
	strv_clear(&m.optional);
	r = diag_result(diag);
	if (r < 0) {
		oci_config_free(m.oci);
		return r;
	}
	*ret = m.oci;
	return 0;
}
