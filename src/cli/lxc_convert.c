/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "cli/lxc.h"
#include "lxc/place.h"
#include "lxc/writer.h"

static int print_report(const char *format, int fd, const struct lxc_convert_result *result)
{
	autostrbuf struct strbuf out = STRBUF_INIT;
	int r;

	if (str_eq(format, "none"))
		return 0;
	if (str_eq(format, "json") && result->report)
		report_format_json(result->report, &result->diag, &out);
	else if (result->report)
		report_format_text(result->report, &result->diag, isatty(fd), &out);
	else
		diag_format_all(&result->diag, &out);
	r = fd_write_full(fd, strbuf_str(&out), out.len);
	if (r < 0)
		return err_sys_r(r, "write the report");
	return 0;
}

static int choose_target(const char *name, enum lxc_target *ret)
{
	if (!name || str_eq(name, "hako"))
		*ret = LXC_TARGET_HAKO;
	else if (str_eq(name, "generic"))
		*ret = LXC_TARGET_GENERIC;
	else
		return err_code(EINVAL, "unknown target '%s': hako or generic", name);
	return 0;
}

static int check_format(const char *format)
{
	if (!format || str_eq(format, "text") || str_eq(format, "json") || str_eq(format, "none"))
		return 0;
	return err_code(EINVAL, "unknown report format '%s': text, json or none", format);
}

int lxc_cli_convert(const struct lxc_cli_opts *o, const char *config, const char *output,
		    int report_fd, struct lxc_convert_result *ret)
{
	autofree char *self = cli_self_path();
	autofree char *name = o->name ? xstrdup(o->name) : lxc_convert_name(config);
	autostrv struct strv defines = { NULL, 0 };
	struct lxc_convert_opts opts = {
		.config = config,
		.name = o->name,
		.parse = {
			.mode = o->exact ? LXC_EXACT : LXC_INTENT,
			.cwd = o->cwd,
			.volumes = o->volumes.v,
			.lxcpath = o->lxcpath,
			.include_root = o->include_root,
			.env = environ,
			.defines = o->defines.v,
		},
		.map = {
			.lxcpath = o->lxcpath,
			.hako = self,
			.mountpoint = o->mountpoint,
			.allow = o->allow.v,
			.host_root = o->host_root,
			.add_path = o->add_path,
			.late_devices = o->late_devices,
			.apparmor = o->apparmor,
			.execute = o->execute,
		},
		.strict = o->strict,
		.output = output,
	};
	struct lxc_cli_ids ids = LXC_CLI_IDS_INIT;
	struct err_saved saved;
	int r, r2;

	r = check_format(o->report);
	if (r >= 0)
		r = choose_target(o->target, &opts.map.target);
	for (size_t i = 0; r >= 0 && i < o->defines.len; i++)
		strv_add(&defines, o->defines.v[i]);
	/* before the ids are chosen, and before anything is said about the lines */
	r = r < 0 ? r : lxc_convert_check_name(name);
	if (r >= 0 && output)
		r = lxc_writer_check(output);
	if (r >= 0)
		r = lxc_cli_idmap(o, config, name, &defines, &ids);
	if (r < 0)
		return r;
	opts.parse.defines = defines.v;
	r = lxc_convert(&opts, ret);
	saved = err_push();
	r2 = print_report(o->report, report_fd, ret);
	/* a bundle whose report nobody could read is none */
	if (r >= 0 && r2 < 0 && output)
		lxc_writer_undo(output, &ret->made);
	lxc_cli_idmap_end(&ids, r >= 0 && r2 >= 0);
	if (r >= 0)
		return r2;
	err_pop(saved);
	return r;
}

struct convert_opts {
	struct lxc_cli_opts lxc;
	const char *output;
};

static const struct opt table[] = {
	LXC_CLI_TABLE(struct convert_opts, lxc),
	{ "output", 'o', OPT_STRING, offsetof(struct convert_opts, output), "BUNDLE",
	  "directory to make (the container's name)" },
};

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct convert_opts *o = opts;
	struct lxc_convert_result result = { 0 };
	struct places places = { 0 };
	int r;

	(void) rt;
	r = places_find(&places, args[0], o->lxc.lxcpath);
	if (r >= 0) {
		autofree char *name = o->lxc.name ? xstrdup(o->lxc.name)
						  : lxc_convert_name(places.v[0].path);

		r = lxc_cli_convert(&o->lxc, places.v[0].path, o->output ? o->output : name,
				    STDOUT_FILENO, &result);
	}
	if (r < 0)
		r = cli_fail(lxc_convert_status(r, &result));
	lxc_convert_clear(&result);
	places_clear(&places);
	return r;
}

const struct command lxc_cmd_convert = {
	.name = "convert",
	.args = "CONFIG|DIR|NAME",
	.summary = "write an OCI bundle for an LXC configuration, and say what each line became",
	COMMAND_OPTS(table, struct convert_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
