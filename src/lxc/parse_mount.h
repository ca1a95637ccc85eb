/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PARSE_MOUNT_H
#define HAKO_LXC_PARSE_MOUNT_H

/* Mount entries, the fstab file, lxc.mount.auto. */

#include "lxc/store.h"

STORE_FN(store_mount_entry);
STORE_FN(store_mount_fstab);
STORE_FN(store_mount_auto);

/*
 * Cuts an fstab line as getmntent(3) does: fields at blanks, \040 \011 \012 \134 decoded, missing
 * trailing fields empty. -ENODATA for a comment or an empty line.
 */
int parse_mount_fields(const char *line, struct lxc_mount *ret);
/* Takes LXC's own options out of the list: whole words in intent mode, found anywhere in the text
 * in exact mode. *ret_inside names one that LXC would find inside another word (static), else NULL.
 */
void parse_mount_options(struct lxc_mount *m, bool exact, const char **ret_inside);

/* After all lines: reads the file that survived as lxc.mount.fstab. */
void parse_mount_load_fstab(struct lxc_parser *p);

#endif
