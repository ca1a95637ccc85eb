/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SUPERVISE_H
#define HAKO_RUNTIME_SUPERVISE_H

/*
 * A process of ours that stays with a detached container, for what only somebody who stays can
 * give: terminals and their log, another start after reboot(2), an end together with him. It is the
 * parent of the container's init, and what it does is what `hako run` does in the foreground; when
 * init has ended it removes the container and ends. Killing it costs what it gives and no more:
 * init ends with it only if org.hako.pdeath says so, and `delete --force` removes the rest.
 *
 * A detached container without one is made by such a process too where somebody is to be notified
 * that it is ready: it stays until they were.
 */

struct notify;

/*
 * The supervisor reports that the container runs; the caller then waits until the container is
 * ready, if somebody is to be notified of that, and answers. A caller that ends without an answer
 * was killed: whoever started it was told of a failure, so the container is not to go on.
 *
 *   supervisor -> caller                         caller -> supervisor
 *   GO   runs; main process, + notify socket     GO   told
 *   FAIL the error record
 */

/*
 * Returns twice. In the caller's process: 1 when the supervisor has reported that the container
 * runs (and is ready, or has ended), or -errno recorded with its reason. In the supervisor: 0, with
 * the socket to report on.
 */
int supervise_fork(int *ret_report);
/* Supervisor: tells the caller, and lets go of its terminal and standard streams. -errno recorded
 * when there is no caller any more. Once the caller was told (FD_NONE) this does nothing. */
int supervise_report(const int *report, const struct notify *n);
void supervise_report_failure(const int *report);
/* Supervisor: when *report can be read. 0, and FD_NONE in *report, for the answer; -EPIPE without
 * one. */
int supervise_hear(int *report);
/* One that does not stay: waits for the answer, as supervise_hear(). When the process has ended the
 * caller is told by the end of the stream, and answers then. */
int supervise_await_answer(int *report, int pidfd);

#endif
