/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_LEXER_H
#define HAKO_LXC_LEXER_H

/*
 * Bytes to lines, lines to key and value, exactly as LXC cuts them: every CR and every LF ends a
 * line (CR LF is one end for counting), a NUL ends the file, there is no continuation, '#' is a
 * comment only as the first non-blank byte, and a line that does not begin with "lxc." is no
 * setting at all. Pure and quiet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lex_kind {
	LEX_END,
	LEX_SETTING,   /* lxc.key = value */
	LEX_NO_ASSIGN, /* begins with "lxc." and holds no '=' */
	LEX_IGNORED,   /* any other text that is no comment: LXC skips it silently */
	LEX_AFTER_NUL, /* there is text behind the NUL that ended the file; reported once, at its
			  line */
};

struct lexer {
	const char *text;
	size_t len;
	size_t at;
	uint32_t line; /* of the next byte, from 1 */
	bool nul_done;
};

/* Heap strings of the token; empty pointers where a kind has none. */
struct lex_token {
	enum lex_kind kind;
	uint32_t line;
	char *key;   /* SETTING */
	char *value; /* SETTING: trimmed and unquoted. Others: the line without blanks at its ends
		      */
};

void lexer_init(struct lexer *lx, const char *text, size_t len);
/* Gives the next thing worth a word (blank lines and comments are skipped). False at the end. */
bool lexer_next(struct lexer *lx, struct lex_token *ret);
void lex_token_clear(struct lex_token *t);

/* How long the UTF-8 byte order mark at the beginning of a text is: 3 or 0. */
size_t lexer_bom(const char *text, size_t len);

/* Cuts blanks at both ends and then one pair of outer quotes. s is changed; returns its new
 * beginning. */
char *lexer_value(char *s);

#endif
