/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_CGROUP_SYSTEMD_BUS_H
#define HAKO_CGROUP_SYSTEMD_BUS_H

/* Where systemd listens. PURE, for tests; the connection is mgr_systemd.c's own. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

/*
 * D-Bus addresses in the order to try. The system's manager: $DBUS_SYSTEM_BUS_ADDRESS, systemd's
 * own socket (root's way around a missing or stuck bus), the system bus. A user's:
 * $DBUS_SESSION_BUS_ADDRESS, bus and systemd's socket in $XDG_RUNTIME_DIR, or if that is not set
 * in /run/user/UID.
 */
void systemd_bus_addresses(bool user, char *const *env, uid_t uid, struct strv *ret);
/* Is it systemd's own socket, where nobody distributes messages? */
bool systemd_bus_is_direct(const char *address);

#endif
