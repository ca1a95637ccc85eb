/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_CRIU_RPC_H
#define HAKO_RUNTIME_CRIU_RPC_H

/*
 * The messages of `criu swrk`: criu_req and criu_resp of its rpc.proto in the encoding of protocol
 * buffers (proto2), as far as they are needed here. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum criu_type {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 4,
	CRIU_NOTIFY = 6,
};

/* Fields of criu_opts by their numbers. */
enum criu_opt {
	CRIU_OPT_IMAGES_DIR_FD = 1, /* descriptors of the process that made the socket */
	CRIU_OPT_PID = 2,
	CRIU_OPT_LEAVE_RUNNING = 3,
	CRIU_OPT_EXT_UNIX_SK = 4,
	CRIU_OPT_TCP_ESTABLISHED = 5,
	CRIU_OPT_EVASIVE_DEVICES = 6,
	CRIU_OPT_SHELL_JOB = 7,
	CRIU_OPT_FILE_LOCKS = 8,
	CRIU_OPT_LOG_LEVEL = 9,
	CRIU_OPT_LOG_FILE = 10,
	CRIU_OPT_PAGE_SERVER = 11,
	CRIU_OPT_NOTIFY_SCRIPTS = 12,
	CRIU_OPT_ROOT = 13,
	CRIU_OPT_PARENT_IMG = 14,
	CRIU_OPT_TRACK_MEM = 15,
	CRIU_OPT_AUTO_DEDUP = 16,
	CRIU_OPT_WORK_DIR_FD = 17,
	CRIU_OPT_LINK_REMAP = 18,
	CRIU_OPT_MANAGE_CGROUPS = 24,
	CRIU_OPT_CG_ROOT = 25, /* pair: controller, path */
	CRIU_OPT_RST_SIBLING = 26,
	CRIU_OPT_INHERIT_FD = 27, /* numbered: key, descriptor of criu */
	CRIU_OPT_MANAGE_CGROUPS_MODE = 34,
	CRIU_OPT_EXTERNAL = 37,
	CRIU_OPT_EMPTY_NS = 38,
	CRIU_OPT_JOIN_NS = 39, /* pair: type, path */
	CRIU_OPT_FREEZE_CGROUP = 44,
	CRIU_OPT_TCP_SKIP_IN_FLIGHT = 46,
	CRIU_OPT_LAZY_PAGES = 48,
	CRIU_OPT_ORPHAN_PTS_MASTER = 50,
	CRIU_OPT_CONFIG_FILE = 51,
	CRIU_OPT_LSM_PROFILE = 53,
	CRIU_OPT_LSM_MOUNT_CONTEXT = 63,
};

/* Append a field to opts, the body of a criu_opts message (not a text: it has zeros). */
void criu_add_number(struct strbuf *opts, enum criu_opt field, uint64_t value);
void criu_add_flag(struct strbuf *opts, enum criu_opt field, bool value);
/* NULL adds nothing. */
void criu_add_text(struct strbuf *opts, enum criu_opt field, const char *value);
/* A message of two texts (fields 1 and 2), and one of a text and a number. */
void criu_add_pair(struct strbuf *opts, enum criu_opt field, const char *a, const char *b);
void criu_add_numbered(struct strbuf *opts, enum criu_opt field, const char *text, uint64_t n);

/* A whole request; opts may be NULL. */
void criu_request(struct strbuf *out, enum criu_type type, const struct strbuf *opts);
/* The answer to a notification. */
void criu_notify_answer(struct strbuf *out, bool success);

struct criu_response {
	uint64_t type;
	bool success;
	char *script; /* of a notification: "setup-namespaces", …; heap */
	int64_t notify_pid;
	int64_t restored_pid;
	int64_t error; /* an errno, 0 = not said */
	char *message; /* heap or NULL */
};
/* 0, or -EBADMSG (quiet) for what is no response; unknown fields are skipped. */
int criu_response_parse(const void *data, size_t len, struct criu_response *ret);
void criu_response_clear(struct criu_response *r);

#endif
