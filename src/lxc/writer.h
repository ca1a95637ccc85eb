/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_WRITER_H
#define HAKO_LXC_WRITER_H

/* Makes a bundle directory. */

struct oci_config;
struct lxc_report;
struct lxc_diag;

/*
 * Creates the directory (which must not exist; its parent must) with config.json and the report
 * beside it (report.json). All or nothing: it is filled under another name and renamed, so that
 * nobody ever sees half a bundle and nothing is left when something fails. Nothing is overwritten.
 * 0 or -errno, reported.
 */
int lxc_writer_bundle(const char *dir, const struct oci_config *config,
		      const struct lxc_report *report, const struct lxc_diag *diag);

#endif
