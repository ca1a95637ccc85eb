/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"

#include <getopt.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/suggest.h"

/* getopt values of options without a letter, and of --help, begin above all letters. */
#define OPT_LONG_BASE 256
#define OPT_HELP      255
#define HELP_COLUMN   34

static int opt_store_flag(const struct opt *o, bool *dst, const char *arg)
{
	if (!arg || str_eq(arg, "true") || str_eq(arg, "1"))
		*dst = true;
	else if (str_eq(arg, "false") || str_eq(arg, "0"))
		*dst = false;
	else
		return err_code(EINVAL, "option --%s: '%s' is neither true nor false", o->name,
				arg);
	return 0;
}

static int opt_store(const struct opt *o, void *opts, const char *arg)
{
	void *dst = (char *) opts + o->offset;
	int r;

	switch (o->kind) {
	case OPT_FLAG:
		return opt_store_flag(o, dst, arg);
	case OPT_STRING:
		*(const char **) dst = arg;
		return 0;
	case OPT_INT:
		r = str_to_int(arg, dst);
		if (r < 0 || *(int *) dst < 0)
			return err_code(EINVAL, "option --%s: '%s' is not a number", o->name, arg);
		return 0;
	case OPT_STRV:
		strv_add(dst, arg);
		return 0;
	case OPT_WORD:
		*(const char **) dst = arg ? arg : "";
		return 0;
	}
	return 0;
}

static int opt_find(const struct opt *table, size_t n, int c)
{
	if (c >= OPT_LONG_BASE)
		return c - OPT_LONG_BASE;
	for (size_t i = 0; i < n; i++) {
		if (table[i].letter == c)
			return (int) i;
	}
	return -1;
}

bool opt_known(const struct opt *table, size_t n, const char *word)
{
	size_t len;

	if (strncmp(word, "--", 2) != 0)
		return false;
	word += 2;
	len = strcspn(word, "=");
	for (size_t i = 0; i < n; i++) {
		if (strncmp(table[i].name, word, len) == 0 && !table[i].name[len])
			return true;
	}
	return false;
}

static int opt_unknown(const struct opt *table, size_t n, const char *word)
{
	size_t dashes = strspn(word, "-");
	autofree char *name = xstrndup(word + dashes, strcspn(word + dashes, "="));
	struct suggest nearest = { .word = name };
	autofree char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!(table[i].flags & OPT_HIDDEN))
			suggest_offer(&nearest, table[i].name);
	}
	nearest.best = best = nearest.best ? xasprintf("--%s", nearest.best) : NULL;
	return err_code(EINVAL, "unknown option %s%s", word, suggest_text(&nearest));
}

/*
 * What getopt found wrong: it names the option in optopt, or only in the word just read. podman
 * looks for "flag needs an argument" to find out whether an option is known.
 */
static int opt_complain(const struct opt *table, size_t n, int c, char **argv)
{
	int i = optopt > 0 ? opt_find(table, n, optopt) : -1;

	if (c == ':' && i >= 0)
		return err_code(EINVAL, "flag needs an argument: --%s", table[i].name);
	if (optopt > 0 && optopt < OPT_HELP)
		return err_code(EINVAL, "unknown option -%c", optopt);
	return opt_unknown(table, n, argv[optind - 1]);
}

int opt_parse(const struct opt *table, size_t n, void *opts, enum opt_order order, char **argv,
	      bool *ret_help)
{
	autofree struct option *longs = xnew_n(struct option, n + 2);
	autostrbuf struct strbuf shorts = STRBUF_INIT;
	int argc = (int) strs_len(argv), c;

	strbuf_add(&shorts, order == OPT_STOP_AT_ARG ? "+:h" : ":h");
	for (size_t i = 0; i < n; i++) {
		longs[i].name = table[i].name;
		longs[i].has_arg = table[i].kind == OPT_FLAG || table[i].kind == OPT_WORD
					   ? optional_argument
					   : required_argument;
		longs[i].val = OPT_LONG_BASE + (int) i;
		if (table[i].letter) {
			strbuf_add_c(&shorts, table[i].letter);
			if (table[i].kind != OPT_FLAG)
				strbuf_add(&shorts, table[i].kind == OPT_WORD ? "::" : ":");
		}
	}
	longs[n] = (struct option){ "help", no_argument, NULL, OPT_HELP };

	*ret_help = false;
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, strbuf_str(&shorts), longs, NULL)) != -1) {
		int i, r;

		if (c == 'h' || c == OPT_HELP) {
			*ret_help = true;
			return optind;
		}
		i = c == '?' || c == ':' ? -1 : opt_find(table, n, c);
		if (i < 0)
			return opt_complain(table, n, c, argv);
		r = opt_store(&table[i], opts, optarg);
		if (r < 0)
			return r;
	}
	return optind;
}

void opt_clear(const struct opt *table, size_t n, void *opts)
{
	for (size_t i = 0; i < n; i++) {
		if (table[i].kind == OPT_STRV)
			strv_clear((struct strv *) ((char *) opts + table[i].offset));
	}
}

void opt_help(struct strbuf *out, const struct opt *table, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = &table[i];
		autofree char *left = NULL;

		if (o->flags & OPT_HIDDEN)
			continue;
		left = xasprintf("%c%c%s --%s%s%s", o->letter ? '-' : ' ',
				 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
				 o->value ? " " : "", o->value ? o->value : "");
		strbuf_addf(out, "   %-*s %s\n", HELP_COLUMN, left, o->help);
	}
	strbuf_addf(out, "   %-*s %s\n", HELP_COLUMN, "-h, --help", "show this help");
}
