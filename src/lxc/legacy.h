/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_LEGACY_H
#define HAKO_LXC_LEGACY_H

/* Key names before LXC 2.1, gone since 3.0. */

#include "lxc/parse.h"

/*
 * If name is a legacy one, combines the line under its present name (with LXC-I106) and returns
 * true. lxc.network.* lines have no index: each type line opens the next interface.
 */
bool legacy_setting(struct lxc_parser *p, struct lxc_pos pos, const char *name, const char *value);

/* The table, for listings and suggestions: entry i, or NULL behind the last. */
const char *legacy_name(size_t i, const char **ret_now);

#endif
