/* SPDX-License-Identifier: Apache-2.0 */
/* Whose are the files of the root file system? In a user namespace they have to be its root's. */
#include <stdlib.h>

#include "base/alloc.h"
#include "lxc/map_internal.h"

/* Ids of people and services of a host are below, those of containers above. */
#define SHIFTED 65536

/* The host's ids of the container's root; without a map of it there is none, and nothing is said.
 */
static bool root_of(const struct lxc_config *c, bool is_gid, uint32_t *ret)
{
	for (size_t i = 0; i < c->idmap.len; i++) {
		const struct lxc_idmap *map = &c->idmap.v[i];

		if (map->is_gid == is_gid && map->nsid == 0 && map->count) {
			*ret = map->hostid;
			return true;
		}
	}
	return false;
}

/* For the shell: in single quotes. Heap. */
static char *quoted(const char *s)
{
	struct strbuf b = STRBUF_INIT;

	strbuf_add_c(&b, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			strbuf_add(&b, "'\\''");
		else
			strbuf_add_c(&b, *s);
	}
	strbuf_add_c(&b, '\'');
	return strbuf_take(&b);
}

/* The command that moves all ids by the same distance; chown(2) takes setuid bits away. */
static char *shift_command(const char *rootfs, int64_t uids, int64_t gids)
{
	autofree char *path = quoted(rootfs);

	return xasprintf("find %s -xdev -exec sh -c 'for f; do m=$(stat -c %%a \"$f\"); chown -h "
			 "$(($(stat -c %%u \"$f\")+%lld)):$(($(stat -c %%g \"$f\")+%lld)) \"$f\"; "
			 "[ -L \"$f\" ] || chmod \"$m\" \"$f\"; done' sh {} +",
			 path, (long long) uids, (long long) gids);
}

/* Not shifted at all: an idmapped mount shows them as the container's. */
static void map_unshifted(struct lxc_map *m)
{
	struct lxc_pos pos = m->c->rootfs_path.pos;

	diag_add(m->diag, "LXC-W505", pos, "lxc.rootfs.path",
		 "the files of '%s' are not shifted to the container's ids: LXC would show them as "
		 "nobody's; here an idmapped mount shows them as its own",
		 m->rootfs);
	map_annotate_line(m, pos, "org.hako.rootfs.idmap", "container");
	report_changed(m->report, pos, NULL, "through an idmapped mount");
}

/* Files of a container that had an id map, and no map: some line is missing. */
static void check_privileged(struct lxc_map *m)
{
	uid_t uid;
	gid_t gid;

	if (!m->owner_path || !m->host->path_owner ||
	    m->host->path_owner(m->host->arg, m->owner_path, &uid, &gid) < 0 || uid < SHIFTED ||
	    gid < SHIFTED)
		return;
	diag_add(m->diag, "LXC-W505", m->c->rootfs_path.pos, "lxc.rootfs.path",
		 "'%s' belongs to %u:%u, as that of a container with an id map does, and there is "
		 "no lxc.idmap: root would be the host's",
		 m->owner_path, uid, gid);
	diag_hint(m->diag, "lxc.idmap = u 0 %u 65536, and lxc.idmap = g 0 %u 65536", uid, gid);
}

void map_owner(struct lxc_map *m)
{
	const struct lxc_str *options = &m->c->rootfs_options;
	uint32_t want_uid, want_gid;
	autofree char *command = NULL;
	uid_t uid;
	gid_t gid;

	if (!m->c->idmap.len && !m->ns_new[LXC_NS_USER] && !m->ns_joined[LXC_NS_USER])
		check_privileged(m);
	if (!m->ns_new[LXC_NS_USER] || !m->owner_path || !m->host->path_owner ||
	    (options->s && strstr(options->s, "idmap=")) || !root_of(m->c, false, &want_uid) ||
	    !root_of(m->c, true, &want_gid) ||
	    m->host->path_owner(m->host->arg, m->owner_path, &uid, &gid) < 0 ||
	    (uid == want_uid && gid == want_gid))
		return;
	if (uid == 0 && gid == 0 && !m->exact && !m->generic && str_eq(m->owner_path, m->rootfs)) {
		map_unshifted(m);
		return;
	}
	command = shift_command(m->owner_path, (int64_t) want_uid - uid, (int64_t) want_gid - gid);
	diag_add(m->diag, m->exact ? "LXC-W505" : "LXC-E505", m->c->rootfs_path.pos,
		 "lxc.rootfs.path", "'%s' belongs to %u:%u, the container's root is %u:%u",
		 m->owner_path, uid, gid, want_uid, want_gid);
	diag_hint(m->diag, "shift its files: %s", command);
}
