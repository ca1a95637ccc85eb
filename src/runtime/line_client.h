/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_LINE_CLIENT_H
#define HAKO_RUNTIME_LINE_CLIENT_H

/* Who attaches to a terminal of a running container: the other end of lines.h. */

struct runtime_opts;

#define LINE_ANY (-1) /* the first tty that is free */

/*
 * Connects our terminal with line n, the console being 0, until the container ends, our input does,
 * or the user types escape (a control character, 0 = none) and q. 0 or -errno recorded.
 */
int line_attach(const struct runtime_opts *rt, const char *id, int n, int escape);
/* Prints what the console said last, as far as it is kept. 0 or -errno recorded. */
int line_print_log(const struct runtime_opts *rt, const char *id);

#endif
