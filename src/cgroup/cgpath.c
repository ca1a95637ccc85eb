/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgpath.h"

#include <ctype.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"

int cgpath_plan(const char *cgroups_path, const char *id, const char *base, char **ret)
{
	const char *wanted = str_empty(cgroups_path) ? id : cgroups_path;
	autofree char *joined = NULL, *path = NULL;

	if (path_has_dotdot(wanted))
		return err_code(EINVAL, "linux.cgroupsPath: '%s': `..` components are not allowed",
				wanted);
	joined = wanted[0] == '/' ? xstrdup(wanted) : path_join(base, wanted);
	path = path_clean_absolute(joined);
	if (str_eq(path, "/"))
		return err_code(EINVAL, "linux.cgroupsPath: '%s' is the root of the hierarchy",
				wanted);
	*ret = take_ptr(&path);
	return 0;
}

char *cgpath_parent(const char *own)
{
	autofree char *clean = path_clean_absolute(own);
	char *slash = strrchr(clean, '/');

	if (slash == clean)
		return xstrdup("/");
	*slash = '\0';
	return take_ptr(&clean);
}

/* ---- systemd ---- */

#define UNIT_NAME_MAX 255 /* systemd's limit; also that of a directory's name */

/* "a-b.slice" is below "a.slice"; "-.slice" is the root. */
static int slice_path(const char *slice, struct strbuf *path)
{
	size_t len = strlen(slice) - strlen(".slice");

	if (str_eq(slice, "-.slice"))
		return 0;
	if (len == 0 || slice[0] == '-' || slice[len - 1] == '-' || strstr(slice, "--"))
		return -EINVAL;
	for (size_t i = 1; i <= len; i++) {
		if (i == len || slice[i] == '-')
			strbuf_addf(path, "/%.*s.slice", (int) i, slice);
	}
	return 0;
}

static bool is_unit_char(unsigned char c)
{
	return isalnum(c) || strchr(":-_.", c);
}

/* As systemd-escape(1) does, so that any id makes a valid name. */
static void add_escaped(struct strbuf *b, const char *s)
{
	for (; *s; s++) {
		if (is_unit_char((unsigned char) *s))
			strbuf_add_c(b, *s);
		else
			strbuf_addf(b, "\\x%02x", (unsigned char) *s);
	}
}

void cgpath_scope_clear(struct cgpath_scope *scope)
{
	free(scope->slice);
	free(scope->unit);
	free(scope->path);
	*scope = (struct cgpath_scope){ 0 };
}

/* Splits at the first two colons; the name may have more. */
static int scope_split(const char *text, char *part[3])
{
	const char *a = strchr(text, ':'), *b = a ? strchr(a + 1, ':') : NULL;

	if (!b || !b[1])
		return err_code(EINVAL,
				"linux.cgroupsPath: '%s' has not the form SLICE:PREFIX:NAME that "
				"the systemd cgroup manager needs",
				text);
	part[0] = xstrndup(text, (size_t) (a - text));
	part[1] = xstrndup(a + 1, (size_t) (b - a - 1));
	part[2] = xstrdup(b + 1);
	return 0;
}

static int scope_make(const char *slice, const char *prefix, const char *name, const char *root,
		      struct cgpath_scope *ret)
{
	autostrbuf struct strbuf unit = STRBUF_INIT, path = STRBUF_INIT;

	add_escaped(&unit, prefix);
	if (*prefix)
		strbuf_add_c(&unit, '-');
	add_escaped(&unit, name);
	strbuf_add(&unit, ".scope");
	if (unit.len > UNIT_NAME_MAX)
		return err_code(ENAMETOOLONG, "name of unit '%s' is too long", strbuf_str(&unit));
	if (!str_eq(root, "/"))
		strbuf_add(&path, root);
	if (!str_ends(slice, ".slice") || strchr(slice, '/') || slice_path(slice, &path) < 0)
		return err_code(EINVAL, "linux.cgroupsPath: '%s' is no slice", slice);
	strbuf_addf(&path, "/%s", strbuf_str(&unit));
	ret->slice = xstrdup(slice);
	ret->unit = strbuf_take(&unit);
	ret->path = strbuf_take(&path);
	return 0;
}

int cgpath_scope_plan(const char *cgroups_path, const char *id, const char *root, bool user,
		      struct cgpath_scope *ret)
{
	autofree char *usual = xasprintf(":hako:%s", id);
	char *part[3] = { NULL, NULL, NULL };
	int r = scope_split(str_empty(cgroups_path) ? usual : cgroups_path, part);

	if (r == 0) {
		const char *slice = part[0];

		if (!*slice)
			slice = user ? "user.slice" : "system.slice";
		r = scope_make(slice, part[1], part[2], root, ret);
	}
	for (size_t i = 0; i < 3; i++)
		free(part[i]);
	return r;
}

/* ---- references ---- */

static const char user_unit[] = "systemd-user:", system_unit[] = "systemd-system:";

char *cgpath_unit_format(const char *unit, bool user)
{
	return xasprintf("%s%s", user ? user_unit : system_unit, unit);
}

const char *cgpath_unit_parse(const char *ref, bool *ret_user)
{
	const char *of_user = str_after(ref, user_unit), *of_system = str_after(ref, system_unit);

	if (of_user || of_system)
		*ret_user = of_user != NULL;
	return of_user ? of_user : of_system;
}

char *cgpath_ref_format(const char *controllers, const char *mountpoint, const char *path)
{
	return xasprintf("%s=%s:%s", controllers, mountpoint, path);
}

int cgpath_ref_parse(const char *ref, char **ret_controllers, char **ret_mountpoint,
		     char **ret_path)
{
	/* "name=systemd=/sys/fs/cgroup/systemd:/a": a mount point begins with a slash, and so does
	 * a path. */
	const char *mount = strstr(ref, "=/");
	const char *path = mount ? strstr(mount, ":/") : NULL;

	if (!path || path_has_dotdot(path + 1) || !path[2])
		return err_code(EINVAL, "malformed cgroup reference '%s'", ref);
	*ret_controllers = xstrndup(ref, (size_t) (mount - ref));
	*ret_mountpoint = xstrndup(mount + 1, (size_t) (path - mount - 1));
	*ret_path = xstrdup(path + 1);
	return 0;
}
