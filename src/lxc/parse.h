/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PARSE_H
#define HAKO_LXC_PARSE_H

/* Inside of the parser: what the driver shares with the store functions and the front ends. */

#include "lxc/diag.h"
#include "lxc/keys.h"
#include "lxc/lxc.h"
#include "lxc/model.h"
#include "lxc/value.h"

/* The files being read now, outermost first: to see a file include itself. */
struct lxc_open_file {
	const struct lxc_open_file *outer;
	unsigned long long dev;
	unsigned long long ino;
	const char *name;
	unsigned int depth;
};

struct lxc_parser {
	const struct lxc_opts *opts;
	struct lxc_config *c;
	struct lxc_diag *d;
	char *cwd;			  /* absolute */
	const struct lxc_open_file *open; /* innermost file being read, NULL for a buffer */
	size_t total;			  /* bytes read so far */
	bool generated;	    /* a front end makes the settings and marks its rows */
	int64_t legacy_net; /* index that lxc.network.* lines belong to, -1 before the first */
};

/* One line about to be stored. */
struct lxc_setting {
	struct lxc_pos pos;
	const struct lxc_key *key;
	const char *name;  /* as written, for messages */
	const char *value; /* "" = clear */
	const char *rest;  /* variable part of the key, or NULL */
	uint32_t index;	   /* N of lxc.net.N */
	void *base;	   /* struct lxc_config or lxc_net: key->offset counts from it */
};

#define PARSE_MAX_LINES 100000

#define SETTING_FIELD(type, s) ((type *) ((char *) (s)->base + (s)->key->offset))

/* Adds an input to the model; name is copied. Returns its index. */
uint32_t parse_add_file(struct lxc_parser *p, const char *name, struct lxc_pos from);
/* Adds the row of a line; NULL when there are too many, which is reported. */
struct lxc_line *parse_add_line(struct lxc_parser *p, struct lxc_pos pos, const char *name,
				const char *value);
/* Combines one "name = value" into the model: key lookup, legacy names, clearing. Errors are
 * collected. */
void parse_setting(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value);
/* The same for a name that stands for another: messages show `written`. */
void parse_setting_as(struct lxc_parser *p, struct lxc_pos pos, const char *written,
		      const char *name, const char *value);
/* Reads a whole text as lines of LXC's language; file is its index. */
void parse_text(struct lxc_parser *p, uint32_t file, const char *text, size_t len);

/* Fates. An unset position is ignored; only live lines change. */
void parse_replaced(struct lxc_parser *p, struct lxc_pos old, struct lxc_pos by);
void parse_cleared(struct lxc_parser *p, struct lxc_pos old, struct lxc_pos by);
void parse_set_fate(struct lxc_parser *p, struct lxc_pos pos, enum lxc_fate fate,
		    const char *note_fmt, ...) __attribute__((format(printf, 4, 5)));

/* Diagnostics about a setting. Both give what diag_add() gives. */
int parse_diag(struct lxc_parser *p, const char *code, const struct lxc_setting *s, const char *fmt,
	       ...) __attribute__((format(printf, 4, 5)));
/* LXC-E003 with the text and hint of a value that would not parse. */
int parse_bad_value(struct lxc_parser *p, const struct lxc_setting *s, const struct value_error *e);

/* A path of the host, cleaned, made absolute with LXC-W104 when it was relative; NULL after an
 * error. */
char *parse_host_path(struct lxc_parser *p, const struct lxc_setting *s, const char *path);

#endif
