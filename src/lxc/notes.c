/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/notes.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"

void lxc_notes_add(struct lxc_notes *notes, const char *code, int line, int other, const char *fmt,
		   ...)
{
	va_list ap;

	notes->v = xreallocarray(notes->v, notes->len + 1, sizeof *notes->v);
	va_start(ap, fmt);
	notes->v[notes->len++] = (struct lxc_note){
		.code = code,
		.line = line,
		.other = other,
		.text = xvasprintf(fmt, ap),
	};
	va_end(ap);
}

const struct lxc_note *lxc_notes_find(const struct lxc_notes *notes, const char *code)
{
	for (size_t i = 0; i < notes->len; i++) {
		if (strcmp(notes->v[i].code, code) == 0)
			return &notes->v[i];
	}
	return NULL;
}

bool lxc_notes_refuse(const struct lxc_notes *notes)
{
	for (size_t i = 0; i < notes->len; i++) {
		if (notes->v[i].code[4] == 'E')
			return true;
	}
	return false;
}

void lxc_notes_clear(struct lxc_notes *notes)
{
	for (size_t i = 0; i < notes->len; i++)
		free(notes->v[i].text);
	free(notes->v);
	*notes = (struct lxc_notes){ 0 };
}
