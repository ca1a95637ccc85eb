/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_DIAG_H
#define HAKO_LXC_DIAG_H

/*
 * Collected diagnostics. Parsing and mapping go on after an error where that is safe, so that one
 * run names everything that is wrong; nobody writes a bundle while diag_result() is negative.
 *
 * A code is "LXC-E003", "LXC-W250" or "LXC-I105": the letter is the severity. Strict mode turns W
 * into E (the code keeps its number: LXC-W250 is then shown as LXC-E250).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lxc/model.h"

enum lxc_severity { LXC_SEV_INFO, LXC_SEV_WARN, LXC_SEV_ERROR };

struct lxc_diag_entry {
	char code[9];
	enum lxc_severity severity;
	bool promoted; /* a warning that strict mode made an error */
	struct lxc_pos pos;
	char *file; /* the position's file, copied; NULL when line is 0 */
	char *key;  /* or NULL */
	char *text;
	char *hint; /* what to write instead, which option decides; or NULL */
};

struct lxc_diag {
	bool strict;		       /* set by the caller before use */
	const struct lxc_files *files; /* borrowed, set by the parser: resolves positions */
	struct lxc_diag_entry *v;
	size_t len;
	size_t errors;
	size_t warnings;
};

/* Zero-initialised is empty and valid. */
void diag_clear(struct lxc_diag *d);
#define autodiag __attribute__((cleanup(diag_clear)))

/*
 * Adds one, unless it equals one of the last 64 in code, position, key and text. Returns -EINVAL
 * if it counts as an error (so that "return diag_add(...)" works), else 0. Text that came from the
 * input is made printable. More than 1000 errors end with one entry that says so.
 */
int diag_add(struct lxc_diag *d, const char *code, struct lxc_pos pos, const char *key,
	     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Completes the entry added last. */
void diag_hint(struct lxc_diag *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* 0, or records the first error as the current error ("config:12: lxc.cap.drop: unknown capability
 * 'foo'", with "(and 2 more)" when there are) and returns -EINVAL. */
int diag_result(const struct lxc_diag *d);

/*
 * One line without its end: "config:12: lxc.cap.drop: unknown capability 'foo' (hint)"; warnings
 * and notes carry the word behind the place. with_code adds " [LXC-E003]".
 */
void diag_format(const struct lxc_diag_entry *e, bool with_code, struct strbuf *out);
/* All of them, in the order of the input, one a line. */
void diag_format_all(const struct lxc_diag *d, struct strbuf *out);
/* A JSON array of objects: code, severity, file, line, key, text, hint. */
void diag_format_json(const struct lxc_diag *d, struct strbuf *out);

/* Text of the input for a terminal: control characters, and all bytes >= 0x80 if it is not UTF-8,
 * as \xNN. Heap. */
char *diag_printable(const char *s);

/* What a code means, why it is said and what to do about it. */
struct diag_words {
	const char *number; /* severity letter and number: "W250" */
	const char *text, *why, *todo;
};
/* Of a code (either letter), or NULL. */
const struct diag_words *diag_explain(const char *code);
/* All of them, NULL behind the last. */
const struct diag_words *diag_words(size_t i);

#endif
