/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_VALUE_H
#define HAKO_LXC_VALUE_H

/*
 * Typed values. Pure; on failure -EINVAL with the reason in *e: text says what is wrong, hint (may
 * stay empty) what to write. Nothing is written to *ret then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "lxc/model.h"

struct value_error {
	struct strbuf text;
	struct strbuf hint;
};
void value_error_clear(struct value_error *e);
#define autovalue_error __attribute__((cleanup(value_error_clear)))
/* Sets the text, forgetting an older one and its hint; returns -EINVAL. */
int value_bad(struct value_error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Unsigned with C base detection (0x10, 010), a leading '+', at most max. */
int value_uint(const char *s, uint64_t max, uint64_t *ret, struct value_error *e);
/* Decimal int, with sign. */
int value_int(const char *s, int64_t min, int64_t max, int64_t *ret, struct value_error *e);
/* Exactly 0 or 1. */
int value_bool(const char *s, bool *ret, struct value_error *e);
/* Digits and KB, MB or GB in any case, or "auto" (128 KiB); raised to 4096 and to a power of two.
 * *ret_ignored_suffix is set where LXC would read "5K" as 5 bytes. */
int value_size(const char *s, uint64_t *ret, bool *ret_ignored_suffix, struct value_error *e);
/* A number (unchecked, as in LXC), SIGNAME, SIGRTMIN+n, SIGRTMAX-n; the prefix is needed, case is
 * not. */
int value_signal(const char *s, uint64_t *ret, struct value_error *e);
/* A lower-case name without "cap_", or a number up to 63. */
int value_cap(const char *s, unsigned int *ret, struct value_error *e);
/* One of the names of lxc.arch. */
int value_arch(const char *s, struct value_error *e);
/* The domain of linux.personality that stands for it. */
const char *value_arch_domain(const char *arch);
/* 0-8 or a name in any case; gives the name. */
int value_log_level(const char *s, const char **ret, struct value_error *e);
/* user mnt pid uts ipc net cgroup time; any_case as in lists, exact as in share. */
int value_ns(const char *s, bool any_case, enum lxc_ns *ret, struct value_error *e);
/* "u|g NSID HOSTID COUNT"; pos is left alone. */
int value_idmap(const char *s, struct lxc_idmap *ret, struct value_error *e);
/* "soft[:hard]"; *ret_odd is set for ":N" (soft 0), which is rarely meant. */
int value_prlimit(const char *s, uint64_t *ret_soft, uint64_t *ret_hard, bool *ret_odd,
		  struct value_error *e);
/* Is it a resource that LXC knows by name, or a number? */
int value_prlimit_name(const char *s, struct value_error *e);
/* Integer and unit; *ret_is_secs tells which of the two fields it sets. */
int value_time_offset(const char *s, int64_t *ret, bool *ret_is_secs, struct value_error *e);
/* One of a NULL-terminated list of words, exact case. */
int value_word(const char *s, const char *const *words, struct value_error *e);

/* Text that may go into JSON and onto command lines: UTF-8 without control characters but tab. */
int value_text(const char *s, struct value_error *e);
/* A host name by RFC 1123, dots allowed. */
bool value_is_hostname(const char *s);

/* The candidate nearest to word, or NULL if none is near enough to be meant. */
const char *value_nearest(const char *word, const char *const *candidates, size_t n);
/* Edit distance (insert, delete, replace, swap of neighbours), at most max + 1. */
size_t value_distance(const char *a, const char *b, size_t max);

#endif
