/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_CONVERT_H
#define HAKO_LXC_CONVERT_H

/* The whole way from a file to a bundle: parse, map, close the report, write. */

#include <stdbool.h>

#include "lxc/diag.h"
#include "lxc/lxc.h"
#include "lxc/map.h"
#include "lxc/report.h"
#include "lxc/writer.h"

struct oci_config;

/* Zero-initialised but for config: intent mode, for hako, on this host, nothing written. */
struct lxc_convert_opts {
	const char *config;	 /* the file to read */
	const char *name;	 /* of the container; NULL: see lxc_convert_name() */
	struct lxc_opts parse;	 /* parse.mode decides for the mapping too */
	struct lxc_map_opts map; /* mode and name are taken from above; host NULL: lxc_host_real */
	bool strict;		 /* warnings refuse */
	const char *output;	 /* bundle directory to make; NULL: none */
};

struct lxc_convert_result {
	char *name;		   /* the container's */
	struct lxc_diag diag;	   /* complete on every return */
	struct lxc_config *config; /* NULL when the file could not be read as a whole */
	struct lxc_report *report; /* likewise */
	struct oci_config *oci;	   /* only on success */
	bool strict_only;	   /* refused, but only because of strict */
	struct writer_made made;   /* the bundle */
};

/*
 * 0, or -errno with the first error recorded. *ret must be zeroed; it is filled as far as things
 * went and to be cleared in any case. A bundle is written only when everything went well.
 */
int lxc_convert(const struct lxc_convert_opts *opts, struct lxc_convert_result *ret);
void lxc_convert_clear(struct lxc_convert_result *result);
/* The exit status that the catalogue gives: 0 converted, 1 refused by --strict alone, 2 refused. */
int lxc_convert_status(int r, const struct lxc_convert_result *result);
/* "/var/lib/lxc/NAME/config" is NAME; else the file's name without ".conf". Heap. */
char *lxc_convert_name(const char *config);
/* It becomes part of a cgroup's path and of the container's id. 0 or -EINVAL, reported. */
int lxc_convert_check_name(const char *name);

#endif
