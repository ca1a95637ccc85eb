/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CONLOG_H
#define HAKO_RUNTIME_CONLOG_H

/* What a container writes to its console, kept: in a file, with a cap, and the last of it in
 * memory (org.hako.console.logfile, size, rotate, buffer). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct annotations;

struct conlog {
	char *path; /* NULL = no file */
	int fd;
	uint64_t size; /* of the file; 0 = no cap */
	uint64_t len;
	bool device; /* a character device, which has neither size nor another name */
	bool rotate; /* at the cap the file becomes PATH.1; else it begins anew */
	char *ring;
	size_t ring_size; /* 0 = none */
	size_t ring_end, ring_len;
};
#define CONLOG_INIT           \
	{                     \
		.fd = -EBADF, \
	}

/* Is anything to be kept? Then it must be opened. */
bool conlog_wanted(const struct annotations *a);
/* 0 or -errno recorded. The file is appended to, mode 0640; a link is not followed, neither here
 * nor when the log is rotated, and a fifo is refused. Nothing waits for a device. */
int conlog_open(struct conlog *log, const struct annotations *a);
/* A file that cannot be written is given up, with one warning. */
void conlog_write(struct conlog *log, const char *data, size_t len);
/* What is in memory, heap; *ret_len may be 0. */
char *conlog_buffer(const struct conlog *log, size_t *ret_len);
void conlog_close(struct conlog *log);

#endif
