/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_AUDIT_INTERNAL_H
#define HAKO_LXC_AUDIT_INTERNAL_H

/* Shared by the audit_*.c files. */

#include "lxc/audit.h"

struct audit_run {
	const struct audit_subject *s;
	const struct lxc_config *c;
	struct audit *out;
	bool privileged; /* no user namespace of its own */
};

/* Adds a finding; pos may be line 0. The next audit_fix() is about it. */
void audit_add(struct audit_run *a, enum audit_severity severity, const char *id,
	       struct lxc_pos pos, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void audit_fix(struct audit_run *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* It is about something else than security. */
void audit_area(struct audit_run *a, enum audit_area area);
/* What to do in LXC's language, or in a file of Proxmox. */
void audit_fix_either(struct audit_run *a, const char *lxc, const char *pve);

/* One step milder in a container with a user namespace of its own. */
static inline enum audit_severity audit_milder(const struct audit_run *a, enum audit_severity s)
{
	return a->privileged || s == AUDIT_NOTE ? s : (enum audit_severity)(s - 1);
}

/* Parts with a file of their own. */
void audit_confinement(struct audit_run *a);
void audit_devices(struct audit_run *a);
void audit_mounts(struct audit_run *a);
void audit_limits(struct audit_run *a);
void audit_lines(struct audit_run *a);

#endif
