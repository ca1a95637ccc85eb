/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_LOG_H
#define HAKO_BASE_LOG_H

/*
 * Log lines: to stderr until log_open() says otherwise. Text form is runc's
 *   time="2026-01-02T03:04:05Z" level=warning msg="..."
 * and JSON form is one object a line with msg, level and time (engines read these).
 */

#include <stdbool.h>

enum log_level { LOG_L_ERROR, LOG_L_WARN, LOG_L_INFO, LOG_L_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_config {
	/* NULL or "" = stderr; "PATH" or "file:PATH" appends (O_NOFOLLOW on the last component);
	 * "fd:N" an inherited descriptor; "journald:IDENT" and "syslog:IDENT". */
	const char *target;
	enum log_format format;
	enum log_level level;
};

/* Opens the target. Returns 0 or -errno (quiet); on failure logging stays on stderr. */
int log_open(const struct log_config *config);
void log_set_level(enum log_level level);
/* Is the log somewhere else than stderr? An error is then printed to stderr as well. */
bool log_is_redirected(void);
/* In a child whose stderr is the container's: hand each line to fn instead (it sends it to the
 * parent). NULL restores the sink. */
void log_set_callback(void (*fn)(void *arg, enum log_level level, const char *text), void *arg);
/* In a child that has a callback: the log is a file of the host, which it does not need. */
void log_drop(void);
/* The log's descriptor, or FD_NONE: a child keeps it open while it closes all others. */
int log_get_fd(void);

bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_text(enum log_level level, const char *text);

/* "error", "warning", "info", "debug": also "warn", "trace" (debug), "fatal", "panic" (error).
 * Returns 0 or -EINVAL. */
int log_level_parse(const char *s, enum log_level *ret);
int log_format_parse(const char *s, enum log_format *ret);

#define log_error(...) log_write(LOG_L_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_L_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_L_INFO, __VA_ARGS__)
#define log_debug(...)                                       \
	do {                                                 \
		if (log_enabled(LOG_L_DEBUG))                \
			log_write(LOG_L_DEBUG, __VA_ARGS__); \
	} while (0)

#endif
