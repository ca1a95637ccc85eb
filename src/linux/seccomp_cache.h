/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_SECCOMP_CACHE_H
#define HAKO_LINUX_SECCOMP_CACHE_H

/*
 * Compiled filters, kept: compiling a profile of some hundred rules costs more than all the rest of
 * a start. The name of an entry is the SHA-256 of all that decides its content: the document, the
 * options, the machine, this build and the libraries installed. Who could exchange one could weaken
 * every container, so an entry is trusted only if
 *
 *   - its directory, and the file itself, are ours and nobody else may write to them;
 *   - it is a plain file with one name, opened without following links;
 *   - it holds the key it is named after, and the SHA-256 of its own content fits.
 *
 * Everything else is as if it were not there: the filter is compiled, and replaces the entry.
 */

struct oci_seccomp;
struct seccomp_program;

/*
 * As seccomp_filter_build(), by way of the directory ".seccomp" below dir_fd (the state root;
 * FD_NONE: no cache). A cache that cannot be used is no error.
 */
int seccomp_cache_build(int dir_fd, const struct oci_seccomp *seccomp, int options,
			struct seccomp_program *ret);

#endif
