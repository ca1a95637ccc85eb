/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/keys.h"

#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "lxc/value.h"

#define NET_INDEX_MAX 2147483646

/* How well a pattern fits; among several that match, the higher wins at the first difference. */
struct fit {
	bool matches;
	bool bad_index;
	unsigned int fixed; /* fixed components that matched */
	uint32_t index;
	const char *rest;
};

static size_t component(const char *s)
{
	return strcspn(s, ".[]");
}

static bool is_variable(const char *pattern)
{
	return isupper((unsigned char) *pattern);
}

/* "007" is 7; no sign, no hexadecimal. */
static bool match_index(const char *s, size_t len, struct fit *fit)
{
	uint64_t n = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char) s[i]))
			return false;
		n = n * 10 + (uint64_t) (s[i] - '0');
		if (n > NET_INDEX_MAX) {
			fit->bad_index = true;
			n = NET_INDEX_MAX;
		}
	}
	fit->index = (uint32_t) n;
	return true;
}

/* A variable component against the name. Gives how much of the name it takes; 0 = no match. */
static size_t match_variable(const char *pattern, size_t len, const char *name, struct fit *fit)
{
	size_t take;

	if (len == 1 && *pattern == 'N') {
		take = strcspn(name, ".");
		return match_index(name, take, fit) ? take : 0;
	}
	take = pattern[len] == '\0' || pattern[len] == ']' ? strlen(name) : strcspn(name, ".");
	fit->rest = name;
	return take;
}

static struct fit match_pattern(const char *pattern, const char *name)
{
	struct fit fit = { 0 };

	for (;;) {
		size_t len = component(pattern);
		size_t take;

		if (is_variable(pattern)) {
			take = match_variable(pattern, len, name, &fit);
			if (take == 0)
				return fit;
		} else {
			take = strcspn(name, ".");
			if (take != len || memcmp(pattern, name, len) != 0)
				return fit;
			fit.fixed++;
		}
		pattern += len;
		name += take;
		if (*name == '\0') {
			fit.matches = *pattern == '\0' || *pattern == '[' || *pattern == ']';
			return fit;
		}
		if (*pattern == '[')
			pattern++;
		if (*pattern != '.')
			return fit;
		pattern++;
		name++;
	}
}

int keys_match(const char *name, struct lxc_key_match *ret)
{
	const struct lxc_key *best = NULL;
	struct fit best_fit = { 0 };

	for (size_t i = 0; i < lxc_keys_len; i++) {
		struct fit fit = match_pattern(lxc_keys[i].name, name);

		if (!fit.matches || (best && fit.fixed <= best_fit.fixed))
			continue;
		best = &lxc_keys[i];
		best_fit = fit;
	}
	if (!best)
		return -ENOENT;
	if (best_fit.bad_index)
		return -ERANGE;
	*ret = (struct lxc_key_match){ .key = best,
				       .index = best_fit.index,
				       .rest = best_fit.rest };
	return 0;
}

const struct lxc_key *keys_find(const char *pattern)
{
	for (size_t i = 0; i < lxc_keys_len; i++) {
		if (strcmp(lxc_keys[i].name, pattern) == 0)
			return &lxc_keys[i];
	}
	return NULL;
}

/* A candidate in the writer's own words: the pattern with the name's variable parts put in, e.g.
 * "lxc.net.N.link" for "lxc.net.3.lnk" becomes "lxc.net.3.link". Heap. */
static char *concrete(const char *pattern, const char *name)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	while (*pattern) {
		size_t len = component(pattern);
		size_t theirs = strcspn(name, ".");

		if (is_variable(pattern))
			strbuf_add_n(&b, name, theirs);
		else
			strbuf_add_n(&b, pattern, len);
		pattern += len;
		name += theirs;
		name += *name == '.';
		if (*pattern == '[' || *pattern == ']')
			break;
		if (*pattern == '.') {
			strbuf_add_c(&b, '.');
			pattern++;
		}
	}
	return strbuf_take(&b);
}

char *keys_suggest(const char *name)
{
	/* how many slips are still a slip depends on how much was typed behind "lxc." */
	size_t typed = strlen(name) > 4 ? strlen(name) - 4 : 0;
	size_t best_distance = 1 + (typed < 3 ? 1 : typed > 9 ? 3 : typed / 3);
	char *best = NULL;

	for (size_t i = 0; i < lxc_keys_len; i++) {
		char *candidate = concrete(lxc_keys[i].name, name);
		size_t d = value_distance(name, candidate, best_distance);

		/* its own variable part is no suggestion: "lxc.net.x" is not near "lxc.net.x" */
		if (d > 0 && d < best_distance) {
			free(best);
			best = candidate;
			best_distance = d;
		} else {
			free(candidate);
		}
	}
	return best;
}
