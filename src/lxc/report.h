/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_REPORT_H
#define HAKO_LXC_REPORT_H

/*
 * What became of each source line: kept, changed and how, dropped and why, refused, not yet mapped;
 * with the JSON pointers written for it. The parser already accounts for lines that were replaced,
 * cleared, ignored or refused. The mapping accounts for every live one, and report_finish() checks
 * that it did: a line that nobody spoke for is a bug, not a silent loss.
 *
 * Calls may repeat for a line (several values, several places): pointers and notes add up, the
 * gravest verdict counts. Positions with line 0 (defaults) are accepted and ignored, so that a
 * mapping need not ask. Pointers are RFC 6901: report_pointer() escapes a variable part ("~" and
 * "/").
 */

#include <stdbool.h>

#include "lxc/diag.h"
#include "lxc/model.h"

enum lxc_verdict {
	LXC_V_NONE,
	LXC_V_KEPT,
	LXC_V_OVERRIDDEN, /* no effect in LXC either: replaced or cleared by a later line */
	LXC_V_CHANGED,
	LXC_V_DROPPED,
	LXC_V_UNMAPPED, /* known, not carried by this version: an error under --strict */
	LXC_V_REFUSED,
};

/* "kept", ..., and the escape sequence that a terminal shows it with. */
const char *report_verdict_word(enum lxc_verdict v);
const char *report_verdict_colour(enum lxc_verdict v);

struct lxc_report;
struct oci_config;

/* The configuration is borrowed and must outlive the report. */
struct lxc_report *report_new(const struct lxc_config *c);
void report_free(struct lxc_report *r);
DEFINE_FREEP(struct lxc_report *, report_free)

/* Carried exactly. pointer may be NULL (nothing to write: the default already is what it says);
 * note may be. */
void report_kept(struct lxc_report *r, struct lxc_pos pos, const char *pointer, const char *note);
/* Carried with a difference, which the text names. */
void report_changed(struct lxc_report *r, struct lxc_pos pos, const char *pointer, const char *fmt,
		    ...) __attribute__((format(printf, 4, 5)));
void report_dropped(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void report_unmapped(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void report_refused(struct lxc_report *r, struct lxc_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Written without a line: LXC's default world, and why. */
void report_added(struct lxc_report *r, const char *pointer, const char *why);

/* printf for a pointer in which each %s argument is escaped; only %s, %zu and %% are allowed. Heap.
 */
char *report_pointer(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Closes the account. Lines of keys that the table marks as not yet mapped, and that nobody spoke
 * for, become LXC_V_UNMAPPED; every unmapped line gets LXC-W002 in d; lines with an error in d
 * become LXC_V_REFUSED. Any other line without a verdict is a bug: -EPROTO with the place recorded.
 */
int report_finish(struct lxc_report *r, struct lxc_diag *d);

/*
 * Finds for every value of the document where it comes from: the lines whose pointer leads to it or
 * to what holds it, the longest pointer first, or else one of LXC's defaults. Pointers of lines
 * that lead nowhere (a value that is the default and not written) are forgotten. Before the report
 * is printed, once.
 */
void report_trace(struct lxc_report *r, const struct oci_config *oci);
/* "config:3, base.conf:7": the lines of what a pointer leads to, after report_trace(); nothing for
 * a default. */
void report_sources(const struct lxc_report *r, const char *pointer, struct strbuf *out);
/* A value that neither a line nor a known default explains, or NULL: for tests. */
const char *report_unexplained(const struct lxc_report *r);

enum lxc_verdict report_verdict(const struct lxc_report *r, struct lxc_pos pos);
/* Counts of lines per verdict, indexed by enum lxc_verdict. */
void report_counts(const struct lxc_report *r, size_t counts[LXC_V_REFUSED + 1]);

/* Text: one line per source line (colour = ANSI colours for the verdict), then what was added, then
 * the diagnostics, then a summary. Deterministic. */
void report_format_text(const struct lxc_report *r, const struct lxc_diag *d, bool colour,
			struct strbuf *out);
/*
 * One JSON object: files; lines, each with its verdict and the pointers of what was written for it;
 * added; values, each with the lines or the default it comes from (after report_trace()), in the
 * order of config.json; diagnostics; summary. Deterministic.
 */
void report_format_json(const struct lxc_report *r, const struct lxc_diag *d, struct strbuf *out);

#endif
