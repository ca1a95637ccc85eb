/* SPDX-License-Identifier: Apache-2.0 */
#include "linux/seccomp_order.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"

/* What libseccomp looks at first; the greater comes first. */
static int class_of(enum scmp_compare op)
{
	switch (op) {
	case SCMP_CMP_GT:
	case SCMP_CMP_GE:
		return 1;
	case SCMP_CMP_LT:
	case SCMP_CMP_LE:
		return 2;
	default:
		return 3;
	}
}

static uint64_t value_of(const struct scmp_arg_cmp *a)
{
	return a->op == SCMP_CMP_MASKED_EQ ? a->datum_b : a->datum_a;
}

/* Greater values first, but for "less than": there the smaller. */
static int compare_halves(int class, uint32_t a, uint32_t b)
{
	int r = a > b ? -1 : a < b;

	return class == 2 ? -r : r;
}

static int compare_args(const struct scmp_arg_cmp *a, const struct scmp_arg_cmp *b)
{
	int class = class_of(a->op), other = class_of(b->op), r;

	if (a->arg != b->arg)
		return a->arg > b->arg ? -1 : 1;
	if (class != other)
		return class > other ? -1 : 1;
	r = compare_halves(class, (uint32_t) (value_of(a) >> 32), (uint32_t) (value_of(b) >> 32));
	return r ? r : compare_halves(class, (uint32_t) value_of(a), (uint32_t) value_of(b));
}

static int compare(const void *x, const void *y)
{
	const struct seccomp_alternative *a = x, *b = y;

	for (unsigned int i = 0; i < a->n && i < b->n; i++) {
		int r = compare_args(&a->args[i], &b->args[i]);

		if (r)
			return r;
	}
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->rule < b->rule ? -1 : a->rule > b->rule;
}

static int compare_index(const void *x, const void *y)
{
	const struct scmp_arg_cmp *a = x, *b = y;

	return a->arg < b->arg ? -1 : a->arg > b->arg;
}

/* Those for the call of v[first]. 0 when their actions differ, or each has one condition: these
 * share nothing. */
static size_t collect(const struct seccomp_alternative *v, size_t len, size_t first, size_t *at)
{
	unsigned int longest = 0;
	size_t n = 0;

	for (size_t i = first; i < len; i++) {
		if (v[i].nr != v[first].nr || !v[i].n)
			continue;
		if (v[i].action != v[first].action)
			return 0;
		longest = v[i].n > longest ? v[i].n : longest;
		at[n++] = i;
	}
	return longest > 1 ? n : 0;
}

static void order_call(struct seccomp_alternative *v, const size_t *at, size_t n)
{
	struct seccomp_alternative *sorted = xnew_n(struct seccomp_alternative, n);

	for (size_t i = 0; i < n; i++)
		sorted[i] = v[at[i]];
	qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 0; i < n; i++)
		v[at[i]] = sorted[i];
	free(sorted);
}

static bool was_seen(const struct seccomp_alternative *v, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (v[k].nr == v[i].nr && v[k].n)
			return true;
	}
	return false;
}

void seccomp_order(struct seccomp_alternative *v, size_t len)
{
	autofree size_t *at = xnew_n(size_t, len + 1);

	for (size_t i = 0; i < len; i++)
		qsort(v[i].args, v[i].n, sizeof(v[i].args[0]), compare_index);
	for (size_t i = 0; i < len; i++) {
		size_t n = v[i].n && !was_seen(v, i) ? collect(v, len, i, at) : 0;

		if (n > 1)
			order_call(v, at, n);
	}
}
