/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/host.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "cgroup/res.h"

#define SYSFS_CGROUP "/sys/fs/cgroup"
#define TEXT_MAX     (64u << 20)

static void hierarchy_clear(struct cgroup_hierarchy *h)
{
	free(h->controllers);
	free(h->mountpoint);
	free(h->own);
}

void cgroup_host_clear(struct cgroup_host *host)
{
	for (size_t i = 0; i < host->len; i++)
		hierarchy_clear(&host->at[i]);
	free(host->at);
	free(host->v2_controllers);
	free(host->systemd_root);
	*host = (struct cgroup_host){ 0 };
}

/* As the kernel says it: marked when removed, with ".." when outside of our namespace. */
static char *own_path(const char *text, size_t len)
{
	static const char deleted[] = " (deleted)";
	autofree char *path = xstrndup(text, len);

	if (str_ends(path, deleted))
		path[strlen(path) - strlen(deleted)] = '\0';
	if (path[0] != '/' || path_has_dotdot(path))
		return xstrdup("/");
	return take_ptr(&path);
}

static char *usual_mountpoint(const char *controllers, const char *sysfs)
{
	const char *name = str_after(controllers, "name=");

	if (name)
		return path_join(sysfs, name);
	return path_join(sysfs, *controllers ? controllers : "unified");
}

static void host_add(struct cgroup_host *host, struct cgroup_hierarchy h)
{
	host->at = xreallocarray(host->at, host->len + 1, sizeof(*host->at));
	if (*h.controllers == '\0') {
		memmove(host->at + 1, host->at, host->len * sizeof(*host->at));
		host->at[0] = h;
	} else {
		host->at[host->len] = h;
	}
	host->len++;
}

void host_parse_self(const char *text, const char *sysfs, struct cgroup_host *ret)
{
	*ret = (struct cgroup_host){ 0 };
	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *a = memchr(text, ':', len);
		const char *b = a ? memchr(a + 1, ':', len - (size_t) (a + 1 - text)) : NULL;

		if (b) {
			struct cgroup_hierarchy h = {
				.controllers = xstrndup(a + 1, (size_t) (b - a - 1)),
				.own = own_path(b + 1, len - (size_t) (b + 1 - text)),
			};

			h.mountpoint = usual_mountpoint(h.controllers, sysfs);
			host_add(ret, h);
		}
		text += len + (text[len] == '\n');
	}
}

enum cgroup_mode host_mode(const struct cgroup_host *host)
{
	if (!host->len)
		return CGROUP_MODE_NONE;
	if (*host->at[0].controllers)
		return CGROUP_MODE_LEGACY;
	return host->len == 1 ? CGROUP_MODE_UNIFIED : CGROUP_MODE_HYBRID;
}

/* ---- the mount table ---- */

struct lookup {
	struct cgroup_host *host;
	char **mountpoint; /* per hierarchy, NULL = not met yet */
	char **root;
};

/* All controllers (or the name) of a v1 hierarchy are among the options of its superblock. */
static bool mount_is_hierarchy(const struct mountinfo *m, const char *controllers)
{
	autostrv struct strv words = { 0 };

	if (!*controllers)
		return str_eq(m->fstype, "cgroup2");
	if (!str_eq(m->fstype, "cgroup"))
		return false;
	strv_split(&words, controllers, ",");
	for (size_t i = 0; i < words.len; i++) {
		if (!res_list_has(m->super_options, words.v[i]))
			return false;
	}
	return true;
}

static int lookup_mount(void *arg, const struct mountinfo *m)
{
	struct lookup *l = arg;

	if (!str_starts(m->fstype, "cgroup"))
		return 0;
	for (size_t i = 0; i < l->host->len; i++) {
		if (l->mountpoint[i] || !mount_is_hierarchy(m, l->host->at[i].controllers))
			continue;
		l->mountpoint[i] = xstrdup(m->mountpoint);
		l->root[i] = xstrdup(m->root);
	}
	return 0;
}

