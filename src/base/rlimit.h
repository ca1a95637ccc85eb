/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_RLIMIT_H
#define HAKO_BASE_RLIMIT_H

/* The resource limits of getrlimit(2); the numbers are those of the machine we are built for. */

/* "RLIMIT_NOFILE" -> its number; -EINVAL for another word, and for NULL. Quiet. */
int rlimit_parse(const char *type);
/* NULL when there is no such limit. */
const char *rlimit_name(int resource);

#endif
