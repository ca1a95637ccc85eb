/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_ERR_H
#define HAKO_BASE_ERR_H

/*
 * Errors. Functions return >= 0, or -errno; the text lives in one record per process.
 *
 *  - base/ is quiet: it returns -errno and records nothing (this file excepted).
 *  - Every layer above reports: the place that meets the failure records it once with err_sys() or
 *    err_code(). Callers propagate (return r), add context (err_wrap), or say that the failure does
 *    not matter (err_forgive). Nothing else, so nothing is ever reported twice.
 *  - Only cli/ prints the record. A child sends it over its socket; the parent adopts it.
 *
 * Wording: lower case, no full stop, the verb and the 'object', what was attempted and not which
 * system call failed: "mount 'proc' on '/proc': operation not permitted".
 */

#include <errno.h>
#include <stdbool.h>

/* Records "<fmt>: <strerror(errno)>" (first letter in lower case) and returns -errno. */
int err_sys(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Records "<fmt>: <strerror(-r)>" for r = -errno as returned by a quiet function; returns r. */
int err_sys_r(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Records "<fmt>" alone with a code of the caller's choice (a positive errno); returns -code. */
int err_code(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prefixes the current record: "<fmt>: <old text>"; returns r. */
int err_wrap(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * The only way to go on after a failure: logs "<fmt>: <text>" at debug level and clears the record.
 * When r comes from a quiet function the text is strerror(-r); a record with another code is then
 * somebody else's and stays.
 */
void err_forgive(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same at warning level, for failures a user should know of. */
void err_warn(int r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* strerror(code) the way the record has it: "no such file or directory". */
const char *err_describe(int code);

/* The record: code is 0 and text "" when there is none. Valid until the next err_ call. */
int err_get_code(void);
const char *err_get_text(void);
bool err_is_set(void);
void err_clear(void);
/* Takes over a record that came from another process; returns -code (EIO for a code <= 0). */
int err_adopt(int code, const char *text);
/*
 * Sets the current record aside while clean-up runs, so that what fails there does not replace the
 * reason: err_push() ... err_pop(). err_pop() restores the outer record and drops the inner one.
 */
struct err_saved {
	int code;
	char *text;
};
struct err_saved err_push(void);
void err_pop(struct err_saved saved);

#endif
