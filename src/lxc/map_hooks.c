/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks. LXC runs each as a line of the shell and tells it more in the environment than OCI knows;
 * `hako hook lxc-env` adds what only the moment can tell. Four of LXC's moments have no name in
 * OCI: hako has annotations for them, other runtimes get the nearest moment or nothing.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

/* A fixed one: an OCI hook has nothing but the environment that is written for it. */
#define HOOK_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum place {
	NOWHERE,   /* annotation, and other runtimes never run it */
	AT_CREATE, /* createRuntime */
	IN_CREATE, /* createContainer */
	IN_START,  /* startContainer: in the container's root */
	AT_STOP,   /* poststop */
};

static const struct moment {
	enum lxc_hook hook;
	enum place place;	/* for a runtime that knows OCI's moments only */
	const char *annotation; /* LXC's own moment, for hako; NULL: place is exact */
	bool inside;		/* runs in the container's namespaces and sees its environment */
	const char *code;	/* what a runtime without the annotation makes of it */
	const char *text;
} moments[] = {
	{ LXC_HOOK_PRE_START, AT_CREATE, "org.hako.hooks.pre-start", false, "LXC-W701",
	  "runs when the namespaces are made already, and the root file system has to be there" },
	{ LXC_HOOK_PRE_MOUNT, NOWHERE, "org.hako.hooks.pre-mount", true, "LXC-W702",
	  "other runtimes have no moment before the root file system, and never run it" },
	{ LXC_HOOK_MOUNT, IN_CREATE, NULL, true, NULL, NULL },
	{ LXC_HOOK_AUTODEV, IN_CREATE, NULL, true, NULL, NULL },
	{ LXC_HOOK_START, IN_START, NULL, true, NULL, NULL },
	{ LXC_HOOK_START_HOST, AT_CREATE, "org.hako.hooks.start-host", false, "LXC-I703",
	  "runs before the container's root is entered, which is earlier than in LXC" },
	{ LXC_HOOK_STOP, AT_STOP, NULL, false, "LXC-W704",
	  "the namespaces of the container are gone when it runs, LXC keeps them open for it" },
	{ LXC_HOOK_POST_STOP, AT_STOP, NULL, false, NULL, NULL },
	{ LXC_HOOK_DESTROY, NOWHERE, "org.hako.hooks.destroy", false, "LXC-W702",
	  "other runtimes never run it" },
};

/* --- environment --- */

static void add_text(struct strv *env, const char *name, const char *value)
{
	if (value)
		strv_addf(env, "%s=%s", name, value);
}

static void add_config_env(struct strv *env, const struct lxc_envs *v)
{
	for (size_t i = 0; i < v->len; i++)
		strv_addf(env, "%s=%s", v->v[i].name, v->v[i].value);
}

static char *log_level(const struct lxc_map *m)
{
	char *level = xstrdup(m->c->log_level.s ? m->c->log_level.s : "NOTSET");

	for (char *s = level; *s; s++)
		*s = (char) toupper((unsigned char) *s);
	return level;
}

/* A later variable wins over an earlier one, and LXC's own over those of the configuration. */
static void make_env(const struct lxc_map *m, const struct moment *at, struct strv *env)
{
	autofree char *level = log_level(m);

	strv_add(env, "PATH=" HOOK_PATH);
	if (at->inside) {
		add_config_env(env, &m->c->environment);
		add_config_env(env, &m->c->environment_hooks);
	}
	add_text(env, "LXC_NAME", m->name);
	add_text(env, "LXC_CONFIG_FILE", m->opts->config_file);
	add_text(env, "LXC_ROOTFS_MOUNT", m->rootfs);
	add_text(env, "LXC_ROOTFS_PATH", m->c->rootfs_path.s);
	add_text(env, "LXC_LOG_LEVEL", level);
	strv_addf(env, "LXC_HOOK_VERSION=%d", lxc_num_get(&m->c->hook_version, 0) ? 1 : 0);
	strv_add(env, "LXC_CGNS_AWARE=1");
	add_text(env, "LXC_CONSOLE", m->c->console_path.s);
	add_text(env, "LXC_CONSOLE_LOGPATH", m->c->console_logfile.s);
	if (at->place == IN_START && lxc_num_get(&m->c->hook_version, 0)) {
		strv_add(env, "LXC_HOOK_TYPE=start");
		strv_add(env, "LXC_HOOK_SECTION=lxc");
	}
}

