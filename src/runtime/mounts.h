/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_MOUNTS_H
#define HAKO_RUNTIME_MOUNTS_H

/* Mounts of a container that runs already. */

struct runtime_opts;

enum mounts_verb { MOUNTS_ADD, MOUNTS_REMOVE };

/*
 * file is a JSON array as the field mounts of config.json ("-" is standard input). Added are all,
 * with the rules of create, or none. Removed is, from the last to the first, what is mounted at
 * each destination; an entry of which nothing is mounted ends it with an error. 0 or -errno
 * recorded.
 */
int mounts_change(const struct runtime_opts *rt, const char *id, const char *file,
		  enum mounts_verb verb);

#endif
