/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_PROC_H
#define HAKO_BASE_PROC_H

/* Processes. Every pid is a pidfd, or comes with its start time (clock ticks since boot, field 22
 * of /proc/PID/stat): a number alone may be anybody's by the time it is used. Quiet. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_id {
	pid_t pid;
	uint64_t start; /* 0 = unknown, matches nothing */
};

/* One line of /proc/PID/stat. */
struct proc_stat {
	char state; /* R S D Z X … */
	pid_t ppid;
	uint64_t start;
};
int proc_stat_read(pid_t pid, struct proc_stat *ret);
/* Pure part of it, for tests: text of /proc/PID/stat. */
int proc_stat_parse(const char *text, struct proc_stat *ret);

/* Opens a pidfd (Linux 5.3) and checks that the process is the one meant: -ESRCH when it is gone,
 * is a zombie, or has another start time. */
int proc_open(struct proc_id id);
bool proc_is_alive(struct proc_id id);
/* pidfd_send_signal; -ESRCH when it has ended. */
int proc_signal(int pidfd, int sig);
/* Waits until the process ends, -ETIMEDOUT after timeout_ms (-1 =
 * for ever). Need not be our child. */
int proc_wait_exit(int pidfd, int timeout_ms);
/* waitpid over EINTR; exit status as a shell gives it: 0..255, or 128 + signal. */
int proc_reap(pid_t pid, int *ret_status);
/* Value of "Key:\tvalue" in /proc/PID/status, heap, or NULL. */
char *proc_status_get(pid_t pid, const char *key);
/* prctl(PR_SET_NAME); at most 15 bytes count. */
void proc_set_name(const char *name);

/* "SIGTERM", "term", "15", "RTMIN+3", "SIGRTMAX-1" in any case; 0
 * is allowed as "0". -EINVAL else. */
int signal_parse(const char *s);
/* Records "unknown signal 'TREM': did you mean 'SIGTERM'?"; -EINVAL. */
int signal_unknown(const char *s);
/* "SIGTERM"; "SIGRTMIN+3"; static or per-call buffer, never NULL. */
const char *signal_name(int sig);

#endif
