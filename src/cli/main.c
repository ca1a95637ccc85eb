/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/suggest.h"
#include "base/table.h"
#include "cli/cli.h"
#include "cli/version.h"
#include "linux/host.h"
#include "runtime/container.h"

struct global_opts {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *criu;
	bool debug, systemd_cgroup, version;
};

#define G(member) offsetof(struct global_opts, member)
static const struct opt global_table[] = {
	{ "root", 0, OPT_STRING, G(root), "DIR",
	  "state directory (/run/hako, or $XDG_RUNTIME_DIR/hako)" },
	{ "log", 0, OPT_STRING, G(log), "TARGET",
	  "[file:]PATH, journald:ID or syslog:ID instead of stderr" },
	{ "log-format", 0, OPT_STRING, G(log_format), "FORMAT", "text or json" },
	{ "log-level", 0, OPT_STRING, G(log_level), "LEVEL", "error, warning, info or debug" },
	{ "debug", 0, OPT_FLAG, G(debug), NULL, "the same as --log-level debug" },
	{ "systemd-cgroup", 0, OPT_FLAG, G(systemd_cgroup), NULL,
	  "the same as --cgroup-manager systemd" },
	{ "cgroup-manager", 0, OPT_STRING, G(cgroup_manager), "NAME",
	  "cgroupfs, systemd or disabled" },
	{ "rootless", 0, OPT_STRING, G(rootless), "WORD",
	  "cgroups are not ours: true, false or auto" },
	{ "criu", 0, OPT_STRING, G(criu), "PATH", "program for checkpoint and restore (criu)" },
	{ "version", 'v', OPT_FLAG, G(version), NULL, "print the version" },
	{ "version", 'V', OPT_FLAG, G(version), NULL, "as crun spells it", OPT_HIDDEN },
};

/* clang-format off */
static const struct command *const commands[] = {
	&cmd_check,
	&cmd_checkpoint,
	&cmd_complete,
	&cmd_create,
	&cmd_delete,
	&cmd_devices,
	&cmd_events,
	&cmd_exec,
	&cmd_features,
	&cmd_hook,
	&cmd_kill,
	&cmd_list,
	&cmd_lxc,
	&cmd_mounts,
	&cmd_pause,
	&cmd_ps,
	&cmd_restore,
	&cmd_resume,
	&cmd_run,
	&cmd_selftest,
	&cmd_spec,
	&cmd_start,
	&cmd_state,
	&cmd_update,
	NULL,
};
/* clang-format on */

const struct command cli_top = {
	.name = "hako",
	.args = "COMMAND [ARGUMENT...]",
	.summary = "run OCI containers, and LXC containers as OCI containers",
	COMMAND_OPTS(global_table, struct global_opts),
	.sub = commands,
};

static bool quiet;

void cli_quiet(void)
{
	quiet = true;
}

/* A name of the container's files in it must not steer the terminal. */
static void print_error(const char *text)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	for (; *text; text++) {
		bool control = (unsigned char) *text < ' ' && *text != '\n' && *text != '\t';

		strbuf_addf(&b, control || *text == 0x7f ? "\\x%02x" : "%c", *text);
	}
	fprintf(stderr, "%s\n", strbuf_str(&b));
}

/* An error goes to the log; when that is not the terminal, its text alone to stderr as well. */
static void report_error(void)
{
	const char *text = err_is_set() ? err_get_text() : "unknown error";
	bool elsewhere = log_is_redirected();

	if (elsewhere || !quiet)
		log_text(LOG_L_ERROR, text);
	if (elsewhere && !quiet)
		print_error(text);
}

int cli_fail(int status)
{
	report_error();
	return status;
}

static const struct command *find_command(const struct command *const *table, const char *name)
{
	for (; *table; table++) {
		if (str_eq((*table)->name, name))
			return *table;
	}
	return NULL;
}

