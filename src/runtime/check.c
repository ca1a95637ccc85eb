/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/path.h"
#include "runtime/container.h"
#include "runtime/create.h"
#include "runtime/launch.h"
#include "spec/annotations.h"
#include "spec/validate.h"

#define autolaunch __attribute__((cleanup(launch_clear)))

static const char *const levels[] = { "note", "warning", "error" };
static const char *const subjects[] = { "config", "host" };

/* ---- the report ---- */

void check_report_clear(struct check_report *report)
{
	for (size_t i = 0; i < report->len; i++) {
		free(report->v[i].path);
		free(report->v[i].text);
	}
	free(report->v);
	free(report->bundle);
	*report = (struct check_report){ 0 };
}

/* How much of "linux.namespaces[2].type: …" is the path: it has no blanks but inside of quotes. */
static size_t path_len(const char *line)
{
	bool quoted = false;

	for (size_t i = 0; line[i]; i++) {
		if (line[i] == '"')
			quoted = !quoted;
		else if (!quoted && line[i] == ' ')
			return 0;
		else if (!quoted && line[i] == ':' && line[i + 1] == ' ')
			return i;
	}
	return 0;
}

static bool has_finding(const struct check_report *report, const char *path, const char *text)
{
	for (size_t i = 0; i < report->len; i++) {
		if (str_eq(report->v[i].path, path) && str_eq(report->v[i].text, text))
			return true;
	}
	return false;
}

static void add_line(struct check_report *report, enum check_level level, enum check_about about,
		     const char *line)
{
	size_t n = path_len(line);
	autofree char *path = xstrndup(line, n), *text = xstrdup(line + (n ? n + 2 : 0));

	if (has_finding(report, path, text))
		return;
	report->v = xreallocarray(report->v, report->len + 1, sizeof *report->v);
	report->v[report->len++] =
		(struct check_finding){ level, about, take_ptr(&path), take_ptr(&text) };
	report->errors += level == CHECK_ERROR;
	report->warnings += level == CHECK_WARNING;
}

void check_add(struct check_report *report, enum check_level level, enum check_about about,
	       const char *fmt, ...)
{
	autofree char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	line = xvasprintf(fmt, ap);
	va_end(ap);
	add_line(report, level, about, line);
}

void check_add_record(struct check_report *report, enum check_about about)
{
	add_line(report, CHECK_ERROR, about, err_is_set() ? err_get_text() : "unknown error");
	err_clear();
}

void check_format_text(const struct check_report *report, struct strbuf *out)
{
	for (size_t i = 0; i < report->len; i++) {
		const struct check_finding *f = &report->v[i];

		strbuf_addf(out, "%-8s %-7s %s%s%s\n", levels[f->level], subjects[f->about],
			    f->path, *f->path ? ": " : "", f->text);
	}
	strbuf_addf(out, "%s: %zu error%s, %zu warning%s\n", report->bundle, report->errors,
		    report->errors == 1 ? "" : "s", report->warnings,
		    report->warnings == 1 ? "" : "s");
}

void check_format_json(const struct check_report *report, struct strbuf *out)
{
	strbuf_add(out, "{\"bundle\":");
	strbuf_add_json(out, report->bundle);
	strbuf_addf(out, ",\"ok\":%s,\"errors\":%zu,\"warnings\":%zu,\"findings\":[",
		    report->errors ? "false" : "true", report->errors, report->warnings);
	for (size_t i = 0; i < report->len; i++) {
		const struct check_finding *f = &report->v[i];

		strbuf_addf(out, "%s{\"level\":\"%s\",\"about\":\"%s\",\"path\":", i ? "," : "",
			    levels[f->level], subjects[f->about]);
		strbuf_add_json(out, f->path);
		strbuf_add(out, ",\"text\":");
		strbuf_add_json(out, f->text);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, "]}\n");
}

/* ---- the document ---- */

static void unknown_field(void *arg, const char *path)
{
	check_add(arg, CHECK_NOTE, CHECK_CONFIG, "%s: unknown field, without effect", path);
}

static void finding(void *arg, enum validate_level level, const char *text)
{
	check_add(arg, level == VALIDATE_ERROR ? CHECK_ERROR : CHECK_WARNING, CHECK_CONFIG, "%s",
		  text);
}

