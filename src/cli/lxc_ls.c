/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/table.h"
#include "cli/lxc.h"
#include "cli/lxc_addrs.h"
#include "cli/lxc_name.h"
#include "cli/lxc_usage.h"
#include "runtime/container.h"

struct ls_opts {
	struct lxc_name_opts lxc; /* without a name */
	bool line, fancy, active, running, frozen, stopped, defined;
	const char *format, *filter;
	struct strv groups;
};

#define O(member) offsetof(struct ls_opts, member)
static const struct opt table[] = {
	LXC_PATH_TABLE(struct ls_opts, lxc),
	{ "line", '1', OPT_FLAG, O(line), NULL, "a name a line" },
	{ "fancy", 'f', OPT_FLAG, O(fancy), NULL, "a table" },
	{ "fancy-format", 'F', OPT_STRING, O(format), "COLUMN[,COLUMN...]",
	  "its columns: NAME STATE PID RAM SWAP AUTOSTART GROUPS INTERFACE IPV4 IPV6 "
	  "UNPRIVILEGED" },
	{ "active", 0, OPT_FLAG, O(active), NULL, "those that run or are frozen" },
	{ "running", 0, OPT_FLAG, O(running), NULL, "those that run" },
	{ "frozen", 0, OPT_FLAG, O(frozen), NULL, "those that are frozen" },
	{ "stopped", 0, OPT_FLAG, O(stopped), NULL, "those that do not run" },
	{ "defined", 0, OPT_FLAG, O(defined), NULL, "all that have a configuration" },
	{ "groups", 'g', OPT_STRV, O(groups), "GROUP[,GROUP...]",
	  "those that are in all of them (may be repeated)" },
	{ "filter", 0, OPT_STRING, O(filter), "REGEX", "those whose name matches" },
};

/* What the table shows of one container. */
struct entry {
	const char *name;
	const char *state;
	char *shown; /* the name, which may be any that a directory can have */
	char *pid, *ram, *swap, *groups, *interfaces, *ipv4, *ipv6;
	bool autostart, unprivileged;
};

enum column_kind {
	COLUMN_TEXT,
	COLUMN_SIZE, /* to the right */
	COLUMN_FLAG,
};

#define FIELD(member) offsetof(struct entry, member)
static const struct column {
	const char *name;
	size_t offset;
	enum column_kind kind;
} columns[] = {
	{ "NAME", FIELD(shown), COLUMN_TEXT },
	{ "STATE", FIELD(state), COLUMN_TEXT },
	{ "PID", FIELD(pid), COLUMN_TEXT },
	{ "RAM", FIELD(ram), COLUMN_SIZE },
	{ "SWAP", FIELD(swap), COLUMN_SIZE },
	{ "AUTOSTART", FIELD(autostart), COLUMN_FLAG },
	{ "GROUPS", FIELD(groups), COLUMN_TEXT },
	{ "INTERFACE", FIELD(interfaces), COLUMN_TEXT },
	{ "IPV4", FIELD(ipv4), COLUMN_TEXT },
	{ "IPV6", FIELD(ipv6), COLUMN_TEXT },
	{ "UNPRIVILEGED", FIELD(unprivileged), COLUMN_FLAG },
};
static const char columns_default[] = "NAME,STATE,AUTOSTART,GROUPS,IPV4,IPV6,UNPRIVILEGED";

static const char *text_of(const struct entry *e, const struct column *c)
{
	static const char *const flags[][2] = { { "0", "1" }, { "false", "true" } };
	const char *at = (const char *) e + c->offset;
	const char *text;

	if (c->kind == COLUMN_FLAG)
		return flags[c->offset == FIELD(unprivileged)][*(const bool *) at];
	text = *(char *const *) (const void *) at;
	return str_empty(text) ? "-" : text;
}

/* ---- one ---- */

static char *join(const struct strv *v)
{
	struct strbuf b = STRBUF_INIT;

	for (size_t i = 0; i < v->len; i++)
		strbuf_addf(&b, "%s%s", i ? ", " : "", v->v[i]);
	return strbuf_take(&b);
}

