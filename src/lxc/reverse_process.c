/* SPDX-License-Identifier: Apache-2.0 */
/* init: its command, ids, environment, capabilities and limits; the root it sees. */
#include <ctype.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "lxc/apparmor.h"
#include "lxc/reverse_internal.h"

#define CAP_LAST 40
#define CAP_ALL	 ((UINT64_C(1) << (CAP_LAST + 1)) - 1)

/* "overlay:LOWER:...:UPPER", LXC makes the work directory beside the upper one. */
static bool overlay_path(const struct reverse *r, struct strbuf *out)
{
	const char *json = reverse_annotation(r, "org.hako.rootfs.overlay");
	struct oci_overlay *o = NULL;
	struct oci_error err = { NULL };

	if (!json || oci_overlay_parse(json, strlen(json), &o, &err) < 0 || !o->upper) {
		oci_error_clear(&err);
		oci_overlay_free(o);
		return false;
	}
	strbuf_add(out, "overlay");
	for (size_t i = 0; i < o->lower_len; i++)
		strbuf_addf(out, ":%s", o->lower[i]);
	strbuf_addf(out, ":%s", o->upper);
	oci_overlay_free(o);
	return true;
}

/* Storage that hako mounts, or the directory. */
static void root_path(struct reverse *r)
{
	const char *source = reverse_annotation(r, "org.hako.rootfs.source");
	const char *type = reverse_annotation(r, "org.hako.rootfs.type");
	autostrbuf struct strbuf path = STRBUF_INIT;
	unsigned int line;

	if (!overlay_path(r, &path)) {
		if (source && type)
			strbuf_addf(&path, "%s:%s", type, source);
		else
			strbuf_addf(&path, "dir:%s", r->rootfs);
	}
	line = reverse_set(r, "/root/path", "lxc.rootfs.path", "%s", strbuf_str(&path));
	if (str_starts(strbuf_str(&path), "overlay:"))
		reverse_kept(r, "/annotations/org.hako.rootfs.overlay", line, NULL);
	if (source && type) {
		reverse_kept(r, "/annotations/org.hako.rootfs.source", line, NULL);
		reverse_kept(r, "/annotations/org.hako.rootfs.type", line, NULL);
	}
}

void reverse_root(struct reverse *r)
{
	const struct oci_root *root = r->oci->root;
	const char *idmap = reverse_annotation(r, "org.hako.rootfs.idmap");
	const char *flags = reverse_annotation(r, "org.hako.rootfs.options");
	autostrbuf struct strbuf options = STRBUF_INIT;
	unsigned int line;

	if (r->oci->hostname)
		reverse_set(r, "/hostname", "lxc.uts.name", "%s", r->oci->hostname);
	if (!root)
		return;
	r->rootfs = path_resolve_text(r->opts->bundle, root->path);
	root_path(r);
	if (root->readonly && !(flags && str_starts(flags, "ro,")) && !str_eq(flags, "ro"))
		strbuf_add(&options, "ro");
	else
		reverse_kept(r, "/root/readonly", 0, NULL);
	if (flags)
		strbuf_addf(&options, "%s%s", options.len ? "," : "", flags);
	if (idmap)
		strbuf_addf(&options, "%sidmap=%s", options.len ? "," : "", idmap);
	if (!options.len)
		return;
	line = reverse_set(r, "/root/readonly", "lxc.rootfs.options", "%s", strbuf_str(&options));
	if (flags)
		reverse_kept(r, "/annotations/org.hako.rootfs.options", line, NULL);
	if (idmap)
		reverse_kept(r, "/annotations/org.hako.rootfs.idmap", line, NULL);
}

/* LXC cuts at blanks; a word that begins with a quote runs to the same quote, nothing is escaped.
 */
static bool add_word(struct strbuf *out, const char *word)
{
	bool plain = *word && !strpbrk(word, " \t\r\v\f\n") && *word != '\'' && *word != '"';
	const char *quote = plain ? "" : !strchr(word, '\'') ? "'" : "\"";

	if (!plain && strchr(word, *quote))
		return false;
	strbuf_addf(out, "%s%s%s%s", out->len ? " " : "", quote, word, quote);
	return true;
}

