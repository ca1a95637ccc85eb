/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_REPORT_INTERNAL_H
#define HAKO_LXC_REPORT_INTERNAL_H

/* Shared by the report*.c files. */

#include "base/str.h"
#include "lxc/report.h"

/* What became of one line. */
struct report_row {
	enum lxc_verdict verdict;
	struct strv pointers;
	struct strv notes;
};

struct report_added_value {
	char *pointer;
	char *why;
};

/* Who says that he wrote what a pointer leads to: a line, or the mapping itself (why). */
struct report_claim {
	char *pointer;
	const char *why;
	size_t line; /* index into c->lines */
	bool used;   /* it leads to a value */
	bool listed; /* it stands in values */
};

/* A part of the document whose values all come from the same place: a claim or a default. */
struct report_value {
	const struct report_claim *claim; /* the first of that pointer */
	char *pointer;
	const char *why;
};

struct lxc_report {
	const struct lxc_config *c;
	struct report_row *rows; /* one per c->lines */
	struct {
		struct report_added_value *v;
		size_t len;
	} added;
	struct { /* by report_trace(): sorted by pointer, lines first */
		struct report_claim *v;
		size_t len;
	} claims;
	struct { /* in the order of the document */
		struct report_value *v;
		size_t len;
	} values;
};

void report_trace_clear(struct lxc_report *r);
/* The member "values" of the JSON report; nothing before report_trace(). */
void report_format_values(const struct lxc_report *r, struct strbuf *out);

#endif
