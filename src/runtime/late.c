/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/late.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/str.h"
#include "ocispec.h"
#include "runtime/container.h"
#include "spec/bundle.h"
#include "spec/namespaces.h"

/* ---- namespaces of another container ---- */

static int share_path(const struct runtime_opts *rt, const struct annotations_ns_share *share,
		      char **ret)
{
	autocontainer struct container c = CONTAINER_INIT;
	int r = container_open(rt, share->container, 0, &c);

	if (r >= 0 && !container_pid(&c))
		r = err_code(ESRCH, "container '%s' is not running", share->container);
	if (r < 0)
		return err_wrap(r, "share the %s namespace", share->type);
	*ret = xasprintf("/proc/%d/ns/%s", container_pid(&c), share->file);
	return 0;
}

static struct oci_namespace *find_namespace(const struct oci_linux *x, const char *type)
{
	int i = spec_find_namespace(x, type);

	return i < 0 ? NULL : &x->namespaces[i];
}

/* Consumes the path. */
static void set_path(struct oci_linux *x, const char *type, char *path)
{
	struct oci_namespace *ns = find_namespace(x, type);

	if (!ns) {
		x->namespaces =
			xreallocarray(x->namespaces, x->namespaces_len + 1, sizeof(*x->namespaces));
		ns = &x->namespaces[x->namespaces_len++];
		*ns = (struct oci_namespace){ .type = xstrdup(type) };
	}
	free(ns->path);
	ns->path = path;
}

static int resolve_share(const struct runtime_opts *rt, const struct annotations_ns_share *share,
			 struct oci_linux *x)
{
	char *path;
	int r = share_path(rt, share, &path);

	if (r >= 0)
		set_path(x, share->type, path);
	return r;
}

void late_assume(struct bundle *bundle, int pid)
{
	const struct annotations *a = &bundle->annotations;
	struct oci_config *c = bundle->config;

	if (a->ns_share_len && !c->linux)
		c->linux = xnew(struct oci_linux);
	for (size_t i = 0; i < a->ns_share_len; i++)
		set_path(c->linux, a->ns_share[i].type,
			 xasprintf("/proc/%d/ns/%s", pid, a->ns_share[i].file));
}

int late_check(const struct runtime_opts *rt, const struct bundle *bundle)
{
	const struct annotations *a = &bundle->annotations;

	for (size_t i = 0; i < a->ns_share_len; i++) {
		const struct oci_namespace *ns =
			find_namespace(bundle->config->linux, a->ns_share[i].type);
		autofree char *path = NULL;
		int r = share_path(rt, &a->ns_share[i], &path);

		if (r < 0)
			return r;
		if (!str_eq(path, ns->path))
			return err_code(ESRCH,
					"share the %s namespace: container '%s' was replaced",
					ns->type, a->ns_share[i].container);
	}
	return 0;
}

/* ---- devices by path ---- */

static int resolve_device(const struct oci_device_path *d, struct oci_resources *res)
{
	struct oci_device_rule *rule;
	struct stat st;

	if (stat(d->path, &st) < 0)
		return err_sys("look at device '%s'", d->path);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return err_code(ENODEV, "'%s' is no device", d->path);
	res->devices = xreallocarray(res->devices, res->devices_len + 1, sizeof(*res->devices));
	rule = &res->devices[res->devices_len++];
	*rule = (struct oci_device_rule){
		.allow = true,
		.has_allow = true,
		.type = xstrdup(S_ISCHR(st.st_mode) ? "c" : "b"),
		.major = major(st.st_rdev),
		.has_major = true,
		.minor = minor(st.st_rdev),
		.has_minor = true,
		.access = xstrdup(d->access),
	};
	return 0;
}

int late_resolve(const struct runtime_opts *rt, struct bundle *bundle)
{
	const struct annotations *a = &bundle->annotations;
	struct oci_config *c = bundle->config;
	size_t devices = a->device_paths ? a->device_paths->items_len : 0;
	int r = 0;

	if (!a->ns_share_len && !devices)
		return 0;
	if (!c->linux)
		c->linux = xnew(struct oci_linux);
	if (devices && !c->linux->resources)
		c->linux->resources = xnew(struct oci_resources);
	for (size_t i = 0; r >= 0 && i < a->ns_share_len; i++)
		r = resolve_share(rt, &a->ns_share[i], c->linux);
	for (size_t i = 0; r >= 0 && i < devices; i++)
		r = resolve_device(&a->device_paths->items[i], c->linux->resources);
	return r;
}
