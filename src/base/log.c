/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/log_journald.h"
#include "base/str.h"
#include "base/table.h"

enum log_sink { SINK_FD, SINK_JOURNALD, SINK_SYSLOG };

/* fd is FD_NONE as long as lines go to stderr. */
static struct {
	enum log_sink sink;
	enum log_format format;
	enum log_level level;
	int fd;
	char *ident;
	void (*callback)(void *arg, enum log_level level, const char *text);
	void *callback_arg;
} config = { .level = LOG_L_WARN, .fd = FD_NONE };

/* The first name of a level is the one printed. */
static const struct name_value levels[] = {
	{ "error", LOG_L_ERROR }, { "warning", LOG_L_WARN }, { "info", LOG_L_INFO },
	{ "debug", LOG_L_DEBUG }, { "warn", LOG_L_WARN },    { "trace", LOG_L_DEBUG },
	{ "fatal", LOG_L_ERROR }, { "panic", LOG_L_ERROR },
};

static const struct name_value formats[] = {
	{ "text", LOG_TEXT },
	{ "json", LOG_JSON },
};

int log_level_parse(const char *s, enum log_level *ret)
{
	int64_t v;

	if (!TABLE_FIND(levels, s, &v))
		return -EINVAL;
	*ret = (enum log_level) v;
	return 0;
}

int log_format_parse(const char *s, enum log_format *ret)
{
	int64_t v;

	if (!TABLE_FIND(formats, s, &v))
		return -EINVAL;
	*ret = (enum log_format) v;
	return 0;
}

static int open_inherited(const char *number)
{
	int fd, r;

	if (str_to_int(number, &fd) < 0 || fd < 0)
		return -EINVAL;
	/* A log on 0..2 would be the container's stdio as well: a copy above them is ours alone. */
	if (fd <= STDERR_FILENO)
		return fd_dup_above(fd, STDERR_FILENO + 1);
	r = fd_set_cloexec(fd, true);
	return r < 0 ? r : fd;
}

static int open_target(const char *target, enum log_sink *ret_sink, const char **ret_ident)
{
	const char *rest;

	*ret_sink = SINK_FD;
	*ret_ident = NULL;
	if ((rest = str_after(target, "fd:")))
		return open_inherited(rest);
	if ((rest = str_after(target, "journald:"))) {
		*ret_sink = SINK_JOURNALD;
		*ret_ident = rest;
		return log_journald_open();
	}
	if ((rest = str_after(target, "syslog:"))) {
		*ret_sink = SINK_SYSLOG;
		*ret_ident = rest;
		return log_syslog_open();
	}
	rest = str_after(target, "file:");
	return file_open_append(rest ? rest : target, 0644);
}

int log_open(const struct log_config *c)
{
	autofd int fd = FD_NONE;
	enum log_sink sink = SINK_FD;
	const char *ident = NULL;

	config.level = c->level;
	config.format = c->format;
	if (!str_empty(c->target)) {
		fd = open_target(c->target, &sink, &ident);
		if (fd < 0)
			return fd;
		/* With a closed stderr the number could be one that the container gets. */
		if (fd <= STDERR_FILENO) {
			int above = fd_dup_above(fd, STDERR_FILENO + 1);

			if (above < 0)
				return above;
			fd_close(&fd);
			fd = above;
		}
	}
	fd_close(&config.fd);
	free(config.ident);
	config.sink = sink;
	config.ident = ident ? xstrdup(ident) : NULL;
	config.fd = take_fd(&fd);
	return 0;
}

void log_set_level(enum log_level level)
{
	config.level = level;
}

bool log_is_redirected(void)
{
	return config.fd >= 0;
}

void log_set_callback(void (*fn)(void *arg, enum log_level level, const char *text), void *arg)
{
	config.callback = fn;
	config.callback_arg = arg;
}

void log_drop(void)
{
	fd_close(&config.fd);
}

int log_get_fd(void)
{
	return config.fd;
}

bool log_enabled(enum log_level level)
{
	return level <= config.level;
}

/* Quotes as logrus does: what is not printable is escaped, valid UTF-8 is left alone. */
static void add_quoted(struct strbuf *b, const char *s)
{
	static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
	size_t n, left = strlen(s);

	strbuf_add_c(b, '"');
	for (; left; s += n, left -= n) {
		const char *special = strchr(from, *s);

		n = str_utf8_len(s, left);
		if (special) {
			strbuf_add_c(b, '\\');
			strbuf_add_c(b, to[special - from]);
		} else if (n == 0 || (unsigned char) *s < 0x20 || *s == 0x7f) {
			strbuf_addf(b, "\\x%02x", (unsigned char) *s);
			n = 1;
		} else {
			strbuf_add_n(b, s, n);
		}
	}
	strbuf_add_c(b, '"');
}

static void format_line(struct strbuf *b, enum log_level level, const char *text)
{
	autofree char *now = time_rfc3339();
	const char *name = TABLE_NAME(levels, level);

	/* 19: up to the seconds. */
	if (config.format == LOG_JSON) {
		strbuf_add(b, "{\"msg\":");
		strbuf_add_json(b, text);
		strbuf_addf(b, ",\"level\":\"%s\",\"time\":\"%.19sZ\"}\n", name, now);
	} else {
		strbuf_addf(b, "time=\"%.19sZ\" level=%s msg=", now, name);
		add_quoted(b, text);
		strbuf_add_c(b, '\n');
	}
}

static void write_line(enum log_level level, const char *text)
{
	autostrbuf struct strbuf line = STRBUF_INIT;
	ssize_t n;

	format_line(&line, level, text);
	/* One write, so that lines of several processes do not
	 * mix. Nobody to tell when it fails. */
	do {
		n = write(config.fd >= 0 ? config.fd : STDERR_FILENO, line.s, line.len);
	} while (n < 0 && errno == EINTR);
}

void log_text(enum log_level level, const char *text)
{
	int saved = errno;

	if (!log_enabled(level))
		return;
	if (config.callback)
		config.callback(config.callback_arg, level, text);
	else if (config.sink == SINK_JOURNALD)
		log_journald_send(config.fd, config.ident, level, text);
	else if (config.sink == SINK_SYSLOG)
		log_syslog_send(config.fd, config.ident, level, text);
	else
		write_line(level, text);
	errno = saved;
}

void log_write(enum log_level level, const char *fmt, ...)
{
	autofree char *text = NULL;
	va_list ap;

	if (!log_enabled(level))
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	log_text(level, text);
}