static void command(struct reverse *r, const struct oci_process *p)
{
	autostrbuf struct strbuf line = STRBUF_INIT;
	const char *key = str_eq(reverse_annotation(r, "org.hako.init"), "true") ? "lxc.execute.cmd"
										 : "lxc.init.cmd";

	for (size_t i = 0; i < p->args_len; i++) {
		if (add_word(&line, p->args[i]))
			continue;
		reverse_lost(
			r, "/process/args",
			"a word with blanks and both kinds of quotes cannot be written: put the "
			"command into a script");
		return;
	}
	if (p->args_len == 1 && str_eq(p->args[0], "/sbin/init"))
		reverse_kept(r, "/process/args", 0, "LXC's default init");
	else if (p->args_len)
		reverse_set(r, "/process/args", key, "%s", strbuf_str(&line));
}

static void user(struct reverse *r, const struct oci_user *u)
{
	autostrbuf struct strbuf groups = STRBUF_INIT;

	reverse_kept(r, "/process/user", 0, NULL);
	if (u->uid)
		reverse_set(r, "/process/user/uid", "lxc.init.uid", "%u", u->uid);
	if (u->gid)
		reverse_set(r, "/process/user/gid", "lxc.init.gid", "%u", u->gid);
	for (size_t i = 0; i < u->additional_gids_len; i++)
		strbuf_addf(&groups, "%s%u", i ? "," : "", u->additional_gids[i]);
	if (groups.len)
		reverse_set(r, "/process/user/additionalGids", "lxc.init.groups", "%s",
			    strbuf_str(&groups));
	if (u->has_umask)
		reverse_dropped(r, "/process/user/umask", "LXC leaves the umask as it is");
}

static void environment(struct reverse *r, const struct oci_process *p)
{
	for (size_t i = 0; i < p->env_len; i++) {
		autofree char *pointer = report_pointer("/process/env/%zu", i);

		if (str_eq(p->env[i], "container=lxc"))
			reverse_kept(r, pointer, 0, "LXC sets it");
		else if (str_starts(p->env[i], "container="))
			reverse_changed(r, pointer, 0, "LXC sets container=lxc");
		else
			reverse_set(r, pointer, "lxc.environment.runtime", "%s", p->env[i]);
	}
	if (!p->env_len)
		reverse_kept(r, "/process/env", 0, NULL);
}

/* --- capabilities --- */

static uint64_t cap_set(char *const *v, size_t len)
{
	uint64_t set = 0;

	for (size_t i = 0; i < len; i++) {
		const char *name = str_starts(v[i], "CAP_") ? v[i] + 4 : v[i];

		for (unsigned int n = 0; n <= CAP_LAST; n++) {
			if (strcasecmp(name, model_cap_name(n)) == 0)
				set |= UINT64_C(1) << n;
		}
	}
	return set;
}

static char *cap_words(uint64_t set)
{
	autostrbuf struct strbuf words = STRBUF_INIT;

	for (unsigned int n = 0; n <= CAP_LAST; n++) {
		if (set >> n & 1)
			strbuf_addf(&words, "%s%s", words.len ? " " : "", model_cap_name(n));
	}
	return strbuf_take(&words);
}

/* LXC edits the bounding set alone; exec gives root all of it and others nothing. */
static void held_caps(struct reverse *r, const char *pointer, uint64_t set, uint64_t lxc)
{
	if (set == lxc)
		reverse_kept(r, pointer, 0, NULL);
	else if (set & ~lxc)
		reverse_changed(r, pointer, 0, "LXC gives init less: %s",
				lxc ? "what the bounding set has" : "none, for it is not root");
	else
		reverse_lost(r, pointer, "LXC gives root all that the bounding set has");
}

