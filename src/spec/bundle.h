/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_SPEC_BUNDLE_H
#define HAKO_SPEC_BUNDLE_H

/*
 * A bundle directory and its config.json. The document is trusted (whoever writes it decides what
 * runs), what lies below the root filesystem is not: that is left as a descriptor, never as text to
 * build on.
 */

#include "ocispec.h"

#include "spec/annotations.h"

#define BUNDLE_CONFIG_MAX (64u << 20)

struct bundle {
	char *path; /* absolute and clean; links untouched */
	int fd;	    /* the directory, O_PATH */
	struct oci_config *config;
	char *json; /* the document as it was read, for whoever keeps a copy */
	size_t json_len;
	struct annotations annotations;
	char *rootfs;  /* root.path as absolute text, for state and messages; NULL without root */
	int rootfs_fd; /* O_PATH directory, or FD_NONE without root */
};
#define BUNDLE_INIT                               \
	{                                         \
		.fd = -EBADF, .rootfs_fd = -EBADF \
	}

/*
 * Opens the directory and parses its document; nothing is judged yet and rootfs stays closed (for
 * the command that lists all findings). config_name replaces "config.json": relative to the bundle,
 * or absolute; NULL for the default. 0 or -errno, reported; on failure *ret is empty but clearable.
 */
int bundle_open(const char *path, const char *config_name, struct bundle *ret);
/* Opens root.path, which is relative to the bundle. Nothing to do without root. 0 or -errno,
 * reported. */
int bundle_open_rootfs(struct bundle *bundle);
/* All of it: open, validate_config, annotations_parse, open the root filesystem (which stays closed
 * when there are pre-start hooks: they may have to make it). 0 or -errno, reported. */
int bundle_load(const char *path, const char *config_name, struct bundle *ret);
/* The same for a document that is not in a file of the bundle. json is copied. */
int bundle_load_text(const char *path, const char *json, struct bundle *ret);
void bundle_clear(struct bundle *bundle);

/* Other documents from files, relative to the working directory, or from stdin for "-"; parsed and
 * validated. 0 or -errno, reported. */
int bundle_read_process(const char *file, struct oci_process **ret);
int bundle_read_resources(const char *file, struct oci_resources **ret);

#endif
