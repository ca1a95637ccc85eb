/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_RUNTIME_SELFTEST_H
#define HAKO_RUNTIME_SELFTEST_H

/*
 * `selftest`: hostile root directories against this kernel and this program. Everything happens
 * below a temporary directory, with markers that must not change; containers are created, looked
 * at and deleted, and no program of theirs is ever executed. No cgroups are made.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"

struct selftest_result {
	const char *name;
	const char *mode;
	bool failed;
	char *detail; /* heap: why it failed, or what was said */
};

struct selftest_report {
	/* The caller's, may be NULL: called when the kernel is known and with each new result. */
	void (*progress)(const struct selftest_report *report);
	char *kernel;
	int landlock; /* the kernel's version, 0 = none */
	bool openat2, mount_api;
	struct selftest_result *v;
	size_t len;
	size_t failed;
};

/* 0, or -errno recorded when it could not be run at all. *ret must be zeroed but for progress. */
int selftest_run(struct selftest_report *ret);
void selftest_report_clear(struct selftest_report *report);
/* A line for the kernel while there is no result yet, and one for the last result then. */
void selftest_format_line(const struct selftest_report *report, struct strbuf *out);
void selftest_format_sum(const struct selftest_report *report, struct strbuf *out);
/* One object, one line. */
void selftest_format_json(const struct selftest_report *report, struct strbuf *out);

/* ---- the scenarios: selftest_cases.c ---- */

enum selftest_expect {
	SELFTEST_EITHER, /* refused, or with its effect inside */
	SELFTEST_REFUSED,
	SELFTEST_CREATED,
};

/* Something in the root directory; what is there goes first. In all texts '@' is the directory of
 * the markers. */
struct selftest_plant {
	char kind; /* 'l'ink, 'f'ile, fifo 'p', 'd'irectory, 0 = end */
	const char *path;
	const char *target;
};

struct selftest_case {
	const char *name;
	struct selftest_plant plants[4];
	const char *mounts;  /* more of them, in JSON */
	const char *members; /* more of linux */
	const char *cwd;
	bool image_dev;	     /* nothing is mounted on /dev */
	const char *swap[2]; /* two names that are exchanged all the time */
	enum selftest_expect expect;
	const char *says; /* in the refusal */
	/* Looks at the created container, by the pid of its init. NULL, or what is wrong (static).
	 */
	const char *(*inspect)(pid_t init);
};

extern const struct selftest_case selftest_cases[];
extern const size_t selftest_n_cases;

#endif
