/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/undo.h"

#include <stdlib.h>

#include "base/err.h"

void undo_add(struct undo *u, const char *what, int (*fn)(void *arg), void *arg)
{
	if (u->n == UNDO_MAX)
		abort(); /* the number of steps is fixed at compile time */
	u->steps[u->n++] = (struct undo_step){ what, fn, arg };
}

void undo_run(struct undo *u)
{
	struct err_saved saved = err_push();

	while (u->n > 0) {
		struct undo_step *s = &u->steps[--u->n];
		int r = s->fn(s->arg);

		if (r < 0)
			err_warn(r, "clean up: %s", s->what);
	}
	err_pop(saved);
}

void undo_commit(struct undo *u)
{
	u->n = 0;
}
