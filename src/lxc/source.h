/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_SOURCE_H
#define HAKO_LXC_SOURCE_H

/*
 * The files of a configuration: found, opened by descriptor, bounded. Reporting layer: a failure
 * records its reason without a place, because only the parser knows which line asked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"
#include "lxc/lxc.h"

/* LXC's own limit is 2 GiB a file and no end of includes. The largest real file seen has 900 lines.
 */
#define SOURCE_MAX_FILE	 (1U << 20)
#define SOURCE_MAX_TOTAL (4U << 20)
#define SOURCE_MAX_FILES 1000
#define SOURCE_MAX_DEPTH 16

struct source {
	char *text; /* NUL-terminated, may hold NULs */
	size_t len;
	dev_t dev; /* identity, to notice a file that includes itself */
	ino_t ino;
	struct lxc_access access; /* of source_read_main(): with what rights the rest is read */
};
void source_clear(struct source *s);
#define autosource __attribute__((cleanup(source_clear)))

/*
 * The path that a configuration means: absolute ones cleaned, relative ones below cwd (with
 * *ret_relative set). A trailing slash is kept. Heap.
 */
char *source_resolve(const char *cwd, const char *path, bool *ret_relative);

/* Opens what a configuration names. Regular files and directories only, looked at before they are
 * opened: a device may act on that, a FIFO hold us up. Descriptor or -errno. */
int source_open(const struct lxc_access *access, const char *path);
/* Opens and reads one regular file of at most max bytes. 0 or -errno. */
int source_read(const struct lxc_access *access, const char *path, size_t max, struct source *ret);
/* Reads the configuration itself, which the user named: pipes are fine, no include_root. When it
 * is somebody else's (or the link to it is), with his rights. */
int source_read_main(const char *path, struct source *ret);
/* The names in an open directory that LXC would include, sorted bytewise. fd is borrowed. */
int source_list_dir(int fd, struct strv *ret);
/* Reads from an open descriptor. 0 or -errno. */
int source_read_fd(int fd, const char *path, size_t max, struct source *ret);

#endif
