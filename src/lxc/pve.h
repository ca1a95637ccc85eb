/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PVE_H
#define HAKO_LXC_PVE_H

/* The front end for Proxmox VE container files (/etc/pve/lxc/ID.conf): "key: value" lines. */

#include <stdbool.h>
#include <stddef.h>

#include "lxc/parse.h"

/* Stands for the profile that Proxmox generates: its text is lxc_config.seccomp_text. */
#define PVE_SECCOMP "/usr/share/lxc/config/pve.seccomp"

/* By content: a line with a key of Proxmox before any "lxc.x = v" line. */
bool pve_detect(const char *text, size_t len);
/* Reads the text as such a file. */
void pve_parse(struct lxc_parser *p, uint32_t file, const char *text, size_t len);

#endif