static int print_help(const struct command *c, const char *path)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	strbuf_addf(&b, "NAME:\n   %s - %s\n\nUsage:\n   %s%s %s\n", path, c->summary, path,
		    c->n_opts ? " [OPTION...]" : "", c->args);
	if (c->sub) {
		strbuf_add(&b, "\nCommands:\n");
		for (const struct command *const *s = c->sub; *s; s++)
			strbuf_addf(&b, "   %-12s %s\n", (*s)->name, (*s)->summary);
	}
	strbuf_add(&b, "\nOptions:\n");
	opt_help(&b, c->opts, c->n_opts);
	return out_text(strbuf_str(&b));
}

static int unknown_command(const struct command *c, const char *path, const char *name)
{
	struct suggest nearest = { .word = name };

	for (const struct command *const *s = c->sub; s && *s; s++)
		suggest_offer(&nearest, (*s)->name);
	return err_code(EINVAL, "%s: unknown command '%s'%s", path, name, suggest_text(&nearest));
}

static int run_command(const struct command *c, const struct runtime_opts *rt, const char *path,
		       char **argv);

/* "help [COMMAND...]" */
static int help_on(const struct command *c, const char *path, char **names)
{
	const struct command *sub = *names && c->sub ? find_command(c->sub, *names) : NULL;
	autofree char *sub_path = *names ? xasprintf("%s %s", path, *names) : NULL;

	if (!*names)
		return print_help(c, path);
	return sub ? help_on(sub, sub_path, names + 1) : unknown_command(c, path, *names);
}

static int run_sub(const struct command *c, const struct runtime_opts *rt, const char *path,
		   char **args)
{
	const struct command *sub = args[0] ? find_command(c->sub, args[0]) : NULL;
	autofree char *sub_path = NULL;

	if (!args[0]) {
		(void) print_help(c, path);
		return err_code(EINVAL, "%s: a command is missing", path);
	}
	if (!sub && str_eq(args[0], "help"))
		return help_on(c, path, args + 1);
	if (!sub && c == &cli_top && str_eq(args[0], "version"))
		return version_print();
	if (!sub && args[1] && (str_eq(args[1], "-h") || str_eq(args[1], "--help")))
		return err_code(EINVAL, "No help topic for '%s'", args[0]);
	if (!sub)
		return unknown_command(c, path, args[0]);
	sub_path = xasprintf("%s %s", path, args[0]);
	return run_command(sub, rt, sub_path, args);
}

static int check_count(const struct command *c, const char *path, char **args)
{
	const char *blank = *c->args ? " " : "";
	int n = (int) strs_len(args);

	if (n < c->min_args)
		return err_code(EINVAL, "%s: %s missing (usage: %s%s%s)", path,
				c->min_args == 1 ? "an argument is" : "arguments are", path, blank,
				c->args);
	if (c->max_args >= 0 && n > c->max_args)
		return err_code(EINVAL, "%s: unexpected argument '%s' (usage: %s%s%s)", path,
				args[c->max_args], path, blank, c->args);
	return 0;
}

/* Options of ours are looked for behind the command by everybody at least once. */
static int option_failed(int r, const struct command *c, const char *path, char *const *argv)
{
	const char *word = argv[optind - 1];

	if (!opt_known(c->opts, c->n_opts, word) &&
	    opt_known(global_table, ARRAY_SIZE(global_table), word))
		return err_code(EINVAL, "%s: %.*s goes before the command: %s %s %s", path,
				(int) strcspn(word, "="), word, cli_top.name, word,
				strchr(path, ' ') + 1);
	return err_wrap(r, "%s", path);
}

