/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CHECK_H
#define HAKO_RUNTIME_CHECK_H

/*
 * `check`: what is wrong with a bundle, and what keeps this host from running it. Everything is
 * named, not only the first; nothing is made, entered or written.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct launch;
struct runtime_opts;

enum check_level {
	CHECK_NOTE,    /* good to know: a field that nobody reads */
	CHECK_WARNING, /* it would run, but not in all as asked for */
	CHECK_ERROR,
};

enum check_about {
	CHECK_CONFIG, /* the document; the same on every machine */
	CHECK_HOST,
};

struct check_finding {
	enum check_level level;
	enum check_about about;
	char *path; /* JSON path; "" where there is none */
	char *text;
};

struct check_report {
	char *bundle; /* absolute, or as given when there is none */
	struct check_finding *v;
	size_t len;
	size_t errors, warnings;
};

/*
 * bundle may be NULL (the current directory), so may config (config.json). Errors are findings; the
 * record is clear afterwards. *ret must be zeroed.
 */
void check_bundle(const struct runtime_opts *rt, const char *bundle, const char *config,
		  struct check_report *ret);
void check_report_clear(struct check_report *report);

/* A line each, then a summary. */
void check_format_text(const struct check_report *report, struct strbuf *out);
/* One object, one line. */
void check_format_json(const struct check_report *report, struct strbuf *out);

/* For check_host.c. "PATH: text"; what is there already is not added again. */
void check_add(struct check_report *report, enum check_level level, enum check_about about,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The current error record, which it clears. */
void check_add_record(struct check_report *report, enum check_about about);
/* Looks at the host for a container that is planned. */
void check_host(struct check_report *report, const struct launch *l);

#endif
