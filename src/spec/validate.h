/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_VALIDATE_H
#define HAKO_SPEC_VALIDATE_H

/*
 * Rules of runtime-spec 1.3 that a schema cannot say: between fields, about the form of texts,
 * about lists without duplicates. Pure: nothing on the host is looked at. A finding is one line
 * that begins with the JSON path: "linux.namespaces[2].type: 'pid' is listed twice".
 */

#include "ocispec.h"

enum validate_level {
	VALIDATE_WARNING, /* started nevertheless: unknown capabilities, fields without effect */
	VALIDATE_ERROR,
};
typedef void (*validate_fn)(void *arg, enum validate_level level, const char *text);

/* Gives every finding to fn; returns the number of errors among them. */
int validate_config_all(const struct oci_config *config, validate_fn fn, void *arg);

/* Records the first error, with EINVAL; warnings are logged, but for those of capabilities, which
 * linux/caps.c gives. 0 or -EINVAL. */
int validate_config(const struct oci_config *config);
/* The same for the document of exec --process, and for the resources of update. */
int validate_process(const struct oci_process *process);
int validate_resources(const struct oci_resources *resources);

/* "1.0.0" up to but not including "2": what we can read. */
bool validate_version_ok(const char *version);
/* The names of capabilities that we know, CAP_CHOWN first: index = number of the capability. */
extern const char *const validate_capability_names[];
extern const unsigned int validate_capability_count;

#endif
