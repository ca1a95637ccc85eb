/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_EFFECTS_H
#define HAKO_LXC_EFFECTS_H

/*
 * What a document does to a container, as named values: the order of an environment, of mounts or
 * of a list of capabilities is no effect, the capability is. And the differences of two documents
 * in these terms. Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct lxc_report;
struct oci_config;

struct effect {
	char *name; /* "mount /proc", "capability sys_time", or a JSON pointer */
	char *value;
	char *pointer; /* where it comes from */
};

struct effects {
	struct effect *v;
	size_t len;
};

/* In the order of the document; what has the same name is one effect with all its values. */
void effects_collect(const struct oci_config *oci, struct effects *ret);
void effects_clear(struct effects *e);

/* One side of a comparison. report may be NULL: then no lines are named. */
struct effects_side {
	const struct effects *effects;
	const struct lxc_report *report;
};

/* Differences as text, one a line, in the order of a, then what only b has; or as a JSON object
 * {differences, summary}. The number of differences. */
size_t effects_diff_text(const struct effects_side *a, const struct effects_side *b, bool colour,
			 struct strbuf *out);
size_t effects_diff_json(const struct effects_side *a, const struct effects_side *b,
			 struct strbuf *out);

#endif
