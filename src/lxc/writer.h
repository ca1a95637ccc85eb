/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_WRITER_H
#define HAKO_LXC_WRITER_H

/* Makes the directory of a bundle or of a configuration. */

#include <stddef.h>
#include <sys/types.h>

struct oci_config;
struct lxc_report;
struct lxc_diag;

struct writer_file {
	const char *name; /* without a directory */
	const char *text; /* NULL: an empty directory */
};

/* Which directory it was: the name may lead elsewhere later. */
struct writer_made {
	dev_t dev;
	ino_t ino;
};

/*
 * Creates the directory (which must not exist; its parent must) with the files. All or nothing: it
 * is filled under another name and renamed, so that nobody ever sees half of it and nothing is left
 * when something fails. Nothing is overwritten. 0 or -errno, reported.
 */
int lxc_writer_dir(const char *dir, const struct writer_file *files, size_t len,
		   struct writer_made *ret);

/* Could it be made? Asked before there is much to say about its content. 0 or -errno, reported. */
int lxc_writer_check(const char *dir);
/* Takes back what was made a moment ago, if that is what has the name still. */
void lxc_writer_undo(const char *dir, const struct writer_made *made);

/* The same with config.json, the report beside it (report.json; NULL: none) and the text of an
 * AppArmor profile (NULL: none). */
int lxc_writer_bundle(const char *dir, const struct oci_config *config,
		      const struct lxc_report *report, const struct lxc_diag *diag,
		      const char *apparmor, struct writer_made *ret);

#endif
