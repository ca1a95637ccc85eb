/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_REFUSE_H
#define HAKO_RUNTIME_CRIU_REFUSE_H

/*
 * What a container has that its images would not: criu neither saves it nor gives it back, and the
 * restored container would be another one, a less confined one at worst. Said before the container
 * is gone, and at restore again, for the document may be another one by then.
 */

struct bundle;

/* 0, or -ENOTSUP recorded, with the field's or the annotation's name and "COMMAND". */
int criu_refuse(const struct bundle *bundle, const char *command);

#endif