void map_hook_env(const struct lxc_map *m, struct strv *env)
{
	const struct moment host = { .place = AT_CREATE };

	make_env(m, &host, env);
}

/* --- one hook --- */

/* In the container there is no hako: the shell does all of it. */
static void inside_args(const struct lxc_map *m, const char *line, struct strv *args)
{
	strv_add(args, "sh");
	strv_add(args, "-c");
	if (lxc_num_get(&m->c->hook_version, 0))
		strv_addf(args, "exec %s </dev/null", line);
	else
		strv_addf(args, "exec %s '%s' 'lxc' 'start' </dev/null", line, m->name);
}

static void outside_args(const struct moment *at, const char *line, struct strv *args)
{
	strv_add(args, "hako");
	strv_add(args, "hook");
	strv_add(args, "lxc-env");
	strv_add(args, "--hook");
	strv_add(args, model_hook_name(at->hook));
	strv_add(args, "--");
	strv_add(args, line);
}

static void fill_hook(const struct lxc_map *m, const struct moment *at, const char *line,
		      struct oci_hook *hook)
{
	struct strv args = { 0 }, env = { 0 };

	if (at->place == IN_START)
		inside_args(m, line, &args);
	else
		outside_args(at, line, &args);
	make_env(m, at, &env);
	map_strs_take(&hook->args, &hook->args_len, &args);
	map_strs_take(&hook->env, &hook->env_len, &env);
}

static const char *program(const struct lxc_map *m, const struct moment *at)
{
	if (at->place == IN_START)
		return "/bin/sh";
	return m->opts->hako ? m->opts->hako : "/usr/bin/hako";
}

/* --- a list --- */

static void annotate_list(struct lxc_map *m, const struct moment *at, const struct lxc_strs *lines)
{
	struct oci_hook_list list = { .items = xnew_n(struct oci_hook, lines->len) };
	autofree char *pointer = report_pointer("/annotations/%s", at->annotation);
	autofree char *json = NULL;
	const char *items;

	for (size_t i = 0; i < lines->len; i++) {
		list.items[i].path = xstrdup(program(m, at));
		fill_hook(m, at, lines->v[i].s, &list.items[i]);
		list.items_len++;
		report_kept(m->report, lines->v[i].pos, pointer, NULL);
	}
	/* the value is the list alone: {"items":[…]} without its wrapping */
	json = oci_hook_list_generate(&list, 0);
	items = strchr(json, '[');
	json[strlen(json) - 1] = '\0';
	map_annotate(m, at->annotation, items);
	oci_hook_list_clear(&list);
}

static void write_list(struct lxc_map *m, const struct moment *at, const struct lxc_strs *lines)
{
	static const struct {
		enum map_stage stage;
		const char *pointer;
	} stages[] = {
		[AT_CREATE] = { MAP_CREATE_RUNTIME, "/hooks/createRuntime" },
		[IN_CREATE] = { MAP_CREATE_CONTAINER, "/hooks/createContainer" },
		[IN_START] = { MAP_START_CONTAINER, "/hooks/startContainer" },
		[AT_STOP] = { MAP_POSTSTOP, "/hooks/poststop" },
	};

	for (size_t i = 0; i < lines->len; i++) {
		fill_hook(m, at, lines->v[i].s,
			  map_hook_add(m, stages[at->place].stage, program(m, at)));
		report_kept(m->report, lines->v[i].pos, stages[at->place].pointer, NULL);
	}
}

