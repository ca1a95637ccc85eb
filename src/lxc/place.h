/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LXC_PLACE_H
#define HAKO_LXC_PLACE_H

/*
 * Where the configurations of a host's containers are: NAME/config below an LXC path, ID.conf in
 * the directory of Proxmox VE.
 */

#include <stddef.h>

#define PLACE_LXC "/var/lib/lxc"
#define PLACE_PVE "/etc/pve/lxc"

struct place {
	char *name; /* of the container */
	char *path; /* of its configuration */
};

/* Zero-initialised is empty. */
struct places {
	struct place *v;
	size_t len;
};
void places_clear(struct places *p);

/* The LXC path of the calling user: lxc.lxcpath of lxc.conf, else /var/lib/lxc for root and
 * ~/.local/share/lxc for others. Heap. */
char *place_lxcpath(void);

/*
 * Adds the container that a user means by what: the path of a configuration or of the directory
 * with it, or a name, looked up below dir (NULL: Proxmox's directory, then place_lxcpath()). 0, or
 * -ENOENT with the places named.
 */
int places_find(struct places *p, const char *what, const char *dir);
/* The same for a name alone. */
int places_named(struct places *p, const char *name, const char *dir);
/*
 * Adds all containers below dir in the order of their names. NULL: those of Proxmox, of LXC and of
 * the user; what Proxmox writes below LXC's path for a container of its own counts once. 0 or
 * -errno; directories that do not exist matter only when dir was given.
 */
int places_list(struct places *p, const char *dir);

#endif
