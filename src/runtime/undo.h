/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_UNDO_H
#define HAKO_RUNTIME_UNDO_H

/*
 * What must be rolled back when creation fails: each step registers its opposite once it is done;
 * undo_run() performs them newest first, undo_commit() forgets them. A failing step is logged and
 * the rest still run; the error record of the failure that led here is kept.
 */

#define UNDO_MAX 16

struct undo {
	struct undo_step {
		const char *what; /* "remove cgroup" */
		int (*fn)(void *arg);
		void *arg; /* must outlive the list */
	} steps[UNDO_MAX];
	unsigned int n;
};

void undo_add(struct undo *u, const char *what, int (*fn)(void *arg), void *arg);
void undo_run(struct undo *u);
void undo_commit(struct undo *u);

#endif
