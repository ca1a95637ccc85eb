/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "cli/lxc.h"
#include "cli/lxc_name.h"

/*
 * What lxc-autostart(1) does at boot, in systemd's words: the containers of group "onboot" first,
 * then those in no group, each kind by lxc.start.order and name, one after the other. Those of
 * other groups are pulled in by the target of the group.
 */

struct units_opts {
	struct lxc_name_opts lxc;
	const char *output;
	bool all;
};

#define O(member) offsetof(struct units_opts, member)
static const struct opt table[] = {
	LXC_PATH_TABLE(struct units_opts, lxc),
	{ "output", 0, OPT_STRING, O(output), "DIR",
	  "directory to write them to, /etc/systemd/system say (standard output)" },
	{ "all", 'A', OPT_FLAG, O(all), NULL, "containers without lxc.start.auto, too" },
};

struct unit {
	const char *name;
	char *config;
	bool onboot;
	struct strv groups; /* without onboot */
	int order;
	uint64_t delay;
};

static void unit_clear(struct unit *u)
{
	free(u->config);
	strv_clear(&u->groups);
}

static void units_clear(struct unit *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		unit_clear(&v[i]);
	free(v);
}

/* ---- which, in which order ---- */

static void take_settings(struct unit *u, const struct lxc_config *c)
{
	for (size_t i = 0; i < c->groups.len; i++) {
		if (str_eq(c->groups.v[i].s, "onboot"))
			u->onboot = true;
		else
			strv_add(&u->groups, c->groups.v[i].s);
	}
	u->order = (int) (int64_t) c->start_order.n;
	u->delay = c->start_delay.n;
}

/* 1 when it is to be started, 0 when not. */
static int read_unit(const struct units_opts *o, const char *name, struct unit *u)
{
	struct lxc_opts opts = { .env = environ };
	struct lxc_config *config = NULL;
	struct lxc_diag diag = { 0 };
	int r;

	*u = (struct unit){ .name = name };
	/* A directory may have any name, and a line break would begin a setting of the unit. */
	r = lxc_convert_check_name(name);
	if (r >= 0)
		r = lxc_name_config(o->lxc.lxcpath, name, &u->config);
	if (r >= 0)
		r = lxc_parse_file(u->config, &opts, &config, &diag);
	if (r >= 0 && (o->all || config->start_auto.on)) {
		take_settings(u, config);
		r = 1;
	}
	diag_clear(&diag);
	lxc_config_free(config);
	return r < 0 ? err_wrap(r, "container '%s'", name) : r;
}

/* 0: onboot, 1: in no group, 2: started by the target of its group only. */
static int rank(const struct unit *u)
{
	return u->onboot ? 0 : u->groups.len ? 2 : 1;
}

static int compare(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;

	if (rank(x) != rank(y))
		return rank(x) - rank(y);
	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* ---- the text ---- */

/* For ExecStart=: % is a specifier, $ a variable. Names and paths have no blanks of their own. */
static char *quote(const char *text)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add_c(&b, '"');
	for (; *text; text++) {
		if (*text == '%' || *text == '$')
			strbuf_add_c(&b, *text);
		if (*text == '"' || *text == '\\')
			strbuf_add_c(&b, '\\');
		strbuf_add_c(&b, *text);
	}
	strbuf_add_c(&b, '"');
	return strbuf_take(&b);
}

/* Letters that a unit's name may have; others as systemd-escape(1) writes them. */
static char *escape(const char *text)
{
	struct strbuf b = STRBUF_INIT;

	for (const char *p = text; *p; p++) {
		if (strchr("/\\-", *p) || (*p == '.' && p == text) || (unsigned char) *p <= ' ' ||
		    (unsigned char) *p > '~' || strchr("\"'$%@", *p))
			strbuf_addf(&b, "\\x%02x", (unsigned char) *p);
		else
			strbuf_add_c(&b, *p);
	}
	return strbuf_take(&b);
}

static char *unit_name(const struct unit *u)
{
	autofree char *name = escape(u->name);

	return xasprintf("hako-lxc-%s.service", name);
}

static char *target_name(const char *group)
{
	autofree char *name = escape(group);

	return xasprintf("hako-lxc-%s.target", name);
}

