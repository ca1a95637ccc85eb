/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PVE_INTERNAL_H
#define HAKO_LXC_PVE_INTERNAL_H

/* Inside of the Proxmox front end: its lines, and the table of its keys. */

#include "lxc/parse.h"

struct pve;
struct pve_line;

struct pve_row {
	const char *key; /* a trailing N stands for a number */
	/* What Proxmox makes of the line; errors are collected. */
	void (*fn)(struct pve *v, const struct pve_line *l);
};

struct pve_line {
	char *key;
	char *value; /* NUL-terminated; env holds more of them */
	size_t len;
	const struct pve_row *row; /* NULL: a line of LXC's own */
	struct lxc_pos pos;
};

struct pve {
	struct lxc_parser *p;
	char *id; /* number of the container, or NULL */
	char *section;
	struct pve_line *v;
	size_t len;
};

/* In the order in which Proxmox writes them; the last has no key. */
extern const struct pve_row pve_rows[];
const struct pve_row *pve_row(const char *key);

/* The line that counts, or NULL; its value. */
const struct pve_line *pve_find(const struct pve *v, const char *key);
const char *pve_value(const struct pve *v, const char *key, const char *unset);
bool pve_flag(const struct pve *v, const char *key, bool unset);
/* One of features: "1", or NULL. Heap. */
char *pve_feature(const struct pve *v, const char *name);

/* A setting of LXC that a line becomes. */
void pve_set(struct pve *v, struct lxc_pos pos, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* LXC-E003 about a line. */
int pve_bad(struct pve *v, const struct pve_line *l, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "a,b=c,d=e": the value of a name, heap; the first part may stand for the name `first`. NULL when
 * it is not there. */
char *pve_prop(const char *value, const char *first, const char *name);
bool pve_prop_flag(const char *value, const char *name);
/* A name of the value that is none of the NULL-terminated list, heap, or NULL. */
char *pve_prop_unknown(const char *value, const char *first, const char *const *known);

/* Lines of LXC that every container gets, and those of its seccomp profile. Heap. */
char *pve_defaults(const struct pve *v);
char *pve_seccomp(const struct pve *v);
/* What is set although no line says so. */
void pve_implied(struct pve *v);

/* pve_storage.c */
void pve_rootfs(struct pve *v, const struct pve_line *l);
void pve_mount_point(struct pve *v, const struct pve_line *l);
void pve_device(struct pve *v, const struct pve_line *l);
/* pve_net.c */
void pve_network(struct pve *v, const struct pve_line *l);

#endif
