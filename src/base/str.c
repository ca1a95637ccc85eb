/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

/* Room for n more bytes and the terminator. */
static void strbuf_grow(struct strbuf *b, size_t n)
{
	size_t need;

	if (__builtin_add_overflow(b->len, n, &need) || __builtin_add_overflow(need, 1, &need))
		need = SIZE_MAX; /* xrealloc gives up on it */
	if (need <= b->cap)
		return;
	b->cap = need < 64 ? 64 : need > SIZE_MAX / 2 ? need : need + need / 2;
	b->s = xrealloc(b->s, b->cap);
}

void strbuf_clear(struct strbuf *b)
{
	free(b->s);
	*b = (struct strbuf) STRBUF_INIT;
}

void strbuf_add(struct strbuf *b, const char *s)
{
	strbuf_add_n(b, s, strlen(s));
}

void strbuf_add_n(struct strbuf *b, const char *s, size_t n)
{
	strbuf_grow(b, n);
	if (n)
		memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void strbuf_add_c(struct strbuf *b, char c)
{
	strbuf_add_n(b, &c, 1);
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
	autofree char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	strbuf_add(b, s);
}

void strbuf_add_json(struct strbuf *b, const char *s)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	size_t n, left = strlen(s);

	strbuf_add_c(b, '"');
	for (; left; s += n, left -= n) {
		const char *special = strchr(from, *s);

		n = str_utf8_len(s, left);
		if (special) {
			strbuf_add_c(b, '\\');
			strbuf_add_c(b, to[special - from]);
		} else if (n == 0) {
			strbuf_add(b, "\xef\xbf\xbd");
			n = 1;
		} else if ((unsigned char) *s < 0x20) {
			strbuf_addf(b, "\\u%04x", (unsigned char) *s);
		} else {
			strbuf_add_n(b, s, n);
		}
	}
	strbuf_add_c(b, '"');
}

const char *strbuf_str(const struct strbuf *b)
{
	return b->s ? b->s : "";
}

char *strbuf_take(struct strbuf *b)
{
	char *s = b->s ? b->s : xstrdup("");

	*b = (struct strbuf) STRBUF_INIT;
	return s;
}

void strv_clear(struct strv *v)
{
	strs_free(v->v);
	*v = (struct strv){ NULL, 0 };
}

void strv_add_take(struct strv *v, char *s)
{
	/* Capacity is the next power of two above the length, which holds the NULL as well. */
	if (v->len == 0 || ((v->len + 1) & v->len) == 0)
		v->v = xreallocarray(v->v, v->len ? (v->len + 1) * 2 : 2, sizeof(*v->v));
	v->v[v->len++] = s;
	v->v[v->len] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
	strv_add_take(v, xstrdup(s));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_add_take(v, xvasprintf(fmt, ap));
	va_end(ap);
}

bool strv_has(const struct strv *v, const char *s)
{
	for (size_t i = 0; i < v->len; i++) {
		if (strcmp(v->v[i], s) == 0)
			return true;
	}
	return false;
}

void strv_split(struct strv *v, const char *s, const char *seps)
{
	while (*(s += strspn(s, seps))) {
		size_t n = strcspn(s, seps);

		strv_add_take(v, xstrndup(s, n));
		s += n;
	}
}

char **strv_take(struct strv *v)
{
	char **a = v->v ? v->v : xnew(char *);

	*v = (struct strv){ NULL, 0 };
	return a;
}

size_t strs_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

void strs_free(char **v)
{
	for (size_t i = 0; v && v[i]; i++)
		free(v[i]);
	free(v);
}

const char *env_get(char *const *env, const char *name)
{
	const char *found = NULL;
	size_t n = strlen(name);

	for (; env && *env; env++) {
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			found = *env + n + 1;
	}
	return found;
}

bool str_starts(const char *s, const char *prefix)
{
	return str_after(s, prefix) != NULL;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

const char *str_after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

char *str_trim(char *s)
{
	static const char blanks[] = " \t\n\v\f\r";
	size_t n;

	s += strspn(s, blanks);
	for (n = strlen(s); n && strchr(blanks, s[n - 1]); n--)
		;
	s[n] = '\0';
	return s;
}

size_t str_utf8_len(const char *str, size_t len)
{
	const unsigned char *s = (const unsigned char *) str;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (len == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : 4;
	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	/* The second byte carries the limits: no overlong forms,
	 * no surrogates, at most U+10FFFF. */
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return n;
}

bool str_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (; len; s += n, len -= n) {
		n = str_utf8_len(s, len);
		if (n == 0)
			return false;
	}
	return true;
}

/* Digits of the given base at the beginning of *s, which is moved behind them. */
static int take_digits(const char **s, unsigned int base, uint64_t *ret)
{
	const char *p = *s;
	uint64_t v = 0;

	for (; *p >= '0' && *p < (char) ('0' + base); p++) {
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, (uint64_t) (*p - '0'), &v))
			return -ERANGE;
	}
	if (p == *s)
		return -EINVAL;
	*s = p;
	*ret = v;
	return 0;
}

/* A number too large is only that when it is a number at all:
 * "99999999999999999999x" is -EINVAL. */
