/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_DEVICES_EMIT_H
#define HAKO_LXC_DEVICES_EMIT_H

/*
 * Builds the list that is written: entries apply in order, the last one that matches wins, and one
 * matches when all requested bits are inside its access. In such a list an added rule honours "the
 * later line wins on the overlap, bit by bit" only with care; that care is here. Used by devices.c.
 */

#include "lxc/devices.h"

struct device_emit;

struct device_emit *device_emit_new(bool default_allow);
void device_emit_free(struct device_emit *e);
/* Forgets all rules: what a global rule does. */
void device_emit_reset(struct device_emit *e, bool default_allow);
/* The rule takes effect over all earlier ones: an allow gives its bits, a deny takes them away. */
void device_emit_add(struct device_emit *e, const struct lxc_device_rule *rule);
/* The rule as one entry, whatever that means for the ones before. Not to be mixed with the former.
 */
void device_emit_add_raw(struct device_emit *e, const struct lxc_device_rule *rule);
/* Writes p->entries and frees e. */
void device_emit_take(struct device_emit *e, struct lxc_device_policy *p);

/* Notes about runtimes that add default devices or merge rules; only with LXC_DEVICES_GENERIC. */
void device_emit_note_foreign(struct lxc_device_policy *p, int flags);

/* The devices in both; false when there are none. Type 'a' holds 'b' and 'c'. */
bool device_range_intersect(const struct lxc_device_range *a, const struct lxc_device_range *b,
			    struct lxc_device_range *ret);

void device_entries_free(struct oci_device_rule *entries, size_t len);

#endif
