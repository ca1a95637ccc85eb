/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HAKO_LINUX_IDMAP_H
#define HAKO_LINUX_IDMAP_H

/* User and group mappings of a user namespace, user_namespaces(7). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct host_facts;
struct oci_id_mapping;

/* As in config.json. Borrowed unless a function says otherwise. */
struct idmap {
	struct oci_id_mapping *uid;
	size_t uid_len;
	struct oci_id_mapping *gid;
	size_t gid_len;
};

/* The kernel's limit on lines of a map (Linux 4.15). */
#define IDMAP_MAX 340

/* Both maps: at least one and at most IDMAP_MAX entries, sizes not 0, no overflow, no overlap on
 * either side. The kernel would only say EINVAL. Pure. */
int idmap_check(const struct idmap *map);
/* Text for /proc/PID/uid_map, heap. Pure. */
char *idmap_format(const struct oci_id_mapping *m, size_t n);
/* The host's id for one of the container; false when it is not mapped. Pure. */
bool idmap_to_host(const struct oci_id_mapping *m, size_t n, uint32_t id, uint32_t *ret);
/* Is root of such a namespace neither the caller nor in the caller's power (it is not root)? Pure.
 */
bool idmap_is_foreign(const struct idmap *map, const struct host_facts *host);
/*
 * The same mappings and, where they lack them, the caller's own ids behind the others: whoever is
 * root of such a namespace may change what is the container's and what is the caller's. The arrays
 * are heap and the caller's. Pure.
 */
void idmap_with_caller(const struct idmap *map, const struct host_facts *host, struct idmap *ret);

/*
 * Writes setgroups, uid_map and gid_map of the process, which has just made its user namespace
 * below ours. With CAP_SETUID/CAP_SETGID directly; without, one entry that maps the caller itself
 * directly (setgroups is denied first, as the kernel demands), anything else by newuidmap(1) and
 * newgidmap(1).
 */
int idmap_write(pid_t pid, const struct idmap *map, const struct host_facts *host);

/*
 * Mappings for a user namespace without any: 0 is the caller, and 1… the caller's range of
 * /etc/subuid and /etc/subgid if it has one; root without one gets all ids as they are. The arrays
 * are heap and the caller's: they may be given to linux.uidMappings of a document.
 */
int idmap_default(const struct host_facts *host, struct idmap *ret);
/*
 * The first range of a user in the text of /etc/subuid: by name (may be NULL) or by number. False
 * when there is none. Pure.
 */
bool idmap_subid_find(const char *text, const char *name, uint32_t id, uint32_t *ret_start,
		      uint32_t *ret_count);

#endif