static int whole_number(const char *s, unsigned int base, uint64_t max, uint64_t *ret)
{
	static const char digits[] = "0123456789";
	const char *p = s;
	uint64_t v;
	int r;

	for (; *p && memchr(digits, *p, base); p++)
		;
	if (p == s || *p)
		return -EINVAL;
	r = take_digits(&s, base, &v);
	if (r < 0)
		return r;
	if (v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int str_to_u64(const char *s, uint64_t *ret)
{
	return whole_number(s, 10, UINT64_MAX, ret);
}

int str_to_u32(const char *s, uint32_t *ret)
{
	uint64_t v;
	int r = whole_number(s, 10, UINT32_MAX, &v);

	if (r == 0)
		*ret = (uint32_t) v;
	return r;
}

static int to_signed(const char *s, int64_t max, int64_t *ret)
{
	bool negative = *s == '-';
	uint64_t v;
	int r = whole_number(s + negative, 10, (uint64_t) max + negative, &v);

	if (r == 0)
		*ret = (int64_t) (negative ? -v : v);
	return r;
}

int str_to_i64(const char *s, int64_t *ret)
{
	return to_signed(s, INT64_MAX, ret);
}

int str_to_int(const char *s, int *ret)
{
	int64_t v;
	int r = to_signed(s, INT32_MAX, &v);

	if (r == 0)
		*ret = (int) v;
	return r;
}

int str_to_mode(const char *s, uint32_t max, uint32_t *ret)
{
	uint64_t v;
	int r = whole_number(s, 8, max, &v);

	if (r == 0)
		*ret = (uint32_t) v;
	return r;
}

static int size_shift(const char *suffix)
{
	static const char units[] = "kmgt";
	char c = (char) (*suffix | 0x20);
	const char *unit = *suffix ? strchr(units, c) : NULL;

	if (!*suffix)
		return 0;
	if (unit)
		suffix++;
	if (unit && (*suffix | 0x20) == 'i' && (suffix[1] | 0x20) == 'b')
		suffix++;
	if ((*suffix | 0x20) == 'b')
		suffix++;
	if (*suffix)
		return -EINVAL;
	return unit ? (int) (unit - units + 1) * 10 : 0;
}

int str_to_size(const char *s, int64_t *ret)
{
	uint64_t v;
	int shift, r;

	if (strcmp(s, "-1") == 0) {
		*ret = -1;
		return 0;
	}
	r = take_digits(&s, 10, &v);
	if (r < 0)
		return r;
	shift = size_shift(s);
	if (shift < 0)
		return shift;
	if (v > (uint64_t) INT64_MAX >> shift)
		return -ERANGE;
	*ret = (int64_t) (v << shift);
	return 0;
}

/* Longest names first where one begins another. */
static uint64_t take_time_unit(const char **s)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "ns", 1 },
		{ "us", 1000 },
		{ "\xc2\xb5s", 1000 },
		{ "ms", 1000000 },
		{ "s", 1000000000 },
		{ "m", 60000000000 },
		{ "h", 3600000000000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		const char *rest = str_after(*s, units[i].name);

		if (rest) {
			*s = rest;
			return units[i].ns;
		}
	}
	return 0;
}

/* ".5" of a unit; digits finer than a nanosecond are cut off. */
static int take_fraction(const char **s, uint64_t *ret_num, uint64_t *ret_den)
{
	const char *p = *s;
	uint64_t num = 0, den = 1;

	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++) {
			if (den < 1000000000) {
				num = num * 10 + (uint64_t) (*p - '0');
				den *= 10;
			}
		}
		if (p == *s + 1)
			return -EINVAL;
	}
	*s = p;
	*ret_num = num;
	*ret_den = den;
	return 0;
}

int str_to_duration(const char *s, uint64_t *ret_ns)
{
	uint64_t total = 0;

	if (strcmp(s, "0") == 0) {
		*ret_ns = 0;
		return 0;
	}
	do {
		uint64_t v, num = 0, den = 1, unit;
		int r = take_digits(&s, 10, &v);

		if (r == 0)
			r = take_fraction(&s, &num, &den);
		if (r < 0)
			return r;
		unit = take_time_unit(&s);
		if (unit == 0)
			return -EINVAL;
		/* An hour times nine digits does not fit into 64 bits, an hour over 1e9 is a whole
		 * number: every unit is a multiple of den or at most 1e9. */
		num = unit > 1000000000 ? unit / den * num : unit * num / den;
		if (__builtin_mul_overflow(v, unit, &v) ||
		    __builtin_add_overflow(total, v, &total) ||
		    __builtin_add_overflow(total, num, &total))
			return -ERANGE;
	} while (*s);
	*ret_ns = total;
	return 0;
}

/* gmtime_r would do, but glibc reads /etc/localtime for it. Years are counted from March, so that
 * the leap day is the last of its year; an era has 400 of them. */
static void civil_date(int64_t days, int64_t *year, unsigned int *month, unsigned int *day)
{
	int64_t z = days + 719468; /* 1970-01-01 counted from 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned int) (doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned int) (mp < 10 ? mp + 3 : mp - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

char *time_format_rfc3339(int64_t sec, long nsec)
{
	int64_t days = sec / 86400, rest = sec % 86400, year;
	unsigned int month, day;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_date(days, &year, &month, &day);
	return xasprintf("%04lld-%02u-%02uT%02d:%02d:%02d.%09ldZ", (long long) year, month, day,
			 (int) (rest / 3600), (int) (rest / 60 % 60), (int) (rest % 60), nsec);
}

char *time_rfc3339(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return time_format_rfc3339(now.tv_sec, now.tv_nsec);
}
