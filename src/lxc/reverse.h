/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_REVERSE_H
#define HAKO_LXC_REVERSE_H

/*
 * The way back: an OCI document as a configuration of LXC 7, with an account of every value. Pure
 * but for what the host is asked.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "lxc/map.h"
#include "lxc/report.h"

struct oci_config;

struct lxc_reverse_opts {
	const char *bundle;	     /* absolute: relative paths of the document start there */
	const char *name;	     /* of the container; NULL: see lxc_reverse_name() */
	const char *dir;	     /* absolute: where config and seccomp will be */
	const struct strv *allow;    /* JSON pointers whose loss is accepted; may be NULL */
	bool strict;		     /* any loss refuses */
	const struct lxc_host *host; /* path_kind is asked; may be NULL */
};

/* What became of a value and of everything below it. */
struct lxc_reverse_row {
	char *pointer;
	enum lxc_verdict verdict; /* KEPT, CHANGED, DROPPED or REFUSED */
	struct strv lines;	  /* numbers of lines of the configuration */
	struct strv notes;
	bool listed;
};

struct lxc_reverse_result {
	char *name;
	char *config;
	char *seccomp; /* text of the profile, NULL when there is none */
	struct {
		struct lxc_reverse_row *v;
		size_t len;
	} rows; /* in the order of the document */
	size_t counts[LXC_V_REFUSED + 1];
};

/*
 * 0, or -EINVAL with the first refused value recorded: something that confines the container cannot
 * be said in LXC's language and allow does not name it, or strict and something is lost. *ret must
 * be zeroed; the rows are complete on every return.
 */
int lxc_reverse(const struct oci_config *oci, const struct lxc_reverse_opts *opts,
		struct lxc_reverse_result *ret);
/* opts->name, else the name of org.hako.source, else the bundle's directory's. Heap. */
char *lxc_reverse_name(const struct oci_config *oci, const struct lxc_reverse_opts *opts);
void lxc_reverse_clear(struct lxc_reverse_result *result);

/* One line per value, or one JSON object {rows, summary}. Deterministic. */
void lxc_reverse_format_text(const struct lxc_reverse_result *result, bool colour,
			     struct strbuf *out);
void lxc_reverse_format_json(const struct lxc_reverse_result *result, struct strbuf *out);

#endif
