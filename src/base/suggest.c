/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX 32

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

static bool same(char a, char b)
{
	return tolower((unsigned char) a) == tolower((unsigned char) b);
}

/* Edits from a to b, a swap of neighbours counting as one (optimal string alignment). */
static unsigned int distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	for (size_t k = 0; k <= b_len; k++)
		row[k] = (unsigned int) k;
	for (size_t i = 1; i <= a_len; i++) {
		spare = before;
		before = last;
		last = row;
		row = spare;
		row[0] = (unsigned int) i;
		for (size_t k = 1; k <= b_len; k++) {
			row[k] = min3(last[k] + 1, row[k - 1] + 1,
				      last[k - 1] + !same(a[i - 1], b[k - 1]));
			if (i > 1 && k > 1 && same(a[i - 1], b[k - 2]) &&
			    same(a[i - 2], b[k - 1]) && before[k - 2] + 1 < row[k])
				row[k] = before[k - 2] + 1;
		}
	}
	return row[b_len];
}

void suggest_offer(struct suggest *s, const char *candidate)
{
	size_t len = strlen(s->word), candidate_len = strlen(candidate);
	unsigned int d;

	if (len < 2 || len > WORD_MAX || candidate_len > WORD_MAX)
		return;
	d = distance(s->word, len, candidate, candidate_len);
	if (d > (len > 5 ? 2u : 1u) || (s->best && d >= s->distance))
		return;
	s->best = candidate;
	s->distance = d;
}

const char *suggest_text(const struct suggest *s)
{
	static char text[64];

	if (!s->best)
		return "";
	snprintf(text, sizeof(text), ": did you mean '%s'?", s->best);
	return text;
}
