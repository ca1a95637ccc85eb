/* SPDX-License-Identifier: Apache-2.0 */
#include "lxc/convert.h"

#include <ctype.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/path.h"
#include "base/str.h"
#include "lxc/apparmor.h"
#include "lxc/writer.h"
#include "ocispec.h"
#include "spec/validate.h"

#define NAME_LEN_MAX 255

char *lxc_convert_name(const char *config)
{
	autofree char *path = path_make_absolute(config);
	char *base;

	if (!path)
		return xstrdup("lxc");
	base = strrchr(path, '/');
	if (str_eq(base, "/config") && base > path) {
		*base = '\0';
		return xstrdup(path_base(path));
	}
	if (str_ends(base, ".conf") && strlen(base) > strlen("/.conf"))
		base[strlen(base) - strlen(".conf")] = '\0';
	return xstrdup(base + 1);
}

int lxc_convert_check_name(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char) name[i]) && !strchr("_+-.", name[i]))
			len = 0;
	}
	if (!len || len > NAME_LEN_MAX || name[0] == '.')
		return err_code(EINVAL,
				"'%s' cannot be a container's name: use letters, digits and _+-. "
				"(option --name)",
				name);
	return 0;
}

/* Where relative paths of a configuration start: its own directory. */
static char *directory_of(const char *config)
{
	char *path = path_make_absolute(config), *base = path ? strrchr(path, '/') : NULL;

	if (!base)
		return path;
	base[base == path] = '\0';
	return path;
}

static int map(const struct lxc_convert_opts *opts, struct lxc_convert_result *ret)
{
	autofree char *directory = directory_of(opts->config);
	autofree char *file = path_make_absolute(opts->config);
	struct lxc_map_opts map_opts = opts->map;
	int mapped, r;

	map_opts.mode = opts->parse.mode;
	map_opts.name = ret->name;
	map_opts.config_file = file;
	if (!map_opts.host)
		map_opts.host = &lxc_host_real;
	if (!map_opts.cwd)
		map_opts.cwd = opts->parse.cwd ? opts->parse.cwd : directory;
	mapped = lxc_map(ret->config, &map_opts, &ret->diag, ret->report, &ret->oci);
	/* also after errors: the report says what became of every line */
	r = report_finish(ret->report, &ret->diag);
	if (mapped >= 0 && r >= 0)
		mapped = diag_result(&ret->diag);
	return r < 0 && !ret->diag.errors ? r : mapped;
}

static bool is_strict_only(const struct lxc_diag *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->v[i].severity == LXC_SEV_ERROR && !d->v[i].promoted)
			return false;
	}
	return d->strict && d->errors;
}

/* The mapping has written what names it: the text depends on the same settings. */
static int write_bundle(const char *output, struct lxc_convert_result *result)
{
	autoapparmor struct lxc_aa_profile a = { 0 };

	if (oci_map_get(result->oci->annotations, LXC_APPARMOR_ANNOTATION))
		lxc_apparmor_make(result->config, result->name, &a);
	return lxc_writer_bundle(output, result->oci, result->report, &result->diag, a.text,
				 &result->made);
}

static int convert(const struct lxc_convert_opts *opts, struct lxc_convert_result *ret)
{
	int r;

	ret->name = opts->name ? xstrdup(opts->name) : lxc_convert_name(opts->config);
	ret->diag.strict = opts->strict;
	r = lxc_convert_check_name(ret->name);
	if (r < 0)
		return r;
	r = lxc_parse_file(opts->config, &opts->parse, &ret->config, &ret->diag);
	if (r < 0)
		return r;
	ret->report = report_new(ret->config);
	r = map(opts, ret);
	if (r < 0)
		return r;
	r = validate_config(ret->oci);
	if (r < 0)
		return err_wrap(r, "the result for '%s' is no valid document", opts->config);
	report_trace(ret->report, ret->oci);
	if (opts->output)
		r = write_bundle(opts->output, ret);
	return r;
}

int lxc_convert(const struct lxc_convert_opts *opts, struct lxc_convert_result *ret)
{
	int r = convert(opts, ret);

	if (r < 0) {
		ret->strict_only = is_strict_only(&ret->diag);
		oci_config_free(ret->oci);
		ret->oci = NULL;
	}
	return r;
}

int lxc_convert_status(int r, const struct lxc_convert_result *result)
{
	if (r >= 0)
		return 0;
	return result->strict_only ? 1 : 2;
}

void lxc_convert_clear(struct lxc_convert_result *result)
{
	free(result->name);
	oci_config_free(result->oci);
	report_free(result->report);
	diag_clear(&result->diag);
	lxc_config_free(result->config);
	*result = (struct lxc_convert_result){ 0 };
}
