/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_VALIDATE_RULES_H
#define HAKO_SPEC_VALIDATE_RULES_H

/* Between the validate*.c files only. */

#include "ocispec.h"

#include "spec/validate.h"

struct validator {
	validate_fn fn;
	void *arg;
	int errors;
	bool all; /* every finding is wanted, also what a mechanism will say when it gets there */
};

/* One finding; the text begins with the JSON path: "mounts[3].destination: must not be empty". */
void rule_error(struct validator *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rule_warn(struct validator *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Complains unless path begins with '/'. */
void rule_absolute(struct validator *v, const char *where, const char *path);
/* The same for each of a list. */
void rule_absolute_all(struct validator *v, const char *where, char *const *paths, size_t len);

/* "0-3,7": digits, commas, dashes and blanks, as the kernel's list format has them. */
bool rule_is_cpu_list(const char *s);
/* What the kernel takes as the name of a network device. */
bool rule_is_ifname(const char *s);
/* Both sides of id mappings: count, sizes, ends, overlaps. where is the path of the list. */
void rule_mappings(struct validator *v, const char *where, const struct oci_id_mapping *m,
		   size_t len);

void rules_process(struct validator *v, const struct oci_process *p);
void rules_linux(struct validator *v, const struct oci_config *c);
/* where: "linux.resources", or "" for the document of update. */
void rules_resources(struct validator *v, const char *where, const struct oci_resources *r);
void rules_seccomp(struct validator *v, const struct oci_seccomp *s,
		   const struct oci_map *annotations);

#endif
