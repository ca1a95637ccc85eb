/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_HALT_H
#define HAKO_RUNTIME_HALT_H

/* How a container's init is asked to end: org.hako.signal.* and what its init understands. */

#include <stdbool.h>
#include <sys/types.h>

struct annotations;

/*
 * The signal for a running init: the annotation's, or for "auto" and (with fallback) for none the
 * one its init understands. 0 = none is given.
 */
int halt_signal(const struct annotations *a, pid_t pid, bool fallback);
int halt_signal_reboot(const struct annotations *a, pid_t pid);
/* SIGKILL unless the annotation has another one. */
int halt_signal_stop(const struct annotations *a);

#endif
