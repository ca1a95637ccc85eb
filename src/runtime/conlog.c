/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/conlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/fd.h"
#include "spec/annotations.h"

bool conlog_wanted(const struct annotations *a)
{
	return a->console_logfile || a->console_buffer;
}

int conlog_open_sink(const char *path, int access, struct stat *ret_st)
{
	const int flags = O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	autofd int fd = open(path, access | flags, 0640);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISCHR(ret_st->st_mode) && !S_ISREG(ret_st->st_mode))
		return -EINVAL;
	return take_fd(&fd);
}

int conlog_explain_sink(int r, const char *what, const char *path)
{
	if (r == -ELOOP)
		return err_code(ELOOP, "%s '%s' is a link, which is not followed", what, path);
	if (r == -EINVAL)
		return err_code(EINVAL, "%s '%s' is neither a file nor a device", what, path);
	return err_sys_r(r, "open %s '%s'", what, path);
}

static int open_file(struct conlog *log)
{
	struct stat st;
	int fd = conlog_open_sink(log->path, O_WRONLY, &st);

	if (fd < 0)
		return fd;
	log->fd = fd;
	log->len = (uint64_t) st.st_size;
	log->device = S_ISCHR(st.st_mode);
	return 0;
}

int conlog_open_file(struct conlog *log, const char *path)
{
	int r;

	*log = (struct conlog) CONLOG_INIT;
	log->path = xstrdup(path);
	r = open_file(log);
	return r < 0 ? conlog_explain_sink(r, "terminal log", log->path) : 0;
}

int conlog_open(struct conlog *log, const struct annotations *a)
{
	int r;

	*log = (struct conlog) CONLOG_INIT;
	log->size = a->console_size;
	log->rotate = a->console_rotate;
	log->ring_size = a->console_buffer;
	if (log->ring_size)
		log->ring = xcalloc(1, log->ring_size);
	if (!a->console_logfile)
		return 0;
	log->path = xstrdup(a->console_logfile);
	r = open_file(log);
	return r < 0 ? conlog_explain_sink(r, "console log", log->path) : 0;
}

static int start_anew(struct conlog *log)
{
	autofree char *old = xasprintf("%s.1", log->path);

	if (!log->rotate) {
		log->len = 0;
		return ftruncate(log->fd, 0) < 0 ? -errno : 0;
	}
	if (rename(log->path, old) < 0)
		return -errno;
	fd_close(&log->fd);
	return open_file(log);
}

static void write_file(struct conlog *log, const char *data, size_t len)
{
	int r = 0;

	if (log->size && !log->device && log->len && log->len + len > log->size)
		r = start_anew(log);
	if (r >= 0)
		r = fd_write_full(log->fd, data, len);
	if (r >= 0) {
		log->len += len;
		return;
	}
	(void) err_sys_r(r, "write '%s'", log->path);
	err_warn(r, "console log given up");
	fd_close(&log->fd);
}

static void keep(struct conlog *log, const char *data, size_t len)
{
	if (len > log->ring_size) {
		data += len - log->ring_size;
		len = log->ring_size;
	}
	for (size_t done = 0; done < len;) {
		size_t room = log->ring_size - log->ring_end;
		size_t n = len - done < room ? len - done : room;

		memcpy(log->ring + log->ring_end, data + done, n);
		log->ring_end = (log->ring_end + n) % log->ring_size;
		done += n;
	}
	log->ring_len = log->ring_len + len < log->ring_size ? log->ring_len + len : log->ring_size;
}

void conlog_write(struct conlog *log, const char *data, size_t len)
{
	if (log->ring_size)
		keep(log, data, len);
	if (log->fd >= 0)
		write_file(log, data, len);
}

char *conlog_buffer(const struct conlog *log, size_t *ret_len)
{
	char *copy = xcalloc(1, log->ring_len + 1);
	size_t begin, first;

	*ret_len = log->ring_len;
	if (!log->ring_len)
		return copy;
	begin = (log->ring_end + log->ring_size - log->ring_len) % log->ring_size;
	first = log->ring_size - begin < log->ring_len ? log->ring_size - begin : log->ring_len;
	memcpy(copy, log->ring + begin, first);
	memcpy(copy + first, log->ring, log->ring_len - first);
	return copy;
}

void conlog_close(struct conlog *log)
{
	fd_close(&log->fd);
	free(log->ring);
	free(log->path);
	*log = (struct conlog) CONLOG_INIT;
}
