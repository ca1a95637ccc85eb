/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CONLOG_H
#define HAKO_RUNTIME_CONLOG_H

/* What a container writes to its console, kept: in a file, with a cap, and the last of it in
 * memory (org.hako.console.logfile, size, rotate, buffer). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct annotations;
struct stat;

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

/*
 * Opens what a console writes to, with O_WRONLY or O_RDWR: a file, made with mode 0640, or a
 * character device; it is appended to, and never waited for. The directory may be one that others
 * write to: a link is not followed (-ELOOP), and what is neither of both is refused (-EINVAL).
 * The descriptor or -errno; quiet.
 */
int conlog_open_sink(const char *path, int access, struct stat *ret_st);
/* Records what a failure of it means, and returns it. */
int conlog_explain_sink(int r, const char *what, const char *path);

/* Is anything to be kept? Then it must be opened. */
bool conlog_wanted(const struct annotations *a);
/* 0 or -errno recorded. The file is a sink as above, here and when the log is rotated. */
int conlog_open(struct conlog *log, const struct annotations *a);
/* The same of a file alone. */
int conlog_open_file(struct conlog *log, const char *path);
/* A file that cannot be written is given up, with one warning. */
void conlog_write(struct conlog *log, const char *data, size_t len);
/* What is in memory, heap; *ret_len may be 0. */
char *conlog_buffer(const struct conlog *log, size_t *ret_len);
void conlog_close(struct conlog *log);

#endif