static int run_command(const struct command *c, const struct runtime_opts *rt, const char *path,
		       char **argv)
{
	autofree void *opts = xcalloc(1, c->opts_size ? c->opts_size : 1);
	bool help = false;
	int r, first;

	first = opt_parse(c->opts, c->n_opts, opts, c->sub ? OPT_STOP_AT_ARG : c->order, argv,
			  &help);
	if (first < 0)
		r = option_failed(first, c, path, argv);
	else if (help)
		r = print_help(c, path);
	else if (c->sub)
		r = run_sub(c, rt, path, argv + first);
	else
		r = check_count(c, path, argv + first);
	if (r >= 0 && !help && !c->sub)
		r = c->run(rt, opts, argv + first);
	opt_clear(c->opts, c->n_opts, opts);
	return r;
}

static int open_log(const struct global_opts *g)
{
	struct log_config config = { .target = g->log, .level = LOG_L_WARN };
	int r;

	if (g->log_format && log_format_parse(g->log_format, &config.format) < 0)
		return err_code(EINVAL, "unknown log format '%s': text or json", g->log_format);
	if (g->log_level && log_level_parse(g->log_level, &config.level) < 0)
		return err_code(EINVAL, "unknown log level '%s'", g->log_level);
	if (g->debug)
		config.level = LOG_L_DEBUG;
	r = log_open(&config);
	if (r < 0)
		return err_sys_r(r, "open log '%s'", g->log);
	return 0;
}

static int choose_manager(const struct global_opts *g, const char **ret)
{
	static const char *const known[] = { "cgroupfs", "systemd", "disabled" };
	const char *m = g->cgroup_manager;

	if (!m)
		m = g->systemd_cgroup ? "systemd" : "cgroupfs";
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_eq(m, known[i])) {
			*ret = m;
			return 0;
		}
	}
	return err_code(EINVAL, "unknown cgroup manager '%s': cgroupfs, systemd or disabled", m);
}

/*
 * The default follows runc: a user without privilege keeps state in his runtime directory. So does
 * the root of a user namespace, which is where podman calls us from.
 */
static char *choose_root(const struct global_opts *g)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	struct host_facts host;

	if (g->root)
		return xstrdup(g->root);
	if (!str_empty(dir) && host_probe(&host) >= 0 && host_is_rootless(&host))
		return xasprintf("%s/hako", dir);
	return xstrdup("/run/hako");
}

static int choose_rootless(const struct global_opts *g, enum rootless *ret)
{
	static const struct name_value words[] = {
		{ "auto", ROOTLESS_AUTO },
		{ "true", ROOTLESS_YES },
		{ "false", ROOTLESS_NO },
	};
	int64_t v = ROOTLESS_AUTO;

	if (g->rootless && !TABLE_FIND(words, g->rootless, &v))
		return err_code(EINVAL, "--rootless: '%s' is not true, false or auto", g->rootless);
	*ret = v;
	return 0;
}

static int run_top(const struct global_opts *g, char **argv, int first)
{
	autofree char *root = choose_root(g);
	struct runtime_opts rt = {
		.root = root, .root_is_default = !g->root, .criu = g->criu, .argv = argv
	};
	int r;

	r = choose_manager(g, &rt.cgroup_manager);
	if (r >= 0)
		r = choose_rootless(g, &rt.rootless);
	if (r < 0)
		return r;
	return run_sub(&cli_top, &rt, cli_top.name, argv + first);
}

int main(int argc, char **argv)
{
	struct global_opts g = { NULL };
	bool help = false;
	int r, first;

	(void) argc;
	/* A caller may ignore it. The kernel would reap hooks and helpers behind our back then, and
	 * nobody would know how they ended. */
	signal(SIGCHLD, SIG_DFL);
	first = opt_parse(global_table, ARRAY_SIZE(global_table), &g, OPT_STOP_AT_ARG, argv, &help);
	r = first < 0 ? err_wrap(first, "%s", cli_top.name) : open_log(&g);
	if (r >= 0) {
		if (g.version)
			r = version_print();
		else if (help)
			r = print_help(&cli_top, cli_top.name);
		else
			r = run_top(&g, argv, first);
	}
	return r >= 0 ? r : cli_fail(1);
}
