/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CLI_OPT_H
#define HAKO_CLI_OPT_H

/*
 * Options as data. A command declares a struct for its options and a table of rows that say where
 * in the struct each value goes; parsing, --help and the check against man pages read the same
 * table.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum opt_kind {
	OPT_FLAG,   /* bool; --x, --x=true, --x=false */
	OPT_STRING, /* const char * into argv */
	OPT_INT,    /* int, not negative */
	OPT_STRV,   /* struct strv; may be repeated */
	OPT_WORD,   /* const char *; -xWORD, --x=WORD, or "" without one */
};

enum opt_flags {
	OPT_HIDDEN = 1, /* accepted for callers of other runtimes, not advertised */
};

struct opt {
	const char *name; /* "console-socket" */
	char letter;	  /* 0 = none */
	enum opt_kind kind;
	size_t offset;	   /* in the options struct */
	const char *value; /* name of the argument for --help, NULL for flags */
	const char *help;
	int flags;
};

enum opt_order {
	OPT_STOP_AT_ARG, /* what follows the first argument is the arguments' own */
	OPT_ANYWHERE,	 /* options may follow arguments */
};

/*
 * Parses argv[1..] into the zeroed struct opts. Returns the index of the first argument in argv
 * (which may have been permuted), or -EINVAL with the error recorded. -h/--help is always known: it
 * sets *ret_help and parsing stops.
 */
int opt_parse(const struct opt *table, size_t n, void *opts, enum opt_order order, char **argv,
	      bool *ret_help);
/* Is "--name" or "--name=value" an option of the table? */
bool opt_known(const struct opt *table, size_t n, const char *word);
/* Frees vectors inside the struct. */
void opt_clear(const struct opt *table, size_t n, void *opts);
/* Aligned lines of the table for --help. */
void opt_help(struct strbuf *out, const struct opt *table, size_t n);

#endif