/* One at a time, because the parser ends at the first that it refuses. */
static void check_annotations(struct check_report *report, const struct oci_map *map,
			      struct annotations *ret)
{
	for (size_t i = 0; map && i < map->len; i++) {
		const struct oci_map one = { 1, &map->keys[i], &map->values[i] };
		struct annotations a = { 0 };

		if (annotations_parse(&one, &a) < 0)
			check_add_record(report, CHECK_CONFIG);
		annotations_clear(&a);
	}
	annotations_warn(map);
	if (annotations_parse(map, ret) < 0)
		check_add_record(report, CHECK_CONFIG);
}

/* "/bundle/config.json: process.cwd: …": the name of the file is no news. */
static void add_unread(struct check_report *report, const char *config)
{
	const char *text = err_get_text(), *name = strstr(text, config);
	const char *rest = name ? str_after(name + strlen(config), ": ") : NULL;

	check_add(report, CHECK_ERROR, CHECK_CONFIG, "%s", rest ? rest : text);
	err_clear();
}

/* False: there is no document to go on with. */
static bool check_document(struct check_report *report, struct launch *l)
{
	struct bundle *b = &l->bundle;

	if (bundle_open(l->opts->bundle, l->opts->config, b) < 0) {
		add_unread(report, l->opts->config ? l->opts->config : "config.json");
		return false;
	}
	ocispec_each_unknown(&oci_config_desc, b->config, unknown_field, report);
	validate_config_all(b->config, finding, report);
	check_annotations(report, b->config->annotations, &b->annotations);
	return true;
}

/* ---- the host ---- */

/*
 * The real plan with the real facts. It ends with the first thing that cannot be; most often that
 * is a cgroup, so it is made once more without one for what comes behind.
 */
static bool check_plan(struct check_report *report, struct launch *l)
{
	const struct runtime_opts *rt = l->rt;
	struct runtime_opts without = *rt;
	struct oci_linux *x = l->bundle.config->linux;
	struct oci_resources *resources = x ? x->resources : NULL;
	int r;

	if (launch_plan(l) >= 0)
		return true;
	check_add_record(report, CHECK_HOST);
	plan_clear(&l->plan);
	cgroup_host_clear(&l->cgroups);
	free(l->default_idmap.uid);
	free(l->default_idmap.gid);
	l->default_idmap = (struct idmap){ 0 };
	without.cgroup_manager = "disabled";
	l->rt = &without;
	if (x)
		x->resources = NULL;
	r = launch_plan(l);
	if (x)
		x->resources = resources;
	l->rt = rt;
	if (r < 0)
		check_add_record(report, CHECK_HOST);
	return r >= 0;
}

static void check_machine(struct check_report *report, struct launch *l)
{
	if (bundle_open_rootfs(&l->bundle) < 0) {
		check_add(report, CHECK_ERROR, CHECK_HOST, "root.path: %s", err_get_text());
		err_clear();
		/* rootfs itself: for the plan, which only passes it on */
		l->bundle.rootfs = path_resolve_text(l->bundle.path, l->bundle.config->root->path);
	}
	l->c.id = xstrdup("check");
	if (check_plan(report, l))
		check_host(report, l);
}

/* What a start would log is a finding. */
static void logged(void *arg, enum log_level level, const char *text)
{
	/* known with its path already */
	if (str_starts(text, "unknown capability ") || level == LOG_L_DEBUG)
		return;
	check_add(arg, level == LOG_L_INFO ? CHECK_NOTE : CHECK_WARNING, CHECK_CONFIG, "%s", text);
}

void check_bundle(const struct runtime_opts *rt, const char *bundle, const char *config,
		  struct check_report *ret)
{
	struct create_opts opts = { .bundle = bundle ? bundle : ".", .config = config };
	autolaunch struct launch l;

	launch_init(&l, rt, &opts);
	ret->bundle = path_make_absolute(opts.bundle);
	if (!ret->bundle)
		ret->bundle = xstrdup(opts.bundle);
	log_set_level(LOG_L_INFO);
	log_set_callback(logged, ret);
	if (check_document(ret, &l)) {
		/* Where the terminal goes is decided by who starts it. */
		if (l.bundle.config->process && l.bundle.config->process->terminal)
			opts.console_socket = "";
		if (!ret->errors)
			check_machine(ret, &l);
		else
			check_add(ret, CHECK_NOTE, CHECK_HOST,
				  "not looked at because of the errors above");
	}
	log_set_callback(NULL, NULL);
}
