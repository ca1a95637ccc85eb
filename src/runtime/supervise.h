/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SUPERVISE_H
#define HAKO_RUNTIME_SUPERVISE_H

/*
 * A process of ours that stays with a detached container, for what only somebody who stays can
 * give: terminals and their log, another start after reboot(2), an end together with him. It is the
 * parent of the container's init, and what it does is what `hako run` does in the foreground; when
 * init has ended it removes the container and ends. Killing it costs what it gives and no more:
 * init ends with it only if org.hako.pdeath says so, and `delete --force` removes the rest.
 */

/*
 * Returns twice. In the caller's process: 1 when the supervisor has reported that the container
 * runs, or -errno recorded with its reason. In the supervisor: 0, with the socket to report on.
 */
int supervise_fork(int *ret_report);
/* Supervisor: tells the caller (r = 0, or the recorded error) and lets go of its terminal and
 * standard streams. Only the first call says anything. */
void supervise_report(int *report, int r);

#endif
