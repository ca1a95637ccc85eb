/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"

/* The record of this process; text is NULL exactly when there is none. */
static struct err_saved record;

/* Takes ownership of text. The old text goes last: an argument of the new one may point into it. */
static int record_set(int code, char *text)
{
	char *old = record.text;

	record.code = code > 0 ? code : EIO;
	record.text = text;
	free(old);
	return -record.code;
}

const char *err_describe(int code)
{
	static char text[64];
	const char *s = strerror(code);

	/* "RFS specific error" keeps its acronym. */
	if (!isupper((unsigned char) s[0]) || isupper((unsigned char) s[1]))
		return s;
	snprintf(text, sizeof(text), "%c%s", tolower((unsigned char) s[0]), s + 1);
	return text;
}

__attribute__((format(printf, 2, 0))) static int record_errno(int code, const char *fmt, va_list ap)
{
	autofree char *what = xvasprintf(fmt, ap);

	return record_set(code, xasprintf("%s: %s", what, err_describe(code > 0 ? code : EIO)));
}

int err_sys(const char *fmt, ...)
{
	int code = errno, r;
	va_list ap;

	va_start(ap, fmt);
	r = record_errno(code, fmt, ap);
	va_end(ap);
	return r;
}

int err_sys_r(int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	r = record_errno(-r, fmt, ap);
	va_end(ap);
	return r;
}

int err_code(int code, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	return record_set(code, text);
}

int err_wrap(int r, const char *fmt, ...)
{
	autofree char *what = NULL;
	va_list ap;

	va_start(ap, fmt);
	what = xvasprintf(fmt, ap);
	va_end(ap);
	/* A quiet function below an err_wrap has recorded nothing: its code is the text. */
	record_set(record.text ? record.code : -r,
		   xasprintf("%s: %s", what, record.text ? record.text : err_describe(-r)));
	return r;
}

__attribute__((format(printf, 3, 0))) static void forgive(enum log_level level, int r,
							  const char *fmt, va_list ap)
{
	bool ours = record.text && record.code == -r;

	if (log_enabled(level)) {
		autofree char *what = xvasprintf(fmt, ap);

		log_write(level, "%s: %s", what, ours ? record.text : err_describe(-r));
	}
	if (ours)
		err_clear();
}

void err_forgive(int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	forgive(LOG_L_DEBUG, r, fmt, ap);
	va_end(ap);
}

void err_warn(int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	forgive(LOG_L_WARN, r, fmt, ap);
	va_end(ap);
}

int err_get_code(void)
{
	return record.text ? record.code : 0;
}

const char *err_get_text(void)
{
	return record.text ? record.text : "";
}

bool err_is_set(void)
{
	return record.text != NULL;
}

void err_clear(void)
{
	free(record.text);
	record = (struct err_saved){ 0, NULL };
}

int err_adopt(int code, const char *text)
{
	return record_set(code, xstrdup(text));
}

struct err_saved err_push(void)
{
	struct err_saved saved = record;

	record = (struct err_saved){ 0, NULL };
	return saved;
}

void err_pop(struct err_saved saved)
{
	free(record.text);
	record = saved;
}
