/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_KEYS_H
#define HAKO_LXC_KEYS_H

/*
 * THE key table: every key of LXC 2.0 to 7.0, one row each. It drives the parser (type, what an
 * empty value means, where the value goes), the report (is the key mapped?), `hako lxc keys` and
 * the manual.
 *
 * A name is a pattern of components between dots. A component in capitals stands for a variable
 * part: N is the decimal index of a network interface, NS one component; as the last one, FILE,
 * RESOURCE and NAME take all that is left, dots included. A last part in brackets may be missing,
 * which only an empty value is allowed to use. Components match as a whole, and a fixed word wins
 * over a variable one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lxc/model.h"

struct lxc_parser;
struct lxc_setting;

enum lxc_card {
	LXC_CARD_LAST,	 /* the later line replaces the earlier */
	LXC_CARD_APPEND, /* lines add up */
	LXC_CARD_OR,	 /* bits add up */
	LXC_CARD_GROUP,	 /* several independent values in one key */
	LXC_CARD_CLEAR,	 /* accepts the empty value only */
};

/* What an empty value does. */
enum lxc_clear {
	LXC_CLEAR_UNSET,   /* string unset, list emptied */
	LXC_CLEAR_ZERO,	   /* 0, which can differ from the default (lxc.autodev) */
	LXC_CLEAR_DEFAULT, /* back to a default that is not 0 */
	LXC_CLEAR_NOTHING,
	LXC_CLEAR_ERROR,
};

/* How an OCI bundle carries the key. */
enum lxc_carrier {
	LXC_BY_FIELD = 1 << 0,	    /* F: a field, exactly */
	LXC_BY_FIELD_DIFF = 1 << 1, /* F~: a field, with a stated difference */
	LXC_BY_HOOK = 1 << 2,	    /* H: a generated hook, for any runtime */
	LXC_BY_ANNOTATION = 1 << 3, /* A: an annotation that hako honours */
	LXC_BY_NOTE = 1 << 4,	    /* M: management data, kept as annotation */
	LXC_BY_NOTHING = 1 << 5,    /* X: refused with its diagnostic */
	LXC_BY_PARSER = 1 << 6,	    /* acts on the configuration itself */
};

enum lxc_support {
	LXC_MAPPED,   /* the mapping accounts for every such line */
	LXC_REPORTED, /* read and checked, then reported as not yet mapped (LXC-W002) */
};

struct lxc_key {
	const char *name;
	enum lxc_card card;
	enum lxc_clear clear;
	enum lxc_support support;
	unsigned int carrier; /* enum lxc_carrier, or-ed */
	uint8_t since;	      /* LXC version times ten: 20 is 2.0 */
	uint8_t until;	      /* last version that loads it; 0 = all later ones */
	bool in_net;	      /* the value lives in struct lxc_net */
	uint16_t net_types;   /* bits of enum lxc_net_type that allow the sub-key; 0 = all */
	size_t offset;	      /* of the value in struct lxc_config or struct lxc_net */
	int (*store)(struct lxc_parser *p, const struct lxc_setting *s);
	const char *const *words; /* for store_word(): the values */
	const char *values;	  /* what may stand behind '=', for people */
	const char *oci;	  /* where it goes */
	const char *doc;	  /* one sentence */
};

extern const struct lxc_key lxc_keys[];
extern const size_t lxc_keys_len;

/* Where a key's variable parts are. */
struct lxc_key_match {
	const struct lxc_key *key;
	uint32_t index; /* N */
	const char
		*rest; /* the last variable part, pointing into the name; NULL if missing or none */
};

/* 0, -ENOENT (no such key), or -ERANGE (index above 2147483646). */
int keys_match(const char *name, struct lxc_key_match *ret);
/* The row by its pattern ("lxc.net.N.link"), or NULL. */
const struct lxc_key *keys_find(const char *pattern);
/* A key that the writer of an unknown one may have meant, or NULL. Heap. */
char *keys_suggest(const char *name);

/* The table for `hako lxc keys`: one line per key, or a JSON array. Legacy names come last. */
void keys_format_text(struct strbuf *out);
void keys_format_json(struct strbuf *out);
/*
 * One key in words (or as its object of that array): a name as written in a configuration, a
 * pattern, a legacy name, each with or without "lxc.", the code of a diagnostic, or the id of a
 * finding of `hako lxc check`. -ENOENT, with what may have been meant, if there is none.
 */
int keys_explain(const char *name, bool json, struct strbuf *out);
/* hako-lxc-mapping(7). */
void keys_format_mdoc(struct strbuf *out);
/* "F", "F~", "F/A", ...: the carrier column. */
void keys_format_carrier(unsigned int carrier, struct strbuf *out);

#endif
