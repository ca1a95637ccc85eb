/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_STR_H
#define HAKO_BASE_STR_H

/* Text: growing buffers, string vectors, strict numbers, small predicates. Quiet. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

/* A growing string. Zero-initialised is empty and valid; s is NULL until something is added. */
struct strbuf {
	char *s;
	size_t len;
	size_t cap;
};
#define STRBUF_INIT        \
	{                  \
		NULL, 0, 0 \
	}

void strbuf_clear(struct strbuf *b);
void strbuf_add(struct strbuf *b, const char *s);
void strbuf_add_n(struct strbuf *b, const char *s, size_t n);
void strbuf_add_c(struct strbuf *b, char c);
void strbuf_addf(struct strbuf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Adds a JSON string with its quotes. Invalid UTF-8 becomes U+FFFD. */
void strbuf_add_json(struct strbuf *b, const char *s);
/* The content ("" when empty), never NULL; owned by the buffer. */
const char *strbuf_str(const struct strbuf *b);
/* The content as a heap string of the caller's; the buffer is empty afterwards. */
char *strbuf_take(struct strbuf *b);
#define autostrbuf __attribute__((cleanup(strbuf_clear)))

/* A NULL-terminated vector of heap strings with its length. Zero-initialised is empty. */
struct strv {
	char **v;
	size_t len;
};
void strv_clear(struct strv *v);
void strv_add(struct strv *v, const char *s);
void strv_addf(struct strv *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes ownership of s. */
void strv_add_take(struct strv *v, char *s);
bool strv_has(const struct strv *v, const char *s);
/* Splits at any byte of seps; empty parts are dropped. */
void strv_split(struct strv *v, const char *s, const char *seps);
/* NULL-terminated array of the caller's; the vector is empty afterwards. Never NULL. */
char **strv_take(struct strv *v);
#define autostrv __attribute__((cleanup(strv_clear)))
/* Helpers over plain NULL-terminated arrays (NULL = empty). */
size_t strs_len(char *const *v);
void strs_free(char **v);
/* The value of NAME=value in an environment array (last one wins), or NULL. */
const char *env_get(char *const *env, const char *name);

static inline bool str_eq(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}
static inline bool str_empty(const char *s)
{
	return !s || !*s;
}
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
/* The rest of s after prefix, or NULL. */
const char *str_after(const char *s, const char *prefix);
/* Cuts white space from both ends in place, returns the new beginning. */
char *str_trim(char *s);
bool str_is_utf8(const char *s, size_t len);
/* Length (1..4) of the UTF-8 sequence that begins at s, 0 when it is none. */
size_t str_utf8_len(const char *s, size_t len);

/*
 * Strict decimal: digits only (and one leading '-' for the signed form), the whole string, no
 * blanks, no '+', in range. 0 or -EINVAL / -ERANGE.
 */
int str_to_u32(const char *s, uint32_t *ret);
int str_to_u64(const char *s, uint64_t *ret);
int str_to_i64(const char *s, int64_t *ret);
int str_to_int(const char *s, int *ret);
/* Octal digits only, at most max. */
int str_to_mode(const char *s, uint32_t max, uint32_t *ret);
/* Bytes with an optional suffix k, m, g, t (any case, optional "b" or "ib"), 1024-based; "-1" is
 * -1. */
int str_to_size(const char *s, int64_t *ret);
/* A duration such as 100ms, 1.5s, 1h30m (ns, us, ms, s, m, h); a number without a unit is refused
 * except "0". Nanoseconds. */
int str_to_duration(const char *s, uint64_t *ret_ns);

/* "2026-01-02T03:04:05.123456789Z" of CLOCK_REALTIME, heap. */
char *time_rfc3339(void);
/* The same of any time since the epoch. */
char *time_format_rfc3339(int64_t sec, long nsec);

#endif