static void note_difference(struct lxc_map *m, const struct moment *at,
			    const struct lxc_strs *lines)
{
	autofree char *key = xasprintf("lxc.hook.%s", model_hook_name(at->hook));

	for (size_t i = 0; i < lines->len; i++) {
		diag_add(m->diag, at->code, lines->v[i].pos, key, "%s", at->text);
		if (at->code[4] == 'W' && at->place == NOWHERE)
			report_dropped(m->report, lines->v[i].pos, "%s", at->text);
		else if (at->code[4] == 'W')
			report_changed(m->report, lines->v[i].pos, NULL, "%s", at->text);
	}
}

/* LXC looks for the whole value of the first one as a file, and needs a shell for all of them. */
static void check_start(struct lxc_map *m, const struct lxc_strs *lines)
{
	const char *first = lines->len ? lines->v[0].s : NULL;

	if (!first)
		return;
	if (strpbrk(first, " \t")) {
		diag_add(m->diag, "LXC-W705", lines->v[0].pos, "lxc.hook.start",
			 "LXC takes the whole value for the path of a file and does not start; "
			 "here it is run with its arguments");
		report_changed(m->report, lines->v[0].pos, NULL, "run, which LXC does not do");
	}
	if (m->rootfs && m->host->path_in_root &&
	    m->host->path_in_root(m->host->arg, m->rootfs, "/bin/sh") == -ENOENT)
		diag_add(m->diag, "LXC-W705", lines->v[0].pos, "lxc.hook.start",
			 "there is no /bin/sh in the root file system to run it");
}

static void map_moment(struct lxc_map *m, const struct moment *at)
{
	const struct lxc_strs *lines = &m->c->hooks[at->hook];
	bool own = at->annotation && !m->generic;

	if (!lines->len)
		return;
	if (at->hook == LXC_HOOK_AUTODEV && !lxc_bool_get(&m->c->autodev, true)) {
		for (size_t i = 0; i < lines->len; i++)
			report_dropped(m->report, lines->v[i].pos,
				       "LXC runs it with lxc.autodev = 1 only");
		return;
	}
	if (own)
		annotate_list(m, at, lines);
	else if (at->place != NOWHERE)
		write_list(m, at, lines);
	if (at->code && !own)
		note_difference(m, at, lines);
	if (at->hook == LXC_HOOK_START)
		check_start(m, lines);
}

static bool has_hooks(const struct lxc_config *c)
{
	for (size_t i = 0; i < LXC_HOOK_MAX; i++) {
		if (i != LXC_HOOK_CLONE && c->hooks[i].len)
			return true;
	}
	return false;
}

static void map_hook_settings(struct lxc_map *m)
{
	const struct lxc_envs *env = &m->c->environment_hooks;
	const struct lxc_strs *clone = &m->c->hooks[LXC_HOOK_CLONE];
	const char *note = has_hooks(m->c) ? NULL : "there is no hook";

	report_kept(m->report, m->c->hook_version.pos, note ? NULL : "/hooks", note);
	for (size_t i = 0; i < clone->len; i++)
		report_kept(m->report, clone->v[i].pos, NULL,
			    "run by lxc-copy, not by a container");
	for (size_t i = 0; i < env->len; i++)
		report_kept(m->report, env->v[i].pos, note ? NULL : "/hooks", note);
}

/* Those that run before the interfaces are made, or have nothing to do with them. */
void map_hooks(struct lxc_map *m)
{
	map_hook_settings(m);
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		if (moments[i].hook != LXC_HOOK_START_HOST && moments[i].place != AT_STOP)
			map_moment(m, &moments[i]);
	}
}

/* The interfaces are there before start-host hooks, and gone before those of the end. */
void map_hooks_late(struct lxc_map *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		if (moments[i].hook == LXC_HOOK_START_HOST || moments[i].place == AT_STOP)
			map_moment(m, &moments[i]);
	}
}
