/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_OOM_H
#define HAKO_LINUX_OOM_H

#include <sys/types.h>

/* -1000…1000. Pure. */
int oom_check(int score_adj);
/* Writes /proc/PID/oom_score_adj (0 = the caller); less than the current value needs
 * CAP_SYS_RESOURCE. */
int oom_apply(pid_t pid, int score_adj);

#endif