static void capabilities(struct reverse *r, const struct oci_process *p)
{
	static const char BOUNDING[] = "/process/capabilities/bounding";
	const struct oci_capabilities *c = p->capabilities;
	uint64_t bounding = c ? cap_set(c->bounding, c->bounding_len) : 0;
	uint64_t held = p->user && p->user->uid ? 0 : bounding;
	autofree char *keep = cap_words(bounding), *drop = cap_words(CAP_ALL & ~bounding);

	r->caps = bounding;
	if (bounding == CAP_ALL)
		reverse_kept(r, BOUNDING, 0, "LXC drops none by itself");
	else if (!bounding)
		reverse_set(r, BOUNDING, "lxc.cap.keep", "none");
	else if (strlen(keep) < strlen(drop))
		reverse_set(r, BOUNDING, "lxc.cap.keep", "%s", keep);
	else
		reverse_set(r, BOUNDING, "lxc.cap.drop", "%s", drop);
	if (!c)
		return;
	held_caps(r, "/process/capabilities/effective", cap_set(c->effective, c->effective_len),
		  held);
	held_caps(r, "/process/capabilities/permitted", cap_set(c->permitted, c->permitted_len),
		  held);
	reverse_kept(r, "/process/capabilities/inheritable", 0, NULL);
	reverse_kept(r, "/process/capabilities/ambient", 0, NULL);
	if (c->inheritable_len)
		reverse_changed(r, "/process/capabilities/inheritable", 0, "LXC sets none");
	if (c->ambient_len)
		reverse_changed(r, "/process/capabilities/ambient", 0, "LXC sets none");
}

static char *limit_text(uint64_t n)
{
	return n == UINT64_MAX ? xstrdup("unlimited") : xasprintf("%llu", (unsigned long long) n);
}

static void rlimits(struct reverse *r, const struct oci_process *p)
{
	for (size_t i = 0; i < p->rlimits_len; i++) {
		const struct oci_rlimit *l = &p->rlimits[i];
		autofree char *pointer = report_pointer("/process/rlimits/%zu", i);
		autofree char *soft = limit_text(l->soft), *hard = limit_text(l->hard);
		autofree char *key =
			xasprintf("lxc.prlimit.%s",
				  str_starts(l->type, "RLIMIT_") ? l->type + 7 : l->type);

		for (char *s = key; *s; s++)
			*s = (char) tolower((unsigned char) *s);
		reverse_set(r, pointer, key, "%s:%s", soft, hard);
	}
}

static void labels(struct reverse *r, const struct oci_process *p)
{
	if (p->apparmor_profile && reverse_annotation(r, LXC_APPARMOR_ANNOTATION))
		reverse_kept(r, "/process/apparmorProfile", 0, "LXC generates one, too");
	else if (p->apparmor_profile)
		reverse_set(r, "/process/apparmorProfile", "lxc.apparmor.profile", "%s",
			    p->apparmor_profile);
	if (p->selinux_label)
		reverse_set(r, "/process/selinuxLabel", "lxc.selinux.context", "%s",
			    p->selinux_label);
}

void reverse_process(struct reverse *r)
{
	const struct oci_process *p = r->oci->process;

	if (!p)
		return;
	if (p->terminal)
		reverse_kept(r, "/process/terminal", 0, "LXC gives init a console");
	else
		reverse_set(r, "/process/terminal", "lxc.console.path", "none");
	if (p->console_size)
		reverse_dropped(r, "/process/consoleSize", "the terminal decides");
	command(r, p);
	if (p->user)
		user(r, p->user);
	environment(r, p);
	if (!p->cwd || str_eq(p->cwd, "/"))
		reverse_kept(r, "/process/cwd", 0, NULL);
	else
		reverse_set(r, "/process/cwd", "lxc.init.cwd", "%s", p->cwd);
	capabilities(r, p);
	rlimits(r, p);
	labels(r, p);
	if (p->no_new_privileges)
		reverse_set(r, "/process/noNewPrivileges", "lxc.no_new_privs", "1");
	else
		reverse_kept(r, "/process/noNewPrivileges", 0, NULL);
	if (p->has_oom_score_adj)
		reverse_set(r, "/process/oomScoreAdj", "lxc.proc.oom_score_adj", "%d",
			    p->oom_score_adj);
}