static void fill_from_config(const struct ls_opts *o, struct entry *e)
{
	struct lxc_opts opts = { .env = environ };
	autofree char *path = NULL;
	struct lxc_config *config = NULL;
	struct lxc_diag diag = { 0 };
	autostrv struct strv groups = { 0 };
	int r;

	r = lxc_name_config(o->lxc.lxcpath, e->name, &path);
	if (r >= 0)
		r = lxc_parse_file(path, &opts, &config, &diag);
	if (r < 0) {
		/* one that does not load is listed all the same */
		err_forgive(r, "read the configuration of '%s'", e->name);
	} else {
		e->autostart = config->start_auto.on;
		e->unprivileged = config->idmap.len > 0;
		for (size_t i = 0; i < config->groups.len; i++)
			strv_add(&groups, config->groups.v[i].s);
		e->groups = join(&groups);
	}
	diag_clear(&diag);
	lxc_config_free(config);
}

static char *megabytes(const struct lxc_usage *u, enum lxc_usage_kind kind)
{
	return u->known[kind] ? xasprintf("%.2fMB", (double) u->value[kind] / (1 << 20)) : NULL;
}

static void fill_details(const struct container *c, struct entry *e)
{
	autofree char *interfaces = NULL;
	struct lxc_addrs a;
	struct lxc_usage u;

	lxc_addrs(container_pid(c), &a);
	e->ipv4 = join(&a.v4);
	e->ipv6 = join(&a.v6);
	interfaces = join(&a.interfaces);
	e->interfaces = diag_printable(interfaces);
	lxc_addrs_clear(&a);
	lxc_usage_read(c, &u);
	e->ram = megabytes(&u, USAGE_MEMORY);
	e->swap = megabytes(&u, USAGE_SWAP);
}

static void fill_from_state(const struct runtime_opts *rt, struct entry *e, bool details)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r = container_open(rt, e->name, 0, &c);

	e->state = "STOPPED";
	if (r < 0) {
		err_forgive(r, "look for container '%s'", e->name);
		return;
	}
	e->state = lxc_name_state_of(&c);
	if (!container_pid(&c))
		return;
	e->pid = xasprintf("%d", container_pid(&c));
	if (details)
		fill_details(&c, e);
}

static void entry_clear(struct entry *e)
{
	free(e->shown);
	free(e->pid);
	free(e->ram);
	free(e->swap);
	free(e->groups);
	free(e->interfaces);
	free(e->ipv4);
	free(e->ipv6);
}

/* ---- which ---- */

static bool state_wanted(const struct ls_opts *o, const char *state)
{
	bool running = str_eq(state, "RUNNING"), frozen = str_eq(state, "FROZEN");

	if (!o->active && !o->running && !o->frozen && !o->stopped)
		return true;
	return (o->active && (running || frozen)) || (o->running && running) ||
	       (o->frozen && frozen) || (o->stopped && str_eq(state, "STOPPED"));
}

static bool group_wanted(const struct ls_opts *o, const struct entry *e)
{
	autostrv struct strv wanted = { 0 }, has = { 0 };

	if (!o->groups.len)
		return true;
	for (size_t i = 0; i < o->groups.len; i++)
		strv_split(&wanted, o->groups.v[i], ",");
	strv_split(&has, e->groups ? e->groups : "", ", ");
	for (size_t i = 0; i < wanted.len; i++) {
		if (!strv_has(&has, wanted.v[i]))
			return false;
	}
	return true;
}

static int match_names(const struct ls_opts *o, char **names)
{
	size_t kept = 0;
	regex_t re;

	if (!o->filter)
		return 0;
	if (regcomp(&re, o->filter, REG_EXTENDED | REG_NOSUB) != 0)
		return err_code(EINVAL, "--filter: '%s' is no regular expression", o->filter);
	for (size_t i = 0; names[i]; i++) {
		if (regexec(&re, names[i], 0, NULL, 0) == 0)
			names[kept++] = names[i];
		else
			free(names[i]);
	}
	names[kept] = NULL;
	regfree(&re);
	return 0;
}

/* ---- output ---- */

static int choose_columns(const struct ls_opts *o, const struct column **ret, size_t *ret_n)
{
	autostrv struct strv names = { 0 };

	strv_split(&names, o->format ? o->format : columns_default, ", ");
	for (size_t i = 0; i < names.len; i++) {
		size_t k = 0;

		while (k < ARRAY_SIZE(columns) && strcasecmp(columns[k].name, names.v[i]) != 0)
			k++;
		if (k == ARRAY_SIZE(columns) || *ret_n == ARRAY_SIZE(columns))
			return err_code(EINVAL, "--fancy-format: no column '%s'", names.v[i]);
		ret[(*ret_n)++] = &columns[k];
	}
	return 0;
}

