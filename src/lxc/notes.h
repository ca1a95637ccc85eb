/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_NOTES_H
#define HAKO_LXC_NOTES_H

/*
 * What a pure step of the mapping (devices, seccomp profile) has to say about its input: a
 * catalogue code and a sentence. The step knows lines only by the index its caller gave them, so
 * that it needs neither files nor the model; the caller turns notes into lines of the report.
 */

#include <stdbool.h>
#include <stddef.h>

struct lxc_note {
	const char *code; /* "LXC-W338": E conversion stops, W meaning changed or lost, I remark;
			     static */
	int line;	  /* index of the line it is about, -1 for the input as a whole */
	int other;	  /* a second line it names, or -1 */
	char *text;
};

struct lxc_notes {
	struct lxc_note *v;
	size_t len;
};

void lxc_notes_add(struct lxc_notes *notes, const char *code, int line, int other, const char *fmt,
		   ...) __attribute__((format(printf, 5, 6)));
/* The first note with this code, or NULL. */
const struct lxc_note *lxc_notes_find(const struct lxc_notes *notes, const char *code);
/* Is there one that stops the conversion? */
bool lxc_notes_refuse(const struct lxc_notes *notes);
void lxc_notes_clear(struct lxc_notes *notes);

#endif
