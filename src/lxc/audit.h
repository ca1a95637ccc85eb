/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_AUDIT_H
#define HAKO_LXC_AUDIT_H

/*
 * What LXC's documentation asks an administrator to look at, asked of a configuration: is it a
 * security boundary, can it exhaust the host, what does it share, will the next LXC load it. Pure:
 * what the host has to say comes in as data. Each finding names a line where there is one, and what
 * to write instead.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lxc/devices.h"
#include "lxc/diag.h"
#include "lxc/model.h"

enum audit_severity {
	AUDIT_NOTE,
	AUDIT_LOW,    /* worth knowing; more than one thing must go wrong */
	AUDIT_MEDIUM, /* harm to the host or to neighbours is possible */
	AUDIT_HIGH,   /* root inside is, or can become, root on the host */
	AUDIT_SEVERITIES,
};

enum audit_area {
	AUDIT_SECURITY, /* confinement and exhaustion */
	AUDIT_LANGUAGE, /* lines that do not do what they say, or do not load */
	AUDIT_VERSION,	/* which LXC loads it */
};

struct audit_finding {
	const char *id; /* "no-memory-limit", or the code of a diagnostic */
	enum audit_severity severity;
	enum audit_area area;
	char *container;
	size_t order; /* the subject's */
	char *file;
	uint32_t line; /* 0: what is missing has no line */
	char *key;     /* or NULL */
	char *text;
	char *fix; /* or NULL */
	char id_text[9];
};

/* Zero-initialised is empty. */
struct audit {
	struct audit_finding *v;
	size_t len;
	size_t counts[AUDIT_SEVERITIES];
	size_t refused; /* configurations that LXC would not load */
};
void audit_clear(struct audit *a);

/* Ids that /etc/subuid and /etc/subgid give to one user. */
struct audit_range {
	bool is_gid;
	uint64_t first;
	uint64_t count;
};

struct audit_ids {
	struct audit_range *v;
	size_t len;
	bool known; /* false: the files cannot be read, nothing is said */
	char *user; /* for messages; NULL: root */
	bool is_root;
};
void audit_ids_clear(struct audit_ids *ids);
/* Adds the lines of a file of the form NAME:FIRST:COUNT that name the user or the uid. */
void audit_ids_parse(struct audit_ids *ids, const char *text, bool is_gid, const char *user,
		     uint32_t uid);

struct audit_subject {
	const char *name;		 /* of the container */
	const char *file;		 /* of its configuration */
	size_t order;			 /* its place in the output */
	const struct lxc_config *config; /* NULL when it could not be read */
	const struct lxc_diag *diag;	 /* of parsing and mapping */
	bool cgroup1; /* the host's controllers are those of cgroup v1 */
	const struct audit_ids *ids;	 /* of the user who starts it; may be NULL */
	/* A device node for path rules; see lxc_device_opts. May be NULL. */
	int (*stat_node)(void *arg, const char *path, struct lxc_device_range *ret);
};

/* One container by itself: its confinement, its limits, its lines, the LXC versions that load it.
 */
void audit_container(const struct audit_subject *s, struct audit *out);
/* What containers of one host share: ids and bridges. */
void audit_host(const struct audit_subject *v, size_t n, struct audit *out);

/* What a finding means in general, by its id; NULL when there is none. */
const char *audit_catalogue(const char *id);

/* "high", ... */
const char *audit_severity_name(enum audit_severity severity);
/* -EINVAL when it is none. */
int audit_severity_parse(const char *name, enum audit_severity *ret);
/* The gravest finding, or -1. */
int audit_worst(const struct audit *a);

/* Findings of at least this severity, the gravest of each container first, and a summary. */
void audit_format_text(const struct audit *a, enum audit_severity least, size_t containers,
		       bool colour, struct strbuf *out);
void audit_format_json(const struct audit *a, enum audit_severity least, size_t containers,
		       struct strbuf *out);

#endif