static size_t width_of(const struct column *c, const struct entry *v, size_t n)
{
	/* room for the unit, as lxc-ls has it also where there is none */
	size_t width = strlen(c->name) + (c->kind == COLUMN_SIZE ? strlen("MB") : 0);

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(text_of(&v[i], c));

		width = len > width ? len : width;
	}
	return width;
}

static void add_cell(struct strbuf *b, const struct column *c, const char *text, size_t width)
{
	bool right = c->kind == COLUMN_SIZE && str_ends(text, "MB");

	strbuf_addf(b, right ? "%*s " : "%-*s ", (int) width, text);
}

static int print_table(const struct ls_opts *o, const struct entry *v, size_t n)
{
	const struct column *chosen[ARRAY_SIZE(columns)];
	autostrbuf struct strbuf b = STRBUF_INIT;
	size_t n_chosen = 0, width[ARRAY_SIZE(columns)];
	int r = choose_columns(o, chosen, &n_chosen);

	if (r < 0)
		return r;
	for (size_t c = 0; c < n_chosen; c++)
		width[c] = width_of(chosen[c], v, n);
	for (size_t i = 0; i <= n && n; i++) {
		for (size_t c = 0; c < n_chosen; c++)
			add_cell(&b, chosen[c], i ? text_of(&v[i - 1], chosen[c]) : chosen[c]->name,
				 width[c]);
		strbuf_add(&b, "\n");
	}
	return out_text(strbuf_str(&b));
}

/* Names alone: as many a line as the terminal takes, or one. */
static int print_names(const struct ls_opts *o, const struct entry *v, size_t n)
{
	autostrbuf struct strbuf b = STRBUF_INIT;
	bool columns_wanted = !o->line && isatty(STDOUT_FILENO);
	struct winsize ws = { 0 };
	size_t width = 1, at = 0;

	if (columns_wanted && (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0 || !ws.ws_col))
		ws.ws_col = 80;
	for (size_t i = 0; i < n; i++)
		width = strlen(v[i].shown) + 1 > width ? strlen(v[i].shown) + 1 : width;
	for (size_t i = 0; i < n; i++) {
		if (columns_wanted && at && at + width > ws.ws_col) {
			strbuf_add(&b, "\n");
			at = 0;
		}
		strbuf_addf(&b, "%-*s", columns_wanted ? (int) width : 0, v[i].shown);
		at += width;
		if (!columns_wanted)
			strbuf_add(&b, "\n");
	}
	if (at && columns_wanted)
		strbuf_add(&b, "\n");
	return out_text(strbuf_str(&b));
}

static int list(const struct runtime_opts *rt, const struct ls_opts *o, char **names)
{
	autofree struct entry *v = xnew_n(struct entry, strs_len(names) + 1);
	bool fancy = o->fancy || o->format;
	size_t n = 0;
	int r;

	for (size_t i = 0; names[i]; i++) {
		struct entry *e = &v[n];

		*e = (struct entry){ .name = names[i], .shown = diag_printable(names[i]) };
		fill_from_state(rt, e, fancy);
		if (fancy || o->groups.len)
			fill_from_config(o, e);
		if (state_wanted(o, e->state) && group_wanted(o, e))
			n++;
		else
			entry_clear(e);
	}
	r = fancy ? print_table(o, v, n) : print_names(o, v, n);
	for (size_t i = 0; i < n; i++)
		entry_clear(&v[i]);
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct ls_opts *o = opts;
	struct ls_opts filtered = *o;
	char **names = NULL;
	int r = lxc_name_log(&o->lxc);

	if (args[0])
		filtered.filter = args[0];
	if (r >= 0)
		r = lxc_name_list(o->lxc.lxcpath, &names);
	if (r >= 0)
		r = match_names(&filtered, names);
	if (r >= 0)
		r = list(rt, &filtered, names);
	strs_free(names);
	return r;
}

const struct command lxc_cmd_ls = {
	.name = "ls",
	.args = "[REGEX]",
	.summary = "list the containers of LXC and their state",
	COMMAND_OPTS(table, struct ls_opts),
	.order = OPT_ANYWHERE,
	.max_args = 1,
	.run = run,
};