static void add_exec(struct strbuf *b, const char *program, const struct units_opts *o,
		     const struct unit *u)
{
	autofree char *name = quote(u->name);
	autofree char *absolute = o->lxc.lxcpath ? path_make_absolute(o->lxc.lxcpath) : NULL;
	autofree char *dir = absolute ? quote(absolute) : NULL;
	const char *option = dir ? " -P " : "", *value = dir ? dir : "";

	strbuf_addf(b, "ExecStart=%s lxc start%s%s -n %s\n", program, option, value, name);
	if (u->delay)
		strbuf_addf(b, "ExecStartPost=/bin/sleep %" PRIu64 "\n", u->delay);
	strbuf_addf(b, "ExecStop=%s lxc stop%s%s -n %s\n", program, option, value, name);
}

static char *unit_text(const struct units_opts *o, const char *program, const struct unit *u,
		       const struct unit *before)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b,
		    "# Written by hako lxc units for %s\n[Unit]\n"
		    "Description=Container %s of LXC\nDocumentation=man:hako-lxc(8)\n"
		    "Wants=network-online.target\n"
		    "After=network-online.target remote-fs.target lxc-net.service\n",
		    u->config, u->name);
	if (before) {
		autofree char *name = unit_name(before);

		strbuf_addf(&b, "After=%s\n", name);
	}
	strbuf_add(&b, "\n[Service]\nType=forking\n");
	add_exec(&b, program, o, u);
	strbuf_add(&b, "Delegate=yes\nKillMode=mixed\nTimeoutStartSec=infinity\n"
		       "TimeoutStopSec=120\n\n[Install]\n");
	if (rank(u) < 2)
		strbuf_add(&b, "WantedBy=multi-user.target\n");
	for (size_t i = 0; i < u->groups.len; i++) {
		autofree char *target = target_name(u->groups.v[i]);

		strbuf_addf(&b, "WantedBy=%s\n", target);
	}
	return strbuf_take(&b);
}

/* ---- output ---- */

static int put(const struct units_opts *o, const char *name, const char *text)
{
	autofree char *path = o->output ? path_join(o->output, name) : NULL;
	autofree char *headed = xasprintf("# %s\n%s\n", name, text);
	int r;

	if (!o->output)
		return out_text(headed);
	r = file_replace_at(AT_FDCWD, path, text, strlen(text), 0644, FILE_SYNC);
	return r < 0 ? err_sys_r(r, "write '%s'", path) : 0;
}

static int put_targets(const struct units_opts *o, const struct unit *v, size_t n)
{
	autostrv struct strv seen = { 0 };
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; r >= 0 && k < v[i].groups.len; k++) {
			const char *group = v[i].groups.v[k];
			autofree char *name = target_name(group);
			autofree char *text =
				xasprintf("# Written by hako lxc units\n[Unit]\n"
					  "Description=Containers of LXC in group %s\n",
					  group);

			if (strv_has(&seen, group))
				continue;
			strv_add(&seen, group);
			r = put(o, name, text);
		}
	}
	return r;
}

static int put_all(const struct units_opts *o, const struct unit *v, size_t n)
{
	autofree char *program = cli_self_path();
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		/* the chain is of those that boot starts */
		bool chained = i > 0 && rank(&v[i]) < 2;
		autofree char *name = unit_name(&v[i]);
		autofree char *text = unit_text(o, program, &v[i], chained ? &v[i - 1] : NULL);

		r = put(o, name, text);
	}
	return r < 0 ? r : put_targets(o, v, n);
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct units_opts *o = opts;
	char **names = NULL;
	struct unit *v = NULL;
	size_t n = 0;
	int r = lxc_name_log(&o->lxc);

	(void) rt;
	if (r >= 0 && !args[0])
		r = lxc_name_list(o->lxc.lxcpath, &names);
	if (r < 0)
		return r;
	for (char **name = args[0] ? args : names; r >= 0 && *name; name++) {
		v = xreallocarray(v, n + 1, sizeof(*v));
		r = read_unit(o, *name, &v[n]);
		if (r == 1)
			n++;
		else
			unit_clear(&v[n]);
	}
	if (n)
		qsort(v, n, sizeof(*v), compare);
	if (r >= 0)
		r = put_all(o, v, n);
	units_clear(v, n);
	strs_free(names);
	return r < 0 ? r : 0;
}

const struct command lxc_cmd_units = {
	.name = "units",
	.args = "[NAME...]",
	.summary = "systemd units for the containers that are to be started at boot",
	COMMAND_OPTS(table, struct units_opts),
	.order = OPT_ANYWHERE,
	.max_args = -1,
	.run = run,
};
