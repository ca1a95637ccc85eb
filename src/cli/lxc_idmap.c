/* SPDX-License-Identifier: Apache-2.0 */
/* --idmap auto: every container gets ids that no other one of the host has. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "cli/lxc.h"
#include "lxc/idmap_pick.h"
#include "lxc/place.h"

#define REGISTRY  "/var/lib/hako/idmaps"
#define SUBID_MAX (4u << 20)

struct scan {
	const char *name; /* of ours, which does not count */
	struct idmap_used used;
};

static void add_used(struct scan *s, const struct lxc_config *c)
{
	for (size_t i = 0; i < c->idmap.len; i++)
		*MODEL_ADD(&s->used) = (struct audit_range){
			.is_gid = c->idmap.v[i].is_gid,
			.first = c->idmap.v[i].hostid,
			.count = c->idmap.v[i].count,
		};
}

/* A configuration that does not load has no container that runs; where volumes are is no matter. */
static void scan_one(struct scan *s, const struct place *place)
{
	const struct lxc_opts opts = { .env = environ, .any_volume = true };
	struct lxc_diag diag = { 0 };
	struct lxc_config *c = NULL;

	if (str_eq(place->name, s->name))
		return;
	if (lxc_parse_file(place->path, &opts, &c, &diag) >= 0)
		add_used(s, c);
	err_clear();
	diag_clear(&diag);
	lxc_config_free(c);
}

/* The containers of LXC and, always, those of Proxmox VE. */
static void scan_host(struct scan *s, const char *lxcpath)
{
	struct places places = { 0 };

	if (places_list(&places, lxcpath) < 0)
		err_clear();
	if (lxcpath && places_list(&places, PLACE_PVE) < 0)
		err_clear();
	for (size_t i = 0; i < places.len; i++)
		scan_one(s, &places.v[i]);
	places_clear(&places);
}

static void read_subids(struct audit_ids *ids)
{
	const struct passwd *pw = getpwuid(geteuid());
	const char *user = pw ? pw->pw_name : "root";
	autofree char *uids = NULL, *gids = NULL;

	ids->user = xstrdup(user);
	if (file_read_at(AT_FDCWD, "/etc/subuid", SUBID_MAX, &uids, NULL) == 0)
		audit_ids_parse(ids, uids, false, user, geteuid());
	if (file_read_at(AT_FDCWD, "/etc/subgid", SUBID_MAX, &gids, NULL) == 0)
		audit_ids_parse(ids, gids, true, user, geteuid());
}

/* The lock is on the directory: the file is replaced. */
static int open_registry(const char *file, int *ret_dir)
{
	const char *slash = strrchr(file, '/');
	autofree char *dir = slash ? xstrndup(file, (size_t) (slash - file)) : xstrdup(".");
	int r = *dir ? file_mkdir_p(dir, 0755) : 0;

	if (r < 0)
		return err_sys_r(r, "make '%s' for the registry of id maps", dir);
	*ret_dir = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*ret_dir < 0 || flock(*ret_dir, LOCK_EX) < 0)
		return err_sys("lock '%s' for the registry of id maps", dir);
	return 0;
}

static int write_registry(const char *file, const char *text)
{
	int r = file_replace_at(AT_FDCWD, file, text, strlen(text), 0644, FILE_SYNC);

	return r < 0 ? err_sys_r(r, "write '%s'", file) : 0;
}

static int choose(const char *file, const struct scan *scan, struct lxc_cli_ids *reg, uint64_t *ret)
{
	struct idmap_registry given = { 0 };
	struct audit_ids ids = { 0 };
	autofree char *out = NULL;
	int r = open_registry(file, &reg->dir);

	if (r < 0)
		return r;
	r = file_read_at(AT_FDCWD, file, SUBID_MAX, &reg->before, NULL);
	if (r < 0 && r != -ENOENT)
		return err_sys_r(r, "read '%s'", file);
	idmap_registry_parse(&given, reg->before ? reg->before : "");
	read_subids(&ids);
	if (!idmap_pick(&ids, &scan->used, &given, scan->name, ret)) {
		r = err_code(ENOSPC,
			     "--idmap auto: no %d ids of %s in /etc/subuid and /etc/subgid are "
			     "free; add a line such as '%s:1000000000:1310720' to both",
			     IDMAP_PICK_COUNT, ids.user, ids.user);
	} else {
		idmap_registry_set(&given, scan->name, *ret);
		out = idmap_registry_format(&given);
		r = write_registry(file, out);
		if (r >= 0)
			reg->file = xstrdup(file);
	}
	audit_ids_clear(&ids);
	idmap_registry_clear(&given);
	return r;
}

/* Does the configuration map ids by itself? 1, 0, or -errno recorded. */
static int has_idmap(const struct lxc_cli_opts *o, const char *config)
{
	const struct lxc_opts opts = { .cwd = o->cwd,
				       .include_root = o->include_root,
				       .env = environ,
				       .defines = o->defines.v,
				       .volumes = o->volumes.v,
				       .lxcpath = o->lxcpath };
	struct lxc_diag diag = { 0 };
	struct lxc_config *c = NULL;
	int r = lxc_parse_file(config, &opts, &c, &diag);

	if (r >= 0)
		r = c->idmap.len > 0;
	diag_clear(&diag);
	lxc_config_free(c);
	return r;
}

int lxc_cli_idmap(const struct lxc_cli_opts *o, const char *config, const char *name,
		  struct strv *defines, struct lxc_cli_ids *ret)
{
	struct scan scan = { .name = name };
	uint64_t start;
	int r;

	if (!o->idmap)
		return 0;
	if (!str_eq(o->idmap, "auto"))
		return err_code(EINVAL, "--idmap: '%s' is not auto", o->idmap);
	r = has_idmap(o, config);
	if (r != 0) {
		/* what is wrong with it the conversion says in full */
		err_clear();
		return 0;
	}
	scan_host(&scan, o->lxcpath);
	r = choose(o->idmap_file ? o->idmap_file : REGISTRY, &scan, ret, &start);
	free(scan.used.v);
	if (r < 0) {
		lxc_cli_idmap_end(ret, true);
		return r;
	}
	for (const char *kind = "ug"; *kind; kind++)
		strv_addf(defines, "lxc.idmap = %c 0 %llu %d", *kind, (unsigned long long) start,
			  IDMAP_PICK_COUNT);
	return 0;
}

void lxc_cli_idmap_end(struct lxc_cli_ids *ids, bool keep)
{
	int r = 0;

	if (ids->file && !keep && ids->before)
		r = write_registry(ids->file, ids->before);
	else if (ids->file && !keep && unlink(ids->file) < 0)
		r = err_sys("remove '%s'", ids->file);
	if (r < 0)
		err_forgive(r, "take back the ids of a refused conversion");
	free(ids->file);
	free(ids->before);
	fd_close(&ids->dir);
	*ids = (struct lxc_cli_ids) LXC_CLI_IDS_INIT;
}
