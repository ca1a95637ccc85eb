/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_BASE_LOG_JOURNALD_H
#define HAKO_BASE_LOG_JOURNALD_H

/* Log lines as datagrams to a daemon of the host, without its
 * library. Quiet; used by log.c only. */

#include "base/log.h"

/* Connected datagram socket, or -errno. */
int log_journald_open(void);
int log_syslog_open(void);

/* One entry of the given identifier ("" = "hako"). A line that cannot be sent is lost. */
void log_journald_send(int fd, const char *ident, enum log_level level, const char *text);
void log_syslog_send(int fd, const char *ident, enum log_level level, const char *text);

#endif
