/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

/*
 * A number is read as DIGITS × 10^exponent, never by way of a double, so 2^64-1 and 1.8e1 are both
 * exact. The text follows the grammar of JSON: yajl has checked it.
 */
struct decimal {
	uint64_t digits; /* without trailing zeros; valid unless overflow */
	bool overflow;	 /* more digits than 64 bits hold: out of range whatever the exponent */
	long exponent;
};

#define EXPONENT_LIMIT 100000000L /* beyond every document's size: saturate there */

/* Trailing zeros are kept back and only count when another digit follows: 1.000000000000000000000
 * is 1. */
static void add_digit(struct decimal *d, long *zeros, int digit)
{
	if (digit == 0) {
		(*zeros)++;
		return;
	}
	for (; *zeros > 0 && d->digits > 0 && !d->overflow; (*zeros)--)
		d->overflow = __builtin_mul_overflow(d->digits, (uint64_t) 10, &d->digits);
	*zeros = 0;
	if (__builtin_mul_overflow(d->digits, (uint64_t) 10, &d->digits) ||
	    __builtin_add_overflow(d->digits, (uint64_t) digit, &d->digits))
		d->overflow = true;
}

static long parse_exponent(const char *s, const char *end)
{
	bool negative = s < end && *s == '-';
	long e = 0;

	if (s < end && (*s == '-' || *s == '+'))
		s++;
	for (; s < end; s++) {
		if (e < EXPONENT_LIMIT)
			e = e * 10 + (*s - '0');
	}
	return negative ? -e : e;
}

enum oci_number oci_number_parse(const char *s, size_t len, bool *negative, uint64_t *magnitude)
{
	struct decimal d = { 0 };
	const char *end = s + len;
	bool fraction = false;
	long zeros = 0;

	*negative = s < end && *s == '-';
	if (*negative)
		s++;
	for (; s < end && *s != 'e' && *s != 'E'; s++) {
		if (*s == '.') {
			fraction = true;
			continue;
		}
		add_digit(&d, &zeros, *s - '0');
		d.exponent -= fraction;
	}
	d.exponent += zeros;
	if (s < end)
		d.exponent += parse_exponent(s + 1, end);

	if (d.digits == 0 && !d.overflow) {
		*magnitude = 0;
		return OCI_NUMBER_OK;
	}
	if (d.exponent < 0)
		return OCI_NUMBER_FRACTION;
	for (; d.exponent > 0 && !d.overflow; d.exponent--)
		d.overflow = __builtin_mul_overflow(d.digits, (uint64_t) 10, &d.digits);
	if (d.overflow)
		return OCI_NUMBER_RANGE;
	*magnitude = d.digits;
	return OCI_NUMBER_OK;
}
