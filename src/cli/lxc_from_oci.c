/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/err.h"
#include "base/path.h"
#include "cli/lxc.h"
#include "lxc/reverse.h"
#include "lxc/writer.h"
#include "spec/bundle.h"
#include "spec/validate.h"

struct from_opts {
	const char *name, *output, *report;
	struct strv allow;
	bool strict;
};

#define O(member) offsetof(struct from_opts, member)
static const struct opt table[] = {
	{ "name", 'n', OPT_STRING, O(name), "NAME", "name of the container" },
	{ "output", 'o', OPT_STRING, O(output), "DIR",
	  "directory to make for config (the container's name)" },
	{ "report", 0, OPT_STRING, O(report), "FORMAT", "text, json or none" },
	{ "allow", 0, OPT_STRV, O(allow), "POINTER",
	  "drop this value, though it confines the container" },
	{ "strict", 0, OPT_FLAG, O(strict), NULL, "whatever is lost is an error" },
};

static int print(const char *format, const struct lxc_reverse_result *result)
{
	autostrbuf struct strbuf out = STRBUF_INIT;

	if (str_eq(format, "none"))
		return 0;
	if (str_eq(format, "json"))
		lxc_reverse_format_json(result, &out);
	else
		lxc_reverse_format_text(result, isatty(STDOUT_FILENO), &out);
	return out_text(strbuf_str(&out));
}

static int write_out(const char *dir, const struct lxc_reverse_result *result,
		     struct writer_made *ret)
{
	autostrbuf struct strbuf report = STRBUF_INIT;
	struct writer_file files[3] = { { "config", result->config } };

	lxc_reverse_format_json(result, &report);
	files[1] = (struct writer_file){ "report.json", strbuf_str(&report) };
	files[2] = (struct writer_file){ "seccomp", result->seccomp };
	return lxc_writer_dir(dir, files, result->seccomp ? 3 : 2, ret);
}

/* The directory is known by name before it is made: lxc.seccomp.profile names a file in it. */
static int convert(const struct from_opts *o, const struct bundle *bundle)
{
	struct lxc_reverse_opts opts = {
		.bundle = bundle->path,
		.name = o->name,
		.allow = &o->allow,
		.strict = o->strict,
		.host = &lxc_host_real,
	};
	struct lxc_reverse_result result = { 0 };
	autofree char *name = lxc_reverse_name(bundle->config, &opts);
	const char *output = o->output ? o->output : name;
	autofree char *dir = path_make_absolute(output);
	struct writer_made made = { 0 };
	struct err_saved saved;
	int r, r2;

	r = lxc_writer_check(output);
	if (r < 0)
		return r;
	opts.dir = dir;
	r = lxc_reverse(bundle->config, &opts, &result);
	if (r >= 0)
		r = write_out(output, &result, &made);
	saved = err_push();
	r2 = print(o->report, &result);
	lxc_reverse_clear(&result);
	if (r >= 0 && r2 < 0)
		lxc_writer_undo(output, &made);
	if (r >= 0)
		return r2;
	err_pop(saved);
	return r;
}

static int run(const struct runtime_opts *rt, const void *opts, char **args)
{
	const struct from_opts *o = opts;
	struct bundle bundle = BUNDLE_INIT;
	int r;

	(void) rt;
	if (o->report && !str_eq(o->report, "text") && !str_eq(o->report, "json") &&
	    !str_eq(o->report, "none"))
		return err_code(EINVAL, "unknown report format '%s': text, json or none",
				o->report);
	r = bundle_open(args[0], NULL, &bundle);
	if (r >= 0)
		r = validate_config(bundle.config);
	if (r >= 0)
		r = convert(o, &bundle);
	bundle_clear(&bundle);
	return r < 0 ? cli_fail(2) : r;
}

const struct command lxc_cmd_from_oci = {
	.name = "from-oci",
	.args = "BUNDLE",
	.summary = "write an LXC 7 configuration for an OCI bundle, and say what each value became",
	COMMAND_OPTS(table, struct from_opts),
	.order = OPT_ANYWHERE,
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
