/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_CAPS_H
#define HAKO_LINUX_CAPS_H

/*
 * Capabilities, capabilities(7): five sets as masks, applied by libcap.
 *
 * Order in init: caps_drop_bounding() as root · caps_keep() · ids (creds_apply) · caps_apply().
 */

#include <stdbool.h>
#include <stdint.h>

struct oci_capabilities;

struct caps_sets {
	uint64_t bounding;
	uint64_t effective;
	uint64_t permitted;
	uint64_t inheritable;
	uint64_t ambient;
	bool told; /* what cannot be had has been said */
};

/* "CAP_CHOWN" -> 0; -EINVAL for a name that is not known. Quiet. */
int caps_parse(const char *name);
/* "CAP_CHOWN", or NULL. */
const char *caps_name(int cap);
/* All known names, sorted, NULL-terminated, static. */
const char *const *caps_names(void);

/* The same sets once more, of which all has been said: no warnings. */
#define CAPS_TOLD 1

/*
 * The sets of process.capabilities; NULL gives five empty sets. An unknown name is not an error
 * (the specification's rule): one warning for each. Otherwise pure.
 */
void caps_plan(const struct oci_capabilities *caps, int flags, struct caps_sets *ret);
/*
 * Takes out what cannot be granted: what the caller does not hold (bounding is what it may keep,
 * permitted what it has), effective beyond permitted. One warning for each. Pure but for the
 * warnings.
 */
void caps_limit(struct caps_sets *sets, uint64_t held_bounding, uint64_t held_permitted);

/* Drops what is not in sets->bounding. Needs CAP_SETPCAP only when there is something to drop. */
int caps_drop_bounding(const struct caps_sets *sets);
/* Lets permitted capabilities survive the change from 0 to uid; no system call when uid is 0. */
int caps_keep(unsigned int uid);
/*
 * Sets the other four sets, limited to what the process holds (caps_limit). Capabilities that
 * cannot be made ambient are one warning: "can't raise ambient capability CAP_X: …".
 */
int caps_apply(const struct caps_sets *sets);

/* Takes out of the sets what the process does not hold (any more), without a word: for a second
 * caps_apply() after the first one has said it. */
int caps_trim(struct caps_sets *sets);

#endif
