/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/keys.h"

#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "lxc/legacy.h"
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

void keys_format_carrier(unsigned int carrier, struct strbuf *out)
{
	static const char *const names[] = { "F", "F~", "H", "A", "M", "X", "-" };
	const char *slash = "";

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(carrier & 1u << i))
			continue;
		strbuf_addf(out, "%s%s", slash, names[i]);
		slash = "/";
	}
}

static const char *card_word(enum lxc_card card)
{
	static const char *const words[] = { "last", "append", "or", "group", "clear" };

	return words[card];
}

static const char *clear_word(enum lxc_clear clear)
{
	static const char *const words[] = { "unset", "0", "default", "nothing", "error" };

	return words[clear];
}

static const char *support_word(const struct lxc_key *k)
{
	return k->support == LXC_MAPPED ? "mapped" : "reported";
}

void keys_format_text(struct strbuf *out)
{
	const char *now, *old;

	for (size_t i = 0; i < lxc_keys_len; i++) {
		const struct lxc_key *k = &lxc_keys[i];
		autostrbuf struct strbuf by = STRBUF_INIT;
		autostrbuf struct strbuf span = STRBUF_INIT;

		keys_format_carrier(k->carrier, &by);
		strbuf_addf(&span, "%u.%u-", k->since / 10, k->since % 10);
		if (k->until)
			strbuf_addf(&span, "%u.%u", k->until / 10, k->until % 10);
		strbuf_addf(out, "%-32s %-8s %-4s %-7s %-6s %s\n", k->name, support_word(k),
			    strbuf_str(&by), strbuf_str(&span), card_word(k->card), k->doc);
	}
	for (size_t i = 0; (old = legacy_name(i, &now)); i++)
		strbuf_addf(out, "%-32s %-8s %-4s %-7s %-6s %s%s\n", old, "legacy", "-", "1.0-2.1",
			    "-", now ? "= " : "no effect", now ? now : "");
}

static void add_string(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, ",\"%s\":", name);
	strbuf_add_json(out, value);
}

static void add_version(struct strbuf *out, const char *name, unsigned int version)
{
	if (version)
		strbuf_addf(out, ",\"%s\":\"%u.%u\"", name, version / 10, version % 10);
}

void keys_format_json(struct strbuf *out)
{
	const char *now, *old;

	strbuf_add_c(out, '[');
	for (size_t i = 0; i < lxc_keys_len; i++) {
		const struct lxc_key *k = &lxc_keys[i];
		autostrbuf struct strbuf by = STRBUF_INIT;

		keys_format_carrier(k->carrier, &by);
		strbuf_addf(out, "%s\n{\"key\":", i ? "," : "");
		strbuf_add_json(out, k->name);
		add_string(out, "support", support_word(k));
		add_string(out, "carrier", strbuf_str(&by));
		add_version(out, "since", k->since);
		add_version(out, "until", k->until);
		add_string(out, "combines", card_word(k->card));
		add_string(out, "empty", clear_word(k->clear));
		add_string(out, "values", k->values);
		add_string(out, "oci", k->oci);
		add_string(out, "doc", k->doc);
		strbuf_add_c(out, '}');
	}
	for (size_t i = 0; (old = legacy_name(i, &now)); i++) {
		strbuf_add(out, ",\n{\"key\":");
		strbuf_add_json(out, old);
		add_string(out, "support", "legacy");
		add_version(out, "until", 21);
		if (now)
			add_string(out, "now", now);
		strbuf_add_c(out, '}');
	}
	strbuf_add(out, "\n]\n");
}