/* Part of own below root. */
static char *own_below(const char *own, const char *root)
{
	const char *rest;

	if (path_has_dotdot(root) || str_eq(root, "/"))
		return xstrdup(own);
	rest = str_after(own, root);
	if (!rest || (*rest && *rest != '/'))
		return xstrdup("/");
	return xstrdup(*rest ? rest : "/");
}

int host_apply_mountinfo(const char *text, struct cgroup_host *host)
{
	size_t n = host->len ? host->len : 1, kept = 0;
	autofree char **mountpoint = xnew_n(char *, n);
	autofree char **root = xnew_n(char *, n);
	struct lookup l = { host, mountpoint, root };
	int r = mountinfo_each(text, lookup_mount, &l);

	for (size_t i = 0; i < host->len; i++) {
		struct cgroup_hierarchy *h = &host->at[i];
		char *own;

		if (!mountpoint[i]) {
			hierarchy_clear(h);
			continue;
		}
		own = own_below(h->own, root[i]);
		free(root[i]);
		free(h->own);
		free(h->mountpoint);
		h->own = own;
		h->mountpoint = mountpoint[i];
		host->at[kept++] = *h;
	}
	host->len = kept;
	return r;
}

/* ---- probe ---- */

/* Is the hierarchy where it usually is, with our own cgroup visible in it? */
static bool hierarchy_is_usual(const struct cgroup_hierarchy *h)
{
	long magic = *h->controllers ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC;
	autofree char *own = NULL;
	struct statfs fs;

	if (statfs(h->mountpoint, &fs) < 0 || fs.f_type != magic)
		return false;
	if (str_eq(h->own, "/"))
		return true;
	own = path_join(h->mountpoint, h->own);
	return access(own, F_OK) == 0;
}

/* Everything mounted at one place: nothing else of /proc/self/cgroup can be used. */
static void keep_unified(struct cgroup_host *host)
{
	for (size_t i = 1; i < host->len; i++)
		hierarchy_clear(&host->at[i]);
	host->len = 1;
	free(host->at[0].mountpoint);
	host->at[0].mountpoint = xstrdup(SYSFS_CGROUP);
}

static int host_locate(struct cgroup_host *host)
{
	autofree char *text = NULL;
	struct statfs fs;
	bool usual = true;
	int r;

	if (host->len && !*host->at[0].controllers && statfs(SYSFS_CGROUP, &fs) == 0 &&
	    fs.f_type == CGROUP2_SUPER_MAGIC) {
		keep_unified(host);
		if (hierarchy_is_usual(&host->at[0]))
			return 0;
		usual = false;
	}
	for (size_t i = 0; usual && i < host->len; i++)
		usual = hierarchy_is_usual(&host->at[i]);
	if (usual)
		return 0;
	r = file_read_at(AT_FDCWD, "/proc/self/mountinfo", TEXT_MAX, &text, NULL);
	if (r < 0)
		return err_sys_r(r, "read '/proc/self/mountinfo'");
	r = host_apply_mountinfo(text, host);
	return r < 0 ? err_sys_r(r, "parse '/proc/self/mountinfo'") : 0;
}

int cgroup_host_probe(struct cgroup_host *ret)
{
	struct cgroup_host host = { 0 };
	autofree char *text = NULL, *path = NULL;
	int r;

	r = file_read_at(AT_FDCWD, "/proc/self/cgroup", TEXT_MAX, &text, NULL);
	if (r < 0 && r != -ENOENT)
		return err_sys_r(r, "read '/proc/self/cgroup'");
	if (text)
		host_parse_self(text, SYSFS_CGROUP, &host);
	r = host_locate(&host);
	if (r < 0) {
		cgroup_host_clear(&host);
		return r;
	}
	host.mode = host_mode(&host);
	if (host.len && !*host.at[0].controllers) {
		path = path_join(host.at[0].mountpoint, "cgroup.controllers");
		/* The file is missing in nothing but very old kernels: then there is nothing to
		 * switch on. */
		if (file_read_at(AT_FDCWD, path, TEXT_MAX, &host.v2_controllers, NULL) == 0)
			str_trim(host.v2_controllers);
	}
	if (!host.v2_controllers)
		host.v2_controllers = xstrdup("");
	*ret = host;
	return 0;
}
