/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_journald.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <syslog.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/sock.h"
#include "base/str.h"

#define JOURNALD_SOCKET "/run/systemd/journal/socket"
#define SYSLOG_SOCKET	"/dev/log"

static const int priorities[] = {
	[LOG_L_ERROR] = LOG_ERR,
	[LOG_L_WARN] = LOG_WARNING,
	[LOG_L_INFO] = LOG_INFO,
	[LOG_L_DEBUG] = LOG_DEBUG,
};

int log_journald_open(void)
{
	return sock_connect(JOURNALD_SOCKET, SOCK_DGRAM);
}

int log_syslog_open(void)
{
	return sock_connect(SYSLOG_SOCKET, SOCK_DGRAM);
}

/* Field with a value of any bytes: name, line feed, 64-bit little-endian length, value, line feed
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL). */
static void add_field(struct strbuf *b, const char *name, const char *value)
{
	size_t len = strlen(value);
	uint64_t le = htole64(len);

	strbuf_add(b, name);
	strbuf_add_c(b, '\n');
	strbuf_add_n(b, (const char *) &le, sizeof(le));
	strbuf_add_n(b, value, len);
	strbuf_add_c(b, '\n');
}

/* A datagram larger than the socket takes is sent as a sealed memfd with nothing else. */
static void send_memfd(int fd, const struct strbuf *b)
{
	autofd int mem = memfd_create("hako-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (mem < 0 || fd_write_full(mem, b->s, b->len) < 0 ||
	    fcntl(mem, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return;
	(void) sock_send_fd(fd, mem, NULL, 0);
}

static const char *ident_or_ours(const char *ident)
{
	return str_empty(ident) ? "hako" : ident;
}

void log_journald_send(int fd, const char *ident, enum log_level level, const char *text)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	add_field(&b, "MESSAGE", text);
	strbuf_addf(&b, "PRIORITY=%d\n", priorities[level]);
	add_field(&b, "SYSLOG_IDENTIFIER", ident_or_ours(ident));
	if (send(fd, b.s, b.len, MSG_NOSIGNAL) < 0 && (errno == EMSGSIZE || errno == ENOBUFS))
		send_memfd(fd, &b);
}

void log_syslog_send(int fd, const char *ident, enum log_level level, const char *text)
{
	autostrbuf struct strbuf b = STRBUF_INIT;

	/* Without a time stamp, which would be local time and need the zone file: every daemon sets
	 * its own when there is none. */
	strbuf_addf(&b, "<%d>%s[%d]: %s", LOG_USER | priorities[level], ident_or_ours(ident),
		    (int) getpid(), text);
	(void) send(fd, b.s, b.len, MSG_NOSIGNAL);
}
