/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "lxc/convert.h"
#include "lxc/model.h"

#define LXC_CONF_MAX 65536

void places_clear(struct places *p)
{
	for (size_t i = 0; i < p->len; i++) {
		free(p->v[i].name);
		free(p->v[i].path);
	}
	free(p->v);
	*p = (struct places){ 0 };
}

static void add(struct places *p, const char *name, const char *path)
{
	*MODEL_ADD(p) = (struct place){ xstrdup(name), xstrdup(path) };
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* What was not named but found is read only if that needs nobody's help. */
static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static char *below_home(const char *rest)
{
	const char *home = getenv("HOME");

	return home && *home == '/' ? path_join(home, rest) : NULL;
}

/* "lxc.lxcpath = DIR" of the tools' own settings; heap or NULL. */
static char *read_lxcpath(const char *conf)
{
	autofree char *text = NULL;
	autostrv struct strv lines = { 0 };
	char *found = NULL;

	if (!conf || file_read_at(AT_FDCWD, conf, LXC_CONF_MAX, &text, NULL) < 0)
		return NULL;
	strv_split(&lines, text, "\n");
	for (size_t i = 0; i < lines.len; i++) {
		char *value = strchr(lines.v[i], '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!str_eq(str_trim(lines.v[i]), "lxc.lxcpath"))
			continue;
		value = str_trim(value);
		if (*value == '/') {
			free(found);
			found = path_clean(value);
		}
	}
	return found;
}

char *place_lxcpath(void)
{
	bool root = geteuid() == 0;
	autofree char *conf =
		root ? xstrdup("/etc/lxc/lxc.conf") : below_home(".config/lxc/lxc.conf");
	char *path = read_lxcpath(conf);

	if (path)
		return path;
	path = root ? NULL : below_home(".local/share/lxc");
	return path ? path : xstrdup(PLACE_LXC);
}

/* --- one --- */

static bool find_in(struct places *p, const char *dir, const char *name)
{
	autofree char *lxc = xasprintf("%s/%s/config", dir, name);
	autofree char *pve = xasprintf("%s/%s.conf", dir, name);
	const char *path = is_regular(lxc) ? lxc : is_regular(pve) ? pve : NULL;

	if (path)
		add(p, name, path);
	return path;
}

static int find_path(struct places *p, const char *path)
{
	autofree char *inside = is_dir(path) ? path_join(path, "config") : NULL;
	const char *file = inside ? inside : path;
	autofree char *name = lxc_convert_name(file);
	struct stat st;

	if (stat(file, &st) < 0)
		return err_sys("read configuration '%s'", file);
	add(p, name, file);
	return 0;
}

int places_find(struct places *p, const char *what, const char *dir)
{
	if (strchr(what, '/') || is_file(what))
		return find_path(p, what);
	return places_named(p, what, dir);
}

int places_named(struct places *p, const char *what, const char *dir)
{
	autofree char *own = dir ? xstrdup(dir) : place_lxcpath();

	if (!*what || *what == '.' || strchr(what, '/'))
		return err_code(EINVAL, "invalid container name '%s'", what);
	if (!dir && find_in(p, PLACE_PVE, what))
		return 0;
	if (find_in(p, own, what))
		return 0;
	if (!dir && is_dir(PLACE_PVE))
		return err_code(ENOENT, "'%s' is not defined (looked in %s and " PLACE_PVE ")",
				what, own);
	return err_code(ENOENT, "'%s' is not defined (looked in %s)", what, own);
}

/* --- all --- */

struct listing {
	struct strv names;
	const char *dir;
};

static int collect(void *arg, int dirfd, const char *name)
{
	struct listing *l = arg;
	autofree char *config = path_join(name, "config");

	if (*name == '.')
		return 0;
	if (file_exists_at(dirfd, config))
		strv_add(&l->names, name);
	else if (str_ends(name, ".conf") && name[strspn(name, "0123456789")] == '.')
		strv_add_take(&l->names, xstrndup(name, strlen(name) - strlen(".conf")));
	return 0;
}

/* Numbers as numbers, so that 9 is before 100. */
static int compare_names(const void *x, const void *y)
{
	return strverscmp(*(char *const *) x, *(char *const *) y);
}

static int list_dir(struct places *p, const char *dir)
{
	struct listing l = { .dir = dir };
	int r = file_each_at(AT_FDCWD, dir, collect, &l);

	if (r < 0) {
		strv_clear(&l.names);
		return r;
	}
	if (l.names.len)
		qsort(l.names.v, l.names.len, sizeof(*l.names.v), compare_names);
	for (size_t i = 0; i < l.names.len; i++)
		find_in(p, dir, l.names.v[i]);
	strv_clear(&l.names);
	return 0;
}

/* What Proxmox generates below LXC's path for a container that was read from Proxmox's file. */
static void drop_generated(struct places *p, size_t pve)
{
	size_t kept = pve;

	for (size_t i = pve; i < p->len; i++) {
		bool twin = false;

		for (size_t k = 0; k < pve; k++)
			twin |= str_eq(p->v[k].name, p->v[i].name);
		if (twin) {
			free(p->v[i].name);
			free(p->v[i].path);
		} else {
			p->v[kept++] = p->v[i];
		}
	}
	p->len = kept;
}

int places_list(struct places *p, const char *dir)
{
	autofree char *own = NULL, *user = NULL;
	size_t pve;
	int r;

	if (dir) {
		r = list_dir(p, dir);
		return r < 0 ? err_sys_r(r, "read directory '%s'", dir) : 0;
	}
	own = place_lxcpath();
	user = below_home(".local/share/lxc");
	r = list_dir(p, PLACE_PVE);
	if (r < 0)
		err_forgive(r, "read '%s'", PLACE_PVE);
	pve = p->len;
	r = list_dir(p, own);
	if (r < 0 && r != -ENOENT)
		return err_sys_r(r, "read directory '%s'", own);
	drop_generated(p, pve);
	if (user && !str_eq(user, own)) {
		r = list_dir(p, user);
		if (r < 0)
			err_forgive(r, "read '%s'", user);
	}
	return 0;
}
