/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_SUGGEST_H
#define HAKO_BASE_SUGGEST_H

/*
 * "Did you mean …?" for words of closed lists. Offer every word there is; the nearest is kept when
 * a typing slip or two lead to it (letters added, left out, changed or swapped: one in a word of
 * up to five letters, two in a longer one). Case does not count.
 */

struct suggest {
	const char *word; /* what was typed */
	const char *best; /* NULL: nothing is near */
	unsigned int distance;
};

void suggest_offer(struct suggest *s, const char *candidate);
/* ": did you mean 'state'?", or "". Valid until the next call. */
const char *suggest_text(const struct suggest *s);

#endif
