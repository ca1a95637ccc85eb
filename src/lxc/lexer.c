/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/lexer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void lexer_init(struct lexer *lx, const char *text, size_t len)
{
	*lx = (struct lexer){ .text = text, .len = len, .line = 1 };
}

size_t lexer_bom(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

void lex_token_clear(struct lex_token *t)
{
	free(t->key);
	free(t->value);
	t->key = t->value = NULL;
}

/* Takes the next physical line, [*ret, returned length), and moves past its end. */
static size_t take_line(struct lexer *lx, const char **ret)
{
	size_t start = lx->at;
	size_t end = start;

	while (end < lx->len && lx->text[end] != '\n' && lx->text[end] != '\r' &&
	       lx->text[end] != '\0')
		end++;
	*ret = lx->text + start;
	lx->at = end;
	if (end < lx->len && lx->text[end] != '\0') {
		lx->at++;
		if (lx->text[end] == '\r' && lx->at < lx->len && lx->text[lx->at] == '\n')
			lx->at++;
		lx->line++;
	}
	return end - start;
}

/* Is there anything but line ends, blanks and more NULs behind the NUL? */
static bool has_text_after(const struct lexer *lx)
{
	for (size_t i = lx->at; i < lx->len; i++) {
		if (!strchr(" \t\r\n",
			    lx->text[i])) /* strchr finds the terminator: NUL counts as blank */
			return true;
	}
	return false;
}

char *lexer_value(char *s)
{
	size_t len;

	while (is_blank(*s) || *s == '\n')
		s++;
	len = strlen(s);
	while (len && (is_blank(s[len - 1]) || s[len - 1] == '\n'))
		s[--len] = '\0';
	/* Blanks go first, so those inside the quotes stay. No escapes, and only this one pair. */
	if (len >= 2 && (s[0] == '\'' || s[0] == '"') && s[len - 1] == s[0]) {
		s[len - 1] = '\0';
		s++;
	}
	return s;
}

static void cut_setting(const char *line, const char *assign, size_t len, struct lex_token *ret)
{
	autofree char *value = xstrndup(assign + 1, len - (size_t) (assign + 1 - line));
	size_t key_len = (size_t) (assign - line);

	while (key_len && is_blank(line[key_len - 1]))
		key_len--;
	ret->kind = LEX_SETTING;
	ret->key = xstrndup(line, key_len);
	ret->value = xstrdup(lexer_value(value));
}

static void cut_line(const char *line, size_t len, struct lex_token *ret)
{
	const char *assign;

	while (len && is_blank(line[len - 1]))
		len--;
	if (len < 4 || memcmp(line, "lxc.", 4) != 0) {
		ret->kind = LEX_IGNORED;
		ret->value = xstrndup(line, len);
		return;
	}
	assign = memchr(line, '=', len);
	if (!assign) {
		ret->kind = LEX_NO_ASSIGN;
		ret->value = xstrndup(line, len);
		return;
	}
	cut_setting(line, assign, len, ret);
}

bool lexer_next(struct lexer *lx, struct lex_token *ret)
{
	*ret = (struct lex_token){ .kind = LEX_END };
	while (lx->at < lx->len) {
		uint32_t number = lx->line;
		const char *line;
		size_t len;

		if (lx->text[lx->at] == '\0') {
			if (lx->nul_done || !has_text_after(lx))
				return false;
			lx->nul_done = true;
			ret->kind = LEX_AFTER_NUL;
			ret->line = number;
			return true;
		}
		len = take_line(lx, &line);
		while (len && is_blank(*line)) {
			line++;
			len--;
		}
		if (len == 0 || *line == '#')
			continue;
		ret->line = number;
		cut_line(line, len, ret);
		return true;
	}
	return false;
}
