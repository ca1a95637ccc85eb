/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"
#include "base/fd.h"
#include "cli/cli.h"
#include "cli/lxc_name.h"
#include "lxc/convert.h"
#include "runtime/container.h"
#include "runtime/store.h"

/*
 * What may come next on a command line, for the scripts of contrib/completions: they ask the option
 * tables themselves, so they can never be out of step with them.
 */
struct completion {
	const struct command *command;
	const struct opt *value_of; /* the word is this option's value */
	const char *root;	    /* --root, as far as it has been typed */
	const char *lxcpath;	    /* -P, likewise */
	size_t n_args;
	bool lxc;	/* below "lxc": a NAME is that of a configuration */
	bool only_args; /* after "--", or behind an argument that options end at */
	struct strbuf out;
};

/* ---- the words before ---- */

static const struct opt *find_option(const struct command *c, const char *word)
{
	const char *name = str_after(word, "--");

	for (size_t i = 0; i < c->n_opts; i++) {
		const struct opt *o = &c->opts[i];

		if (name ? str_eq(o->name, name) : word[1] == o->letter && o->letter && !word[2])
			return o;
	}
	return NULL;
}

static const struct command *find_sub(const struct command *c, const char *name)
{
	for (const struct command *const *s = c->sub; s && *s; s++) {
		if (str_eq((*s)->name, name))
			return *s;
	}
	return NULL;
}

static void take_argument(struct completion *x, const char *word)
{
	const struct command *sub = find_sub(x->command, word);

	if (sub) {
		x->lxc = x->lxc || sub == &cmd_lxc;
		x->command = sub;
		return;
	}
	x->n_args++;
	x->only_args = x->only_args || x->command->order == OPT_STOP_AT_ARG;
}

static void take_word(struct completion *x, const char *word)
{
	const struct opt *o = NULL;

	if (x->value_of) {
		if (str_eq(x->value_of->name, "root"))
			x->root = word;
		else if (str_eq(x->value_of->name, "lxcpath"))
			x->lxcpath = word;
		x->value_of = NULL;
	} else if (x->only_args || word[0] != '-' || !word[1]) {
		take_argument(x, word);
	} else if (str_eq(word, "--")) {
		x->only_args = true;
	} else if (str_starts(word, "--root=")) {
		x->root = str_after(word, "--root=");
	} else if (str_starts(word, "--lxcpath=")) {
		x->lxcpath = str_after(word, "--lxcpath=");
	} else {
		o = find_option(x->command, word);
		x->value_of = o && o->kind != OPT_FLAG && o->kind != OPT_WORD ? o : NULL;
	}
}

/* ---- the word itself ---- */

static void offer(struct completion *x, const char *word, const char *candidate, const char *help)
{
	if (str_starts(candidate, word))
		strbuf_addf(&x->out, "%s\t%s\n", candidate, help ? help : "");
}

/* Those of LXC and of Proxmox VE that have a configuration, and a name that a container can have:
 * of another the shell might make a command. */
static void offer_lxc_names(struct completion *x, const char *word)
{
	char **names = NULL;

	if (lxc_name_list(x->lxcpath, &names) >= 0) {
		for (size_t i = 0; names[i]; i++) {
			if (lxc_convert_check_name(names[i]) >= 0)
				offer(x, word, names[i], "container");
		}
		strs_free(names);
	}
	err_clear();
}

/* ":files" and ":dirs" leave it to the shell, which knows best. */
static void offer_value(struct completion *x, const char *kind, const char *word)
{
	static const char *const dirs[] = { "DIR", "BUNDLE" };
	static const char *const files[] = { "FILE", "PATH", "TARGET", "CONFIG", "NAME|CONFIG" };

	if (x->lxc && strstr(kind, "NAME"))
		offer_lxc_names(x, word);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (str_starts(kind, dirs[i]))
			strbuf_add(&x->out, ":dirs\n");
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (str_starts(kind, files[i]))
			strbuf_add(&x->out, ":files\n");
	}
}

static void offer_options(struct completion *x, const char *word)
{
	const struct command *c = x->command;

	for (size_t i = 0; i < c->n_opts; i++) {
		autofree char *name = xasprintf("--%s", c->opts[i].name);

		if (!(c->opts[i].flags & OPT_HIDDEN))
			offer(x, word, name, c->opts[i].help);
	}
	offer(x, word, "--help", "show this help");
}

/* No state directory, or none of ours: then there is nothing to offer. */
static void offer_containers(struct completion *x, const char *word)
{
	autofd int root = FD_NONE;
	char **ids = NULL;

	if (store_open_root(x->root, false, &root) >= 0 && store_list(root, &ids) >= 0) {
		for (size_t i = 0; ids[i]; i++)
			offer(x, word, ids[i], "container");
		strs_free(ids);
	}
	err_clear();
}

/* "CONTAINER [SIGNAL]": the argument in this place, or the last if it may be repeated. */
static void offer_argument(struct completion *x, const char *word)
{
	autostrv struct strv args = { NULL, 0 };
	size_t n = x->n_args;

	strv_split(&args, x->command->args, " []");
	if (args.len && n >= args.len && str_ends(args.v[args.len - 1], "..."))
		n = args.len - 1;
	if (n >= args.len)
		return;
	if (str_starts(args.v[n], "CONTAINER"))
		offer_containers(x, word);
	else
		offer_value(x, args.v[n], word);
}

static void complete(struct completion *x, const char *word)
{
	const struct command *const *s = x->command->sub;

	if (x->value_of) {
		offer_value(x, x->value_of->value, word);
	} else if (word[0] == '-' && !x->only_args) {
		offer_options(x, word);
	} else if (s) {
		for (; *s; s++)
			offer(x, word, (*s)->name, (*s)->summary);
	} else {
		offer_argument(x, word);
	}
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	struct completion x = { .command = &cli_top, .root = rt->root };
	size_t n = strs_len(args);
	int r;

	(void) opts;
	for (size_t i = 0; i + 1 < n; i++)
		take_word(&x, args[i]);
	complete(&x, n ? args[n - 1] : "");
	r = out_text(strbuf_str(&x.out));
	strbuf_clear(&x.out);
	return r;
}

const struct command cmd_complete = {
	.name = "complete",
	.args = "[-- WORD...]",
	.summary = "print what may come next on a command line",
	.order = OPT_STOP_AT_ARG,
	.max_args = -1,
	.run = run,
};
